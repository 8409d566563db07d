"""What is typed → its kind: a question about the text, one about the folder itself, a greeting, or something that this does not do.

In: a question and its vector, which the search works out anyway. Out: an `Intent`, with the words that fill the frame ("solar panels" in
"which files mention solar panels?"). Two linear models, fitted on examples by `training/fit_intents.py` (`models/files/intents.json`): a
multinomial logistic regression over the vector and the n-grams of the question's words, those outside the frames' vocabulary taken for a
wildcard; and one over each word and its neighbours, which tells what fills the frame from the frame (slot filling, as in Chen, Zhuo and
Wang, 2019, "BERT for Joint Intent Classification and Slot Filling", here without the network). Nothing is looked up in lists of words.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

import numpy as np

from rag.models.runtime import MODELS, FloatArray, model_folder
from rag.text.scripts import CJK

TEXT = "text"
KINDS = (
    TEXT, "chat", "command", "count", "list", "mention", "newest", "oldest", "longest", "author", "written", "contents", "summary", "timeline",
)  # fmt: skip
"""TEXT is a question about what the documents say; `chat` and `command` ask nothing of them; the others ask about the files."""
GROUNDED = ("author", "written")
"""Questions about the folder only where they name one of its documents, and the index knows the answer; else about the text."""
FILE = "intents.json"
VECTOR_SCALE = 4.0
"""The vector's weight beside the n-grams, before fitting."""
GRAMS = 3
_WORD = re.compile(
    rf"(?<=[\s\"“《])[\w'’./-]+\.[a-z][a-z0-9]{{1,4}}(?!\w)|[{CJK}]|[^\W_](?:(?![{CJK}])[\w'’./-])*(?<![./-])|[^\w\s]"
)
_OTHER, _FILE_NAME, _FIGURE = "*", "*.*", "0"
_SUFFIX = re.compile(r"\.[a-z][a-z0-9]{1,4}")


@dataclass(frozen=True)
class Intent:
    """What kind of question it is, how sure that is, and what it is about."""

    kind: str
    probability: float
    about: str = ""
    """The words that fill the frame, as they were typed; "" where nothing does."""
    other: tuple[str, ...] = ()
    """The words that no frame holds and that do not fill this one."""


@dataclass(frozen=True)
class IntentModel:
    """The fitted weights; a feature's are a row, in the order of KINDS."""

    vocabulary: frozenset[str]
    """The words of the frames."""
    vector: FloatArray
    intercept: FloatArray
    grams: Mapping[str, FloatArray]
    slots: Mapping[str, float]
    thresholds: Mapping[str, float]
    """The least probability of each kind; below it a question is taken for one about the text."""

    def intent(self, question: str, vector: FloatArray) -> Intent:
        """The kind of `question`, whose vector is that of `Encoder.embed_question`."""
        words = split(question)
        masked = mask([word for word, _, _ in words], self.vocabulary)
        found = gram_values(masked)
        scores = self.intercept + VECTOR_SCALE * (self.vector @ vector)
        for gram, value in found.items():
            if gram in self.grams:
                scores = scores + value * self.grams[gram]
        odds = np.exp(scores - scores.max())
        probabilities = dict(zip(KINDS, map(float, odds / odds.sum())))
        likely = [kind for kind in KINDS if kind != TEXT and probabilities[kind] >= self.thresholds[kind]]
        if not likely:
            return Intent(TEXT, probabilities[TEXT])
        kind = max(likely, key=probabilities.__getitem__)
        about = self._about(question, kind, words, masked)
        filling = {word for word, _, _ in split(about)}
        other = tuple(
            word for (word, _, _), mark in zip(words, masked) if mark == _OTHER and word.isalnum() and word not in filling
        )
        return Intent(kind, probabilities[kind], about, other)

    def _about(self, question: str, kind: str, words: Sequence[tuple[str, int, int]], masked: Sequence[str]) -> str:
        """From the first to the last word of the longest stretch that fills the frame."""
        inside: list[bool] = []
        for at in range(len(words)):
            features = slot_features(kind, [word for word, _, _ in words], masked, at, bool(inside) and inside[-1])
            inside.append(sum(self.slots.get(feature, 0.0) for feature in features) > 0)
        stretches: list[tuple[int, int]] = []
        for at, each in enumerate(inside):
            if each and stretches and stretches[-1][1] == at:
                stretches[-1] = (stretches[-1][0], at + 1)
            elif each:
                stretches.append((at, at + 1))
        if not stretches:
            return ""
        first, last = max(stretches, key=lambda stretch: words[stretch[1] - 1][2] - words[stretch[0]][1])
        return question[words[first][1] : words[last - 1][2]]


def split(text: str) -> list[tuple[str, int, int]]:
    """(word, start, end): Latin words and file names whole (of a Chinese one that a space or mark parts from what stands before it, too), Chinese characters and marks each by itself."""
    return [(match.group(), match.start(), match.end()) for match in _WORD.finditer(text)]


def mask(words: Sequence[str], vocabulary: frozenset[str]) -> list[str]:
    """Each word in lower case, or what stands for all that no frame holds: a file's name, a figure, another word."""
    return [
        word
        if (word := each.lower()) in vocabulary
        else _FILE_NAME
        if _SUFFIX.search(word)
        else _FIGURE
        if word.isdigit()
        else _OTHER
        for each in words
    ]


def gram_values(masked: Sequence[str]) -> dict[str, float]:
    """The n-grams of a masked question, up to GRAMS long, runs of other words as one; all together of unit length."""
    folded = ["^", *(word for before, word in pairwise(["", *masked]) if (before, word) != (_OTHER, _OTHER)), "$"]
    grams = {" ".join(folded[at : at + size]) for size in range(1, GRAMS + 1) for at in range(len(folded) - size + 1)}
    value = 1 / math.sqrt(len(grams))
    return dict.fromkeys(sorted(grams), value)


def slot_features(kind: str, words: Sequence[str], masked: Sequence[str], at: int, follows: bool) -> list[str]:
    """What tells whether word number `at` fills the frame: itself, its neighbours, the kind, and whether the word before it does."""
    b2, b1, own, a1, a2 = ["^", "^", *masked, "$", "$"][at : at + 5]
    features = [
        f"0 {own}", f"-1 {b1}", f"+1 {a1}", f"-2 {b2}", f"+2 {a2}", f"-1 0 {b1} {own}", f"0 +1 {own} {a1}", f"-2 -1 {b2} {b1}",
        f"+1 +2 {a1} {a2}", f"-1 0 +1 {b1} {own} {a1}",
    ]  # fmt: skip
    before = "in" if follows else "out"
    features += [f"{kind} {feature}" for feature in features[:3]]
    features += [before, f"{before} 0 {own}", f"{before} +1 {a1}", f"{before} 0 +1 {own} {a1}", f"kind {kind}"]
    return [*features, "capital" if words[at][:1].isupper() and at else "plain"]


@lru_cache(maxsize=1)
def intents() -> IntentModel:
    """The shipped model. Raises ModelBroken."""
    raw = json.loads(model_folder(MODELS).content(FILE))
    return IntentModel(
        vocabulary=frozenset(raw["vocabulary"]),
        vector=np.array(raw["vector"], dtype=np.float32),
        intercept=np.array(raw["intercept"], dtype=np.float32),
        grams={gram: np.array(weights, dtype=np.float32) for gram, weights in raw["grams"].items()},
        slots=raw["slots"],
        thresholds=raw["thresholds"],
    )
