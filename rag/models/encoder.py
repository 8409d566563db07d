"""Texts → unit vectors, with the shipped encoder (multilingual-e5-small, int8 ONNX).

A question and a text are told apart by the prefixes of the model's card. The mean vector of a text's language is taken away
(`centres.json`): without that a Chinese question is nearer to any Chinese text than to the English one that answers it.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path

import numpy as np

from rag.models.runtime import MODELS, FloatArray, OnnxModel
from rag.text.scripts import is_cjk

MAX_TOKENS = 512
"""Positions that the model has; `chunks` keeps its windows below them."""
DIMENSIONS = 384
CENTRES = "centres.json"
"""{"query" | "passage": {"en" | "zh": the mean vector}}; "zh" stands for all texts that Chinese, Japanese or Korean characters carry."""


class Encoder:
    """The model's mean over the tokens at unit length, less the mean of its language, at unit length again."""

    name = "multilingual-e5-small-int8"

    def __init__(self, folder: Path = MODELS, *, threads: int = 0) -> None:
        self.model = OnnxModel("encoder", folder, beside=(CENTRES,), threads=threads)
        """The model beneath, for its tokenizer and fingerprint."""

    @cached_property
    def centres(self) -> dict[str, dict[str, FloatArray]]:
        raw = json.loads(self.model.files.content(CENTRES))
        return {use: {name: np.array(raw[use][name], dtype=np.float32) for name in raw[use]} for use in raw}

    def embed(self, texts: Sequence[str]) -> FloatArray:
        """Unit vectors of passages, float32, shaped (len(texts), 384), in the order given."""
        return self._centred("passage", texts)

    def embed_question(self, question: str) -> FloatArray:
        """The unit vector of a question, float32, shaped (384,)."""
        vector: FloatArray = self._centred("query", [question])[0]
        return vector

    def as_it_is(self, use: str, texts: Sequence[str]) -> FloatArray:
        """Unit vectors as the model gives them; `use` is "query" or "passage".

        White space is folded: a line break is a mark of its own for the reader, which the encoder does not know.
        """
        encodings = self.model.tokenizer.encode_batch([f"{use}: {' '.join(text.split())}" for text in texts])
        for encoding in encodings:
            encoding.truncate(MAX_TOKENS)
        vectors = np.zeros((len(encodings), DIMENSIONS), dtype=np.float32)
        for row, (vector,) in enumerate(self.model.run(encodings)):
            vectors[row] = vector
        return vectors

    def _centred(self, use: str, texts: Sequence[str]) -> FloatArray:
        vectors = self.as_it_is(use, texts)
        for row, text in enumerate(texts):
            vectors[row] -= self.centres[use]["zh" if is_cjk(text) else "en"]
        norms = np.linalg.norm(vectors, axis=1, keepdims=True)
        return np.asarray(vectors / np.maximum(norms, 1e-12), dtype=np.float32)
