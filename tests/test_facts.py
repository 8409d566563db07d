"""Figures and dates are the same however they are written, and not the same when they differ."""

import pytest

from rag.text.values import denials, facts, unmet


@pytest.mark.parametrize(
    ("said", "source"),
    [
        ("It fell by 36.2 percent.", "a drop of 36.2%"),
        ("200 billion yuan", "worth 200 billon yuan ($29 billion)"),
        ("on 26 October", "On October 26 when Abe was"),
        ("on the 26th of October 2018", "Oct. 26, 2018"),
        ("on October 26", "10月26日"),
        ("released on May 17, 2024", "Release time:2024-05-17 17:01"),
        ("$18 billion", "180亿美元"),
        ("180亿美元", "a trade deficit of $18 billion"),
        ("3.4万亿日元", "exchange up to 3.4 trillion yen"),
        ("24 per cent", "百分之24"),
        ("the 16th forum", "the sixteenth forum"),
        ("第十六届", "the 16th Beijing-Tokyo Forum"),
        ("1,600 companies", "1600 companies"),
        ("three years", "over the next three years"),
        ("3 years", "over the next three years"),
        ("7.40 percent", "7.4 percent"),
        ("in 2019", "by the end of 2019"),
        ("Nov. 30 and Dec. 1", "November 30 and December 1"),
        ("an hour and 20 minutes", "1 hour and 20 minutes"),
    ],
)
def test_written_forms_meet(said: str, source: str) -> None:
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
        ("the 17th forum", "the sixteenth forum", ["17th"]),
        ("20 minutes", "20 years", ["20 minutes"]),
        ("180亿日元", "$18 billion", ["180亿日元"]),
        ("four countries and 24%", "three countries and 24%", ["four"]),
    ],
)
def test_other_facts_do_not(said: str, source: str, missing: list[str]) -> None:
    assert unmet(said, source) == missing


def test_common_words_are_no_figures() -> None:
    assert facts("The first one of them, a second time, on the other hand.") == []


def test_a_day_is_not_its_figure() -> None:
    assert unmet("October 26", "26 companies in 10 countries") == ["October 26"]


@pytest.mark.parametrize(
    ("text", "denies"),
    [("It did not rise.", True), ("It didn't rise.", True), ("没有上升", True), ("不仅上升", False), ("not only rose but", False), ("It rose.", False), ("Another notable rise", False)],
)  # fmt: skip
def test_denials(text: str, denies: bool) -> None:
    assert (denials(text) > 0) is denies
