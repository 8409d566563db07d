import json
from collections import Counter
from pathlib import Path

import pytest

from eval.questions import Question, load_questions
from rag.errors import UsageError
from tests.conftest import ROOT, SEEDS

TOWER = {
    "id": "height", "question": "How high is it?", "answers": ["48 metres"], "type": "number", "language": "en",
    "answerable": True, "evidence": [{"source": "tower.md", "quote": "48 metres high"}],
}  # fmt: skip


def written(tmp_path: Path, *rows: object) -> Path:
    path = tmp_path / "questions.jsonl"
    path.write_text("".join((row if isinstance(row, str) else json.dumps(row)) + "\n" for row in rows), encoding="utf-8")
    return path


def test_the_shipped_questions_hold_what_they_promise(tmp_path: Path) -> None:
    questions = load_questions(ROOT / "eval" / "questions.jsonl", SEEDS, tmp_path).questions
    unanswerable = [q for q in questions if not q.answerable]
    assert len(questions) >= 150 and len(unanswerable) >= 40
    types = Counter(q.type for q in questions)
    assert types["near-miss"] >= 25 and types["cross-lingual"] >= 10 and types["follow-up"] >= 3 and types["trap"] >= 4
    assert types["title-or-date"] >= 4
    assert set(types) >= {"number", "money", "date", "person", "organisation", "place", "list", "reason", "two-documents"}
    assert sum(q.language == "zh" and q.answerable for q in questions) >= 25
    assert {e.source for q in questions for e in q.evidence} == {path.name for path in SEEDS.glob("*.txt")}


@pytest.mark.parametrize(
    ("row", "complaint"),
    [
        ("{", r":1: not JSON"),
        ({"id": "a"}, r":1: the line: 'question' is a required property"),
        ({**TOWER, "language": "fr"}, r":1: language: 'fr' is not one of"),
        ({**TOWER, "answers": []}, r":1: answers: \[\] should be non-empty"),
        ({**TOWER, "answerable": False}, r":1: (answers|evidence): .* is too long|:1: .*expected to be empty"),
        ({**TOWER, "wrong": 1}, r":1: the line: Additional properties"),
        ({**TOWER, "evidence": [{"source": "tower.md", "quote": "nowhere"}]}, r":1: the quote is not in tower.md: 'nowhere'"),
        ({**TOWER, "evidence": [{"source": "none.md", "quote": "x"}]}, r":1: none.md"),
        ({**TOWER, "evidence": [{"source": "tower.md", "quote": "48", "start": 3}]}, r":1: the quote is not at character 3"),
    ],
)
def test_a_wrong_line_is_named(docs: Path, tmp_path: Path, row: object, complaint: str) -> None:
    with pytest.raises(UsageError, match=complaint):
        load_questions(written(tmp_path, row), docs, tmp_path)


def test_an_id_used_twice_is_named(docs: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r":3: the id height is used twice, first on line 1"):
        load_questions(written(tmp_path, TOWER, "", TOWER), docs, tmp_path)


def test_a_quote_is_located_everywhere_or_at_its_start(docs: Path, tmp_path: Path) -> None:
    (docs / "twice.txt").write_text("It is red. It is red.", encoding="utf-8")
    row = {**TOWER, "evidence": [{"source": "twice.txt", "quote": "red"}]}
    later = {**TOWER, "id": "later", "evidence": [{"source": "twice.txt", "quote": "red", "start": 17}]}
    first, second = load_questions(written(tmp_path, row, later), docs, tmp_path).questions
    assert first.evidence[0].spans == ((6, 9), (17, 20))
    assert second.evidence[0].spans == ((17, 20),)


def test_csv(docs: Path, tmp_path: Path) -> None:
    path = tmp_path / "known.csv"
    path.write_text(
        "question,answers,source,quote\nHow high is the tower?,48 metres|48 m,tower.md,48 metres high\nWho sold it?,,,\n",
        encoding="utf-8",
    )
    known, absent = load_questions(path, docs, tmp_path).questions
    assert known.answers == ("48 metres", "48 m") and known.evidence[0].source == "tower.md" and known.id == "line-2"
    assert not absent.answerable and absent.evidence == ()
    path.write_text("question,answers\n", encoding="utf-8")
    with pytest.raises(UsageError, match=r"known.csv:1: no column named source, quote"):
        load_questions(path, docs, tmp_path)


def test_squad_brings_its_paragraphs_as_files(tmp_path: Path) -> None:
    qas = [
        {"id": "a", "question": "How high?", "answers": [{"text": "48 m", "answer_start": 9}, {"text": "48", "answer_start": 9}]},
        {"id": "b", "question": "How old?", "answers": [], "is_impossible": True},
        {"id": "c", "question": "What?", "answers": [{"text": "tower", "answer_start": 3}]},
        {"id": "d", "question": " ", "answers": [{"text": "tower", "answer_start": 2}]},
    ]
    path = tmp_path / "squad.json"
    path.write_text(json.dumps({"data": [{"title": "T", "paragraphs": [{"context": "A tower: 48 m.", "qas": qas}]}]}))
    found = load_questions(path, Path("unused"), tmp_path / "cache")
    assert [file.read_text() for file in found.docs.iterdir()] == ["A tower: 48 m."]
    high, old, what = found.questions
    assert high.answers == ("48 m", "48") and high.evidence[0].spans == ((9, 13),)
    assert not old.answerable
    assert what.evidence[0].spans == ((2, 7),), "a wrong offset is looked for instead"
    assert found.left_out == 1, "a question without text is left out"


def test_cmrc_in_its_own_layout(tmp_path: Path) -> None:
    path = tmp_path / "cmrc.json"
    qas = [{"query_id": "q", "query_text": "塔有多高？", "answers": ["48米", "48米"]}]
    path.write_text(json.dumps([{"context_id": "c", "context_text": "这座塔高48米。", "qas": qas}], ensure_ascii=False))
    (question,) = load_questions(path, Path("unused"), tmp_path / "cache").questions
    assert question.language == "zh" and question.answers == ("48米",) and len(question.evidence) == 1


def test_beir_is_retrieval_only(tmp_path: Path) -> None:
    folder = tmp_path / "beir"
    (folder / "qrels").mkdir(parents=True)
    (folder / "corpus.jsonl").write_text(
        '{"_id": "a/1", "title": "Towers", "text": "The tower."}\n{"_id": "b", "text": "Other."}\n'
    )
    (folder / "queries.jsonl").write_text('{"_id": "q", "text": "tower?"}\n{"_id": "r", "text": "unjudged"}\n')
    (folder / "qrels" / "test.tsv").write_text("query-id\tcorpus-id\tscore\nq\ta/1\t1\nq\tb\t0\n")
    found = load_questions(folder, Path("unused"), tmp_path / "cache")
    assert [q.id for q in found.questions] == ["q"] and found.questions[0].answers == ()
    assert [e.source for e in found.questions[0].evidence] == ["a%2F1.txt"]
    assert (found.docs / "a%2F1.txt").read_text() == "Towers\n\nThe tower."
    (folder / "qrels" / "test.tsv").unlink()
    with pytest.raises(UsageError, match=r"qrels holds no test.tsv"):
        load_questions(folder, Path("unused"), tmp_path / "cache")


@pytest.mark.parametrize("text", ["{}", "[]", '{"data": [{"paragraphs": [{"context": "x"}]}]}', "not json"])
def test_what_is_no_squad_is_named(tmp_path: Path, text: str) -> None:
    path = tmp_path / "odd.json"
    path.write_text(text)
    with pytest.raises(UsageError, match=r"odd.json"):
        load_questions(path, Path("unused"), tmp_path / "cache")


def test_questions_compare_by_value(docs: Path, tmp_path: Path) -> None:
    once, again = (load_questions(written(tmp_path, TOWER), docs, tmp_path) for _ in range(2))
    assert once == again and isinstance(once.questions[0], Question)
