"""The way from torch to an int8 ONNX file."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import onnx
import torch
from onnxruntime.quantization import QuantType, quantize_dynamic


def export_int8(model: torch.nn.Module, path: Path, outputs: Sequence[str], inputs: Mapping[str, torch.Tensor]) -> None:
    """Write `model` (`inputs` → `outputs`) as an int8 graph with free batch and length.

    onnxruntime's dynamic quantisation, per channel; reduce_range keeps processors without VNNI from saturating.
    """
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
