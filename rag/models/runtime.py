"""Tokenise → run → hand back arrays, for any ONNX text model. In: texts or text pairs. Out: numpy arrays.

Pooling, span search and every other meaning of the arrays is left to `embeddings` and `reading`. The tokenizer also
serves `chunks`, which sizes its windows in the encoder's own tokens.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from pathlib import Path

import numpy as np
import numpy.typing as npt
import onnxruntime
from tokenizers import Encoding, Tokenizer

from rag.errors import ModelBroken

MODELS = Path(__file__).parent / "files"
CHECKSUMS = "SHA256SUMS"
BATCH_TOKENS = 4096
"""Tokens in one run, padding included: about 60 MB of activations for a MiniLM."""

FloatArray = npt.NDArray[np.float32]


def thread_count(requested: int) -> int:
    """Threads for one model: as requested, or one for each core this process may use, at most 8."""
    if requested:
        return requested
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return min(cores, 8)


class OnnxModel:
    """One model folder: an ONNX file, its tokenizer and the SHA256SUMS that both must match.

    Nothing is loaded before it is used: `tokenizer` and the session are checked and opened on first use.
    Raises ModelBroken when a file is missing or altered.
    """

    def __init__(self, folder: Path, *, threads: int = 0) -> None:
        self.folder = folder
        self.threads = thread_count(threads)

    @cached_property
    def _checksums(self) -> dict[str, str]:
        try:
            lines = (self.folder / CHECKSUMS).read_text(encoding="utf-8").splitlines()
        except OSError as error:
            raise ModelBroken(f"{self.folder / CHECKSUMS} cannot be read ({error.strerror}); reinstall the package.") from error
        return {name: digest for digest, name in (line.split() for line in lines)}

    def _checked(self, name: str) -> bytes:
        path = self.folder / name
        try:
            content = path.read_bytes()
        except OSError as error:
            raise ModelBroken(f"{path} cannot be read ({error.strerror}); reinstall the package.") from error
        found = hashlib.sha256(content).hexdigest()
        if found != self._checksums.get(name):
            raise ModelBroken(f"{path} has sha256 {found[:12]}…, not the one in {CHECKSUMS}; reinstall the package.")
        return content

    @property
    def _graph_name(self) -> str:
        return next(name for name in self._checksums if name.endswith(".onnx"))

    @cached_property
    def fingerprint(self) -> str:
        """Names this exact model and tokenizer."""
        return hashlib.sha256("".join(sorted(self._checksums.values())).encode()).hexdigest()[:16]

    @cached_property
    def tokenizer(self) -> Tokenizer:
        """Without truncation or padding, whatever the file says: both are decided for each run."""
        tokenizer = Tokenizer.from_str(self._checked("tokenizer.json").decode("utf-8"))
        tokenizer.no_padding()
        tokenizer.no_truncation()
        return tokenizer

    @cached_property
    def _session(self) -> onnxruntime.InferenceSession:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = self.threads
        options.inter_op_num_threads = 1
        options.log_severity_level = 3
        return onnxruntime.InferenceSession(self._checked(self._graph_name), options, providers=["CPUExecutionProvider"])

    def run(self, encodings: Sequence[Encoding]) -> Iterator[tuple[list[int], list[FloatArray]]]:
        """Run `encodings` in length-sorted batches, each padded to its own longest member.

        Yields (positions in `encodings`, the model's outputs, each shaped (batch, tokens, …)) batch by batch.
        """
        order = sorted(range(len(encodings)), key=lambda i: (len(encodings[i].ids), i))
        for batch in _batches(order, [len(e.ids) for e in encodings]):
            yield batch, _outputs(self._session, [encodings[i] for i in batch])

    def run_each(self, encodings: Sequence[Encoding], threads: int) -> list[list[FloatArray]]:
        """Run every one of `encodings` by itself, `threads` of them at a time; each output is shaped (tokens, …).

        Dynamic int8 takes its scale from a whole batch, so that a row's outputs depend on the others; here they do not.
        """
        session = self._session

        def alone(encoding: Encoding) -> list[FloatArray]:
            return [output[0] for output in _outputs(session, [encoding])]

        with ThreadPoolExecutor(threads) as pool:
            return list(pool.map(alone, encodings))


def _batches(order: list[int], lengths: list[int]) -> Iterator[list[int]]:
    """Cut `order` (by growing length) so that rows × longest row stays within BATCH_TOKENS."""
    batch: list[int] = []
    for i in order:
        if batch and (len(batch) + 1) * lengths[i] > BATCH_TOKENS:
            yield batch
            batch = []
        batch.append(i)
    if batch:
        yield batch


def _outputs(session: onnxruntime.InferenceSession, encodings: Sequence[Encoding]) -> list[FloatArray]:
    width = max(len(e.ids) for e in encodings)
    names = ("input_ids", "attention_mask", "token_type_ids")
    inputs = {name: np.zeros((len(encodings), width), dtype=np.int64) for name in names}
    for row, encoding in enumerate(encodings):
        length = len(encoding.ids)
        inputs["input_ids"][row, :length] = encoding.ids
        inputs["attention_mask"][row, :length] = 1
        inputs["token_type_ids"][row, :length] = encoding.type_ids
    outputs: list[FloatArray] = session.run(None, inputs)
    return outputs
