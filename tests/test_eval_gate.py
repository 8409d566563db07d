"""A run is held against an earlier one: only a change that chance does not explain fails it."""

from dataclasses import replace
from pathlib import Path

from eval.baselines import VARIANTS
from eval.metrics import RANKING, Row
from eval.questions import QuestionSet
from eval.report import Bounds, build
from eval.run import Cost, Result
from rag.config import Config
from tests.test_eval_metrics import RIGHT

FOUND = replace(RIGHT, passage_ranks=dict.fromkeys(RANKING, 1.0), file_ranks=dict.fromkeys(RANKING, 1.0))

COST = Cost(1.0, 1.0, {}, {}, None, None, None, None)


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
