"""Bytes → text, by byte-order mark, UTF-8, or a guess that is believed only where it is sure."""

from __future__ import annotations

import codecs

from rag.errors import FileFailed, FileSkipped

ENCODINGS = ("gb18030", "big5", "cp932", "euc_kr", "cp1252", "latin_1", "cp1251")
"""Legacy encodings that are guessed when a file is not Unicode."""
MAX_CHAOS = 0.1
"""charset-normalizer's mess ratio above which its best guess is not believed."""
_BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF32_LE, "utf-32"), (codecs.BOM_UTF32_BE, "utf-32"),
         (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))  # fmt: skip


def decode(content: bytes) -> tuple[str, str]:
    """(text, encoding) such that `content.decode(encoding) == text`, but for damaged UTF-8. Raises FileSkipped for what is no text.

    A byte-order mark decides; else UTF-16 by its zero bytes, ISO-2022-JP by its escapes, UTF-8, also with a few bytes of cp1252
    in it or cut within a character, and then charset-normalizer's guess among ENCODINGS, if its confidence is high enough.
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
        return _damaged_utf8(content, error) or _guess(content)


def _damaged_utf8(content: bytes, error: UnicodeDecodeError) -> tuple[str, str] | None:
    """UTF-8 that is cut at its end, or has at most one byte of cp1252 for each two whole characters beyond ASCII."""
    if error.reason == "unexpected end of data":
        return _printable(content[: error.start].decode("utf-8")), "utf-8"
    sound = content.decode("utf-8", "ignore")
    bad = len(content) - len(sound.encode("utf-8"))
    whole = sum(character > "\x7f" for character in sound)
    return (_printable(content.decode("utf-8", _MENDED)), "utf-8 with cp1252") if 2 * bad <= whole else None


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


def _guess(content: bytes) -> tuple[str, str]:
    from charset_normalizer import from_bytes

    best = from_bytes(content[:200_000], cp_isolation=list(ENCODINGS), threshold=MAX_CHAOS).best()
    if best is None:
        raise FileSkipped("unknown encoding")
    return _strict(content, best.encoding), best.encoding
