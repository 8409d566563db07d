"""`e5_weights`' arrays → torch modules: the encoder's body of 12 layers, and a span reader over it.

`load_weights` fills a reader with the weights of an earlier one, whatever file they are kept in.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import onnx
import torch
from e5_weights import Weights
from outputs import beside
from safetensors.torch import load_file
from transformers import BertConfig, BertModel

_LAYER = {
    "q": "attention.self.query", "k": "attention.self.key", "v": "attention.self.value", "ao": "attention.output.dense",
    "aln": "attention.output.LayerNorm", "fi": "intermediate.dense", "fo": "output.dense", "oln": "output.LayerNorm",
}  # fmt: skip


class SpanReader(torch.nn.Module):
    """An encoder's body and one linear layer; gives start and end logits, each shaped (batch, tokens)."""

    def __init__(self, bert: BertModel) -> None:
        super().__init__()
        self.bert = bert
        self.out = torch.nn.Linear(bert.config.hidden_size, 2)
        self.lowest = [bert.embeddings, *bert.encoder.layer]

    def forward(
        self, input_ids: torch.Tensor, attention_mask: torch.Tensor, token_type_ids: torch.Tensor
    ) -> tuple[torch.Tensor, torch.Tensor]:
        hidden = self.bert(input_ids=input_ids, attention_mask=attention_mask, token_type_ids=token_type_ids).last_hidden_state
        logits = self.out(hidden)
        return logits[..., 0], logits[..., 1]


def new_body(weights: Weights, attention: str = "sdpa") -> BertModel:
    """The encoder's own 12 layers."""
    shape = weights.shape
    body = BertModel(
        BertConfig(
            vocab_size=len(weights.words.scales),
            hidden_size=shape.hidden,
            num_hidden_layers=shape.layers,
            num_attention_heads=shape.heads,
            intermediate_size=shape.inner,
            max_position_embeddings=shape.positions,
            type_vocab_size=shape.types,
            layer_norm_eps=shape.epsilon,
            hidden_dropout_prob=0.0,
            attention_probs_dropout_prob=0.0,
            attn_implementation=attention,
        ),
        add_pooling_layer=False,
    )
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
    left = [name for name in missing if "word_embeddings" not in name and "position_ids" not in name]
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
    left = [name for name in missing if "embeddings" not in name]
    if left or unknown:
        raise SystemExit(f"{path} does not fit: missing {left[:3]}, unknown {unknown[:3]}")


def save(path: Path, state: dict[str, object]) -> None:
    with beside(path) as [new]:
        torch.save(state, new)


def note(path: Path, step: int, figures: dict[str, float]) -> None:
    with path.open("a", encoding="utf-8") as log:
        log.write(json.dumps({"step": step, **figures}) + "\n")
    print(f"step {step}: {figures}", flush=True)
