"""Chinese questions in English words: in the documents' own words, and no further than the dictionary goes."""

from pathlib import Path

import pytest
from make_glossary import meanings

from rag.answers import Passage
from rag.config import Config
from rag.corpus.documents import read_text
from rag.corpus.words import LexicalIndex
from rag.errors import ModelBroken
from rag.pipeline import Rag
from rag.questions import Question
from rag.reading.confidence import calibrations
from rag.search.glossary import Glossary, glossary, is_chinese
from rag.terminal import print_answer

TEXT = (
    "Huawei set up its first branch in Japan in 2005. Zhang Jifeng met the foreign minister on March 22. "
    "The score of the 49th match was 3 points. The two central banks signed an agreement."
)
LEXICAL = LexicalIndex.build([TEXT, "Rice noodles are boiled for two minutes."])


def found(text: str) -> list[Passage]:
    return [Passage("a", "a.txt", 0, len(text), text, 1.0)]


def english(question: str, text: str = TEXT, lexical: LexicalIndex = LEXICAL) -> str:
    said = glossary().in_english(Question.parse(question), lexical, lambda _: found(text))
    return said.text if said else ""


@pytest.mark.parametrize(
    ("question", "words"),
    [
        ("华为在日本", ["Huawei", "Japan"]),
        ("張季風是誰？", ["Zhang Jifeng"]),
        ("张季风3月22日见了谁？", ["who", "Zhang Jifeng", "March 22"]),
        ("第49届比赛得了多少分？", ["how many", "49th", "match"]),
        ("两家央行签署了什么？", ["what", "central bank", "sign"]),
        ("Huawei 哪一年去日本？", ["what year", "Huawei", "Japan"]),
        ("2024年3月，GDP增长了百分之几？", ["what percentage", "March 2024", "GDP"]),
        ("这被称为什么？", ["what"]),
        ("為什麼兩家央行簽署？", ["why", "central bank", "sign"]),
        ("華為在哪裡？", ["where", "Huawei"]),
        ("3月22號見了幾個人？", ["how many", "March 22"]),
    ],
)
def test_a_question_becomes_the_documents_words(question: str, words: list[str]) -> None:
    said = english(question)
    assert all(word in said for word in words) and said.endswith("?") and not is_chinese(said)
    assert said.startswith(words[0]) or not words[0].islower()


def test_of_several_meanings_the_one_that_the_passages_hold_is_taken() -> None:
    lexical = LexicalIndex.build(["point", "divide", "cent"])
    assert english("分", "a point", lexical) == "what point?"
    assert english("分", "we divide it", lexical) == "what divide?"


def test_what_the_dictionary_does_not_know_is_left_out() -> None:
    assert english("？") == ""
    assert glossary().knows("华为", LEXICAL) and not glossary().knows("蒙古", LEXICAL) and not glossary().knows("", LEXICAL)


def test_a_name_that_the_dictionary_lacks_stays_and_is_told(library: Rag) -> None:
    assert english("雅万和华为") == "what 雅万 Huawei?"
    answer = library.answer("谁修建了雅万铁路？", sources=["looms.txt"])
    assert not answer.answered and answer.gaps.closest[0].lacks == ("雅万",) and "没有提到：雅万" in answer.reason


def test_only_chinese_is_translated() -> None:
    assert is_chinese("中国的首都在哪里？")
    assert not is_chinese("日本の首都はどこですか") and not is_chinese("한국의 수도는 어디입니까") and not is_chinese("Where?")


def test_a_broken_dictionary_is_told(tmp_path: Path) -> None:
    for name, content in {"none": None, "text": b"no gzip", "cut": b"\x1f\x8b\x08"}.items():
        if content is not None:
            (tmp_path / name).write_bytes(content)
        with pytest.raises(ModelBroken, match="reinstall"):
            Glossary(tmp_path / name)


def test_definitions_lose_what_does_not_stand_for_the_word() -> None:
    given = ["to sign (an agreement)", " surname Li", "variant of 分[fen1]", "the central bank", "Paris, capital of France"]
    assert meanings([*given, "a word that has far too many words"]) == ["sign", "central bank", "Paris"]


def test_a_chinese_question_is_answered_from_english_text(library: Rag, capsys: pytest.CaptureFixture[str]) -> None:
    answer = library.answer("哪一年在日本开设了第一家分公司？")
    assert answer.answered and answer.short == "2005"
    citation = answer.citations[0]
    assert read_text(Path(library.config.docs) / citation.source)[citation.start : citation.end] == citation.quote
    assert answer.trace.english.startswith("what year Japan") and answer.trace.question == answer.question
    assert answer.trace.threshold == calibrations()["zh-en"].threshold
    print_answer(answer, {citation.source: library.text(citation.source)})
    assert f"向英文文档检索时译为：{answer.trace.english}" in " ".join(capsys.readouterr().out.split())
    assert library.retrieve("在日本的第一家分公司", top_k=3)[0].source == citation.source == "looms.txt"


def test_chinese_text_is_asked_as_it_stands(tmp_path: Path) -> None:
    docs = tmp_path / "docs"
    docs.mkdir()
    (docs / "a.txt").write_text("华为在日本设立了第一家分公司。到2019年底，它有950名员工。", encoding="utf-8")
    (docs / "b.txt").write_text("北京-东京论坛在北京举行，双方讨论了贸易和数字经济的合作。", encoding="utf-8")
    with Rag(Config(docs=docs, index_dir=tmp_path / "index")) as rag:
        answer = rag.answer("华为有多少名员工？")
        assert answer.short == "950名" and not answer.trace.english
        (docs / "c.txt").write_text("Huawei has a branch in Japan and one in Korea. It was set up in 2005.", encoding="utf-8")
        rag.sync()
        answer = rag.answer("华为有多少名员工？")
        assert answer.short == "950名" and not answer.trace.english
        assert rag.answer("华为有多少名员工？", sources=["a.txt"]).short == "950名"
        assert rag.answer("华为？", sources=["c.txt"]).trace.english


def test_a_word_that_english_text_holds_is_not_called_missing(library: Rag) -> None:
    answer = library.answer("葡萄牙在蒙古有多少名员工？")
    assert not answer.answered and "文档中没有答案" in answer.text
    assert "葡萄牙" not in [word.word for word in answer.gaps.unknown] and "蒙古" in [word.word for word in answer.gaps.unknown]


def test_a_refusal_says_which_text_is_not_asked_in_english(tmp_path: Path) -> None:
    docs = tmp_path / "docs"
    docs.mkdir()
    (docs / "a.txt").write_text("韩国的出口在2023年同比下降了7.4%，逆差达180亿美元。", encoding="utf-8")
    with Rag(Config(docs=docs, index_dir=tmp_path / "index")) as rag:
        for question in ("How much did exports fall?", "Where is Sapporo?"):
            answer = rag.answer(question)
            assert answer.gaps.unasked == ("a.txt",) and answer.reason.endswith("a.txt. Ask in Chinese to search Chinese text.")
        assert rag.answer("札幌有多少人？").gaps.unasked == ()
        for name in "bcde":
            (docs / f"{name}.txt").write_text(f"韩国的出口在2023年同比下降了7.4%，这是第{name}份报告。", encoding="utf-8")
        rag.sync()
        assert "a.txt, b.txt, c.txt and 2 more." in rag.answer("Where is Sapporo?").reason
