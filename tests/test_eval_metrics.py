from dataclasses import replace

import numpy as np
import pytest

from eval.metrics import (
    BY_NAME,
    FAILURES,
    Row,
    answer_f1,
    area_under_risk,
    brier,
    calibration_error,
    coverage_at_risk,
    difference,
    exact_match,
    failure,
    is_right,
    percentile,
    quote_cover,
    ranking,
    reliability,
    risk_coverage,
    value_of,
)  # fmt: skip

GOLD = {"source": "a.txt", "quote": "red", "start": 10, "end": 13, "before": "", "after": ""}
CITED = {"source": "a.txt", "start": 0, "end": 20, "quote": "x" * 20, "exact": True}
RIGHT = Row(
    id="q", question="?", type="number", language="en", answerable=True, expected=("red",), evidence=(GOLD,), answered=True,
    short="red", text="red [1]", reason="", confidence=0.8, right=True, exact_match=1.0, f1=1.0, citations=(CITED,),
    passage_ranks={"recall@1": 1.0}, file_ranks={"recall@1": 1.0}, found_at=1, read=True, milliseconds=1.0, stages={},
)  # fmt: skip
ABSENT = replace(
    RIGHT, answerable=False, expected=(), evidence=(), answered=False, right=False, citations=(), passage_ranks={}, file_ranks={}
)


# What SQuAD 2.0's official script (evaluate-v2.0.py) gives for these.
@pytest.mark.parametrize(
    ("golds", "given", "exact", "f1"),
    [
        (["the 16th Forum", "16th"], "16th forum", 1, 1.0),
        (["200 billion yuan ($29 billion)"], "$29 billion", 0, 0.571428571428571),
        (["Nov. 30 and Dec. 1"], "Nov 30 and Dec 1", 1, 1.0),
        ([], "", 1, 1.0),
        ([], "Seoul", 0, 0.0),
        (["Yoshihide Suga", "Suga"], "Prime Minister Yoshihide Suga", 0, 0.666666666666667),
        (["a U.S.-based agency"], "US based agency", 0, 0.4),
        (["1,600"], "1600", 1, 1.0),
        (["the"], "the", 1, 1.0),
        (["in the late 1990s", "1990s"], "the 1990s, 1990s", 0, 0.666666666666667),
        (["Théâtre d'Orange"], "theatre d'orange", 0, 0.5),
        (["answer"], "", 0, 0.0),
        (["It is “quoted”"], "it is quoted", 0, 0.666666666666667),
    ],
)
def test_exact_match_and_f1_are_the_official_scripts(golds: list[str], given: str, exact: float, f1: float) -> None:
    assert exact_match(given, golds) == exact
    assert answer_f1(given, golds) == pytest.approx(f1)


# What CMRC 2018's official script (cmrc2018_evaluate.py) gives for these.
@pytest.mark.parametrize(
    ("golds", "given", "exact", "f1"),
    [
        (["7.4%"], "下降了7.4%", 0, 0.571428571428571),
        (["四川省"], "四川", 0, 0.8),
        (["东北亚经济合作与交流"], "扩大东北亚经济合作与交流，", 0, 0.909090909090909),
        (["《红楼梦》"], "红楼梦", 1, 1.0),
        (["4分钟", "四分钟"], "4 分钟", 0, 1.0),
        (["NBA总冠军"], "nba 冠军", 0, 0.571428571428571),
        (["踢爆"], "重生", 0, 0.0),
    ],
)
def test_chinese_goes_by_characters_as_cmrc_does(golds: list[str], given: str, exact: float, f1: float) -> None:
    assert exact_match(given, golds, "zh") == exact
    assert answer_f1(given, golds, "zh") == pytest.approx(f1)


def test_ranking_figures_by_hand() -> None:
    found = ranking({"q": ["x", "a", "y", "b"], "r": ["a"]}, {"q": {"a", "b"}, "r": {"a"}, "missing": {"a"}})
    assert found["q"]["recall@1"] == 0 and found["q"]["recall@3"] == 0.5 and found["q"]["recall@5"] == 1
    assert found["q"]["RR@10"] == 0.5
    assert found["q"]["AP@10"] == pytest.approx((1 / 2 + 2 / 4) / 2)
    gain = 1 / np.log2(3) + 1 / np.log2(5)
    assert found["q"]["nDCG@10"] == pytest.approx(gain / (1 / np.log2(2) + 1 / np.log2(3)))
    assert set(found["r"].values()) == {1.0}
    assert set(found["missing"].values()) == {0.0}


@pytest.mark.parametrize(
    ("kind", "golds", "short", "text", "right"),
    [
        ("number", ["16th"], "the 16th Forum", "", True),
        ("number", ["16th"], "the 116th Forum", "", False),
        ("number", ["16th"], "17th", "17th, not the 16th", False),
        ("number", ["16th", "sixteenth"], "the sixteenth", "", True),
        ("list", ["trade", "health"], "", "Trade and health", True),
        ("list", ["trade", "health"], "", "Trade", False),
        ("reason", ["too dear"], "", "It was too dear.", True),
        ("number", [], "16th", "", False),
    ],
)
def test_our_own_questions_need_an_accepted_answer_as_whole_words(
    kind: str, golds: list[str], short: str, text: str, right: bool
) -> None:
    assert is_right(kind, "en", golds, short, text, imported=False) is right


def test_imported_questions_go_by_f1_and_chinese_by_the_sentence_too() -> None:
    assert is_right("span", "en", ["late 1990s"], "in the late 1990s", "", imported=True)
    assert not is_right("span", "en", ["Yoshihide Suga of Japan"], "Suga", "", imported=True)
    assert is_right("span", "zh", ["7.4%"], "", "下降了7.4%。", imported=True)


def test_a_verdict_that_is_told_counts_alone() -> None:
    golds = ["No", "cannot be renewed"]
    assert is_right("yes-no", "en", golds, "cannot be renewed", "", imported=False, verdict="no")
    assert not is_right("yes-no", "en", golds, "cannot be renewed", "", imported=False, verdict="yes")
    assert is_right("yes-no", "en", golds, "cannot be renewed", "", imported=False)
    assert not is_right("yes-no", "en", golds, "No loan runs longer", "", imported=False), (
        "the word alone is no answer in a sentence"
    )
    assert not is_right("yes-no", "zh", ["是", "漏放的"], "不是快递丢失", "", imported=False)
    assert is_right("yes-no", "en", ["cannot be renewed"], "cannot be renewed", "", imported=False, verdict="no"), "told nowhere"


def test_good_is_right_from_the_right_file_or_rightly_refused() -> None:
    assert RIGHT.good and ABSENT.good
    assert not replace(RIGHT, answered=False).good
    assert not replace(RIGHT, citations=({**CITED, "source": "b.txt"},)).good
    assert not replace(ABSENT, answered=True).good


def test_quote_cover_is_the_share_of_the_gold_characters_that_are_cited() -> None:
    assert quote_cover(RIGHT) == 1
    assert quote_cover(replace(RIGHT, citations=({**CITED, "end": 11},))) == pytest.approx(1 / 3)
    assert quote_cover(replace(RIGHT, citations=({**CITED, "source": "b.txt"},))) == 0


PAIRS = np.array([[0.9, 1], [0.8, 0], [0.7, 1], [0.2, 0]], dtype=float)


def test_risk_and_coverage() -> None:
    coverage, risk = risk_coverage(PAIRS)
    assert coverage.tolist() == [0.25, 0.5, 0.75, 1.0]
    assert risk.tolist() == pytest.approx([0, 1 / 2, 1 / 3, 1 / 2])
    assert area_under_risk(PAIRS) == pytest.approx((0 + 1 / 2 + 1 / 3 + 1 / 2) / 4)
    assert coverage_at_risk(PAIRS) == 0.25
    assert coverage_at_risk(PAIRS[1:2]) == 0


def test_equally_sure_answers_count_alike_in_any_order() -> None:
    tied = np.array([[0.5, 1], [0.5, 1], [0.5, 0], [0.5, 0]], dtype=float)
    assert area_under_risk(tied) == area_under_risk(tied[::-1]) == pytest.approx(0.5)


def test_calibration() -> None:
    pairs = np.array([[0.9, 1]] * 9 + [[0.9, 0]], dtype=float)
    assert calibration_error(pairs) == pytest.approx(0)
    assert calibration_error(np.array([[0.95, 0], [0.95, 0]])) == pytest.approx(0.95)
    assert brier(PAIRS) == pytest.approx((0.01 + 0.64 + 0.09 + 0.04) / 4)
    assert reliability(np.array([[1.0, 1], [0.05, 0], [0.09, 1]])) == [(pytest.approx(0.07), 0.5, 2), (1.0, 1.0, 1)]


def test_what_does_not_count_is_left_out_and_what_is_missing_counts_as_wrong() -> None:
    refused = replace(RIGHT, id="r", answered=False, exact_match=0.0, citations=())
    rows = [RIGHT, refused, ABSENT]
    assert (found := value_of(BY_NAME["right"], rows)) and (found.value, found.size) == (0.5, 2)
    assert (found := value_of(BY_NAME["first citation"], rows)) and (found.value, found.size) == (1.0, 1)
    assert (found := value_of(BY_NAME["error rate"], rows)) and (found.value, found.size) == (0.5, 2)
    assert (found := value_of(BY_NAME["hallucination rate"], rows)) and (found.value, found.size) == (0.0, 1)
    assert value_of(BY_NAME["exact quotes"], [ABSENT]) is None


def test_intervals_are_seeded_and_hold_the_value() -> None:
    rows = [replace(RIGHT, id=str(i), answered=i % 4 > 0) for i in range(80)]
    figure = BY_NAME["right"]
    found = value_of(figure, rows, seed=1)
    assert found == value_of(figure, rows, seed=1)
    assert found and found.low < found.value == 0.75 < found.high
    assert found.high - found.low == pytest.approx(2 * 1.96 * (0.75 * 0.25 / 80) ** 0.5, rel=0.15)


def test_differences_are_paired() -> None:
    rows = [replace(RIGHT, id=str(i), answered=i % 4 > 0) for i in range(80)]
    assert (same := difference(BY_NAME["right"], rows, rows)) and (same.value, same.low, same.high) == (0, 0, 0)
    worse = [replace(row, answered=row.answered and int(row.id) >= 40) for row in rows]
    change = difference(BY_NAME["right"], worse, [*rows, replace(RIGHT, id="only there")])
    assert change and change.size == 80 and change.value == pytest.approx(-0.375) and change.high < 0


def test_every_failure_has_its_name() -> None:
    wrong = replace(RIGHT, right=False)
    cases = {
        "": RIGHT,
        "wrong span": wrong,
        "not retrieved": replace(wrong, found_at=None, read=False),
        "retrieved but not read": replace(wrong, found_at=9, read=False),
        "wrong file": replace(RIGHT, citations=({**CITED, "source": "b.txt"},)),
        "wrongly refused": replace(RIGHT, answered=False),
        "wrongly answered": replace(ABSENT, answered=True),
    }
    assert {name: failure(row) for name, row in cases.items()} == {name: name for name in cases}
    assert set(cases) - {""} == set(FAILURES)


def test_percentile_is_the_nearest_rank() -> None:
    assert percentile([3, 1, 2], 0.5) == 2 and percentile([1, 2], 0.95) == 2 and percentile([], 0.5) == 0
