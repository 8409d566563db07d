"""A conversation is taken along whole: nothing that an answer says is lost, in any form, and what is quoted stays as it is."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from rag.answers import Answer, Citation, Gaps, Item, Stated, Statement, UnknownWord, UnreadFile
from rag.config import Config
from rag.errors import UsageError
from rag.messages import Reason
from rag.pipeline import Rag
from rag.receipts import load_receipts
from rag.shell.cli import ANSWERED, main
from rag.transcripts import file_name, lines, to_markdown, to_text
from rag.web.pressed import UnknownButton
from rag.web.taking import taken

QUOTE = "The tower*s height\nis 48 metres [sic], <b>not</b> 1. or # 52."
CITED = Citation(1, "tower.md", 5, 60, QUOTE, "The tower", "ab" * 32, 1.0, date="1911-05-01")
ANSWER = Answer("How high is it?", True, "48 metres [1]", "48 metres", 0.9, citations=(CITED,), band="strong", band_right=0.95)
SECOND = replace(CITED, number=2, source="b.md", quote="It has 50 metres.")
MADE = {"docs": "docs", "reader": "r"}


def told(answer: Answer) -> list[tuple[str, str]]:
    return [(kind, text) for kind, text in lines(answer)]


def test_every_item_reading_and_part_is_told_with_its_numbers() -> None:
    items = replace(ANSWER, items=(Item(1, 5, 7, "one"), Item(1, 8, 11, "two")))
    assert told(items)[:2] == [("item", "one [1]"), ("item", "two [1]")]
    readings = (Stated("48 metres", (1,), "1911-05-01", 0.9), Stated("50 metres", (2,), "", 0.4))
    differ = replace(ANSWER, citations=(CITED, SECOND), readings=readings)
    assert told(differ)[1:3] == [("item", "48 metres [1] · 1911-05-01 · 90%"), ("item", "50 metres [2] · 40%")]
    assert told(differ)[0][0] == "said" and "differ" in told(differ)[0][1]
    none = Answer("Who?", False, "The documents do not answer.", reasons=(Reason("nothing shared"),))
    parts = replace(ANSWER, question="How high is it and who?", parts=(ANSWER, none))
    assert [line for line in told(parts) if line[0] != "note"] == [
        ("part", "How high is it?"), ("said", "48 metres [1]"), ("part", "Who?"), ("said", "The documents do not answer."), ("plain", none.reason),
    ]  # fmt: skip


def test_how_it_was_read_and_what_a_model_wrote_is_told() -> None:
    gaps = Gaps(unknown=(UnknownWord("Elmett", ("Elmet",), "Elmet"),))
    assert told(replace(ANSWER, read_as="How high is the tower?", gaps=gaps))[:2] == [
        ("note", "“Elmett” is in no file; read as “Elmet”."), ("note", "Read as: How high is the tower?"),
    ]  # fmt: skip
    wrote = (Statement("It is high.", (CITED,), True, Reason("quoted")), Statement("It sings.", (), False, Reason("unlikely")))
    model = told(replace(ANSWER, engine="model", short="", statements=wrote))
    assert model[0] == ("plain", "It is high. [1]") and model[1][0] == "struck" and model[1][1].startswith("It sings. (")
    assert ("note", "written by model") in model
    assert told(replace(ANSWER, verdict="yes"))[0] == ("said", "Yes [1]")
    assert ("note", ANSWER.sure) in told(ANSWER)


def test_a_refusal_is_told_with_its_reasons_and_what_is_lacking() -> None:
    unread = UnreadFile("torn.pdf", "failed", Reason("PDF without text"))
    gaps = Gaps(unknown=(UnknownWord("Zorn", ("Zoro",)),), unread=(unread, replace(unread, source="a.doc", state="skipped")))
    refused = Answer("谁？", False, "文档中没有答案。\n\nx", reasons=(Reason("nothing shared"),), gaps=gaps, language="zh")
    said = told(refused)
    assert said == [("said", "文档中没有答案。"), ("plain", refused.reason)]


def test_markdown_shows_each_character_of_a_quote() -> None:
    assert to_markdown([ANSWER, replace(ANSWER, question="- And?", citations=())]) == (
        "# How high is it?\n\n**48 metres \\[1\\]**\n\n"
        f"*{ANSWER.sure}*\n\n*{ANSWER.worth}*\n\n*As of 1911-05-01*\n\n"
        "\\[1\\] The tower · tower.md, characters 5–60 · 1911-05-01\n\n"
        "> The tower\\*s height  \n> is 48 metres \\[sic\\], \\<b\\>not\\</b\\> 1. or \\# 52.  \n\n"
        "## \\- And?\n\n**48 metres**\n\n"
        f"*{ANSWER.sure}*\n\n*{ANSWER.worth}*\n"
    )
    listed = replace(ANSWER, citations=(replace(CITED, quote="1) one\n\n    + two\n=== `x` $a$ &amp; ~~no~~ |"),))
    assert to_markdown([listed]).endswith("> 1\\) one  \n>\n> \\+ two  \n> \\=== \\`x\\` \\$a\\$ \\&amp; \\~\\~no\\~\\~ \\|  \n")


def test_a_copied_answer_is_clean_text_with_its_places_and_quotes() -> None:
    items = replace(ANSWER, items=(Item(1, 5, 7, "one"), Item(1, 8, 11, "two")), read_as="How high is the tower?")
    assert to_text(items) == f"- one [1]\n- two [1]\n\n[1] The tower · tower.md, characters 5–60 · 1911-05-01\n“{QUOTE}”"


@pytest.mark.parametrize(
    ("question", "name"),
    [
        ("How high is the Elmet tower?", "How-high-is-the-Elmet-tower"),
        ("../../etc/passwd\\con:*?\"<>|\0", "etc-passwd-con"),
        ("埃尔梅特塔有多高？", "埃尔梅特塔有多高"),
        ("?!", "answers"),
        ("word " * 40, "word-word-word-word-word-word-word-word-word-wor"),
        ("Cafe\u0301", "Café"),
    ],
)  # fmt: skip
def test_a_file_is_named_after_the_first_question(question: str, name: str) -> None:
    assert file_name(question) == name


def test_what_is_taken_along_is_verified(docs: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with Rag(Config(docs=docs, index_dir=tmp_path / "index")) as rag:
        rag.sync()
        first = rag.answer("How high is the Elmet tower?")
        answers = [(first, rag.made_with()), (rag.answer("When was it ended?", [first]), rag.made_with())]
        answers.append((rag.answer("Who is the mayor of Ulan Bator </pre><script>?"), rag.made_with()))
    for kind in ("json", "html"):
        file = taken(answers, kind)
        assert file["name"] == f"How-high-is-the-Elmet-tower.{kind}"
        (path := tmp_path / file["name"]).write_text(file["text"], encoding="utf-8")
        assert [kept["question"] for kept in load_receipts(path)] == [answer.question for answer, _ in answers]
        assert main(["verify", str(path), "--docs", str(docs)]) == ANSWERED
        assert capsys.readouterr().out.count("verbatim") >= 2
    page = taken(answers, "html")["text"]
    assert "<script" not in page and answers[2][0].reason in page
    single = taken(answers[:1], "json")
    assert json.loads(single["text"])["short"] == first.short
    assert taken(answers, "md")["text"] == to_markdown([answer for answer, _ in answers])
    with pytest.raises(UnknownButton):
        taken(answers, "exe")
    with pytest.raises(UsageError, match="no answer yet"):
        taken([], "md")
    (tmp_path / "page.html").write_text("<!DOCTYPE html>\n<pre>", encoding="utf-8")
    with pytest.raises(UsageError, match="holds no answer"):
        load_receipts(tmp_path / "page.html")
