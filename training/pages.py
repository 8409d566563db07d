"""Manuals of free programs, out of unpacked Debian packages → paragraphs, English and Chinese side by side where there is a translation.

In: a folder to fetch the packages of `PACKAGES` into, each unpacked in a folder of its own. Out: `pages.jsonl.gz`, one page a line: `{"name", "title", "paragraphs": [{"heading", "en": [text, [[start, end], …]], "zh": …}, …]}`; the spans are what the page
marks: code, keys, names of menus. A paragraph's translation is told by its id where the pages have ids, else by its place where both pages
have as many paragraphs.

Run: python training/pages.py FOLDER pages.jsonl.gz
"""

from __future__ import annotations

import argparse
import gzip
import json
import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lxml import etree, html
from set_examples import size_language

PACKAGES = {
    "libreoffice-help-en-us": ("usr/share/libreoffice/help/en-US/text", "libreoffice-help-zh-cn/usr/share/libreoffice/help/zh-CN/text"),
    "gnome-user-docs": ("usr/share/help/C/gnome-help", "gnome-user-docs/usr/share/help/zh_CN/gnome-help"),
    "gimp-help-en": ("usr/share/gimp/2.0/help/en", "gimp-help-zh-cn/usr/share/gimp/2.0/help/zh_CN"),
    "installation-guide-amd64": (
        "usr/share/doc/installation-guide-amd64/en", "installation-guide-amd64/usr/share/doc/installation-guide-amd64/zh_CN",
    ),
    "postgresql-doc-15": ("usr/share/doc", ""),
    "python3.11-doc": ("usr/share/doc", ""),
    "git-doc": ("usr/share/doc", ""),
    "apache2-doc": ("usr/share/doc/apache2-doc/manual/en", ""),
    "python-django-doc": ("usr/share/doc", ""),
    "python-sqlalchemy-doc": ("usr/share/doc", ""),
    "sqlite3-doc": ("usr/share/doc", ""),
}  # fmt: skip
"""Of each package the folder of its English pages, and from the same root that of the Chinese ones."""
_BLOCKS = frozenset("p li dt dd h1 h2 h3 h4 h5 title td desc".split())
_HEADINGS = frozenset("h1 h2 h3 h4 h5 title".split())
_MARKED = frozenset("code tt kbd samp strong gui guiseq key cmd file app input span".split())
_SPANS = frozenset("emph menuitem literal input keycode widget guilabel guimenu guimenuitem pre".split())
_SKIPPED = frozenset("script style head nav footer header table info".split())
LONGEST = 1_500


@dataclass(frozen=True)
class Marked:
    """A paragraph's text with what its page marks in it."""

    text: str
    marks: tuple[tuple[int, int], ...] = ()


def _name(element: Any) -> str:
    return etree.QName(element).localname if isinstance(element.tag, str) else ""


def _marked(block: Any) -> Marked:
    """White space folded; what stands in blocks of its own is left out."""
    parts: list[str] = []
    marks: list[tuple[int, int]] = []

    def put(text: str | None) -> None:
        folded = re.sub(r"\s+", " ", text or "")
        before = "".join(parts)
        if folded.startswith(" ") and (not before or before.endswith(" ")):
            folded = folded[1:]
        parts.append(folded)

    def walk(element: Any) -> None:
        put(element.text)
        for child in element:
            name = _name(child)
            if name in _BLOCKS or name in _SKIPPED or not name:
                put(child.tail)
                continue
            start = len("".join(parts))
            walk(child)
            end = len("".join(parts).rstrip())
            kinds = (child.get("class") or "").split()
            if name in _MARKED and (name != "span" or _SPANS & set(kinds)) and end > start:
                marks.append((start, end))
            put(child.tail)

    walk(block)
    text = "".join(parts).rstrip()
    return Marked(text, tuple((a, b) for a, b in marks if b <= len(text)))


def _blocks(path: Path) -> Iterator[tuple[str, str, Marked]]:
    """Of each block its id or "", its kind, its text."""
    content = path.read_bytes()
    try:
        root = etree.fromstring(content) if path.suffix == ".page" else html.fromstring(content)
    except (etree.ParseError, ValueError):
        return
    for element in root.iter():
        name = _name(element)
        if name in _BLOCKS and not any(_name(above) in _SKIPPED for above in element.iterancestors()):
            found = _marked(element)
            if found.text and len(found.text) <= LONGEST:
                yield element.get("id") or "", name, found


def _page(name: str, english: Path, chinese: Path | None) -> dict[str, Any]:
    own = list(_blocks(english))
    other = list(_blocks(chinese)) if chinese and chinese.is_file() else []
    by_id = {key: text for key, _, text in other if key}
    in_step = len(own) == len(other)
    paragraphs, heading, title = [], "", ""
    for number, (key, kind, text) in enumerate(own):
        translated = by_id.get(key) if key else other[number][2] if in_step else None
        if translated and size_language(translated.text) != "zh":
            translated = None
        if kind in _HEADINGS:
            title = title or text.text
            heading = text.text
        elif len(text.text) > 20:
            told = {"heading": heading, "en": [text.text, text.marks]}
            paragraphs.append(told | ({"zh": [translated.text, translated.marks]} if translated else {}))
    return {"name": name, "title": title, "paragraphs": paragraphs}


def fetch(folder: Path) -> None:
    """Download and unpack the packages that are not there yet."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in sorted({*PACKAGES, *(translated.partition("/")[0] for _, translated in PACKAGES.values() if translated)}):
        if not (folder / name).is_dir():
            subprocess.run(["apt-get", "download", "--quiet", name], cwd=folder, check=True)
            (package,) = folder.glob(f"{name}_*.deb")
            subprocess.run(["dpkg", "-x", str(package), str(folder / name)], check=True)
            package.unlink()


def pages(folder: Path) -> Iterator[dict[str, Any]]:
    for package, (root, translated) in PACKAGES.items():
        top = folder / package / root
        for path in sorted(p for p in top.rglob("*") if p.is_file() and re.search(r"(\.html(\.en)?|\.page)$", p.name)):
            inside = path.relative_to(top)
            page = _page(f"{package}/{inside}", path, folder / translated / inside if translated else None)
            if len(page["paragraphs"]) >= 2:
                yield page


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("out", type=Path)
    options = parser.parse_args()
    fetch(options.folder)
    count = both = 0
    with gzip.open(options.out, "wt", encoding="utf-8") as out:
        for page in pages(options.folder):
            out.write(json.dumps(page, ensure_ascii=False) + "\n")
            count += len(page["paragraphs"])
            both += sum("zh" in paragraph for paragraph in page["paragraphs"])
    print(f"{options.out}: {count} paragraphs, {both} in both languages")


if __name__ == "__main__":
    main()
