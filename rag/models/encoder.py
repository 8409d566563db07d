"""Texts → unit vectors, with the shipped encoder (all-MiniLM-L6-v2, int8 ONNX), as a llama-index embedding model.

The encoder knows English; on Chinese its vectors are noise (recall@1 .043 on XQuAD-zh), and `retrieval` does not use them there.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from llama_index.core.base.embeddings.base import BaseEmbedding
from pydantic import PrivateAttr

from rag.models.runtime import MODELS, FloatArray, OnnxModel

MAX_TOKENS = 256
"""The model card's truncation length; `chunks` keeps its windows below it."""
DIMENSIONS = 384


class OnnxEmbedding(BaseEmbedding):
    """Mean pooling over the last hidden layer, then L2 normalisation, as the model card prescribes."""

    _model: OnnxModel = PrivateAttr()

    def __init__(self, *, threads: int = 0) -> None:
        super().__init__(model_name="all-MiniLM-L6-v2-int8", embed_batch_size=64)
        self._model = OnnxModel(MODELS / "encoder", threads=threads)

    @property
    def model(self) -> OnnxModel:
        """The model beneath, for its tokenizer and fingerprint."""
        return self._model

    def embed(self, texts: Sequence[str]) -> FloatArray:
        """Unit vectors, float32, shaped (len(texts), 384), in the order given."""
        encodings = self._model.tokenizer.encode_batch_fast(list(texts))
        for encoding in encodings:
            encoding.truncate(MAX_TOKENS)
        vectors = np.zeros((len(encodings), DIMENSIONS), dtype=np.float32)
        for rows, (hidden,) in self._model.run(encodings):
            for row, i in enumerate(rows):
                vectors[i] = hidden[row, : len(encodings[i].ids)].mean(axis=0)
        norms = np.linalg.norm(vectors, axis=1, keepdims=True)
        vectors /= np.maximum(norms, 1e-12)
        return vectors

    def _get_text_embeddings(self, texts: list[str]) -> list[list[float]]:
        return [vector.tolist() for vector in self.embed(texts)]

    def _get_text_embedding(self, text: str) -> list[float]:
        return self._get_text_embeddings([text])[0]

    def _get_query_embedding(self, query: str) -> list[float]:
        return self._get_text_embedding(query)

    async def _aget_query_embedding(self, query: str) -> list[float]:
        return self._get_query_embedding(query)
