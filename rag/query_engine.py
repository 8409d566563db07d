"""`Rag` as a llama-index query engine, for code that is written against that interface."""

from __future__ import annotations

from collections.abc import Callable

from llama_index.core.base.response.schema import Response
from llama_index.core.query_engine import CustomQueryEngine
from llama_index.core.schema import NodeWithScore, TextNode
from pydantic import ConfigDict, SkipValidation

from rag.answers import Answer


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
