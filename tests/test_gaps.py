"""What the documents lack: unknown words, near spellings, close passages, files that were not read."""

from pathlib import Path

import pytest

from rag.answers import UnknownWord
from rag.config import Config
from rag.corpus.catalog import FileRow
from rag.corpus.words import LexicalIndex
from rag.pipeline import Rag
from rag.questions import Question
from rag.reading.gaps import clipped, in_scripts_of, read_as, unknown_words
from rag.text.terms import surface_form

TEXTS = ["Huawei did come to Shenzhen.", "Mr Toshimitsu met the Iraq delegation.", "A conversation of the conversing."]
COMMON = {"iran", "iraq", "come", "when"}


def is_common(word: str) -> bool:
    return word.lower() in COMMON


def unknown(question: str) -> dict[str, tuple[tuple[str, ...], str]]:
    index = LexicalIndex.build(TEXTS)
    found = unknown_words(Question.parse(question), index, is_common, lambda term: surface_form(term, TEXTS))
    return {word.word: (word.nearest, word.read_as) for word in found}


def test_a_slip_of_the_pen_is_mended_where_only_one_word_is_near() -> None:
    assert unknown("When did Huawai come?") == {"Huawai": (("Huawei",), "Huawei")}
    assert unknown("when did huawai come to shenzen") == {
        "huawai": (("Huawei",), "Huawei"),
        "shenzen": (("Shenzhen",), "Shenzhen"),
    }


def test_words_that_the_files_could_not_hold_are_not_told() -> None:
    words = (UnknownWord("Mongolia"), UnknownWord("K-7"), UnknownWord("挪威"))
    english, chinese = FileRow("a.txt", "indexed", None, language="en"), FileRow("b.txt", "indexed", None, language="zh")
    assert [w.word for w in in_scripts_of(words, [english])] == ["Mongolia", "K-7"]
    assert [w.word for w in in_scripts_of(words, [chinese])] == ["K-7", "挪威"]
    assert in_scripts_of(words, [english, chinese]) == words


def test_a_common_word_is_never_taken_for_another() -> None:
    assert unknown("Who met Iran?") == {"Iran": ((), "")}


def test_a_long_word_may_have_two_slips_and_a_short_one_a_single_one() -> None:
    assert unknown("Where is Shanzhan?") == {"Shanzhan": (("Shenzhen",), "Shenzhen")}
    assert unknown("Where is Huiwoi?") == {"Huiwoi": ((), "")}


def test_a_name_is_not_read_as_a_common_word() -> None:
    index = LexicalIndex.build(["a red lantern in Kobe"])
    for word, read in (("Lanterm", ""), ("lanterm", "lantern")):
        (found,) = unknown_words(Question.parse(f"Where is {word}?"), index, is_common, lambda _: "lantern")
        assert (found.word, found.nearest, found.read_as) == (word, ("lantern",), read)


def test_a_long_text_is_cut_to_the_length_that_is_wanted() -> None:
    assert clipped("abcdef", 6) == "abcdef" and clipped("abcdefg", 6) == "abcde…"


def test_words_far_from_all_are_only_named() -> None:
    assert unknown("What is the capital of Mongolia in 1999?") == {"Mongolia": ((), ""), "1999": ((), ""), "capital": ((), "")}
    assert unknown("What did Huawei do in Shenzhen?") == {}


def test_mended_question() -> None:
    index = LexicalIndex.build(TEXTS)
    words = unknown_words(
        Question.parse("Is Huawai’s office in Huawai?"), index, is_common, lambda term: surface_form(term, TEXTS)
    )
    assert "Huawai?" not in read_as(Question.parse("Is it in Huawai?"), words).text


def test_surface_form_is_the_most_common_spelling() -> None:
    assert surface_form("huawei", ["Huawei and HUAWEI", "Huawei"]) == "Huawei"
    assert surface_form("absent", TEXTS) == ""


def test_a_refusal_shows_what_is_missing(docs: Path, tmp_path: Path) -> None:
    (docs / "photo.png").write_bytes(b"\x89PNG\r\n\x1a\n\0\0\0\0")
    with Rag(Config(docs=docs, index_dir=tmp_path / "index")) as rag:
        rag.sync()
        answer = rag.answer("What is the capital of Mongolia?")
        assert not answer.answered
        assert [word.word for word in answer.gaps.unknown] == ["Mongolia", "capital"]
        assert "No file contains: Mongolia, capital." in answer.reason
        for close in answer.gaps.closest:
            assert rag.text(close.source)[close.start : close.end]
        assert [(file.source, file.state) for file in answer.gaps.unread] == [("photo.png", "skipped")]


@pytest.mark.parametrize("question", ["How high is the Elmett tower?", "how high is the elmett tower"])
def test_an_answer_says_how_a_word_was_read(docs: Path, tmp_path: Path, question: str) -> None:
    with Rag(Config(docs=docs, index_dir=tmp_path / "index")) as rag:
        rag.sync()
        answer = rag.answer(question)
        assert answer.short == "48 metres"
        assert [(word.word.lower(), word.read_as) for word in answer.gaps.unknown] == [("elmett", "Elmet")]
        assert "Elmet tower" in answer.trace.question and answer.question == question


def test_equally_near_spellings_come_in_the_order_of_the_alphabet() -> None:
    for texts in (["marken", "market"], ["market", "marken"]):
        found = unknown_words(Question.parse("Who is Markem?"), LexicalIndex.build(texts), lambda _: False, lambda term: term)
        assert [word.nearest for word in found] == [("marken", "market")]
