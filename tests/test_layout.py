import pytest

from rag.corpus.documents import read_text
from rag.corpus.layout import edge_line_keys, find_layout
from rag.text.scripts import detect_language
from tests.conftest import SEEDS

PROSE = "The council said on Tuesday that it would rebuild the bridge, which was closed in March after a storm. "


def clutter_of(text: str) -> list[str]:
    return [text[b.start : b.end] for b in find_layout(text).blocks if b.clutter]


@pytest.mark.parametrize(
    ("seed", "clutter"),
    [
        ("000", ["Related Stories", "Share this page", "Touched Sympathetic", "Massive credit line to FAW", "< Prev Next >"]),
        ("002", ["Home>", "图片1(37).png", "home", "返回品牌站"]),
        ("003", ["Rm. 1106", "Hubei, China.", "Username used", "ICP备", "Views:"]),
        ("004", ["our use of cookies", "CHOOSE YOUR LANGUAGE", "许可证", "hotline: 010"]),
    ],
)
def test_the_seeds_clutter_is_found(seed: str, clutter: list[str]) -> None:
    text = read_text(next(SEEDS.glob(f"{seed}*")))
    found = "\n".join(clutter_of(text))
    assert all(piece in found for piece in clutter)


@pytest.mark.parametrize(
    ("seed", "kept"),
    [
        ("000", ["200 billon yuan"]),
        ("001", ["Edited by Jamie Wright", "Digital economy cooperation", "Nov. 30 and Dec. 1"]),
        ("002", ["Release time:2024-05-17", "Illustration: Xia Qing/GT", "7.4%"]),
        ("003", ["Time of issue:2020-07-30", "1 hour and 20 minutes"]),
        ("004", ["Editor's note", "Seoul Air Base"]),
    ],
)
def test_bylines_dates_and_captions_stay(seed: str, kept: list[str]) -> None:
    text = read_text(next(SEEDS.glob(f"{seed}*")))
    body = "\n".join(text[s:e] for s, e in find_layout(text).body)
    assert all(piece in body for piece in kept)


def test_a_page_never_seen_is_cleaned() -> None:
    text = (
        "Skip to content\nHome | World | Sport | Culture | Weather\n\nBridge to be rebuilt\n\nBy Ana Lopez\nPublished: 4 May 2023\n\n"
        + PROSE * 3 + "\n\n" + PROSE * 2
        + "\n\nMost popular\nSubscribe to our newsletter\nTel: 020 7946 0000\n© 2023 The Daily. All rights reserved."
    )  # fmt: skip
    layout = find_layout(text)
    body = [text[s:e] for s, e in layout.body]
    assert body[:3] == ["Bridge to be rebuilt", "By Ana Lopez", "Published: 4 May 2023"]
    assert len(body) == 5
    assert (layout.title, layout.date) == ("Bridge to be rebuilt", "2023-05-04")


def test_notes_without_signs_of_a_web_page_keep_every_line() -> None:
    text = "Meeting\n\n" + PROSE * 2 + "\n\nAttendees\nBob Stone\nAlice Wu\nNext steps\n- call the plumber\n- buy paint"
    assert not clutter_of(text)


def test_a_text_about_cookies_keeps_its_sentences() -> None:
    text = "Our privacy policy says how this site uses cookies and what you can do about it in your browser. " * 3
    assert not clutter_of("\n\n".join([text] * 4))


def test_hard_wrapped_lines_are_one_paragraph() -> None:
    line = "It was the best of times and the worst of times, as people said who had lived through"
    text = f"{line}\n{line.lower()}\n{line.lower()}\nboth.\n\nA second paragraph."
    assert [text[b.start : b.end].count("\n") for b in find_layout(text).blocks] == [3, 0]


def test_lines_that_many_files_share_are_clutter_at_the_edge() -> None:
    text = f"The Daily Herald\n\nBridge to be rebuilt soon\n\n{PROSE * 3}\n\nRead our sister paper"
    shared = edge_line_keys(text) & {"the daily herald", "read our sister paper"}
    layout = find_layout(text, shared)
    assert [text[b.start : b.end] for b in layout.blocks if b.clutter] == ["The Daily Herald", "Read our sister paper"]


@pytest.mark.parametrize(
    ("text", "language"),
    [(PROSE, "en"), ("中国和日本签署了协议。", "zh"), ("これは日本語の文章です。", "ja"), ("Der Hund läuft schnell.", "und")],
)
def test_language(text: str, language: str) -> None:
    assert detect_language(text) == language
