"""A trained multilingual reader and its encoder → the files that the product loads.

Out, in a folder:
  embeddings.onnx    input_ids → word_vectors: the 4-bit word table (onnxruntime's GatherBlockQuantized), shared by the other two
  reader.int8.onnx   word_vectors, attention_mask → start_logits, end_logits
  encoder.int8.onnx  word_vectors, attention_mask → vectors: the mean over tokens at unit length
  tokenizer.json     one for both, with the vocabulary cut to the promised scripts
  SHA256SUMS (of centres.json, too, if `make_centres` has made one)
and tests/data/reader_fp32.json and encoder_fp32.json, which the int8 files are held to. Bodies are int8 as `onnx_export` has it: dynamic, per channel, reduced range; each text is run by itself.

Run: python training/export_models.py WEIGHTS [FOLDER] --readers READER … [--plain]
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import onnx
import torch
from e5_weights import BLOCK, Quantised, new_tokenizer, read_weights
from onnx import TensorProto, helper
from onnx_export import export_int8
from outputs import write_checksums
from set_examples import ContextExample
from span_reader import SpanReader, load_mean, new_body, new_reader
from span_texts import encode, padded, read
from tokenizers import Tokenizer
from transformers import BertModel

from rag.models.runtime import MODELS

Floats = npt.NDArray[np.float32]
REFERENCES = Path(__file__).resolve().parent.parent / "tests" / "data"
READ = (
    ("How high is the Elmet tower?", "", "The Elmet tower is 48 metres high. Work on it ended in 1911, after six years."),
    ("When did the work end?", "", "The Elmet tower is 48 metres high. Work on it ended in 1911, after six years."),
    ("How high is the Marlow bridge?", "", "The Elmet tower is 48 metres high. Work on it ended in 1911, after six years."),
    ("Are dogs allowed on the upper floors?", "", "The Elmet tower is open to all from May on. Dogs are welcome on every floor."),
    (
        "Do dogs have to wait outside the tower?",
        "",
        "The Elmet tower is open to all from May on. Dogs are welcome on every floor.",
    ),
    ("埃尔梅特塔有多高？", "", "埃尔梅特塔高48米，1911年完工，历时六年。"),
    ("How high is it?", "埃尔梅特塔", "塔高48米，1911年完工，历时六年。"),
    (
        "What does a rye loaf cost?",
        "Prices\n| Bread | Weight | Price |",
        "| White loaf | 500 g | 2.10 |\n| Rye loaf | 900 g | 4.30 |",
    ),
    (
        "What does a poppy roll cost?",
        "Prices\n| Bread | Weight | Price |",
        "| White loaf | 500 g | 2.10 |\n| Rye loaf | 900 g | 4.30 |",
    ),
)
"""Question, context, passage."""
EMBEDDED = (
    ("query", "How high is the Elmet tower?"), ("passage", "The Elmet tower is 48 metres high. Work on it ended in 1911."),
    ("query", "埃尔梅特塔有多高？"), ("passage", "埃尔梅特塔高48米，1911年完工，历时六年。"), ("passage", "Preise: ein Laib 4,30 €"), ("query", "bread price"),
)  # fmt: skip
TABLE, READER, ENCODER, TOKENIZER = "embeddings.onnx", "reader.int8.onnx", "encoder.int8.onnx", "tokenizer.json"


class ReaderBody(torch.nn.Module):
    """A span reader after its word table."""

    def __init__(self, reader: SpanReader) -> None:
        super().__init__()
        self.bert, self.out, self.verdict = reader.bert, reader.out, reader.verdict

    def forward(
        self, word_vectors: torch.Tensor, attention_mask: torch.Tensor
    ) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        hidden = self.bert(inputs_embeds=word_vectors, attention_mask=attention_mask).last_hidden_state
        logits = self.out(hidden)
        return logits[..., 0], logits[..., 1], self.verdict(hidden[:, 0])


class EncoderBody(torch.nn.Module):
    """The encoder after its word table: mean over the tokens, then unit length."""

    def __init__(self, bert: BertModel) -> None:
        super().__init__()
        self.bert = bert

    def forward(self, word_vectors: torch.Tensor, attention_mask: torch.Tensor) -> torch.Tensor:
        hidden = self.bert(inputs_embeds=word_vectors, attention_mask=attention_mask).last_hidden_state
        mask = attention_mask.unsqueeze(-1).to(hidden.dtype)
        return torch.nn.functional.normalize((hidden * mask).sum(1) / mask.sum(1), dim=-1)


def table_graph(words: Quantised) -> onnx.ModelProto:
    """input_ids → word_vectors; INT4 rows (nibble − 8, two a byte, the earlier one low) and float16 scales."""
    rows, columns = words.nibbles.shape
    signed = (words.nibbles.astype(np.int16) - 8).astype(np.uint8) & 15
    packed = (signed[:, 0::2] | (signed[:, 1::2] << 4)).tobytes()
    scales = np.ascontiguousarray(words.scales).tobytes()
    gather = helper.make_node(
        "GatherBlockQuantized", ["words", "input_ids", "scales"], ["half"], domain="com.microsoft",
        block_size=BLOCK, gather_axis=0, quantize_axis=1,
    )  # fmt: skip
    graph = helper.make_graph(
        [gather, helper.make_node("Cast", ["half"], ["word_vectors"], to=TensorProto.FLOAT)],
        "word table",
        [helper.make_tensor_value_info("input_ids", TensorProto.INT64, ["batch", "sequence"])],
        [helper.make_tensor_value_info("word_vectors", TensorProto.FLOAT, ["batch", "sequence", columns])],
        [
            helper.make_tensor("words", TensorProto.INT4, [rows, columns], packed, raw=True),
            helper.make_tensor("scales", TensorProto.FLOAT16, [rows, columns // BLOCK], scales, raw=True),
        ],
    )
    opsets = [helper.make_opsetid("", 21), helper.make_opsetid("com.microsoft", 1)]
    return helper.make_model(graph, opset_imports=opsets, ir_version=10)


def body_inputs(width: int) -> dict[str, torch.Tensor]:
    return {"word_vectors": torch.zeros(2, 9, width), "attention_mask": torch.ones(2, 9, dtype=torch.long)}


def export(weights_file: Path, readers: Sequence[Path], folder: Path, mean: bool) -> None:
    """Write the files of the module's docstring; `mean`: a checkpoint's exponential mean instead of its weights."""
    folder.mkdir(parents=True, exist_ok=True)
    weights = read_weights(weights_file).cut()
    tokenizer = new_tokenizer(weights)
    tokenizer.save(str(folder / TOKENIZER), pretty=False)
    reader, encoder = new_reader(weights, "eager").eval(), EncoderBody(new_body(weights, "eager")).eval()
    load_mean(reader, readers, mean)
    write_references(tokenizer, reader, encoder)
    (folder / TABLE).write_bytes(table_graph(weights.words).SerializeToString())
    inputs = body_inputs(weights.shape.hidden)
    for body in (reader.bert, encoder.bert):
        body.embeddings.word_embeddings = torch.nn.Embedding(1, weights.shape.hidden)
    export_int8(ReaderBody(reader).eval(), folder / READER, ["start_logits", "end_logits", "verdict_logits"], inputs)
    export_int8(encoder, folder / ENCODER, ["vectors"], inputs)
    write_checksums(folder)


def write_references(tokenizer: Tokenizer, reader: SpanReader, encoder: EncoderBody) -> None:
    """What the models give in fp32, for `tests/test_reader.py` and `tests/test_encoder.py` to hold the int8 files to."""
    examples = [ContextExample(question, passage, 0, 0, "", (), context) for question, context, passage in READ]
    spans = []
    for example, (span, margin) in zip(examples, read(reader, tokenizer, examples)):
        row = encode(tokenizer, example)
        assert row is not None
        with torch.no_grad():
            *_, logits = reader(*padded([row.ids]))
        said = [round(p, 3) for p in torch.softmax(logits[0], dim=-1).tolist()]
        shown = {"question": example.question, "context": example.context, "passage": example.passage}
        spans.append({**shown, "span": span, "margin": round(margin, 4), "verdicts": said})
    vectors = []
    for use, text in EMBEDDED:
        encoding = tokenizer.encode(f"{use}: {text}")
        words = reader.bert.embeddings.word_embeddings(torch.tensor([encoding.ids]))
        with torch.no_grad():
            (vector,) = encoder(words, torch.ones(1, len(encoding.ids), dtype=torch.long)).tolist()
        rounded = [round(value, 5) for value in vector]
        vectors.append({"use": use, "text": text, "tokens": len(encoding.ids), "embedding": rounded})
    for name, rows in (("reader_fp32.json", spans), ("encoder_fp32.json", vectors)):
        (REFERENCES / name).write_text(json.dumps(rows, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("weights", type=Path, help="e5-small-q4.bin")
    parser.add_argument("folder", type=Path, nargs="?", default=MODELS, help="the product's own where none is named")
    parser.add_argument(
        "--readers", type=Path, nargs="+", required=True, help="checkpoints (.pt) and weights, of which the mean is taken"
    )
    parser.add_argument("--plain", action="store_true", help="a checkpoint's weights instead of their mean")
    options = parser.parse_args()
    export(options.weights, options.readers, options.folder, not options.plain)


if __name__ == "__main__":
    main()
