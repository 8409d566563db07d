"""Bytes → text, by byte-order mark, UTF-8, or the legacy encoding in which they read as some language is written.

Of a legacy encoding the letters decide: in the right one they are those of one alphabet and stand where letters stand, in a wrong one
there are signs within words, capitals after small letters, and characters that are rare in print. Where none reads so, the file is
refused rather than read wrong.
"""

from __future__ import annotations

import codecs
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from contextlib import suppress

from rag.errors import FileFailed, FileSkipped

_BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF32_LE, "utf-32"), (codecs.BOM_UTF32_BE, "utf-32"),
         (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))  # fmt: skip
_SAMPLE = 100_000
"""Bytes that are looked at to tell an encoding."""
_WEST = (
    "äöüß", "àâæçéèêëîïôœùûüÿ", "áéíñóúü", "àáâãçéêíóôõúü", "àèéìíîòóùú", "äåéö", "åæéòôø", "áæéíðóöúýþ", "äõöüšž", "áëéèïíóöü",
)  # fmt: skip
"""Letters beyond ASCII of German, French, Spanish, Portuguese, Italian, Swedish and Finnish, Danish and Norwegian, Icelandic,
Estonian, and Dutch."""
_ALPHABETS = {
    "cp1252": _WEST,
    "iso8859_15": _WEST,
    "cp1254": ("çğıiöşüâîû",),
    "cp1250": ("ąćęłńóśźż", "áčďéěíňóřšťúůýž", "áäčďéíĺľňóôŕšťúýž", "áéíóöőúüű", "čćđšž", "ăâîşţ"),
    "cp1251": ("абвгдеёжзийклмнопрстуфхцчшщъыьэюя", "абвгґдеєжзиіїйклмнопрстуфхцчшщьюя", "абвгдђежзијклљмнњопрстћуфхцчџш"),
    "mac_roman": _WEST,
}
"""Encodings of one byte a character, the likelier first, with the alphabets that are written in them."""
_MIXED = dict.fromkeys(("cp1252", "mac_roman"), ("".join({*"".join(_WEST)} - {*"ðýþšž"}),))
"""The same for a text with names from several languages, which none of the alphabets has alone."""
_CYRILLIC = "\u0400"
_CYRILLIC_VOWELS, _VOWELS = "аеёиоуыэюяєії", 0.25
"""Every other script of one byte a character reads as Cyrillic letters, but with fewer vowels than this share."""
_COMMON = {
    "cp949": ("euc_kr", range(0xB0, 0xC9)),
    "gb18030": ("gb2312", range(0xB0, 0xD8)),
    "big5": ("big5", range(0xA4, 0xC7)),
    "cp932": ("euc_jp", range(0xB0, 0xD0)),
    "euc_jp": ("euc_jp", range(0xB0, 0xD0)),
}
"""Encodings of two bytes a character, with the standard behind each and the first bytes of its common characters. Where two read all
of a text so, it is in the one that has fewer of them, and comes first."""
_AFTER_A_LETTER = set("’”“»›…–—·€°™®©²³ªº\u00a0\u00ad")
_BEFORE_A_LETTER = set("‘“„‚«‹¿¡§–—…£°•·\u00a0\u00ad")
_ELSEWHERE = _AFTER_A_LETTER | _BEFORE_A_LETTER | set("±×÷¼½¾µ¶†‡‰¥¢")


def decode(content: bytes) -> tuple[str, str]:
    """(text, encoding) such that `content.decode(encoding) == text`, but for damaged UTF-8. Raises FileSkipped for what is no text.

    A byte-order mark decides; else UTF-16 by its zero bytes, ISO-2022-JP by its escapes, UTF-8, also with a few bytes of cp1252
    in it or cut within a character, and then the legacy encoding in which the text is written most rightly.
    """
    for mark, encoding in _BOMS:
        if content.startswith(mark):
            return _strict(content, encoding), encoding
    if b"\x00" in content:
        encoding = _utf16_by_zeros(content)
        return _strict(content, encoding), encoding
    if b"\x1b$B" in content or b"\x1b$@" in content:
        try:
            return _printable(content.decode("iso2022_jp")), "iso2022_jp"
        except UnicodeDecodeError:
            pass
    try:
        return _printable(content.decode("utf-8")), "utf-8"
    except UnicodeDecodeError as error:
        return _damaged_utf8(content, error) or _legacy(content)


def _damaged_utf8(content: bytes, error: UnicodeDecodeError) -> tuple[str, str] | None:
    """UTF-8 that is cut at its end, or has at most one wrong byte for each whole character beyond ASCII."""
    if error.reason == "unexpected end of data":
        return _printable(content[: error.start].decode("utf-8")), "utf-8"
    sound = content.decode("utf-8", "ignore")
    bad = len(content) - len(sound.encode("utf-8"))
    whole = sum(character > "\x7f" for character in sound)
    if bad > whole:
        return None
    _printable(sound)
    return content.decode("utf-8", _MENDED), "utf-8 with cp1252"


def _as_cp1252(error: UnicodeError) -> tuple[str, int]:
    """A byte that is no UTF-8 as the cp1252 that it most often is; a character that the file's end cuts as nothing."""
    assert isinstance(error, UnicodeDecodeError)
    if error.reason == "unexpected end of data":
        return "", error.end
    return error.object[error.start : error.start + 1].decode("cp1252", "replace"), error.start + 1


_MENDED = "rag.formats.encodings.mended"
codecs.register_error(_MENDED, _as_cp1252)


def _strict(content: bytes, encoding: str) -> str:
    try:
        return _printable(content.decode(encoding))
    except UnicodeDecodeError as error:
        raise FileFailed("damaged", encoding=encoding, byte=error.start) from error


def _printable(text: str) -> str:
    sample = text[:100_000]
    controls = sum((c < " " and c not in "\t\n\r\f\v\x1b") or c == "\ufffd" for c in sample)
    if controls * 100 > len(sample):
        raise FileSkipped("binary")
    return text


def _utf16_by_zeros(content: bytes) -> str:
    sample = content[:4000]
    even, odd = sample[::2].count(0), sample[1::2].count(0)
    half = max(len(sample) // 2, 1)
    if odd > 0.3 * half and even < 0.05 * half:
        return "utf-16-le"
    if even > 0.3 * half and odd < 0.05 * half:
        return "utf-16-be"
    raise FileSkipped("binary")


def _legacy(content: bytes) -> tuple[str, str]:
    """In the encoding in which the most of it is written rightly, if that is nearly all; ASCII with a stray byte or two as that."""
    first = re.search(rb"[\x80-\xff]", content)
    start = max(first.start() - 1_000, 0) if first else 0
    sample = content[content.rfind(b"\n", 0, start) + 1 :][:_SAMPLE]
    for alphabets, least in ((_ALPHABETS, 0.85), (_MIXED, 0.97)):
        believed = [(share, encoding) for share, encoding in _shares(sample, alphabets) if share >= least]
        for _, encoding in sorted(believed, key=lambda found: -found[0]):
            with suppress(UnicodeDecodeError):
                return _printable(content.decode(encoding)), encoding
    if len(re.findall(rb"[\x80-\xff]", content)) <= max(1, len(content) // 1_000):
        _printable(content.decode("utf-8", "ignore"))
        return content.decode("utf-8", "replace"), "damaged utf-8"
    raise FileSkipped("unknown encoding")


def _shares(sample: bytes, written: Mapping[str, Iterable[str]]) -> Iterable[tuple[float, str]]:
    """Of each encoding that can be, the share of the characters beyond ASCII that are written rightly."""
    for encoding, alphabets in written.items():
        with suppress(UnicodeDecodeError):
            yield _lettered(sample.decode(encoding), alphabets), encoding
    for encoding, (standard, rows) in _COMMON.items():
        with suppress(UnicodeDecodeError):
            yield _common(codecs.getincrementaldecoder(encoding)().decode(sample), standard, rows), encoding


def _lettered(text: str, alphabets: Iterable[str]) -> float:
    """The share of letters that belong to the one alphabet that has the most of them, and of signs that stand where signs do."""
    letters: Counter[str] = Counter()
    right = beyond = 0
    for found in re.finditer(r"[^\x00-\x7f]", text):
        character, at = found[0], found.start()
        before, after = text[max(at - 1, 0) : at] or " ", text[at + 1 : at + 2] or " "
        beyond += 1
        if character.isalpha() and character not in "ªºµ":
            letters[character.lower()[0]] += not _misplaced(character, before, after)
        elif before.isalpha() and after.isalpha():
            right += character in "’·–—\u00ad"
        else:
            fits = _AFTER_A_LETTER if before.isalpha() else _BEFORE_A_LETTER if after.isalpha() else _ELSEWHERE
            right += character in fits
    if sum(letters[vowel] for vowel in _CYRILLIC_VOWELS) < _VOWELS * sum(
        letters[letter] for letter in letters if letter >= _CYRILLIC
    ):
        return 0.0
    right += max(sum(letters[letter] for letter in alphabet) for alphabet in alphabets)
    return right / beyond if beyond else 0.0


def _misplaced(letter: str, before: str, after: str) -> bool:
    """A capital after a small letter, a letter beside a figure, a Cyrillic one beside a Latin one, or the middle one of three accented."""
    ascii = [each.isascii() for each in (before, after) if each.isalpha()]
    foreign = any(ascii) if letter >= _CYRILLIC else len(ascii) == 2 and not any(ascii)
    return foreign or (letter.isupper() and before.islower()) or before.isdigit() or after.isdigit()


def _common(text: str, standard: str, rows: range) -> float:
    """The share of characters that are common where the encoding is used."""
    beyond = Counter(character for character in text if character > "\x7f")
    signs = sum(count for character, count in beyond.items() if _is_sign(character))
    words = sum(count for character, count in beyond.items() if _is_common(character, standard, rows))
    return (signs + words) / sum(beyond.values()) if words else 0.0


def _is_sign(character: str) -> bool:
    return "\u3000" <= character <= "\u303f" or "\uff00" <= character <= "\uff5e" or character in "“”‘’…—·"


def _is_common(character: str, standard: str, rows: range) -> bool:
    if "\u3040" <= character <= "\u30ff":
        return standard == "euc_jp"
    coded = character.encode(standard, "ignore")
    return len(coded) == 2 and coded[0] in rows
