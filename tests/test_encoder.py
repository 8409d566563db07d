"""The shipped encoder: what its vectors depend on, and that languages meet."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from rag.errors import ModelBroken
from rag.models.encoder import Encoder
from rag.models.reader import Reader
from rag.models.runtime import MODELS, TABLE, ModelFolder, OnnxModel

REFERENCE = json.loads((Path(__file__).parent / "data" / "encoder_fp32.json").read_text(encoding="utf-8"))
"""Texts with the vectors of the 4-bit weights in fp32, as the model gives them, and their number of tokens."""


@pytest.mark.parametrize("use", ["query", "passage"])
def test_int8_stays_close_to_the_fp32_original(embedding: Encoder, use: str) -> None:
    rows = [row for row in REFERENCE if row["use"] == use]
    vectors = embedding.as_it_is(use, [row["text"] for row in rows])
    cosines = [float(v @ np.array(row["embedding"])) for v, row in zip(vectors, rows)]
    assert len(rows) > 2 and min(cosines) > 0.98


def test_tokens_are_those_of_the_original(embedding: Encoder) -> None:
    counts = [len(embedding.model.tokenizer.encode(f"{row['use']}: {row['text']}").ids) for row in REFERENCE]
    assert counts == [row["tokens"] for row in REFERENCE]


def test_a_vector_does_not_depend_on_its_neighbours_bit_for_bit(embedding: Encoder) -> None:
    texts = ["word " * 200, "A short text.", "一座塔。", "another"]
    together, alone = embedding.embed(texts), [embedding.embed([text])[0] for text in texts]
    assert all(np.array_equal(a, b) for a, b in zip(together, alone))
    assert np.array_equal(embedding.embed(texts[::-1])[::-1], together)
    assert np.allclose(np.linalg.norm(together, axis=1), 1)


def test_line_breaks_are_spaces_to_the_encoder(embedding: Encoder) -> None:
    one, other = embedding.embed(["The tower\n\tis high.", "The tower is high."])
    assert np.array_equal(one, other)


def test_a_question_finds_the_text_that_answers_whatever_its_language(embedding: Encoder) -> None:
    texts = ["The Elmet tower is 48 metres high.", "The bakery opens at six.", "马洛桥长72米。", "面包店六点开门。"]
    vectors = embedding.embed(texts)
    for question, about in (
        ("埃尔梅特塔有多高？", 0),
        ("When does the bakery open?", 1),
        ("How long is the Marlow bridge?", 2),
        ("面包店几点开门？", 3),
    ):
        near = vectors @ embedding.embed_question(question)
        found = [text for _, text in sorted(zip(-near, texts))]
        other = texts[(about + 2) % 4] if about in (1, 3) else found[0]
        assert found[0] in (texts[about], other) and texts[about] in found[:2], question


def test_text_beyond_the_limit_is_cut_not_refused(embedding: Encoder) -> None:
    assert embedding.embed(["word " * 5000]).shape == (1, 384)
    assert embedding.embed([]).shape == (0, 384)


def test_an_altered_model_file_is_refused(tmp_path: Path) -> None:
    shutil.copy(MODELS / "SHA256SUMS", tmp_path)
    (tmp_path / "tokenizer.json").write_text("{}")
    with pytest.raises(ModelBroken, match=r"tokenizer\.json has sha256"):
        _ = ModelFolder(tmp_path).tokenizer
    with pytest.raises(ModelBroken, match="reinstall"):
        _ = ModelFolder(tmp_path).table


def test_encoder_and_reader_share_the_word_table_and_the_tokenizer(embedding: Encoder) -> None:
    reader = Reader()
    assert reader.model.files is embedding.model.files and reader.model.tokenizer is embedding.model.tokenizer
    assert reader.model.fingerprint != embedding.model.fingerprint


@pytest.mark.parametrize("name", [TABLE, "tokenizer.json", "centres.json", "encoder.int8.onnx"])
def test_the_fingerprint_changes_with_every_file_that_makes_the_vectors(tmp_path: Path, name: str) -> None:
    sums = (MODELS / "SHA256SUMS").read_text()
    line = next(line for line in sums.splitlines() if line.endswith(name))
    (tmp_path / "SHA256SUMS").write_text(sums.replace(line, f"{'0' * 64}  {name}"))
    assert OnnxModel("encoder", tmp_path, beside=["centres.json"]).fingerprint != Encoder().model.fingerprint
