"""What is asked of the folder itself, and what asks nothing, over a small folder with every case in it."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from llama_index.core.llms import MockLLM

from rag.answers import Answer
from rag.asking import Asking
from rag.config import Config
from rag.messages import say_in
from rag.pipeline import Rag
from rag.questions import Question
from rag.reading.answering import Found
from rag.reading.extracts import carrying
from rag.receipts import receipt, short_stands
from rag.shell.cli import main
from rag.web.evidence import answer_html
from rag.web.taking import taken_html
from tests.conftest import check_receipts

FILES = {
    "ferry.txt": "Memo on the ferry\n\nBy Ada Brandt\n\nDate: 2021-03-04\n\nThe ferry leaves the north pier at nine o'clock every morning. "
    "In June 2019 the ferry was rebuilt with a steel hull and two new engines. Nobody may smoke on the deck of the ferry at any time.",
    "pumps.md": "---\ntitle: Water pumps\nauthor: Jonas Reil\ndate: 2023-05-06\n---\n# How the pumps of the canal bring water to the fields.\n\nThe pumps lift water from the old canal to "
    "the upper fields. Each pump needs fresh oil twice a year, in April and in October. The pump house was painted green by the school.\n",
    "渡轮.txt": "渡轮通知\n\n作者：李明\n日期：2020-02-01\n\n渡轮每天早上八点从北码头出发，中午十二点以前返回。乘客须提前十分钟到码头排队购买船票。",
    "prices.csv": "Thing,More\nRope,Sold by the metre from a drum behind the door.\nOil,Sold in cans.\n",
    "broken.pdf": "no pdf at all",
}


@pytest.fixture(scope="module")
def docs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("folder")
    for name, text in FILES.items():
        (folder / name).write_text(text, encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def rag(docs: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rag]:
    with Rag(Config(docs=docs, index_dir=tmp_path_factory.mktemp("index"))) as rag:
        rag.sync()
        yield rag


def named(answer: Answer) -> list[str]:
    return [file.source for file in answer.files]


@pytest.mark.parametrize(
    ("question", "short", "sources"),
    [
        ("How many documents are there?", "4", ["ferry.txt", "prices.csv", "pumps.md", "渡轮.txt"]),
        ("这里有多少个文件？", "4", ["ferry.txt", "prices.csv", "pumps.md", "渡轮.txt"]),
        ("How many Chinese documents are there?", "1", ["渡轮.txt"]),
        ("List all CSV files", "", ["prices.csv"]),
        ("What is the newest document?", "pumps.md", ["pumps.md"]),
        ("最早的文档是哪份？", "渡轮.txt", ["渡轮.txt"]),
        ("Which file is the longest?", "pumps.md", ["pumps.md"]),
        ("Who wrote the memo on the ferry?", "Ada Brandt", ["ferry.txt"]),
        ("渡轮通知是谁写的？", "李明", ["渡轮.txt"]),
        ("When was pumps.md written?", "2023-05-06", ["pumps.md"]),
        ("Which documents mention oil?", "", ["prices.csv", "pumps.md"]),
    ],
)
def test_the_folder_is_asked(rag: Rag, docs: Path, question: str, short: str, sources: list[str]) -> None:
    answer = rag.answer(question)
    assert (answer.answered, answer.kind, answer.short, sorted(named(answer))) == (True, "folder", short, sources)
    assert (answer.confidence, answer.band, answer.sure) == (1.0, "", "")
    check_receipts(Answer(**{**vars(answer), "short": ""}), docs)
    numbers = {number for file in answer.files for number in file.numbers}
    assert numbers == {citation.number for citation in answer.citations}


@pytest.mark.parametrize(
    ("talk", "read_as", "sources"),
    [
        (["Which documents mention oil?", "and soap?"], "Which documents mention soap?", []),
        (["Which documents mention soap?", "and oil?"], "Which documents mention oil?", ["prices.csv", "pumps.md"]),
        (["How many documents are in English?", "and in Chinese?"], "How many documents are in Chinese?", ["渡轮.txt"]),
    ],
)
def test_a_question_that_leans_on_one_about_the_folder_is_asked_of_it(
    rag: Rag, talk: list[str], read_as: str, sources: list[str]
) -> None:
    for history in (talk[:1], [rag.answer(talk[0])]):
        answer = rag.answer(talk[1], history)
        assert (answer.kind, answer.read_as, sorted(named(answer))) == ("folder", read_as, sources)
    assert rag.answer("and where does the ferry leave?", talk[:1]).kind == "text"


def test_a_chain_of_questions_about_the_folder_is_completed_turn_by_turn(rag: Rag) -> None:
    answer = rag.answer("and in English?", ["How many documents are in English?", "and in Chinese?"])
    assert (answer.kind, answer.read_as) == ("folder", "How many documents are in English?")


def test_an_earlier_question_is_asked_once(rag: Rag, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    read = Asking._read

    def heard(self: Asking, asked_: Question, question: Question, known: str) -> Found:
        asked.append(question.text)
        return read(self, asked_, question, known)

    monkeypatch.setattr(Asking, "_read", heard)
    before = "When does the ferry leave the north pier?"
    rag.answer("And who leaves it?", [before])
    assert asked.count(before) == 1


def test_a_file_that_was_not_read_is_counted_apart(rag: Rag) -> None:
    assert "broken.pdf" in rag.answer("How many documents are there?").text
    assert "broken.pdf" not in rag.answer("How many documents are there?", sources=["ferry.txt"]).text


def test_chosen_files_alone_are_asked(rag: Rag) -> None:
    assert named(rag.answer("What is the newest document?", sources=["ferry.txt", "渡轮.txt"])) == ["ferry.txt"]
    assert not rag.answer("Which documents mention oil?", sources=["ferry.txt"]).answered


def test_what_no_file_mentions_is_refused_with_the_topic(rag: Rag) -> None:
    answer = rag.answer("Which documents mention asbestos?")
    assert (answer.answered, answer.kind, answer.files) == (False, "folder", ())
    assert "asbestos" in answer.reason


def test_a_mention_is_quoted_with_the_sentence_that_holds_it(rag: Rag) -> None:
    answer = rag.answer("Which files talk about the ferry engines?")
    assert [c.quote for c in answer.citations] == ["In June 2019 the ferry was rebuilt with a steel hull and two new engines."]


def test_an_author_whom_the_index_does_not_know_is_asked_of_the_text(rag: Rag) -> None:
    assert rag.answer("Who is the author of prices.csv?").kind == "text"
    assert rag.answer("Who wrote the letter to the mayor?").kind == "text"


@pytest.mark.parametrize(
    "question",
    [
        "How many documents must be handed in with the application?",
        "Which files did the technician delete?",
        "When does the ferry leave?",
        "申请借书证需要几份材料？",
        "技术员删掉了哪些文件夹？",
    ],
)
def test_what_looks_like_a_question_about_the_folder_stays_one_about_the_text(rag: Rag, question: str) -> None:
    assert rag.answer(question).kind == "text"


def test_a_summary_is_whole_sentences_of_the_file_in_its_order(rag: Rag, docs: Path) -> None:
    answer = rag.answer("Summarise ferry.txt")
    assert answer.kind == "folder" and {c.source for c in answer.citations} == {"ferry.txt"}
    assert [item.start for item in answer.items] == sorted(item.start for item in answer.items)
    assert all(item.text.endswith(".") and "Brandt" not in item.text for item in answer.items) and len(answer.items) == 3
    check_receipts(answer, docs)


@pytest.mark.parametrize(
    "asked",
    ["Summarise the lease", "Summarize 租约.md", "总结租约.md", "Sum up slip.txt", "Summarise Lease of 12 Harbour Street"],
)
def test_a_document_is_summed_up_however_it_is_called_and_however_short(tmp_path: Path, asked: str) -> None:
    docs = tmp_path / "docs"
    docs.mkdir()
    (docs / "lease.md").write_text(
        "# Lease of 12 Harbour Street\n\nThe rent of the house is 840 euros a month, due on the third day.\n"
    )
    (docs / "租约.md").write_text("# 租约\n\n出租人：林岚。租金每月三千二百元，每月五日前支付。\n", encoding="utf-8")
    (docs / "slip.txt").write_text("The bakery sells rye bread. It employs 12 people.\n")
    with Rag(Config(docs=docs, index_dir=tmp_path / "index")) as rag:
        rag.sync()
        answer = rag.answer(asked)
    (file,) = answer.files
    assert answer.kind == "folder" and answer.citations and "“”" not in answer.text
    assert file.source == ("租约.md" if "租约" in asked else "slip.txt" if "slip" in asked else "lease.md")


def test_a_file_that_is_not_there_is_no_question_about_the_text(rag: Rag) -> None:
    refused = rag.answer("Summarise duck.html", [rag.answer("Summarise ferry.txt")])
    assert not refused.answered and refused.reason.startswith("There is no such document.")


def test_a_summary_of_everything_begins_with_the_newest(rag: Rag) -> None:
    answer = rag.answer("Summarise everything")
    assert [c.source for c in answer.citations][:1] == ["pumps.md"] and "渡轮.txt" in named(answer)


def test_what_a_model_writes_of_a_summary_is_checked_and_the_sentences_stand_in_for_it(rag: Rag) -> None:
    with Rag(rag.config, llm=MockLLM(max_tokens=4)) as other:
        answer = other.answer("Summarise ferry.txt")
    assert answer.engine == "reader" and answer.items and answer.notice is not None


def test_dated_statements_are_told_in_order_of_time(rag: Rag) -> None:
    answer = rag.answer("Give me a timeline of the ferry")
    assert answer.citations[0].quote.startswith("In June 2019")


def test_contents_name_each_file_with_its_first_telling_sentence(rag: Rag) -> None:
    answer = rag.answer("What is in this folder?")
    assert "2020-02-01" in answer.text and "2023-05-06" in answer.text and len(named(answer)) == 4
    (first,) = (c for c in answer.citations if c.source == "ferry.txt")
    assert first.quote == "The ferry leaves the north pier at nine o'clock every morning."
    (heading,) = (c for c in answer.citations if c.source == "pumps.md")
    assert heading.quote.startswith("The pumps lift water")
    assert "prices.csv" not in {c.source for c in answer.citations}


@pytest.mark.parametrize(
    ("said", "code"), [("hello", "chat said"), ("谢谢", "chat said"), ("translate this into French", "command said")]
)
def test_what_is_no_question_is_told_what_can_be_asked(rag: Rag, said: str, code: str) -> None:
    answer = rag.answer(said)
    assert (answer.answered, answer.kind, [reason.code for reason in answer.reasons]) == (False, "none", [code])
    assert "4" in answer.text


def test_the_page_and_the_receipt_show_the_files_and_no_confidence(rag: Rag) -> None:
    answer = rag.answer("Which documents mention oil?")
    page = answer_html(answer, rag, say_in("en"))
    assert "Water pumps" in page and "prices.csv" in page and "100" not in page.split("data:")[0]
    assert 'href="#source-1"' in page and 'data-do="right"' not in page
    kept = receipt(counted := rag.answer("How many documents are there?"), rag.made_with())
    saved = taken_html([(counted, rag.made_with())])
    assert short_stands(kept) and "ferry.txt" in saved and "100%" not in saved
    assert not short_stands({**kept, "kind": "text"})


def test_in_the_shell(docs: Path, rag: Rag, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RAG_INDEX_DIR", str(rag.config.index_dir))
    assert main(["ask", "What is the newest document?", "--docs", str(docs)]) == 0
    told = capsys.readouterr().out
    assert "Water pumps" in told and "2023-05-06" in told and "%" not in told
    main(["status", "--docs", str(docs), "--json"])
    authors = {file["source"]: file["author"] for file in json.loads(capsys.readouterr().out)["files"]}
    assert (authors["pumps.md"], authors["ferry.txt"], authors["渡轮.txt"], authors["prices.csv"]) == (
        "Jonas Reil",
        "Ada Brandt",
        "李明",
        "",
    )


def test_sentences_that_carry_a_text_are_many_times_alike_and_not_the_same() -> None:
    said = [
        "The harbour was dredged by the harbour board.",
        "The harbour board dredged the harbour again.",
        "The harbour fees pay for the dredged channel.",
        "A cat slept.",
        "Channel fees rose for every boat of the harbour.",
    ]
    assert 3 not in carrying(said, 2) and not {0, 1} <= set(carrying(said, 2))
    assert carrying(said, 5) == [0, 1, 2, 3, 4]
    assert carrying([], 3) == [] and carrying(["One."], 3) == [0]
