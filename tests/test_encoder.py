import json
from pathlib import Path

import numpy as np
import pytest

from rag.errors import ModelBroken
from rag.models.encoder import OnnxEmbedding
from rag.models.runtime import MODELS, OnnxModel, _batches

REFERENCE = json.loads((Path(__file__).parent / "data" / "encoder_fp32.json").read_text(encoding="utf-8"))


def test_int8_stays_close_to_the_fp32_original(embedding: OnnxEmbedding) -> None:
    vectors = embedding.embed([row["text"] for row in REFERENCE])
    cosines = [float(v @ np.array(row["embedding"])) for v, row in zip(vectors, REFERENCE)]
    assert min(cosines) > 0.98


def test_tokens_are_those_of_the_original(embedding: OnnxEmbedding) -> None:
    counts = [len(embedding.model.tokenizer.encode(row["text"]).ids) for row in REFERENCE]
    assert counts == [row["tokens"] for row in REFERENCE]


def test_a_vector_does_not_depend_on_its_neighbours(embedding: OnnxEmbedding) -> None:
    alone = embedding.embed(["A short text."])[0]
    among = embedding.embed(["word " * 200, "A short text.", "another"])[1]
    assert float(alone @ among) > 0.98  # int8 activations are scaled per batch
    assert np.isclose(np.linalg.norm(among), 1)


def test_text_beyond_the_limit_is_cut_not_refused(embedding: OnnxEmbedding) -> None:
    assert embedding.embed(["word " * 5000]).shape == (1, 384)
    assert embedding.embed([]).shape == (0, 384)


def test_an_altered_model_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "SHA256SUMS").write_text((MODELS / "encoder" / "SHA256SUMS").read_text())
    (tmp_path / "tokenizer.json").write_text("{}")
    with pytest.raises(ModelBroken, match=r"tokenizer\.json has sha256"):
        _ = OnnxModel(tmp_path).tokenizer
    (tmp_path / "tokenizer.json").unlink()
    with pytest.raises(ModelBroken, match="reinstall"):
        _ = OnnxModel(tmp_path).tokenizer


def test_batches_keep_to_the_token_budget() -> None:
    batches = list(_batches([0, 1, 2, 3], [1000, 2000, 2000, 5000]))
    assert batches == [[0, 1], [2], [3]]
