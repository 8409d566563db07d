"""LaTeX: sections as headings, items, rows of tables, captions and footnotes; comments, marks and references to labels left out.

Macros without arguments are replaced by what they are defined as: names are often written so.
"""

from __future__ import annotations

import re
import unicodedata

from rag.formats.document import Document, Kind, Writer
from rag.formats.encodings import decode

_COMMENT = re.compile(r"(?<!\\)%[^\n]*\n?[ \t]*")
_DROPPED = re.compile(r"\\(?:label|vspace|hspace|includegraphics|bibliographystyle|bibliography|usepackage|documentclass|pagestyle|thispagestyle|setlength|graphicspath|input|cite[tp]?\*?|citep|ref|eqref|cline|cmidrule|multirow\{[^{}]*\}|multicolumn\{[^{}]*\})(?:\([^()\n]*\))?(?:\[[^\]\n]{0,200}\])?(?:\{[^{}\n]{0,300}\})?")  # fmt: skip
_LENGTH = r"[-+]?\d*\.?\d+ ?(?:pt|pc|in|bp|cm|mm|dd|cc|sp|ex|em)"
_COMMAND = re.compile(rf"\\[a-zA-Z@]+\*?(?:=(?:{_LENGTH}|[-+]?[\d.]+))?(?:\[[^\]\n]{{0,200}}\])?(?:\{{{_LENGTH}\}})*[ \t]?")
"""A command with what is no text of its own: a value set, options, lengths."""
_MACRO = re.compile(r"\\(?:def[ \t]*\\|(?:re)?newcommand\*?[ \t]*\{?\\)(?P<name>[a-zA-Z]{1,40})\}?[ \t]*\{")
_MACRO_CHARS = 200
_SYMBOL = re.compile(r"\\(?:var)?(?P<name>[a-zA-Z]{2,10})(?![a-zA-Z])")
_SYMBOLS = {"cdot": "·", "times": "×", "pm": "±", "le": "≤", "leq": "≤", "ge": "≥", "geq": "≥", "ne": "≠", "neq": "≠", "approx": "≈", "sim": "∼", "to": "→", "rightarrow": "→", "infty": "∞", "in": "∈", "sum": "∑", "circ": "°", "dots": "…", "ldots": "…"}  # fmt: skip
_PART = re.compile(
    r"\\(?P<heading>title|(?:sub){0,2}section|chapter|part|paragraph|caption|footnote)\*?(?:\[[^\]\n]{0,200}\])?\{"
    r"|\\(?P<item>item)\b(?:\[(?P<term>[^\]\n]{0,200})\])?"
    r"|\\begin\{(?P<table>tabular[x*]?|longtable)\*?\}"
    r"|\\begin\{(?P<code>verbatim|lstlisting|minted)\*?\}"
    r"|\\(?:begin|end)\{(?P<other>[a-zA-Z*]{1,40})\}(?:\[[^\]\n]{0,200}\])?(?:\{(?:[a-zA-Z]|[\d.]*\\[a-z]*width|[\d.]+ ?[a-z]{0,2})\})*"
    r"|(?P<gap>\n[ \t]*\n\s*)"
)
_COLUMNS = re.compile(r"(?:\[[^\]\n]{0,20}\])?\{")
_LEVELS = {"title": 1, "part": 1, "chapter": 1, "section": 2, "subsection": 3, "subsubsection": 4, "paragraph": 5}
_ACCENTS = {
    "~": " ",
    "``": "“",
    "''": "”",
    "\\%": "%",
    "\\&": "&",
    "\\_": "_",
    "\\$": "$",
    "\\#": "#",
    "\\ ": " ",
    "\\\\": " ",
    "---": "—",
    "--": "–",
}


def read_latex(content: bytes) -> Document:
    text, encoding = decode(content)
    text = _expanded(_COMMENT.sub("", text))
    begin = text.find("\\begin{document}")
    writer = Writer()
    title, author = _plain(_argument(text, "title")), re.sub(r"\s*\\and\b\s*", ", ", _argument(text, "author"))
    _write(writer, text[begin + 16 :] if begin >= 0 else text)
    return writer.document(title, encoding=encoding, author=_plain(author))


def _expanded(text: str) -> str:
    """The text with its macros replaced, where they take no arguments and stand for a few words."""
    macros: dict[str, str] = {}

    def meant(found: re.Match[str]) -> str:
        return macros.get(found[1], found[0])

    parts, at = [], 0
    used = re.compile(r"\\([a-zA-Z]+)(?:\{\})?")
    while found := _MACRO.search(text, at):
        end = _closing(text, found.end())
        body = used.sub(meant, text[found.end() : end])
        if 0 < len(body) <= _MACRO_CHARS and (words := _plain(body)):
            macros[found["name"]] = words
        parts.append(text[at : found.start()])
        at = end + 1
    return used.sub(meant, "".join([*parts, text[at:]]))


def _argument(text: str, command: str) -> str:
    """What stands in the braces of the first such command."""
    found = re.search(rf"\\{command}\{{", text)
    return text[found.end() : _closing(text, found.end())] if found else ""


def _write(writer: Writer, text: str) -> None:
    at, kind = 0, "paragraph"
    notes: list[str] = []
    open_text: list[str] = []

    def close(following: Kind) -> None:
        nonlocal kind
        writer.add(_plain("".join(open_text)), kind)  # type: ignore[arg-type]
        for note in notes:
            writer.add(_plain(note), "note")
        open_text.clear()
        notes.clear()
        kind = following

    while found := _PART.search(text, at):
        open_text.append(text[at : found.start()])
        at = found.end()
        if name := found["heading"]:
            end = _closing(text, at)
            if name == "footnote":
                notes.append(text[at:end])
            else:
                close("paragraph")
                writer.add(_plain(text[at:end]), "caption" if name == "caption" else "heading", _LEVELS.get(name, 0))
            at = end + 1
        elif found["item"]:
            close("item")
            open_text.append((found["term"] or "") + " ")
        elif found["table"] or found["code"]:
            name = found["table"] or found["code"]
            close("paragraph")
            end = text.find("\\end{" + name, at)
            end = end if end >= 0 else len(text)
            if found["table"]:
                writer.table(_rows(text[at:end]))
            else:
                writer.add(text[at:end], "code")
            at = end
        elif found["gap"]:
            close("paragraph")
        else:
            close("paragraph")
    open_text.append(text[at:])
    close("paragraph")


def _closing(text: str, at: int) -> int:
    """Where the brace that is open at `at` closes; looks no further than a long paragraph."""
    depth = 1
    for end in range(at, min(len(text), at + 20_000)):
        depth += (text[end] == "{") - (text[end] == "}")
        if not depth:
            return end
    return min(len(text), at + 20_000)


def _rows(body: str) -> list[list[str]]:
    """A table's rows, after its columns (and its width) in braces."""
    at = 0
    while found := _COLUMNS.match(body, at):
        at = _closing(body, found.end()) + 1
    rows = [[_plain(cell) for cell in re.split(r"(?<!\\)&", row)] for row in re.split(r"\\\\|\\tabularnewline", body[at:])]
    return [row for row in rows if any(row)]


def _plain(text: str) -> str:
    text = _DROPPED.sub("", text)
    text = re.sub(r"\\(?:top|mid|bottom|h)(?:rule|line)\b", "", text)
    for mark, replacement in _ACCENTS.items():
        text = text.replace(mark, replacement)
    text = _SYMBOL.sub(_symbol, text)
    text = _COMMAND.sub("", text).replace("{", "").replace("}", "").replace("$", "")
    return " ".join(re.sub(r"\s+([.,;:])", r"\1", text).split())


def _symbol(found: re.Match[str]) -> str:
    """The character that a command names; the command where it names none."""
    name = found["name"]
    if name in _SYMBOLS:
        return _SYMBOLS[name]
    case = "CAPITAL" if name[0].isupper() else "SMALL"
    try:
        return unicodedata.lookup(f"GREEK {case} LETTER {name.upper().replace('LAMBDA', 'LAMDA')}")
    except KeyError:
        return found[0]
