"""Every word for a person is in one table, in both languages; what the code says is there, and what is there the code says."""

import ast
import json
import re
import string
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import jinja2
import pytest

from rag.answers import Answer, ClosePassage, Gaps, Statement, UnknownWord, UnreadFile
from rag.config import Config
from rag.errors import FileFailed, FileSkipped, UsageError
from rag.messages import LOCALES, WORDS, Reason, say_in, speaker, translations
from rag.pipeline import Rag
from rag.reading.citing import CHANGED, MOVED, UNREADABLE, VERBATIM
from rag.reading.confidence import BANDS
from rag.reading.gaps import reasons
from rag.text.scripts import is_cjk
from rag.web.documents import _COLUMNS
from tests.conftest import ROOT, syntax_tree

KEYED = {
    "Reason",
    "FileSkipped",
    "FileFailed",
    "GenerationFailed",
    "NoRoom",
    "Refused",
    "UnknownButton",
    "Stage",
    "say",
    "_say",
    "own",
    "t",
}
"""Whose first argument is a key of WORDS, or makes what does."""
TRAVELLING = {
    *BANDS, *_COLUMNS, VERBATIM, MOVED, CHANGED, UNREADABLE, "indexed", "skipped", "failed", "changed", "removed", "new", "as indexed", "yes", "no",
    "nothing to ask",
    "verbatim", "edited", "deleted", *(key for key in WORDS if key.startswith("setting ")),
}  # fmt: skip
"""Keys that are data before they are said."""
PREFIXES = {"type .", "language ", "hedge "}
"""Of keys that are made of what a file is."""


@dataclass(frozen=True)
class Said:
    """One place of the code that says something: the keys it may say, and the values it gives; None where they are not written there."""

    keys: tuple[str, ...]
    values: frozenset[str] | None
    place: str


def placeholders(words: str) -> dict[str, list[str]]:
    """Name → the formats it is shown in."""
    found: dict[str, list[str]] = {}
    for _, name, spec, _ in string.Formatter().parse(words):
        if name is not None:
            found.setdefault(name, []).append(spec or "")
    return found


def sources() -> Iterator[Path]:
    return (path for path in sorted((ROOT / "rag").rglob("*.py")) if path.name != "messages.py")


def keys_of(node: ast.expr) -> tuple[str, ...]:
    """The keys that an argument may be; of an f-string those that fit it."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return (node.value,)
    if isinstance(node, ast.IfExp):
        return (*keys_of(node.body), *keys_of(node.orelse))
    if isinstance(node, ast.JoinedStr):
        parts = [re.escape(str(p.value)) if isinstance(p, ast.Constant) else ".+" for p in node.values]
        return tuple(key for key in WORDS if re.fullmatch("".join(parts), key))
    return ()


def called(node: ast.Call) -> str:
    """The name of what is called: `say` for say(…), self._say(…), say_in(language)(…)."""
    function = node.func
    if isinstance(function, ast.Call) and called(function) in ("say_in", "_say", "speaker"):
        return "say"
    return function.attr if isinstance(function, ast.Attribute) else function.id if isinstance(function, ast.Name) else ""


def said_by(path: Path) -> Iterator[Said]:
    for node in ast.walk(syntax_tree(path)):
        if not isinstance(node, ast.Call) or not node.args:
            continue
        place = f"{path.relative_to(ROOT)}:{node.lineno}"
        if called(node) == "map" and isinstance(node.args[0], ast.Name) and node.args[0].id == "say":
            yield from (Said((key,), frozenset(), place) for each in getattr(node.args[1], "elts", ()) for key in keys_of(each))
        elif called(node) in KEYED and (keys := keys_of(node.args[0])):
            yield Said(keys, values_of(node), place)


def values_of(node: ast.Call) -> frozenset[str] | None:
    if called(node) == "Stage":
        return frozenset()
    if len(node.args) > 1:
        given = node.args[1]
        return frozenset(str(k.value) for k in given.keys if isinstance(k, ast.Constant)) if isinstance(given, ast.Dict) else None
    return None if any(keyword.arg is None for keyword in node.keywords) else frozenset(k.arg or "" for k in node.keywords)


def said_by_template(path: Path) -> Iterator[Said]:
    for call in jinja2.Environment().parse(path.read_text(encoding="utf-8")).find_all(jinja2.nodes.Call):
        if isinstance(call.node, jinja2.nodes.Name) and call.node.name in KEYED and isinstance(call.args[0], jinja2.nodes.Const):
            place = f"{path.relative_to(ROOT)}:{call.lineno}"
            yield Said((call.args[0].value,), frozenset(keyword.key for keyword in call.kwargs), place)


SAID = [said for path in sources() for said in said_by(path)]
SAID += [said for path in sorted((ROOT / "rag").rglob("*.j2")) for said in said_by_template(path)]


def test_what_is_said_has_words() -> None:
    assert [f"{said.place}: {key}" for said in SAID for key in said.keys if key not in WORDS] == []
    assert {key for key in TRAVELLING if key not in WORDS} == set()


def test_all_words_are_said() -> None:
    constants = {node.value for path in sources() for node in ast.walk(syntax_tree(path)) if isinstance(node, ast.Constant)}
    said = {key for said in SAID for key in said.keys} | (TRAVELLING & constants)
    said |= {key for key in WORDS if key.startswith(tuple(PREFIXES & constants))}
    assert sorted(WORDS.keys() - said - {"and more"}) == []


def test_words_are_given_the_values_they_need() -> None:
    for said in SAID:
        if said.values is not None:
            needed = [set(placeholders(WORDS[key][0])) for key in said.keys]
            assert all(names <= said.values for names in needed) and set().union(*needed) == said.values, said


def test_both_languages_say_everything_with_the_same_values() -> None:
    for key, (english, chinese) in WORDS.items():
        names, other = placeholders(english), placeholders(chinese)
        assert names.keys() == other.keys(), key
        values = {name: sample(specs + other[name]) for name, specs in names.items()}
        told = [say_in(language)(key, **values) for language in ("en", "zh")]
        assert all(told) and not re.search(r"[{}]", "".join(told)), key
        assert not is_cjk(english) and re.search(r"[\u4e00-\u9fff]", chinese), key


def sample(specs: list[str]) -> object:
    """A value that all these formats show."""
    if any(spec == "#" or spec.isdigit() or spec.startswith(" ") for spec in specs):
        return ["a", "b", "c", "d", "e"]
    return 0.5 if any(specs) else "a"


@pytest.mark.parametrize(
    ("header", "word"), [("zh-CN,zh;q=0.9,en;q=0.8", "提问"), ("en-GB,zh;q=0.5", "Ask"), ("fr,zh-TW;q=0.4", "提问"), ("", "Ask")]
)
def test_the_browser_s_language_is_spoken(header: str, word: str) -> None:
    assert speaker(header)("ask") == word


def test_gradio_gets_all_words_in_each_locale() -> None:
    assert translations().keys() == LOCALES.keys()
    assert translations()["zh-TW"]["ask"] == "提问" and translations()["en"].keys() == WORDS.keys()


def test_lists_are_joined_cut_and_counted() -> None:
    names = ["a.txt", "b.txt", "c.txt", "d.txt", "e.txt"]
    tables = Reason("several tables", {"files": names})
    assert "meant (a.txt, b.txt, c.txt and 2 more)" in tables.told("en")
    assert "（a.txt, b.txt, c.txt，另有 2 个）" in tables.told("zh")
    assert "meant (a.txt, b.txt, c.txt)" in Reason("several tables", {"files": names[:3]}).told("en")
    near = Reason("near spelling", {"word": "Elmett", "nearest": ["Elmet", "Elmer"]})
    assert near.told("en") == "Did you mean Elmet or Elmer instead of Elmett?"
    assert near.told("zh") == "“Elmett”是否应为 Elmet 或 Elmer？"


def test_a_reason_within_a_reason_is_said_in_the_same_language() -> None:
    failed = Reason("model failed", {"why": Reason("not begun", {"seconds": 1.5})})
    assert failed.told("en") == "The model did not begin within 1.5 seconds; this is the reader's answer."
    assert failed.told("zh") == "语言模型在 1.5 秒内没有开始；以下是阅读模型的回答。"


def test_braces_in_values_are_data() -> None:
    assert Reason("words in no file", {"words": ["{x}", "{0.__class__}"]}).told("en") == "No file contains: {x}, {0.__class__}."


def test_an_error_is_its_english_sentence_and_keeps_the_code() -> None:
    error = FileSkipped("too large", size=5_000, limit=4_000)
    assert str(error) == "too large (5,000 bytes; the limit is 4,000)"
    assert error.reason == Reason("too large", {"size": 5000, "limit": 4000})
    assert FileFailed("damaged", encoding="utf-8", byte=6).told(say_in("zh")) == "开头像 utf-8，但在第 6 字节处损坏"
    assert UsageError("the folder is gone.").told(say_in("zh")) == "the folder is gone."


def test_an_answer_s_reasons_are_codes_and_words() -> None:
    why = Reason("in another passage", {"how": Reason("quoted")})
    gaps = Gaps(unread=(UnreadFile("a.pdf", "failed", Reason("bad PDF", {"error": "torn"})),))
    answer = Answer(
        "谁？", False, "", reasons=(Reason("nothing shared"), Reason("stale", {"files": ["a", "b"], "docs": "d"})), gaps=gaps,
        statements=(Statement("It.", (), True, why),), notice=Reason("unlikely"), language="zh",
    )  # fmt: skip
    kept = json.loads(json.dumps(answer.to_dict()))
    assert (
        kept["reason"] == answer.reason == "没有段落与问题有共同的词。 含有答案的文件在索引之后有改动（a, b）。请运行：rag sync d"
    )
    assert kept["reasons"][1]["code"] == "stale" and kept["reasons"][1]["values"] == {"files": ["a", "b"], "docs": "d"}
    assert kept["statements"][0]["why"]["values"]["how"] == {"code": "quoted", "values": {}, "words": "原文引用"}
    assert kept["statements"][0]["why"]["words"] == "原文引用，但不在所标的段落，而在另一段落中"
    assert kept["gaps"]["unread"][0]["why"]["words"] == "PDF 无法读取（torn）" and kept["notice"]["code"] == "unlikely"


def test_every_reason_of_a_refusal_is_said_in_chinese() -> None:
    unread = tuple(UnreadFile(f"{name}.pdf", "failed", Reason("PDF without text")) for name in "abcde")
    unread += tuple(
        UnreadFile(f"{name}.doc", "skipped", Reason("save as", {"suffix": ".doc", "other": ".docx"})) for name in "fgh"
    )
    close = ClosePassage("塔.txt", 0, 5, "四十八米", 0.2, ("布朗",), ("2022",))
    gaps = Gaps((UnknownWord("Elmett", ("Elmet", "Elmer")),), (close,), unread)
    far = replace(close, confidence=0.1, lacks=(), not_about=())
    told = [*reasons(gaps, 0.3), *reasons(Gaps(closest=(far,), unread=unread[:1]), 0.3), *reasons(Gaps(), 0.3)]
    assert {reason.code for reason in told} == {
        "words in no file", "near spelling", "closest lacks", "closest is not about", "held back", "closest does not answer",
        "some not read", "one not read", "nothing shared",
    }  # fmt: skip
    named = r"Elmett?|Elmer|[a-e]?\.pdf|\.txt|\.doc"
    assert not re.search("[A-Za-z]", re.sub(named, "", " ".join(reason.told("zh") for reason in told)))


def test_a_chinese_question_is_refused_in_chinese_throughout(docs: Path, tmp_path: Path) -> None:
    (docs / "塔.txt").write_text("埃尔梅特塔\n\n埃尔梅特塔高48米，1911年竣工。塔上的钟是雷耶斯造的。\n", encoding="utf-8")
    for number in range(5):
        (docs / f"{number}.txt").write_bytes(b"\xef\xbb\xbfabc\xff")
    with Rag(Config(docs=docs, index_dir=tmp_path / "index")) as rag:
        rag.sync()
        refused = rag.answer("埃尔梅特塔在2035年的市长是谁？")
        assert not refused.answered and refused.text == f"文档中没有答案。\n\n{refused.reason}"
        assert "5 个文件没有读取，因而未检索：0.txt, 1.txt, 2.txt, 另有 2 个 .txt。" in refused.reason
        assert not re.search("[A-Za-z]", refused.reason.replace(".txt", "").replace("tower.md", "").replace("bridge", ""))
        assert {file.why.told(refused.language) for file in refused.gaps.unread} == {"开头像 utf-8，但在第 6 字节处损坏"}
        high = "埃尔梅特塔有多高？"
        assert rag.answer(high).sure.startswith("把握 ") and rag.answer(high).language == "zh"
        for path in docs.iterdir():
            path.write_text("Gone.", encoding="utf-8")
        stale = rag.answer(high)
    assert [reason.code for reason in stale.reasons] == ["stale"] and "塔.txt" in stale.reasons[0].values["files"]
    assert stale.reason.startswith("含有答案的文件在索引之后有改动（") and "请运行：rag sync" in stale.reason


def test_an_answer_has_its_band_and_what_it_is_worth(docs: Path, tmp_path: Path) -> None:
    with Rag(Config(docs=docs, index_dir=tmp_path / "index")) as rag:
        rag.sync()
        answer = rag.answer("How high is the Elmet tower?")
        refused = rag.answer("What is the capital of Mongolia?")
    assert answer.band in BANDS and 0 < answer.band_right <= 1 and answer.language == "en"
    assert answer.sure == f"{answer.confidence:.0%} sure ({answer.band})"
    assert f" {answer.band_right:.0%} of the answers that were called {answer.band} " in answer.worth
    assert refused.band == refused.sure == refused.worth == ""
    assert [replace(answer, band=band).hedge for band in ("", *BANDS)] == ["", "", "Probably:", "Perhaps:"] and not refused.hedge
