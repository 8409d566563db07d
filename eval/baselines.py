"""What ours is compared with, each on the same files with the same encoder: a name → a way to ask.

Those that read use our reader and our confidence, so that a difference is the stage's own. Two do not: "no reader" answers with the
sentence of the best passage that covers the question's words best, and llama-index's recipe finds passages and answers nothing, since
its answers come from a language model.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path

from eval.metrics import DEPTH
from rag.answers import Answer, Citation, Considered, Stage, Trace
from rag.config import Config
from rag.corpus.documents import find_files, read_text
from rag.errors import DocumentError, UsageError
from rag.models.encoder import Encoder
from rag.pipeline import Rag
from rag.questions import content_terms
from rag.reports import Progress, SyncReport
from rag.search.retrieval import HybridRetriever
from rag.text.terms import terms_of

Ask = Callable[[str, Sequence[Answer]], Answer]
RRF_K = 60
"""Cormack, Clarke and Büttcher, SIGIR 2009."""
EMBEDDED_AT_ONCE = 64


@dataclass(frozen=True)
class Opened:
    """An index that is ready, and how to ask it."""

    ask: Ask
    report: SyncReport | None = None
    """What indexing did; None where it is not ours."""
    rag: Rag | None = None


@dataclass(frozen=True)
class Variant:
    """One system to measure."""

    name: str
    what: str
    open: Callable[[Config, Progress], AbstractContextManager[Opened]]
    answers: bool = True


class RankFusionRetriever(HybridRetriever):
    """Reciprocal rank fusion of the two legs, scaled so that first in both is 1."""

    def fused(
        self, dense: Mapping[str, float], lexical: Mapping[str, float], most: float, dense_weight: float
    ) -> dict[str, float]:
        legs = [leg for leg, weight in ((dense, dense_weight), (lexical, 1 - dense_weight)) if weight > 0]
        scores = dict.fromkeys(lexical, 0.0)
        for leg in legs:
            for rank, key in enumerate(sorted((k for k in leg if leg[k] > 0), key=lambda k: (-leg[k], k)), start=1):
                scores[key] += (RRF_K + 1) / (RRF_K + rank) / len(legs)
        return scores


class RankFusionRag(Rag):
    retriever_class = RankFusionRetriever


@contextmanager
def _rag(config: Config, on_progress: Progress, kind: type[Rag] = Rag) -> Iterator[Opened]:
    with kind(config) as rag:
        report = rag.sync(on_progress)
        yield Opened(rag.answer, report, rag)


@contextmanager
def _without_reader(config: Config, on_progress: Progress) -> Iterator[Opened]:
    with Rag(config) as rag:
        report = rag.sync(on_progress)

        def ask(question: str, history: Sequence[Answer]) -> Answer:
            began = time.perf_counter()
            passages = rag.retrieve(question, DEPTH)
            found = tuple(
                Considered(p.source, p.start, p.end, p.score, p.dense, p.lexical, read=p is passages[0]) for p in passages
            )
            trace = Trace(question, (Stage("search", (time.perf_counter() - began) * 1000),), found)
            if not passages:
                return Answer(question, False, "Not in the documents.", trace=trace)
            snapshot, best = rag.retriever.snapshot(), passages[0]
            start, end = max(
                best.sentences, key=lambda s: _coverage(content_terms(question), best.characters(*s), snapshot.lexical.weight)
            )
            quote = best.characters(start, end)
            sha256 = snapshot.files[best.source].sha256
            citation = Citation(1, best.source, start, end, quote, best.title, sha256, best.score)
            return Answer(question, True, f"{quote} [1]", quote, best.score, citations=(citation,), trace=trace)

        yield Opened(ask, report, rag)


@contextmanager
def llama_index_recipe(config: Config, on_progress: Progress, encoder: Encoder | None = None) -> Iterator[Opened]:
    """SentenceSplitter, VectorStoreIndex and its Chroma store, all with their defaults but for the encoder and the depth."""
    import chromadb
    from llama_index.core import StorageContext, VectorStoreIndex
    from llama_index.core.node_parser import SentenceSplitter
    from llama_index.core.schema import Document, MetadataMode
    from llama_index.vector_stores.chroma import ChromaVectorStore

    from rag.adapters import EncoderEmbedding

    texts = _texts(config)
    documents = [
        Document(text=text, metadata={"source": source}, excluded_embed_metadata_keys=["source"])
        for source, text in texts.items()
    ]
    nodes = SentenceSplitter().get_nodes_from_documents(documents)
    encoder = encoder or Encoder(threads=config.threads)
    client = chromadb.EphemeralClient()
    collection = client.get_or_create_collection(f"eval-{id(nodes)}", embedding_function=None)
    store = ChromaVectorStore(chroma_collection=collection)
    index = VectorStoreIndex(
        [], storage_context=StorageContext.from_defaults(vector_store=store), embed_model=EncoderEmbedding(encoder)
    )
    for done in range(0, len(nodes), EMBEDDED_AT_ONCE):
        on_progress("embed", done, len(nodes))
        index.insert_nodes(nodes[done : done + EMBEDDED_AT_ONCE])
    retriever = index.as_retriever(similarity_top_k=DEPTH)

    def ask(question: str, history: Sequence[Answer]) -> Answer:
        began = time.perf_counter()
        found = retriever.retrieve(question)
        elapsed = (time.perf_counter() - began) * 1000
        considered = []
        for hit in found:
            source, content = hit.node.metadata["source"], hit.node.get_content(MetadataMode.NONE)
            start = texts[source].find(content)
            considered.append(Considered(source, start, start + len(content), hit.score or 0.0, hit.score or 0.0, 0.0))
        trace = Trace(question, (Stage("search", elapsed),), tuple(considered))
        return Answer(question, False, "", trace=trace)

    try:
        yield Opened(ask)
    finally:
        client.delete_collection(collection.name)


def _texts(config: Config) -> dict[str, str]:
    """The text of every file that ours would index; no index is made for it, which would be charged to the other side."""
    found = {}
    for file in find_files(Path(config.docs), config.max_file_bytes):
        if not (file.skipped or file.failed):
            with suppress(DocumentError):
                found[file.source] = read_text(file.path)
    return found


VARIANTS = {
    variant.name: variant
    for variant in (
        Variant("ours", "dense and BM25 scores fused, then the reader and the confidence", _rag),
        Variant("no reader", "the same search; the sentence that covers the question best is the answer", _without_reader),
        Variant("rank fusion", "reciprocal rank fusion of the two searches, then ours",
                lambda config, progress: _rag(config, progress, RankFusionRag)),
        Variant("dense", "vector search alone, then ours",
                lambda config, progress: _rag(replace(config, dense_weight=1.0), progress)),
        Variant("BM25", "word search alone, then ours",
                lambda config, progress: _rag(replace(config, dense_weight=0.0), progress)),
        Variant("llama-index", "its default recipe for search: SentenceSplitter, VectorStoreIndex, Chroma", llama_index_recipe, False),
    )
}  # fmt: skip


def chosen(names: Sequence[str]) -> list[Variant]:
    """Ours first, then those named; "all" stands for every one. Raises UsageError for an unknown name."""
    wanted = list(VARIANTS) if "all" in names else ["ours", *(name for name in names if name != "ours")]
    if unknown := [name for name in wanted if name not in VARIANTS]:
        raise UsageError(f"no variant is named {unknown[0]!r}; there are: {', '.join(VARIANTS)}, all.")
    return [VARIANTS[name] for name in dict.fromkeys(wanted)]


def _coverage(terms: Sequence[str], text: str, weight: Callable[[str], float]) -> float:
    """Share of the weight of `terms` that occurs in `text`, 0..1."""
    present = terms_of(text)
    return sum(weight(term) for term in terms if term in present) / (sum(map(weight, terms)) or 1.0)
