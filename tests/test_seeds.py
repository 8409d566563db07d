"""The articles that the product comes with: they are as they were, and their known questions get their known answers."""

import hashlib
import json

import pytest

from rag.pipeline import Rag
from rag.reading.suggestions import SAMPLE
from tests.conftest import SEEDS, check_receipts

DIGESTS = {
    "000_b3e07ac0b9db7940.txt": "cffd1d41c1c22697789b27ede2657e2895e37ea579a8415ffef80cea4a11bd7c",
    "001_94b5f37b355229ad.txt": "0b1c2fdfe40780ab6606d21006d34aba080822db8f4872888ed0d49f4620d334",
    "002_a8009205d9c8d38f.txt": "b83056f46ff268fe8217951f5f214ad98d5305558f9e8c934587ef401aea0b48",
    "003_06013959592ce9bf.txt": "3294c6abc3e5c7696541cbd92864db6861f373f5f24f11f44c461ef1edae4891",
    "004_187b5bfb83d8bfaf.txt": "60e51da834bcc4c195d79e8d4be7d19863f3b7af9c8ed14b9e49c7cd3b6826d5",
}
QUESTIONS = [
    ("How many yen can the central banks exchange under the swap deal?", "3.4 trillion", "000"),
    ("Which edition of the Beijing-Tokyo Forum was it?", "16th", "001"),
    ("How many employees did Huawei have in Japan by the end of 2019?", "950", "001"),
    ("How long did the phone conversation between the ministers last?", "1 hour and 20 minutes", "003"),
    ("What share of global GDP do the three countries account for?", "24 percent", "004"),
]


def test_the_seeds_are_the_articles_byte_for_byte() -> None:
    assert {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in SEEDS.glob("*.txt")} == DIGESTS
    assert json.loads((SEEDS / SAMPLE).read_text(encoding="utf-8"))["files"] == DIGESTS


@pytest.mark.parametrize(("question", "short", "source"), QUESTIONS)
def test_known_answers(seeds: Rag, question: str, short: str, source: str) -> None:
    answer = seeds.answer(question)
    assert answer.answered
    assert short in answer.short
    assert answer.citations[0].source.startswith(source)
    check_receipts(answer, SEEDS)


def test_a_chinese_question_gets_the_figure(seeds: Rag) -> None:
    answer = seeds.answer("韩国2023年的出口下降了多少？")
    assert answer.short == "7.4%" and answer.citations[0].source.startswith("002")
    check_receipts(answer, SEEDS)


def test_a_list_told_over_several_sentences_is_quoted_whole(seeds: Rag) -> None:
    answer = seeds.answer("What three changes did Cheng Yonghua describe?")
    quote = answer.citations[0].quote
    changes = ("change of power", "change of pattern", "change of social productive forces")
    assert all(change in quote for change in changes)
    assert len(answer.items) == 3 and all(change in item.text for change, item in zip(changes, answer.items))
    check_receipts(answer, SEEDS)


def test_a_list_after_a_colon_is_given_whole(seeds: Rag) -> None:
    answer = seeds.answer("What six areas of cooperation did the leaders agree on?")
    assert answer.short.startswith("cultural exchange") and answer.short.endswith("disaster relief")
    assert [item.text for item in answer.items][::5] == ["cultural exchange", "disaster relief"] and len(answer.items) == 6
    check_receipts(answer, SEEDS)


def test_a_follow_up_is_completed_from_the_history(seeds: Rag) -> None:
    answer = seeds.answer("and in yen?", [seeds.answer("How large is the currency swap?")])
    found = answer.short or answer.gaps.closest[0].found
    assert "3.4 trillion" in found and answer.question == "and in yen?"


@pytest.mark.parametrize(
    ("source", "clutter"),
    [
        ("000_b3e07ac0b9db7940.txt", "FAW"),
        ("004_187b5bfb83d8bfaf.txt", "010-85061466"),
        ("003_06013959592ce9bf.txt", "Hengdabinjiang"),
    ],
)
def test_the_articles_clutter_is_in_no_passage(seeds: Rag, source: str, clutter: str) -> None:
    assert clutter in seeds.text(source)
    assert not any(clutter in seeds.text(source)[start:end] for start, end in seeds.outline(source))
