"""The suite from question file to gate, on a small folder with the real models; and that deliberate faults turn it red."""

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from eval.baselines import VARIANTS, Opened, RankFusionRetriever, Variant, chosen
from eval.cli import main
from eval.questions import load_questions
from eval.report import Bounds, Report, build, load_bounds, load_earlier
from eval.run import run
from rag.answers import Answer
from rag.config import Config
from rag.errors import UsageError
from rag.pipeline import Rag
from rag.places import eval_folder, index_folder
from rag.reports import Progress

ROWS = [
    ("height", "How high is the Elmet tower?", ["48 metres"], "tower.md", "48 metres high"),
    ("clock", "Who made the clock of the tower?", ["Hannah Reyes"], "tower.md", "made by Hannah Reyes"),
    ("opened", "When was the Marlow bridge opened?", ["1832"], "bridge.txt", "opened in 1832"),
    ("span", "How many metres does the Marlow bridge span?", ["72"], "bridge.txt", "spans 72 metres"),
    ("brazil", "Who is the president of Brazil?", [], "", ""),
    ("whales", "What do whales eat in winter?", [], "", ""),
]
BOUNDS = Bounds({"exact quotes": 1.0, "right": 0.7, "passage recall@1": 0.7}, {"hallucination rate": 0.0})


@pytest.fixture
def asked(docs: Path, tmp_path: Path) -> Path:
    path = tmp_path / "known.jsonl"
    lines = [
        {"id": i, "question": q, "answers": a, "type": "fact", "language": "en", "answerable": bool(a),
         "evidence": [{"source": s, "quote": e}] if a else []}
        for i, q, a, s, e in ROWS
    ]  # fmt: skip
    path.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    return path


@pytest.fixture
def config(docs: Path, tmp_path: Path) -> Config:
    return Config(docs=docs, index_dir=tmp_path / "index")


def report_of(asked: Path, config: Config, *variants: Variant, bounds: Bounds = BOUNDS) -> Report:
    questions = load_questions(asked, Path(config.docs), Path())
    results = run(questions, config, variants or (VARIANTS["ours"],))
    return build(results, questions, config, bounds, None, seed=0)


def test_a_sound_system_passes_and_every_row_says_how(asked: Path, config: Config) -> None:
    report = report_of(asked, config)
    assert report.breaches == () and report.failures == {}
    height = report.ours.rows[0]
    assert height.short == "48 metres" and height.found_at == 1 and height.read
    assert height.citations[0]["exact"] and height.passages[0]["gold"]
    assert height.evidence[0]["before"].endswith("tower is ") and height.evidence[0]["after"].startswith(". Work")
    assert report.ours.figures["exact quotes"].value == 1 and report.ours.figures["hallucination rate"].value == 0
    assert report.breakdown["file"]["tower.md"].size == 2
    assert not index_folder(config).exists() and any(eval_folder(config).iterdir())


def faulty(change: Callable[[Answer], Answer], **settings: float) -> Variant:
    @contextmanager
    def opened(config: Config, on_progress: Progress) -> Iterator[Opened]:
        with Rag(replace(config, **settings)) as rag:  # type: ignore[arg-type]
            report = rag.sync(on_progress)

            def ask(question: str, history: Sequence[Answer]) -> Answer:
                return change(rag.answer(question, history))

            yield Opened(ask, report, rag)

    return Variant("ours", "with a fault", opened)


def shifted(answer: Answer) -> Answer:
    citations = tuple(replace(c, start=c.start + 1, end=c.end + 1) for c in answer.citations)
    return replace(answer, citations=citations)


def without_the_best_passage(answer: Answer) -> Answer:
    considered = answer.trace.considered[1:] + answer.trace.considered[:1]
    return replace(answer, trace=replace(answer.trace, considered=considered))


def test_shifted_quotes_turn_it_red(asked: Path, config: Config) -> None:
    (breach,) = report_of(asked, config, faulty(shifted)).breaches
    assert breach.figure == "exact quotes" and breach.value == 0
    assert "below its floor" in breach.reason and set(breach.questions) == {"height", "clock", "opened", "span"}


def test_the_second_best_passage_turns_it_red(asked: Path, config: Config) -> None:
    (breach,) = report_of(asked, config, faulty(without_the_best_passage)).breaches
    assert breach.figure == "passage recall@1" and set(breach.questions) == {"height", "clock", "opened", "span"}


def test_answering_everything_turns_it_red(asked: Path, config: Config) -> None:
    report = report_of(asked, config, faulty(lambda answer: answer, min_confidence=0.0))
    (breach,) = report.breaches
    assert breach.figure == "hallucination rate" and breach.value == 1
    assert "above its ceiling" in breach.reason and set(breach.questions) == {"brazil", "whales"}
    assert report.failures == {"wrongly answered": 2}


def test_the_command_writes_a_report_and_holds_it_against_an_earlier_one(
    asked: Path, docs: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RAG_INDEX_DIR", str(tmp_path / "index"))
    given = ["--questions", str(asked), "--docs", str(docs)]
    assert main([*given, "--out", str(tmp_path / "first"), "--variants", "no reader", "llama-index"]) == 0
    raw = json.loads((tmp_path / "first" / "report.json").read_text(encoding="utf-8"))
    assert [v["name"] for v in raw["variants"]] == ["ours", "no reader", "llama-index"]
    assert raw["variants"][0]["rows"][0]["passages"] and raw["variants"][1]["differences"]["right"]["size"] == 4
    assert "right" not in raw["variants"][2]["figures"] and raw["variants"][2]["figures"]["file recall@1"]["value"] >= 0.75
    page = (tmp_path / "first" / "report.html").read_text(encoding="utf-8")
    assert "<mark>48 metres high</mark>" in page and page.count("<svg role") == 4
    assert "<script" not in page and "http://www.w3.org" not in page.replace("xmlns", "")[:2000]

    # An earlier run that did better on the same questions: this one is significantly worse.
    for row in raw["variants"][0]["rows"]:
        row["confidence"] = 0.999 if row["answerable"] else 0.001
    (tmp_path / "better.json").write_text(json.dumps(raw), encoding="utf-8")
    capsys.readouterr()
    assert main([*given, "--against", str(tmp_path / "better.json")]) == 1
    told = " ".join(capsys.readouterr().out.split())
    assert "fails: calibration error changed by" in told
    assert main([*given, "--against", str(tmp_path / "first" / "report.json")]) == 0


def test_document_text_is_escaped_in_the_page(docs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RAG_INDEX_DIR", str(tmp_path / "index"))
    (docs / "bad.txt").write_text("The Wenlock gate <script>alert(1)</script> is 9 metres wide.", encoding="utf-8")
    path = tmp_path / "q.csv"
    path.write_text("question,answers,source,quote\nHow wide is the Wenlock gate <b>?,9 metres,bad.txt,9 metres wide\n")
    main(["--questions", str(path), "--docs", str(docs), "--out", str(tmp_path / "out")])
    page = (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    assert "<script" not in page and "&lt;script&gt;" in page and "gate <b>" not in page


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["--questions", "nowhere.jsonl"], "nowhere.jsonl cannot be read"),
        (["--variants", "best"], "no variant is named 'best'"),
        (["--limit", "0"], "--limit is 0"),
        (["--against", "nowhere.json"], "nowhere.json cannot be read"),
        (["--questions", "squad.json", "--docs", "x"], "brings its own documents"),
    ],
)
def test_wrong_use_is_told(arguments: list[str], complaint: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(arguments) == 2
    assert complaint in capsys.readouterr().err


def test_bounds_of_unknown_figures_are_told(tmp_path: Path) -> None:
    path = tmp_path / "floors.toml"
    path.write_text('[floors]\n"rihgt" = 0.8\n')
    with pytest.raises(UsageError, match="no figure is named 'rihgt'"):
        load_bounds(path)


def test_reports_of_another_format_are_told(tmp_path: Path) -> None:
    path = tmp_path / "report.json"
    path.write_text('{"format": 0}')
    with pytest.raises(UsageError, match="not a report of this version"):
        load_earlier(path)


def test_all_variants_are_chosen_by_name_and_once() -> None:
    assert [v.name for v in chosen([])] == ["ours"]
    assert [v.name for v in chosen(["BM25", "ours", "BM25"])] == ["ours", "BM25"]
    assert [v.name for v in chosen(["all"])] == list(VARIANTS)


def test_rank_fusion_by_hand() -> None:
    fused = RankFusionRetriever.fused
    scores = fused(None, {"a": 0.9, "b": 0.5}, {"a": 1.0, "b": 2.0, "c": 0.0}, 4.0, 0.7)  # type: ignore[arg-type]
    assert scores == pytest.approx({"a": (1 + 61 / 62) / 2, "b": (61 / 62 + 1) / 2, "c": 0})


def test_questions_are_added_and_checked(
    docs: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RAG_INDEX_DIR", str(tmp_path / "index"))
    file, given = tmp_path / "mine.jsonl", ["--docs", str(docs), "--questions", str(tmp_path / "mine.jsonl")]
    assert main(["add", "How high is the Elmet tower?", "--accept", *given]) == 0
    assert main(["add", "Who paid for the tower?", "--unanswerable", *given]) == 0
    by_hand = ["--source", "bridge.txt", "--quote", "21,000 pounds", "--type", "money"]
    assert main(["add", "What did the bridge cost?", *by_hand, *given]) == 0
    rows = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
    assert [row["id"] for row in rows] == ["how-high-is-the-elmet-tower", "who-paid-for-the-tower", "what-did-the-bridge-cost"]
    assert rows[0]["answers"] == ["48 metres"] and rows[0]["evidence"][0]["source"] == "tower.md"
    assert not rows[1]["answerable"] and rows[2]["type"] == "money"
    assert main(["check", str(file), "--docs", str(docs)]) == 0
    assert "3 questions, 2 answerable" in capsys.readouterr().out
    assert main(["add", "x?", "--source", "bridge.txt", "--quote", "not there", *given]) == 2
    assert main(["add", "Who is the president of Brazil?", "--accept", *given]) == 2
    assert main(["add", "How high is the Elmet tower?", *given]) == 2, "nobody is there to ask"
    assert "say what is right" in capsys.readouterr().err
    assert len(file.read_text(encoding="utf-8").splitlines()) == 3
