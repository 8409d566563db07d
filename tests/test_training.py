"""How training examples are made: answers normalised, negatives that do not hold the answer, places that are exact."""

import json
import random
import sys
from importlib import import_module
from pathlib import Path
from types import SimpleNamespace

import pytest
from outputs import beside
from reader_data import KINDS, ReaderData, detokenise, medoid

ARTICLES = {
    "Elmet tower": (
        "The Elmet tower was built in 1911 by Hannah Reyes. It is 48 metres high. It stands in Leeds, north of the river Aire. "
        "Japan paid for its clock in March. The second clock came from China.",
        [
            ("When was the Elmet tower built?", ["1911", "in 1911", "1911"]),
            ("Which country paid for the clock of the Elmet tower?", ["Japan", "Japan"]),
        ],
    ),
    "Marlow bridge": (
        "The Marlow bridge was opened in 1832. Tierney Clark was its engineer. It spans 72 metres. It cost 21,000 pounds.",
        [("Who was the engineer of the Marlow bridge?", ["Tierney Clark", "Clark"])],
    ),
}
QAMR = "\t".join(["Wiki1k:wikinews:1:0:0", "1", "1", "0", "1", "Who came home at last?", "0 1", "2:0 1", "3:0 1"])


@pytest.fixture
def data(tmp_path: Path) -> ReaderData:
    articles = []
    for copy in range(12):  # enough paragraphs for one to be held out
        for title, (text, questions) in ARTICLES.items():
            qas = [
                {"question": q, "answers": [{"text": a, "answer_start": text.index(a)} for a in answers]}
                for q, answers in questions
            ]
            articles.append({"title": f"{title} {copy}", "paragraphs": [{"context": text, "qas": qas}]})
    for name in ("new_wiki", "reddit", "amazon"):
        (tmp_path / f"squadshifts_{name}.json").write_text(json.dumps({"data": articles}))
    (tmp_path / "qed_dev.jsonl").write_text("")
    (tmp_path / "qamr_dev.tsv").write_text(QAMR + "\n")
    (tmp_path / "qamr_test.tsv").write_text("")
    (tmp_path / "qamr_wiki_sentences.tsv").write_text("Wiki1k:wikinews:1:0:0\tMr Li came home at last .\n")
    return ReaderData(tmp_path, seed=0)


def test_answers_stand_where_they_are_said_to(data: ReaderData) -> None:
    rng = random.Random(0)
    examples = [data.draw(rng)[1] for _ in range(120)]
    assert {e.kind for e in examples} >= {"answer", "renamed", "near miss", "gone"}
    for example in examples:
        if example.kind in ("answer", "renamed"):
            assert example.passage[example.start : example.end] in example.answers
        else:
            assert (example.start, example.end) == (0, 0)


@pytest.mark.parametrize("kind", KINDS)
def test_held_out_examples_are_of_their_kind_and_apart(data: ReaderData, kind: str) -> None:
    kept = {(q.data, q.place) for q in data.held_out}
    assert kept.isdisjoint((q.data, q.place) for q in data.training)
    answers = dict(pair for _, questions in ARTICLES.values() for pair in questions)
    for example in data.tests(kind, 5):
        assert example.kind == kind
        if kind == "gone":
            assert not any(answer in example.passage for answer in answers[example.question])
        if kind == "near miss":
            assert example.question not in answers or not any(example.passage in text for text, _ in ARTICLES.values())
        if kind == "renamed":
            assert example.question not in answers
            assert not any(example.passage in text for text, _ in ARTICLES.values())


def test_what_is_drawn_depends_on_the_seed_alone(data: ReaderData) -> None:
    first, again, other = ([data.draw(rng) for _ in range(9)] for rng in map(random.Random, (1, 1, 2)))
    assert first == again != other


def test_the_answer_that_annotators_agree_on() -> None:
    assert medoid([("in 1911", 3), ("1911", 6), ("1911", 6)]) == ("1911", 6)
    assert medoid([("red", 0), ("blue", 9)]) is None
    assert medoid([("red", 0)]) == ("red", 0)


def test_detokenised_text_keeps_each_tokens_place() -> None:
    words = "He said -LRB- twice -RRB- : `` it is n't $ 5 '' .".split()
    text, places = detokenise(words)
    assert text == "He said (twice): “it isn't $5”."
    assert [text[s:e] for s, e in places][:3] == ["He", "said", "("]


def test_files_take_their_places_together_or_not_at_all(tmp_path: Path) -> None:
    model, sums = tmp_path / "model.onnx", tmp_path / "SHA256SUMS"
    model.write_text("old")
    with pytest.raises(KeyboardInterrupt), beside(model, sums) as [new, new_sums]:
        new.write_text("new")
        new_sums.write_text("of the new one")
        raise KeyboardInterrupt
    assert model.read_text() == "old" and [path.name for path in tmp_path.iterdir()] == ["model.onnx"]
    with beside(model, sums) as [new, new_sums]:
        assert new.suffix == ".onnx" and model.read_text() == "old"
        new.write_text("new")
        new_sums.write_text("of the new one")
    assert model.read_text() == "new" and len(list(tmp_path.iterdir())) == 2


def test_the_confidence_stays_as_it_is_until_there_is_a_new_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(
        sys.modules, "sklearn.linear_model", SimpleNamespace(LogisticRegression=None)
    )  # only training installs it
    script = import_module("fit_confidence")
    shipped = tmp_path / "confidence.json"
    shipped.write_text("{}")
    monkeypatch.setattr(script, "OUTPUT", shipped)
    monkeypatch.setattr(script, "WORK", tmp_path / "work")
    monkeypatch.setattr(
        script, "COLLECTED", tmp_path / "work" / "read.pkl"
    )  # an earlier collection of this machine is not this test's
    monkeypatch.setattr(sys, "argv", ["fit_confidence.py", str(tmp_path / "no data")])
    with pytest.raises(FileNotFoundError):
        script.main()
    assert shipped.read_text() == "{}"
