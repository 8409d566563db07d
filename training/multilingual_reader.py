"""`multilingual_weights`' arrays → torch modules: the encoder's body of 12 layers, and a span reader over it.

`load_weights` fills a reader with the weights of an earlier one, whatever file they are kept in.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from multilingual_weights import Weights
from safetensors.torch import load_file
from train_reader import SpanReader, load_int8
from transformers import BertConfig, BertModel

_LAYER = {
    "q": "attention.self.query", "k": "attention.self.key", "v": "attention.self.value", "ao": "attention.output.dense",
    "aln": "attention.output.LayerNorm", "fi": "intermediate.dense", "fo": "output.dense", "oln": "output.LayerNorm",
}  # fmt: skip


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

    A .safetensors (float16), an int8 .onnx as `export_multilingual` writes it, or a run's .pt, of which `mean` takes the
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
