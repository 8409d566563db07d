"""A kept answer is held against the files as they are now."""

import json
from pathlib import Path

import pytest

from rag.answers import Answer, Citation, Item
from rag.errors import UsageError
from rag.messages import Reason
from rag.pipeline import Rag
from rag.reading.citing import CHANGED, MOVED, UNREADABLE, VERBATIM
from rag.receipts import load_receipts, receipt, short_stands, verify
from rag.shell.cli import main
from rag.web.taking import taken_html

QUOTE = "The Elmet tower is 48 metres high."


@pytest.fixture
def kept(docs: Path, tmp_path: Path) -> Path:
    """The receipt of an answer from `tower.md`, kept in a file."""
    from hashlib import sha256

    path = docs / "tower.md"
    start = path.read_text().index(QUOTE)
    citation = Citation(1, "tower.md", start, start + len(QUOTE), QUOTE, "", sha256(path.read_bytes()).hexdigest(), 1.0)
    item = Item(1, start + 19, start + 28, QUOTE[19:28])
    answer = Answer("How high is it?", True, "", "48 metres", 0.9, citations=(citation,), items=(item,))
    receipt = tmp_path / "receipt.json"
    receipt.write_text(json.dumps(answer.to_dict()))
    return receipt


def states(kept: Path, docs: Path) -> list[tuple[str, str]]:
    return [(row.state, row.note.told("en")) for row in verify(load_receipts(kept)[0], docs)]


def test_quotes_and_items_are_checked_at_their_place(kept: Path, docs: Path) -> None:
    assert states(kept, docs) == [(VERBATIM, "the file is unchanged")] * 2
    tower = docs / "tower.md"
    tower.write_text(tower.read_text() + "More.\n")
    assert states(kept, docs) == [(VERBATIM, "the file was edited elsewhere")] * 2
    tower.write_text("New. " + tower.read_text())
    assert [state for state, _ in states(kept, docs)] == [MOVED, MOVED]
    tower.write_text(tower.read_text().replace("48", "52"))
    assert [state for state, _ in states(kept, docs)] == [CHANGED, CHANGED]
    tower.unlink()
    assert [state for state, _ in states(kept, docs)] == [UNREADABLE, UNREADABLE]


def test_a_forged_receipt_is_told(kept: Path, docs: Path) -> None:
    (receipt,) = load_receipts(kept)
    assert short_stands(receipt) and not short_stands({**receipt, "short": "50 metres"})
    forged = {**receipt["citations"][0], "quote": QUOTE.replace("48", "50")}
    assert verify({**receipt, "citations": [forged], "items": []}, docs)[0].state == CHANGED
    outside = {**receipt["citations"][0], "source": "../receipt.json"}
    with pytest.raises(UsageError, match="not in"):
        verify({**receipt, "citations": [outside], "items": []}, docs)
    with pytest.raises(UsageError, match="cannot be"):
        verify({**receipt, "items": [{"number": 2, "start": 0, "end": 1, "text": "x"}]}, docs)


def test_a_place_before_the_file_or_without_a_quote_is_not_verbatim(kept: Path, docs: Path) -> None:
    (receipt,) = load_receipts(kept)
    size, (cited,) = len((docs / "tower.md").read_text()), receipt["citations"]
    before = {**cited, "start": cited["start"] - size, "end": cited["end"] - size}
    empty = {**cited, "start": 5, "end": 4, "quote": ""}
    for row, state in ((before, MOVED), (empty, CHANGED)):
        assert verify({**receipt, "citations": [row], "items": []}, docs)[0].state == state


def test_what_holds_no_answer_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot be read"):
        load_receipts(tmp_path / "none.json")
    for text in ("", "[]", "{}", "[{}]", "[1]", '{"short": "", "citations": [1], "items": []}'):
        (tmp_path / "bad.json").write_text(text)
        with pytest.raises(UsageError, match="holds no answer"):
            load_receipts(tmp_path / "bad.json")


def test_the_command_says_what_it_found(kept: Path, docs: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["verify", str(kept), "--docs", str(docs)]) == 0
    assert "verbatim  tower.md, characters" in capsys.readouterr().out
    (docs / "tower.md").write_text("Gone.")
    assert main(["verify", str(kept), "--docs", str(docs)]) == 1
    assert "changed  tower.md" in capsys.readouterr().out
    assert main(["verify", str(docs), "--docs", str(docs)]) == 2


def test_a_receipt_says_what_it_was_made_with(library: Rag) -> None:
    answer = library.answer("What is the harbour loan worth?")
    kept = receipt(answer, library.made_with())
    assert kept["made"].keys() == {"at", "version", "docs", "index", "generation", "encoder", "reader"}
    assert all(kept["made"].values())
    page = taken_html([(answer, library.made_with())])
    assert kept["citations"][0]["sha256"] in page and kept["made"]["reader"] in page and "<script" not in page


def test_a_receipt_s_page_shows_data_as_data() -> None:
    nasty = "<script>alert(1)</script>"
    citation = Citation(1, nasty, 0, 1, nasty, nasty, nasty, 1.0)
    for answered in (True, False):
        answer = Answer(nasty, answered, nasty, nasty, 0.5, (Reason("nothing shared"),), (citation,), engine=nasty)
        page = taken_html([(answer, {"docs": nasty})])
        assert "<script" not in page and page.count("&lt;script&gt;") >= 6
