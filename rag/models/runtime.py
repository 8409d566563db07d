"""Texts → arrays: the word table and tokenizer that all models share, and each model's body over it, in onnxruntime.

In: texts or text pairs. Out: numpy arrays. Pooling, span search and every other meaning of the arrays is left to `encoder` and
`reader`. The tokenizer also serves `chunks`, which sizes its windows in tokens. Every text is run by itself on one thread: dynamic int8
takes its scales from the whole batch, so that a text's outputs would depend on its neighbours.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property, lru_cache
from pathlib import Path

import numpy as np
import numpy.typing as npt
import onnxruntime
from tokenizers import Encoding, Tokenizer

from rag.errors import ModelBroken

MODELS = Path(__file__).parent / "files"
CHECKSUMS = "SHA256SUMS"
TABLE, TOKENIZER = "embeddings.onnx", "tokenizer.json"
MOST_THREADS = 8
"""For one model, unless more are requested."""

FloatArray = npt.NDArray[np.float32]


def cores() -> int:
    """That this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def thread_count(requested: int) -> int:
    """Threads for one model: as requested, or one for each core this process may use, at most MOST_THREADS."""
    return requested or min(cores(), MOST_THREADS)


class ModelFolder:
    """Model files with the SHA256SUMS that they must match, and the tokenizer and word table (`embeddings.onnx`: input_ids →
    word_vectors) that their bodies share.

    Nothing is loaded before it is used. Raises ModelBroken when a file is missing or altered.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @cached_property
    def checksums(self) -> dict[str, str]:
        try:
            lines = (self.folder / CHECKSUMS).read_text(encoding="utf-8").splitlines()
        except OSError as error:
            raise ModelBroken(f"{self.folder / CHECKSUMS} cannot be read ({error.strerror}); reinstall the package.") from error
        return {name: digest for digest, name in (line.split() for line in lines)}

    def content(self, name: str) -> bytes:
        """The bytes of one file, checked."""
        path = self.folder / name
        try:
            content = path.read_bytes()
        except OSError as error:
            raise ModelBroken(f"{path} cannot be read ({error.strerror}); reinstall the package.") from error
        found = hashlib.sha256(content).hexdigest()
        if found != self.checksums.get(name):
            raise ModelBroken(f"{path} has sha256 {found[:12]}…, not the one in {CHECKSUMS}; reinstall the package.")
        return content

    @cached_property
    def tokenizer(self) -> Tokenizer:
        """Without truncation or padding, whatever the file says: both are decided for each run."""
        tokenizer = Tokenizer.from_str(self.content(TOKENIZER).decode("utf-8"))
        tokenizer.no_padding()
        tokenizer.no_truncation()
        return tokenizer

    @cached_property
    def table(self) -> onnxruntime.InferenceSession:
        return self.session(TABLE)

    def session(self, name: str) -> onnxruntime.InferenceSession:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        options.inter_op_num_threads = 1
        options.log_severity_level = 3
        return onnxruntime.InferenceSession(self.content(name), options, providers=["CPUExecutionProvider"])


@lru_cache(maxsize=4)
def model_folder(folder: Path) -> ModelFolder:
    """One for each folder, so that the encoder and the reader share what they can."""
    return ModelFolder(folder)


class OnnxModel:
    """One body (`NAME.int8.onnx`: word_vectors, attention_mask → its outputs) of a folder, with `threads` texts at a time.

    `beside` are other files of the folder that its outputs are worked out with.
    """

    def __init__(self, name: str, folder: Path = MODELS, *, beside: Sequence[str] = (), threads: int = 0) -> None:
        self.files = model_folder(folder)
        self.name = f"{name}.int8.onnx"
        self.beside = beside
        self.threads = thread_count(threads)

    @cached_property
    def fingerprint(self) -> str:
        """Names exactly this body, word table, tokenizer, and what is beside them."""
        digests = [self.files.checksums.get(name, "") for name in (self.name, TABLE, TOKENIZER, *self.beside)]
        return hashlib.sha256("".join(digests).encode()).hexdigest()[:16]

    @property
    def tokenizer(self) -> Tokenizer:
        return self.files.tokenizer

    @cached_property
    def _session(self) -> onnxruntime.InferenceSession:
        return self.files.session(self.name)

    def run(self, encodings: Sequence[Encoding]) -> list[list[FloatArray]]:
        """The outputs of each of `encodings`, run by itself, in order; each output is shaped (tokens, …) or (width,)."""
        table, body = self.files.table, self._session

        def alone(encoding: Encoding) -> list[FloatArray]:
            (vectors,) = table.run(None, {"input_ids": np.array([encoding.ids], dtype=np.int64)})
            mask = np.ones((1, len(encoding.ids)), dtype=np.int64)
            return [output[0] for output in body.run(None, {"word_vectors": vectors, "attention_mask": mask})]

        if len(encodings) == 1:
            return [alone(encodings[0])]
        with ThreadPoolExecutor(self.threads) as pool:
            return list(pool.map(alone, encodings))
