"""What each sign adds to a confidence, and what a confidence is worth."""

import pytest

from rag.reading.confidence import BANDS, Calibration, band, calibration


def test_confidence_shows_what_each_sign_adds() -> None:
    model = Calibration(-1.0, {"margin": 0.5, "unmet": -2.0}, 0.3, {})
    assert model.contributions({"margin": 4.0, "unmet": 1.0}) == {"margin": 2.0, "unmet": -2.0}
    assert model.probability({"margin": 2.0, "unmet": 0.0}) == pytest.approx(0.5)


def test_the_shipped_signs_pull_the_way_they_should() -> None:
    model = calibration()
    against = ("other_nation", "contradiction", "other_code", "names_elsewhere", "names_nowhere")
    assert all(model.coefficients[sign] < 0 for sign in against)
    assert all(model.coefficients[sign] > 0 for sign in ("margin", "lead", "retrieval", "alone", "nearer"))
    assert 0.3 < model.threshold < 0.8


def test_a_confidence_has_a_word_and_what_it_is_worth() -> None:
    assert [band(c) for c in (1.0, 0.8, 0.79, 0.65, 0.1, 0.0)] == ["strong", "strong", "fair", "fair", "weak", "weak"]
    model = calibration()
    assert list(model.right) == list(BANDS) and model.right["strong"] > model.right["fair"] > model.right["weak"]
    assert model.worth(0.93) == ("strong", model.right["strong"]) and model.worth(0.7) == ("fair", model.right["fair"])
