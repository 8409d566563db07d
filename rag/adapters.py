"""The product as parts of llama-index, for code that is written against its interfaces: embedding model, retriever, query engine.

Nothing of the product's own uses them, so that llama-index is loaded for chunking and for those who ask for them alone.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from llama_index.core.base.embeddings.base import BaseEmbedding
from llama_index.core.base.response.schema import Response
from llama_index.core.query_engine import CustomQueryEngine
from llama_index.core.retrievers import BaseRetriever
from llama_index.core.schema import NodeWithScore, QueryBundle, TextNode
from pydantic import ConfigDict, PrivateAttr, SkipValidation

from rag.answers import Answer, Passage
from rag.models.encoder import Encoder


class EncoderEmbedding(BaseEmbedding):
    """The shipped encoder."""

    _encoder: Encoder = PrivateAttr()

    def __init__(self, encoder: Encoder) -> None:
        super().__init__(model_name=encoder.name, embed_batch_size=64)
        self._encoder = encoder

    def _get_text_embeddings(self, texts: list[str]) -> list[list[float]]:
        return [vector.tolist() for vector in self._encoder.embed(texts)]

    def _get_text_embedding(self, text: str) -> list[float]:
        return self._get_text_embeddings([text])[0]

    def _get_query_embedding(self, query: str) -> list[float]:
        return [float(value) for value in self._encoder.embed_question(query)]

    async def _aget_query_embedding(self, query: str) -> list[float]:
        return self._get_query_embedding(query)


class RagRetriever(BaseRetriever):
    """`retrieve(question)` gives the best passages as nodes, best first."""

    def __init__(self, search: Callable[[str], Sequence[Passage]]) -> None:
        self._search = search
        super().__init__()

    def _retrieve(self, query_bundle: QueryBundle) -> list[NodeWithScore]:
        return [
            NodeWithScore(
                node=TextNode(
                    id_=passage.chunk_id,
                    text=passage.text,
                    start_char_idx=passage.start,
                    end_char_idx=passage.end,
                    metadata={"source": passage.source, "title": passage.title, "date": passage.date},
                ),
                score=passage.score,
            )
            for passage in self._search(query_bundle.query_str)
        ]


class RagQueryEngine(CustomQueryEngine):
    """`query(question)` gives a Response whose source nodes are the citations; a refusal has none."""

    model_config = ConfigDict(arbitrary_types_allowed=True)
    ask: SkipValidation[Callable[[str], Answer]]

    def custom_query(self, query_str: str) -> Response:
        answer = self.ask(query_str)
        nodes = [
            NodeWithScore(
                node=TextNode(
                    text=c.quote, start_char_idx=c.start, end_char_idx=c.end, metadata={"source": c.source, "title": c.title}
                ),
                score=c.score,
            )
            for c in answer.citations
        ]
        metadata = {"answered": answer.answered, "short": answer.short, "confidence": answer.confidence}
        return Response(response=answer.text, source_nodes=nodes, metadata=metadata)
