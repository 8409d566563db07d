import pytest

from rag.corpus.layout import byline, edge_line_keys, find_date, find_layout, named_date
from rag.formats.plain import paragraphs
from rag.text.scripts import detect_language

PROSE = "The council said on Tuesday that it would rebuild the bridge, which was closed in March after a storm. "


def clutter_of(text: str) -> list[str]:
    return [text[b.start : b.end] for b in find_layout(text).blocks if b.clutter]


@pytest.mark.parametrize(
    "line",
    [
        "Skip to main content", "Home | News | Contact us", "Home> Trade", "Share this page", "Follow us on Example", "Related Stories",
        "< Prev Next >", "CHOOSE YOUR LANGUAGE", "Subscribe to our newsletter", "Username used for comment:", "Password", "Privacy Policy",
        "The Daily Ltd. All rights reserved.", "Powered by ExamplePress", "相关阅读", "分享到", "返回首页", "每日报社 版权所有",
    ],
)  # fmt: skip
def test_site_furniture_is_clutter_amid_the_prose_too(line: str) -> None:
    assert clutter_of(f"{PROSE * 2}\n\n{line}\n\n{PROSE * 3}") == [line]


@pytest.mark.parametrize(
    "line",
    [
        "Tel: 020 7946 0000", "Phone: +44 1632 960 441", "Hotline: 01632 960 442", "Address: 12 Mill Lane, Oxbridge", "Add: 4 Quay Street",
        "电话：0571-8866-1234", "地址：滨江路18号", "邮箱：desk@example.org", "食品经营许可证 JY13301080001234", "ICP备13001903号", "Clicks: 1,204",
        "Username: falcon", "Password: kettle-88", "Subscribe for 3 euros a month", "Login: https://staging.example", "Sponsored by Acme Ltd",
        "Copyright 2014 Ursula Brandt", "All rights reserved by the Brandt foundry", "Powered by two diesel engines", "Market share on 1 May",
        "harbour-plan.png", "版权所有：陈月",
    ],
)  # fmt: skip
def test_a_label_with_its_value_is_no_furniture(line: str) -> None:
    assert not clutter_of(f"The bakery\n\n{PROSE * 2}\n\n{line}\n\nWe bake seven kinds of bread.")


def test_a_page_loses_its_frame_and_keeps_bylines_dates_and_captions() -> None:
    text = (
        "Home> Trade\n\nBridge to be rebuilt\n\nRelease time: 2024-05-17 17:01\n\nharbour-plan.png\n\nIllustration: Ana Lopez/DP\n\n"
        + f"{PROSE * 2}\n\nA car on the bridge, May 26, 2021. /DP\n\n{PROSE * 3}\n\nEdited by Bob Stone\n\nOur papers\n\nThe Quay"
    )
    assert clutter_of(text) == ["Home> Trade", "harbour-plan.png", "Our papers", "The Quay"]


def test_a_number_of_somebody_s_is_no_title() -> None:
    numbers = "食品经营许可证13301080001234\n\nThe telephone of the bakery at the quay: 020 7946 0000"
    assert find_layout(f"{numbers}\n\n{PROSE * 3}").title == ""
    for title in ("The bakery", "Annual report 2010-2020", "Arsenal at home: 3-2"):
        assert find_layout(f"{numbers}\n\n{title}\n\n{PROSE * 3}").title == title


def test_headlines_set_end_to_end_are_clutter() -> None:
    run = "Storm closes the bridgeMayor talks of costsOld mill to be soldRiver rises againSchools stay shut"
    assert clutter_of(f"{PROSE * 3}\n\n{run}") == [run]


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


def test_short_paragraphs_are_joined_at_the_width_of_the_whole_text() -> None:
    wrapped = (
        "The keeper of the lighthouse at the end of the long pier wrote down\nwhat he saw and heard in each of the nights of the year, and sent\n"
        "it all to the harbour."
    )
    byline = "All the letters that he had from them were brought to the lighthouse\nby a boy in a red coat."
    name = "On the last day of the month he was visited by his sisters, and a\nMr. Hale of the company came with her in the old boat from Elmet."
    lines = "The lighthouse\nby Ada Stone"
    text = "\n\n".join([lines, wrapped, byline, wrapped, name])
    assert [text[slice(*span)] for span in paragraphs(text)] == [*lines.split("\n"), wrapped, byline, wrapped, name]


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


@pytest.mark.parametrize(
    ("line", "date"),
    [
        ("Date of birth 26 June 1968", ""),
        ("Born 26 June 1968", ""),
        ("Leeds, 26 June 1968", "1968-06-26"),
        ("Sunday, June 26, 1968", "1968-06-26"),
        ("Posted by Ann Lee on 26 June 1968", "1968-06-26"),
        ("发布时间：1968年6月26日", "1968-06-26"),
    ],
)
def test_a_date_is_the_texts_own_where_nothing_else_is_said_of_it(line: str, date: str) -> None:
    assert find_layout(f"The bakery\n\n{line}\n\n{PROSE * 3}").date == date


def test_a_title_is_the_first_line_the_subject_of_a_mail_and_no_cut_sentence() -> None:
    assert find_layout(f"The bakery\n\nOf the old quay of the town\n\n{PROSE * 3}").title == "The bakery"
    assert find_layout(f"From: Ann Lee\n\nTo: Bo Roe\n\nSubject: Moving the oven\n\n{PROSE * 3}").title == "Moving the oven"
    assert (
        find_layout(f"The baker of the old quay of the town\n\nwho bakes at night\n\n{PROSE * 3}").title == "who bakes at night"
    )


@pytest.mark.parametrize(
    ("line", "author"),
    [
        ("By Ada Brandt", "Ada Brandt"),
        ("Written by the Night Office, Ghent", "the Night Office, Ghent"),
        ("Author: Ada Brandt", "Ada Brandt"),
        ("作者：李明", "李明"),
        ("By bus it takes an hour.", ""),
        ("The song was written by Ada Brandt.", ""),
    ],
)
def test_a_byline_is_a_line_of_its_own(line: str, author: str) -> None:
    text = f"Ropes\n\n{line}\n\nKnots are tied at sea."
    assert byline(text, list(paragraphs(text))) == author


def test_a_document_is_dated_by_a_line_of_its_own() -> None:
    rest = ["Knots are tied at sea."] * 30
    assert find_date(["Ropes", "Date: 6 May 2021", *rest]) == "2021-05-06"
    assert find_date(["Ropes", *rest, "The harbour office, 6 May 2021"]) == "2021-05-06"
    assert find_date(["绳结", *rest, "发布日期：2021年5月6日", *rest]) == "2021-05-06"
    told = "The knot was tied on 6 May 2021 by the crew of a ship that had lost both of its masts in a storm."
    assert find_date(["Ropes", told, *rest]) == "" and find_date(["Ropes", *rest, "6 May 2021", *rest]) == ""


@pytest.mark.parametrize(
    ("names", "date"),
    [
        (("Prices 2022",), "2022"),
        (("Swimming", "report_2011"), "2011"),
        (("Minutes of the board, 14 September 2022", "m0914"), "2022-09-14"),
        (("员工手册（2021版）",), "2021"),
        (("Handbook", "handbook-2023-24"), "2023"),
        (("The 300 chairs of room 40", "notes"), ""),
        (("Ropes", "knots"), ""),
    ],
)
def test_a_name_tells_the_year(names: tuple[str, ...], date: str) -> None:
    assert named_date(*names) == date
