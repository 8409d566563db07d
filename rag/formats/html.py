"""Web pages (html, mhtml's page, a book's chapter, a mail's body): the page's own headings, paragraphs, lists, tables and infoboxes.

lxml parses; trafilatura says what the article is, and what is neither in it nor of a kind that it is known to lose (tables,
labels, headings) is furniture. Everything stays in the text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from lxml import etree, html

from rag.errors import FileFailed
from rag.formats.document import MAX_COLUMNS, Document, Kind, Writer, own_date, own_title, spanned
from rag.formats.encodings import decode

MAX_JUDGED = 1_000_000
"""Bytes of a page up to which trafilatura is asked; beyond them its time grows too long."""
_LEFT_OUT = {"script", "style", "noscript", "template", "svg", "math", "iframe", "object", "select", "button", "input", "head", "textarea"}  # fmt: skip
_FURNITURE = {"nav", "footer", "aside", "form", "menu", "dialog"}
_FURNITURE_ROLES = {"navigation", "banner", "contentinfo", "search", "complementary", "menu", "dialog"}
_INLINE = {"a", "abbr", "acronym", "b", "bdi", "bdo", "big", "cite", "code", "data", "del", "dfn", "em", "font", "i", "ins", "kbd", "label", "mark", "q", "rp", "rt", "ruby", "s", "samp", "small", "span", "strike", "strong", "sub", "sup", "time", "tt", "u", "var", "wbr", "img", "br"}  # fmt: skip
_WORDS = re.compile(r"\w+")
_SHINGLE = 3
_LINKS = 0.6
"""Share of a block's characters that are links, from which on it is a menu's entry unless it is in the article."""
_SHORT = 8
_MAX_ROWS = 100_000
"""That one cell takes; none reaches down further to the right than `MAX_COLUMNS`."""
_HEADER_ROWS = 3
_BETWEEN = 3
"""Short paragraphs in a row that are kept between parts of the article."""
_SENTENCE = re.compile(r"[.!?。！？…:：]\W*$")
_AUTHORS = ("author", "dc.creator", "dcterms.creator", "citation_author")
_DATES = ("article:published_time", "datepublished", "date", "dc.date", "dcterms.date", "pubdate", "citation_publication_date")
_CHARSET = re.compile(rb"""<meta[^>]{0,200}charset\s*=\s*["']?\s*([\w-]+)|^\s*<\?xml[^>]{0,200}encoding=["']([\w-]+)""", re.IGNORECASE)  # fmt: skip


def read_html(content: bytes) -> Document:
    writer = Writer()
    title, date, author = write_page(writer, content, judged=True)
    if not writer.outline.blocks:
        raise FileFailed("page without text")
    return writer.document(title, date, author=author)


def write_page(writer: Writer, content: bytes, *, judged: bool = False) -> tuple[str, str, str]:
    """Write a page's blocks; returns its title, date and author. `judged` asks trafilatura what of it is furniture."""
    text = _decode(content)
    parser = html.HTMLParser(remove_comments=True, remove_pis=True, huge_tree=True)
    try:
        root = html.document_fromstring(re.sub(r"^\s*<\?xml[^>]*\?>", "", text), parser=parser)
    except (etree.ParserError, ValueError) as error:
        if not text.strip():
            return "", "", ""
        raise FileFailed("no page") from error
    etree.strip_elements(root, *_LEFT_OUT - {"head"}, with_tail=False)
    article = _article(text) if judged and len(content) <= MAX_JUDGED else None
    _Page(writer, article).walk(root)
    stated = _stated(root)
    return _title(root), _date(root, stated), next((stated[name] for name in _AUTHORS if stated.get(name)), "")


def _decode(content: bytes) -> str:
    if found := _CHARSET.search(content[:4000]):
        try:
            return content.decode((found[1] or found[2]).decode("ascii"))
        except (LookupError, UnicodeDecodeError):
            pass
    return decode(content)[0]


def _article(page: str) -> set[tuple[str, ...]] | None:
    """Every run of three words of the article that trafilatura finds; None when it finds none."""
    from trafilatura import extract

    article = extract(page, include_comments=False, include_tables=True, favor_recall=True)
    return set(_shingles(article)) if article else None


def _shingles(text: str) -> Iterator[tuple[str, ...]]:
    words = _WORDS.findall(text.lower())
    size = min(_SHINGLE, len(words))
    return (tuple(words[at : at + size]) for at in range(len(words) - size + 1)) if words else iter(())


class _Page:
    """One walk over the tree, on a stack of its own: pages are nested deeper than Python calls."""

    def __init__(self, writer: Writer, article: set[tuple[str, ...]] | None) -> None:
        self.writer = writer
        self.article = article
        self._text: list[str] = []
        self._linked = 0
        self._aside = 0
        """How many elements of furniture the walk is in."""
        self._links = 0
        self._kinds: list[tuple[Kind, int]] = [("paragraph", 0)]
        self._term = ""
        self._first = len(writer.outline.blocks)
        self._short: set[int] = set()
        """Where the paragraphs begin that are furniture for their shortness alone."""

    def walk(self, root: html.HtmlElement) -> None:
        todo: list[tuple[html.HtmlElement, bool]] = [(root, False)]
        while todo:
            element, leaving = todo.pop()
            tag = element.tag if isinstance(element.tag, str) else ""
            if leaving:
                self._leave(element, tag)
                self._take(element.tail)
                continue
            if not tag or tag in _LEFT_OUT or _hidden(element):
                self._take(element.tail)
                continue
            if tag == "table" and self._is_data(element):
                self._flush()
                self._table(element)
                self._take(element.tail)
                continue
            self._enter(element, tag)
            if tag == "pre":
                self._text.append("".join(element.itertext()))
            else:
                self._take(element.text)
            todo.append((element, True))
            if tag != "pre":
                todo += [(child, False) for child in reversed(element)]
        self._flush()
        self._keep_between()

    def _keep_between(self) -> None:
        """What is furniture for its shortness alone is text where it stands between parts of the article: values, dates, names."""
        blocks = self.writer.outline.blocks
        at = self._first
        while at < len(blocks):
            end = at
            while end < len(blocks) and blocks[end].start in self._short:
                end += 1
            inside = self._first < at and end < len(blocks) and "furniture" not in (blocks[at - 1].kind, blocks[end].kind)
            if end - at <= _BETWEEN and inside:
                blocks[at:end] = [block._replace(kind="paragraph") for block in blocks[at:end]]
            at = end + 1

    def _take(self, text: str | None) -> None:
        if text:
            self._text.append(text)
            self._linked += len(text.strip()) if self._links else 0

    def _enter(self, element: html.HtmlElement, tag: str) -> None:
        if tag == "a":
            self._links += 1
        elif tag == "br":
            self._text.append("\n")
        elif tag not in _INLINE:
            self._flush()
            self._aside += _is_furniture(element, tag)
            self._kinds.append(self._kind(tag))

    def _leave(self, element: html.HtmlElement, tag: str) -> None:
        if tag == "a":
            self._links -= 1
        elif tag not in _INLINE:
            self._flush()
            self._aside -= _is_furniture(element, tag)
            self._kinds.pop()

    def _kind(self, tag: str) -> tuple[Kind, int]:
        kind, level = self._kinds[-1]
        if len(tag) == 2 and tag[0] == "h" and tag[1] in "123456":
            return "heading", int(tag[1])
        if tag == "li":
            return "item", level + 1 if kind == "item" else 0
        if tag == "pre":
            return "code", 0
        if tag in ("figcaption", "caption"):
            return "caption", 0
        if tag in ("dt", "dd"):
            return "label", 0 if tag == "dt" else 1
        return kind, level

    def _flush(self) -> None:
        """End a block."""
        kind, level = self._kinds[-1]
        text = "".join(self._text)
        linked, self._linked, self._text = self._linked, 0, []
        if kind != "code":
            text = (
                "\n".join(filter(None, (" ".join(line.split()) for line in text.split("\n"))))
                if "\n" in text
                else " ".join(text.split())
            )
            text = text.replace("\n", " ") if kind in ("heading", "item", "label") else text
        if not text.strip():
            return
        if kind == "label":
            if level == 0:
                self._term = text
                return
            text, self._term = (f"{self._term.rstrip(':')}: {text}" if self._term else text), ""
        clutter = self._is_clutter(text, kind, linked)
        self.writer.add(text, "furniture" if clutter else kind, level)
        if clutter and not self._aside and linked < _LINKS * len(text):
            self._short.add(self.writer.outline.blocks[-1].start)

    def _is_clutter(self, text: str, kind: Kind, linked: int) -> bool:
        if self._aside:
            return True
        if self.article is None or kind in ("heading", "code", "label", "caption"):
            return False
        shingles = list(_shingles(text))
        if sum(s in self.article for s in shingles) * 2 >= len(shingles):
            return False
        return linked >= _LINKS * len(text) or (kind == "paragraph" and len(shingles) <= _SHORT and not _SENTENCE.search(text))

    def _is_data(self, table: html.HtmlElement) -> bool:
        """Not a table that lays out a page: one with no block in its cells, or with header cells."""
        if table.find(".//table") is not None:
            return False
        rows = table.findall(".//tr")
        return len(rows) > 1 and any(len(row) > 1 for row in rows) and sum(len(row) for row in rows) > 2

    def _table(self, table: html.HtmlElement) -> None:
        caption = table.find("caption")
        if caption is not None:
            self.writer.add(" ".join("".join(caption.itertext()).split()), "caption")
        rows: list[list[str]] = []
        header: int | None = None
        reaching: dict[int, int] = {}
        for row in table.iter("tr"):
            cells = [cell for cell in row if cell.tag in ("td", "th")]
            texts = [_cell_text(cell) for cell in cells]
            if len(cells) == 2 and cells[0].tag == "th" and cells[1].tag == "td" and not self._aside and header is None:
                self._rows(rows, header)
                rows, reaching = [], {}
                self.writer.add(f"{texts[0].rstrip(':')}: {texts[1]}" if texts[1] else texts[0], "label")
                continue
            goes_on = header is None or header == len(rows) - 1 < _HEADER_ROWS - 1
            if goes_on and len(cells) > 1 and all(cell.tag == "th" for cell in cells):
                header = len(rows)
            rows.append(_laid_out(cells, texts, reaching))
        self._rows(rows, header)

    def _rows(self, rows: list[list[str]], header: int | None) -> None:
        if self._aside:
            for row in rows:
                self.writer.add(" ".join(filter(None, row)), "furniture")
        elif rows:
            self.writer.table(rows, header)


def _cell_text(cell: html.HtmlElement) -> str:
    """The words of a cell, apart where they stand in blocks or lines of their own."""
    parts: list[str] = []
    for event, element in etree.iterwalk(cell, events=("start", "end")):
        apart = element.tag not in _INLINE or element.tag == "br"
        parts.append(" " if apart else "")
        if event == "start":
            parts.append(element.text or "")
        elif element is not cell:
            parts.append(element.tail or "")
    return " ".join("".join(parts).split())


def _laid_out(cells: list[html.HtmlElement], texts: list[str], reaching: dict[int, int]) -> list[str]:
    """A row's texts, each in its column: nothing where a wider cell, or a higher one above, takes the place. `reaching` says for each
    column into how many rows more the cell above reaches."""
    row: list[str] = []
    below: dict[int, int] = {}
    for cell, text in zip(cells, texts):
        while len(row) in reaching:
            row.append("")
        rows = spanned(cell.get("rowspan", ""), _MAX_ROWS)
        for at in range(spanned(cell.get("colspan", ""))):
            if len(row) < MAX_COLUMNS:
                below[len(row)] = rows
            row.append("" if at else text)
    for column in {*reaching, *below}:
        reaching[column] = max(reaching.get(column, 0), below.get(column, 0)) - 1
        if not reaching[column]:
            del reaching[column]
    return row


def _hidden(element: html.HtmlElement) -> bool:
    return element.get("hidden") is not None or "display:none" in (element.get("style") or "").replace(" ", "")


def _is_furniture(element: html.HtmlElement, tag: str) -> bool:
    return tag in _FURNITURE or element.get("role") in _FURNITURE_ROLES


def _title(root: html.HtmlElement) -> str:
    """The only heading of the first level, else the page's title."""
    headings = [" ".join(h.text_content().split()) for h in root.iter("h1")]
    title = " ".join((root.findtext(".//title") or "").split())
    return own_title(headings[0]) if len(headings) == 1 and headings[0] else own_title(title)


def _stated(root: html.HtmlElement) -> dict[str, str]:
    """What the page's head says of it."""
    return {
        (m.get("property") or m.get("name") or m.get("itemprop") or "").lower(): m.get("content") or "" for m in root.iter("meta")
    }


def _date(root: html.HtmlElement, stated: Mapping[str, str]) -> str:
    """What the page says of its publication; empty when it says nothing."""
    found = [own_date(stated[name]) for name in _DATES if name in stated]
    found += [own_date(t.get("datetime") or "") for t in root.iter("time") if t.get("pubdate") is not None or t.get("itemprop") == "datePublished"]  # fmt: skip
    return next(filter(None, found), "")
