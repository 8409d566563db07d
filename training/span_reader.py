"""`e5_weights`' arrays → torch modules: the encoder's body of 12 layers, and a span reader over it.

`load_weights` fills a reader with the weights of an earlier one, whatever file they are kept in.
"""

from __future__ import annotations

import copy
import io
import json
import lzma
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from pathlib import Path

import numpy as np
import onnx
import torch
from e5_weights import Quantised, Shape, Weights
from outputs import beside
from safetensors.torch import load_file
from transformers import BertConfig, BertModel

_LAYER = {
    "q": "attention.self.query", "k": "attention.self.key", "v": "attention.self.value", "ao": "attention.output.dense",
    "aln": "attention.output.LayerNorm", "fi": "intermediate.dense", "fo": "output.dense", "oln": "output.LayerNorm",
}  # fmt: skip
_LEFT = ("word_embeddings", "position_ids", "verdict")
"""What an earlier reader's file may lack."""
VERDICTS = 3
"""Not said, yes, no."""


class SpanReader(torch.nn.Module):
    """An encoder's body under two linear layers: start and end logits, each shaped (batch, tokens), and those of the verdicts (batch, 3)."""

    def __init__(self, bert: BertModel) -> None:
        super().__init__()
        self.bert = bert
        self.out = torch.nn.Linear(bert.config.hidden_size, 2)
        self.verdict = torch.nn.Linear(bert.config.hidden_size, VERDICTS)

    def forward(self, input_ids: torch.Tensor, attention_mask: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        hidden = self.bert(input_ids=input_ids, attention_mask=attention_mask).last_hidden_state
        logits = self.out(hidden)
        return logits[..., 0], logits[..., 1], self.verdict(hidden[:, 0])


def empty_body(shape: Shape, words: int, attention: str = "sdpa", dropout: float = 0.0) -> BertModel:
    """A body of that shape whose weights say nothing yet."""
    return BertModel(
        BertConfig(
            vocab_size=words,
            hidden_size=shape.hidden,
            num_hidden_layers=shape.layers,
            num_attention_heads=shape.heads,
            intermediate_size=shape.inner,
            max_position_embeddings=shape.positions,
            type_vocab_size=shape.types,
            layer_norm_eps=shape.epsilon,
            hidden_dropout_prob=dropout,
            attention_probs_dropout_prob=dropout,
            attn_implementation=attention,
        ),
        add_pooling_layer=False,
    )


def new_body(weights: Weights, attention: str = "sdpa") -> BertModel:
    """The encoder's own 12 layers."""
    shape = weights.shape
    body = empty_body(shape, len(weights.words.scales), attention)
    state = {
        "embeddings.word_embeddings.weight": weights.words.values(),
        "embeddings.position_embeddings.weight": weights.others["emb.pos"].reshape(-1, shape.hidden),
        "embeddings.token_type_embeddings.weight": weights.others["emb.type"].reshape(-1, shape.hidden),
        "embeddings.LayerNorm.weight": weights.others["emb.ln.w"],
        "embeddings.LayerNorm.bias": weights.others["emb.ln.b"],
    }
    for layer in range(shape.layers):
        for short, name in _LAYER.items():
            state[f"encoder.layer.{layer}.{name}.weight"] = weights.others[f"l{layer}.{short}.w"]
            state[f"encoder.layer.{layer}.{name}.bias"] = weights.others[f"l{layer}.{short}.b"]
    expected = body.state_dict()
    body.load_state_dict({k: torch.tensor(np.array(v)).reshape(expected[k].shape) for k, v in state.items()}, strict=False)
    return body.eval()


def new_reader(weights: Weights, attention: str = "sdpa") -> SpanReader:
    """The encoder's body under a span head that has learnt nothing."""
    return SpanReader(new_body(weights, attention))


def write_start(path: Path, reader: SpanReader, weights: Weights, words: Iterable[int]) -> None:
    """What `read_start` reads: the reader's weights as float16, and of the word table, as it is in 4 bits, the rows of `words`."""
    nibbles = np.zeros_like(weights.words.nibbles)
    rows = sorted(set(words))
    nibbles[rows] = weights.words.nibbles[rows]
    state = {name: tensor.half() for name, tensor in reader.state_dict().items() if "word_embeddings" not in name}
    table = {
        "nibbles": torch.from_numpy(nibbles[:, 0::2] | (nibbles[:, 1::2] << 4)),
        "scales": torch.from_numpy(weights.words.scales),
    }
    shape = asdict(weights.shape)
    with beside(path) as [new], lzma.open(new, "wb", preset=6) as packed:
        torch.save({"shape": shape, "state": state, **table}, packed)


def read_start(path: Path, dropout: float = 0.0) -> SpanReader:
    with lzma.open(path) as packed:
        kept = torch.load(io.BytesIO(packed.read()), map_location="cpu", weights_only=True)
    both = kept["nibbles"].numpy()
    nibbles = np.stack([both & 15, both >> 4], axis=-1).reshape(len(both), -1)
    shape = Shape(**kept["shape"])
    reader = SpanReader(empty_body(shape, len(nibbles), dropout=dropout))
    words = torch.from_numpy(Quantised(nibbles, kept["scales"].numpy()).values())
    state = {name: tensor.float() for name, tensor in kept["state"].items()}
    reader.load_state_dict({**state, "bert.embeddings.word_embeddings.weight": words}, strict=False)
    return reader


def kept_layers(reader: SpanReader, layers: int, dropout: float = 0.0) -> SpanReader:
    """A reader of fewer layers, evenly taken from another's; the word table is shared."""
    config = copy.deepcopy(reader.bert.config)
    whole = config.num_hidden_layers
    config.num_hidden_layers = layers
    config.hidden_dropout_prob = config.attention_probs_dropout_prob = dropout
    smaller = SpanReader(BertModel(config, add_pooling_layer=False))
    chosen = [round(i * (whole - 1) / (layers - 1)) for i in range(layers)]
    smaller.bert.embeddings = reader.bert.embeddings
    for mine, other in enumerate(chosen):
        smaller.bert.encoder.layer[mine].load_state_dict(reader.bert.encoder.layer[other].state_dict())
    smaller.out.load_state_dict(reader.out.state_dict())
    smaller.verdict.load_state_dict(reader.verdict.state_dict())
    return smaller


def load_weights(reader: SpanReader, path: Path, mean: bool) -> None:
    """Fill `reader` from `path`; the word table stays as it is.

    A .safetensors (float16), an int8 .onnx as `export_models` writes it, or a run's .pt, of which `mean` takes the
    exponential mean of the weights.
    """
    if path.suffix == ".onnx":
        load_int8(reader, path)
        return
    if path.suffix == ".pt":
        saved = torch.load(path, map_location="cpu", weights_only=True)
        state = saved["model"] | (saved["mean"] if mean else {})
    else:
        state = {name: weights.float() for name, weights in load_file(path).items()}
    missing, unknown = reader.load_state_dict(state, strict=False)
    left = [name for name in missing if not any(part in name for part in _LEFT)]
    if left or unknown:
        raise ValueError(f"{path} does not fit: missing {left[:3]}, unknown {unknown[:3]}")


def load_mean(reader: SpanReader, paths: Sequence[Path], mean: bool) -> None:
    """The mean of the weights of several files of `load_weights`."""
    found = []
    for path in paths:
        load_weights(reader, path, mean)
        found.append({name: weights.clone() for name, weights in reader.state_dict().items() if "word_embeddings" not in name})
    reader.load_state_dict(
        {name: torch.stack([state[name].float() for state in found]).mean(0) for name in found[0]}, strict=False
    )


def load_int8(model: SpanReader, path: Path) -> None:
    """Fill `model` with the weights of an int8 reader made by `export_int8`, except the embeddings, which are the same."""
    graph = onnx.load(str(path)).graph
    values = {i.name: onnx.numpy_helper.to_array(i) for i in graph.initializer}
    users = {name: node for node in graph.node for name in node.input}
    weights = {n: v for n, v in values.items() if n.endswith((".weight", ".bias")) and v.dtype == np.float32}
    for node in graph.node:
        if node.op_type != "MatMulInteger":
            continue
        root = node.input[1].removesuffix("_quantized")
        weight = (values[node.input[1]].astype(np.float32) - values[f"{root}_zero_point"]) * values[f"{root}_scale"]
        while node.op_type != "Add":  # the bias that is added to the product names the layer
            node = users[node.output[0]]
        bias = next(name for name in node.input if name in values)
        weights[bias.removesuffix("bias") + "weight"] = weight.T
    missing, unknown = model.load_state_dict({k: torch.tensor(v) for k, v in weights.items()}, strict=False)
    left = [name for name in missing if "embeddings" not in name and "verdict" not in name]
    if left or unknown:
        raise SystemExit(f"{path} does not fit: missing {left[:3]}, unknown {unknown[:3]}")


def save(path: Path, state: dict[str, object]) -> None:
    with beside(path) as [new]:
        torch.save(state, new)


def note(path: Path, step: int, figures: dict[str, float]) -> None:
    with path.open("a", encoding="utf-8") as log:
        log.write(json.dumps({"step": step, **figures}) + "\n")
    print(f"step {step}: {figures}", flush=True)
