"""Every value of a text is found with its exact characters and one canonical form, and compared by what it denotes."""

from __future__ import annotations

import json
import random
import time
from typing import Any

import pytest

from rag.text.values import (
    editions,
    exact_start,
    figures,
    same_value,
    unmet,
    values,
    years,
)
from tests.conftest import ROOT

DATA = ROOT / "tests" / "data"
NOT_YET: frozenset[str] = frozenset()
"""Sentences of values.jsonl that the grammar does not read as written there, each with its reason beside it."""


def rows(name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (DATA / name).read_text(encoding="utf-8").splitlines()]


def expected(row: dict[str, Any]) -> list[tuple[str, str, str]]:
    return [(value["quote"], value["kind"], value["canonical"]) for value in row["values"]]


def found(text: str) -> list[tuple[str, str, str]]:
    return [(value.text, value.kind, value.canonical) for value in values(text)]


@pytest.mark.parametrize("row", [row for row in rows("values.jsonl") if row["text"] not in NOT_YET], ids=lambda row: row["text"])
def test_a_sentence_has_these_values_and_no_others(row: dict[str, Any]) -> None:
    assert found(row["text"]) == expected(row)
    assert all(row["text"][value.start : value.end] == value.text for value in values(row["text"]))


@pytest.mark.parametrize("row", rows("value_pairs.jsonl"), ids=lambda row: f"{row['a']} | {row['b']}")
def test_a_pair_is_the_same_value_or_is_not(row: dict[str, Any]) -> None:
    (a,), (b,) = values(row["a"]), values(row["b"])
    assert same_value(a, b) is same_value(b, a) is row["same"]


def test_nineteen_in_twenty_values_are_read_as_expected() -> None:
    wanted = [(row["text"], value) for row in rows("values.jsonl") for value in expected(row)]
    right = sum(value in found(text) for text, value in wanted)
    assert len(wanted) > 300 and right / len(wanted) >= 0.95


def test_a_value_by_itself_is_read_as_in_its_sentence() -> None:
    """But for those that their sentence names: a page's 31 is a number alone, 5G a quantity, an order's number a year and another."""
    alone, all_values = 0, 0
    for row in rows("values.jsonl"):
        for quote, kind, canonical in expected(row):
            if kind not in ("identifier", "ordinal"):
                all_values += 1
                alone += [value[2] for value in found(quote)] == [canonical]
    assert alone / all_values >= 0.97, f"{alone} of {all_values}"


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("one hundred and twenty", "120"),
        ("一百二十三", "123"),
        ("£3m", "3000000 GBP"),
        ("R$ 50", "50 BRL"),
        ("₩5 million", "5000000 KRW"),
        ("-7 °C", "-7 °C"),
        ("at least 7 °C", ">=7 °C"),
        ("nineteen thousand four hundred and six", "19406"),
        ("三亿五千万零二十", "350000020"),
        ("the 31st of March 2021", "2021-03-31"),
        ("12 May 2020 to 3 June 2021", "2020-05-12..2021-06-03"),
        ("between two and three million euros", "2000000..3000000 EUR"),
        ("four fifths", "80 %"),
        ("第一百零三", "#103"),
    ],
)
def test_written_forms(text: str, canonical: str) -> None:
    assert [value.canonical for value in values(text)] == [canonical]


@pytest.mark.parametrize(
    ("said", "source"),
    [
        ("It fell by 36.2 percent.", "a drop of 36.2%"),
        ("on 26 October", "On October 26 when they met"),
        ("on the 26th of October 2018", "Oct. 26, 2018"),
        ("on October 26", "10月26日"),
        ("in 2018", "on 26 October 2018"),
        ("on 26 October 2018", "In 2018 it rained; on October 26 it snowed."),
        ("from 10 May", "from 10 May to 12 June 2023"),
        ("released on May 17, 2024", "Release time:2024-05-17 17:01"),
        ("$18 billion", "180亿美元"),
        ("180亿美元", "a trade deficit of $18 billion"),
        ("3.4万亿日元", "exchange up to 5 yen, then 3.4 trillion yen"),
        ("24 per cent", "百分之24"),
        ("the 16th forum", "the sixteenth forum"),
        ("第十六届", "the 16th forum"),
        ("1,600 companies", "1600 companies"),
        ("three years", "over the next three years"),
        ("3 years", "over the next three years"),
        ("7.40 percent", "7.4 percent"),
        ("in 2019", "by the end of 2019"),
        ("Nov. 30 and Dec. 1", "November 30 and December 1"),
        ("an hour and 20 minutes", "1 hour and 20 minutes"),
        ("about 300", "300 people"),
        ("The first one of them, a second time.", "nothing"),
    ],
)
def test_a_source_states_a_value_in_another_form(said: str, source: str) -> None:
    assert unmet(said, source) == []


@pytest.mark.parametrize(
    ("said", "source", "missing"),
    [
        ("3.6 percent", "36.2 percent", ["3.6 percent"]),
        ("200 billion dollars", "200 billion yuan", ["200 billion dollars"]),
        ("200 million yuan", "200 billion yuan", ["200 million yuan"]),
        ("in 2002", "in October", ["2002"]),
        ("October 27", "October 26", ["October 27"]),
        ("December 26", "October 26", ["December 26"]),
        ("26 October 2018", "in October 2018", ["26 October 2018"]),
        ("October 26", "26 companies in 10 countries", ["October 26"]),
        ("the 17th forum", "the sixteenth forum", ["17th"]),
        ("20 minutes", "20 years", ["20 minutes"]),
        ("180亿日元", "$18 billion", ["180亿日元"]),
        ("four countries and 24%", "three countries and 24%", ["four"]),
        ("7 °C", "-7 °C", ["7 °C"]),
        ("30 days", "at least 30 days", ["30 days"]),
        ("at least 30 days", "30 days", ["at least 30 days"]),
        ("30 years", "about 30 years", ["30 years"]),
        ("£3m", "3 pounds", ["£3m"]),
    ],
)
def test_a_source_does_not_state_another_value(said: str, source: str, missing: list[str]) -> None:
    assert unmet(said, source) == missing


@pytest.mark.parametrize(
    "piece", ["1", "一", " ", "三百", "1 ", "1,", "1.", "one ", "-", "1-", "1/", "about ", "1 to ", "点三", "May ", "$", "a1"]
)
def test_a_long_run_costs_in_proportion_to_its_length(piece: str) -> None:
    """Twice the text, about twice the time: eight times as much would be a square or worse."""
    short, long = (_seconds(piece * (size // len(piece))) for size in (1_000, 4_000))
    assert long < 10 * short + 0.05


def test_a_grouped_figure_over_another_is_read() -> None:
    assert values("1,234/5 of them") == values("1,234/5") == ()


def test_a_long_run_of_figures_is_no_value() -> None:
    assert values("1" * 50_000) == values("一" * 50_000) == ()


def _seconds(text: str) -> float:
    best = float("inf")
    for _ in range(2):
        values.cache_clear()
        began = time.perf_counter()
        values(text)
        best = min(best, time.perf_counter() - began)
    return best


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("It rose from May 2019 to 2021.", {"2019", "2021"}),
        ("how many exports 2022 decrease", {"2022"}),
        ("Built in the 1960s for 1,500 workers, order 2024-119.", set()),
        ("2023年的出口", {"2023"}),
    ],
)
def test_years(text: str, found: set[str]) -> None:
    assert years(text) == found


def test_editions_are_numbered_things() -> None:
    assert editions("the 16th Forum") == editions("the sixteenth forum") == {("forum", "16")}
    assert editions("第16届论坛") == {("届", "16")} and not editions("16 forums on the 3rd")


def test_figures_are_told_however_they_are_written() -> None:
    assert figures("one hundred and twenty people") == figures("120") == {"120"}
    assert figures("Oct. 5, 2020") == {"2020", "10", "5"} and figures("order A-113") == {"A-113"}


def test_a_value_without_its_about() -> None:
    text = "It took about 15 years."
    (value,) = values(text)
    assert text[exact_start(value) : value.end] == "15 years"


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("in 2019-2020 it rained", ["2019..2020"]),
        ("the 2019–2020 season", ["2019..2020"]),
        ("(1801–1900)", ["1801..1900"]),
        ("1200-1500 km", ["1200..1500 km"]),
        ("1200-1500 people came", ["1200..1500"]),
        ("file 2024-119 of 2024-11-25", ["2024-119", "2024-11-25"]),
    ],
)
def test_a_hyphen_between_figures_is_no_minus(text: str, canonical: list[str]) -> None:
    assert [value.canonical for value in values(text)] == canonical


def test_a_discount_and_characters_that_write_no_number() -> None:
    assert [v.canonical for v in values("会员凭卡享九五折")] == ["95 %"]
    assert values("第折万万月0第") is not None and values("万万分之五三百") is not None


def test_any_characters_are_read_without_an_error() -> None:
    rng = random.Random(0)
    alphabet = "0123456789一二三十百千万亿年月日点半分之%$€. ,-–/折成至到第个倍两AaBx°C \n～~≥余多"
    for _ in range(1500):
        text = "".join(rng.choices(alphabet, k=rng.randint(1, 40)))
        assert all(text[v.start : v.end] == v.text for v in values(text))
