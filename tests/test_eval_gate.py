"""A run is held against an earlier one: only a change that chance does not explain fails it."""

from dataclasses import replace
from pathlib import Path

from eval.baselines import VARIANTS
from eval.html import report_page
from eval.metrics import FAILURES, FEW, NEXT, RANKING, Row
from eval.questions import QuestionSet
from eval.report import Bounds, Report, build
from eval.run import Cost, Result
from rag.config import Config
from tests.test_eval_metrics import RIGHT

FOUND = replace(RIGHT, passage_ranks=dict.fromkeys(RANKING, 1.0), file_ranks=dict.fromkeys(RANKING, 1.0))

COST = Cost(1.0, 1.0, {"read": 1.0}, {"read": 1.0}, None, 1, 1, None)


def rows(refused: range) -> tuple[Row, ...]:
    """Forty questions with the same confidence, all answered right but for those whose number is in `refused`."""
    return tuple(replace(FOUND, id=str(number), answered=number not in refused) for number in range(40))


def breaches(now: tuple[Row, ...], earlier: tuple[Row, ...]) -> dict[str, tuple[str, ...]]:
    """The figures that fail the run, with the questions that did it."""
    questions = QuestionSet("made", Path(), (), "0" * 64)
    result = Result(VARIANTS["ours"], now, COST)
    report = build([result], questions, Config(), Bounds({}, {}), (Path("earlier.json"), {}, earlier), seed=0)
    return {breach.figure: breach.questions for breach in report.breaches}


def test_a_change_that_chance_explains_does_not_fail_the_run() -> None:
    assert breaches(rows(range(3)), rows(range(3, 5))) == {}


def test_a_run_that_is_clearly_worse_fails_and_names_the_questions() -> None:
    found = breaches(rows(range(30, 40)), rows(range(0)))
    assert found.keys() == {"right", "error rate"}
    assert sorted(found["right"]) == sorted(found["error rate"]) == [str(number) for number in range(30, 40)]


def test_a_run_that_is_better_passes() -> None:
    assert breaches(rows(range(0)), rows(range(30, 40))) == {}


def test_what_few_questions_cannot_tell_is_not_drawn_and_what_to_do_next_is_told() -> None:
    """A 95 % interval (Wilson) of a share of a half is wider than half of the scale below FEW questions, and not from there on."""
    questions = QuestionSet("made", Path(), (), "0" * 64)
    widths = {n: 1.96 / (n + 1.96**2) ** 0.5 for n in (FEW - 1, FEW)}
    assert widths[FEW] <= 0.5 < widths[FEW - 1]

    def told(rows: tuple[Row, ...]) -> tuple[Report, str]:
        report = build([Result(VARIANTS["ours"], rows, COST)], questions, Config(), Bounds({}, {}), None, seed=0)
        return report, report_page(report)

    few, page = told(rows(range(0))[:3])
    assert few.verdict.startswith("100% [too few to tell] of 3 answerable questions") and "[100" not in page
    assert page.count("too few to tell") > len(few.ours.figures) and '<span class="bar">' not in page
    assert [each.split(":")[0] for each in few.next] == [
        "9 more questions that the documents answer", "12 more questions that they do not answer",
        "Nothing went wrong",
    ]  # fmt: skip
    many, page = told(rows(range(5)))
    assert many.verdict.startswith("88% [") and "too few" not in many.verdict and '<span class="bar">' in page
    assert [each.partition(" ")[0] for each in many.next] == ["12", "5"] and many.next[
        1
    ] == f"5 wrongly refused: {NEXT['wrongly refused']}."
    assert NEXT.keys() == FAILURES.keys() and all(each in page for each in ("What to do next", "5 wrongly refused"))
