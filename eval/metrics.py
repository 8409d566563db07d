"""Rows → figures. Pure functions of plain data; what is missing counts as wrong, a figure is a fold of its rows.

A `Row` is one question's outcome under one variant. A `Figure` says what each row contributes and how contributions become
a value; `FIGURES` lists them all. Intervals and differences come from seeded bootstraps over the questions (Efron and
Tibshirani 1993; paired: Koehn, EMNLP 2004).
"""

from __future__ import annotations

import math
import re
import string
import unicodedata
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

ALL_NEEDED = frozenset({"list", "chinese"})
SENTENCE_TYPES = frozenset({"list", "reason", "chinese"})
"""Types that the quoted sentence answers; for the others the short answer must."""
VERDICTS = {"yes": ("yes", "是", "是的"), "no": ("no", "否", "不是")}
"""How an accepted answer says yes or no, and no more."""
RIGHT_F1 = 0.5
"""Token F1 from which an answer to an imported question counts as right."""
RESAMPLES = 2000
RISK = 0.05
DEPTH = 10
"""Ranks that the retrieval figures look at."""


@dataclass(frozen=True)
class Row:
    """One question's outcome. `dataclasses.asdict` gives the row of report.json."""

    id: str
    question: str
    type: str
    language: str
    answerable: bool
    expected: tuple[str, ...]
    evidence: tuple[dict[str, Any], ...]
    """source, quote, start, end and the file's text before and after, of each gold quote."""
    answered: bool
    short: str
    text: str
    reason: str
    confidence: float
    right: bool
    """An accepted answer, whether it was given or held back."""
    exact_match: float | None
    f1: float | None
    """None for types that are judged by the sentence, and where there are no gold answers."""
    citations: tuple[dict[str, Any], ...]
    """source, start, end, quote, and `exact`: whether the file's characters there are the quote."""
    passage_ranks: dict[str, float]
    file_ranks: dict[str, float]
    """Retrieval figures of this question, by passage and by file; empty for unanswerable ones."""
    found_at: int | None
    """1-based rank of the first passage that holds a gold quote."""
    read: bool
    """Whether that passage was read."""
    milliseconds: float
    stages: dict[str, float]
    passages: tuple[dict[str, Any], ...] = field(default=(), repr=False)
    """source, start, end, score, dense, lexical, span, margin, gold."""

    @property
    def files(self) -> set[str]:
        """The files that hold the evidence."""
        return {item["source"] for item in self.evidence}

    @property
    def first_file_right(self) -> bool:
        return bool(self.citations) and self.citations[0]["source"] in self.files

    @property
    def good(self) -> bool:
        """What a person would call right: answered with an accepted answer from the right file, or rightly refused."""
        return self.right and self.answered and self.first_file_right if self.answerable else not self.answered


# --- answers -------------------------------------------------------------------------------------------------------------


def _plain(text: str) -> str:
    """Lower case without articles and punctuation but for signs of money and shares; the yardstick's own, whatever the product does."""
    lower = unicodedata.normalize("NFKC", text).lower()
    kept = "".join(c if c.isalnum() or c in "%$€£¥" else " " if c.isspace() or c in "-–—/" else "" for c in lower)
    return " ".join(word for word in kept.split() if word not in ("a", "an", "the"))


def squad_normalise(text: str) -> str:
    """As SQuAD's official script compares: lower case, no ASCII punctuation, no articles, single spaces (Rajpurkar et al. 2016)."""
    plain = "".join(c for c in text.lower() if c not in string.punctuation)
    return " ".join(re.sub(r"\b(?:a|an|the)\b", " ", plain).split())


def exact_match(given: str, golds: Sequence[str], language: str = "en") -> float:
    """1 when `given` is one of `golds` after normalisation; without golds, when it is empty (SQuAD 2.0, Rajpurkar et al. 2018)."""
    if language == "zh":
        return float(any(_cmrc_plain(given) == _cmrc_plain(gold) for gold in golds or ("",)))
    return float(any(squad_normalise(given) == squad_normalise(gold) for gold in _telling(golds)))


def answer_f1(given: str, golds: Sequence[str], language: str = "en") -> float:
    """Best F1 of `given` with one of `golds`, 0..1: of tokens as SQuAD 2.0's script counts them, or, for Chinese, of the longest
    run of characters that both share, as CMRC 2018's does (Cui et al., EMNLP 2019)."""
    one = _cmrc_f1 if language == "zh" else _token_f1
    return max(one(given, gold) for gold in _telling(golds))


def _telling(golds: Sequence[str]) -> list[str]:
    return [gold for gold in golds if squad_normalise(gold)] or [""]


def _token_f1(given: str, gold: str) -> float:
    a, b = squad_normalise(given).split(), squad_normalise(gold).split()
    if not a or not b:
        return float(a == b)
    shared = sum((Counter(a) & Counter(b)).values())
    return 2 * shared / (len(a) + len(b))


_CMRC_PUNCTUATION = frozenset("-:_*^/\\~`+=，。：？！“”；’《》·、「」（）－～『』")


def _cmrc_plain(text: str) -> str:
    return "".join(c for c in text.lower().strip() if c not in _CMRC_PUNCTUATION)


@lru_cache(maxsize=10_000)
def _cmrc_segments(text: str) -> list[str]:
    """Chinese characters one by one, what stands between them as English words."""
    from nltk.tokenize import NLTKWordTokenizer

    runs = re.findall(r"[\u4e00-\u9fa5]|[^\u4e00-\u9fa5]+", _cmrc_plain(text))
    return [word for run in runs for word in (run if "\u4e00" <= run <= "\u9fa5" else NLTKWordTokenizer().tokenize(run))]


def _cmrc_f1(given: str, gold: str) -> float:
    a, b = _cmrc_segments(given), _cmrc_segments(gold)
    shared = SequenceMatcher(None, a, b, autojunk=False).find_longest_match(0, len(a), 0, len(b)).size
    return 2 * shared / (len(a) + len(b)) if shared else 0.0


def is_right(type: str, language: str, golds: Sequence[str], short: str, text: str, imported: bool, verdict: str = "") -> bool:
    """Whether an answer is accepted.

    Where yes or no is told (`verdict`) and is among the accepted answers or its opposite is, that alone counts.
    Of an imported question: F1 of at least RIGHT_F1; in Chinese, where a short form is not always given, also a gold answer in the
    quoted sentence. Of our own: an accepted answer stands in the short one as whole words, or, for SENTENCE_TYPES, in the quoted
    text; of lists and Chinese questions all of them.
    """
    if not golds:
        return False
    expected = {said for said, words in VERDICTS.items() for gold in golds if _plain(gold) in words}
    if verdict and expected:
        return verdict in expected
    golds = [gold for gold in golds if not any(_plain(gold) in words for words in VERDICTS.values())] or golds
    if imported:
        in_sentence = language == "zh" and any(contains(text, gold, language) for gold in golds)
        return in_sentence or answer_f1(short, golds, language) >= RIGHT_F1
    given = text if type in SENTENCE_TYPES else short
    found = [contains(given, gold, language) for gold in golds]
    return all(found) if type in ALL_NEEDED else any(found)


def contains(text: str, gold: str, language: str) -> bool:
    """Whether `gold` stands in `text` as whole words; in Chinese as characters."""
    if language == "zh":
        return _plain(gold).replace(" ", "") in _plain(text).replace(" ", "")
    return f" {_plain(gold)} " in f" {_plain(text)} "


# --- retrieval -----------------------------------------------------------------------------------------------------------

RANKING = ("recall@1", "recall@3", "recall@5", "recall@10", "RR@10", "nDCG@10", "AP@10")


def ranking(runs: Mapping[str, Sequence[str]], relevant: Mapping[str, Collection[str]]) -> dict[str, dict[str, float]]:
    """For each question of `relevant`, the figures of RANKING over its ranked ids, each of which stands there once.

    recall: share of the relevant ids in the first k. RR: 1 / rank of the first relevant (Voorhees, TREC-8). nDCG: Järvelin and
    Kekäläinen, TOIS 2002. AP: mean precision at each relevant id. A question that is missing from `runs` scores 0.
    """
    return {q: _one_ranking([id in ids for id in runs.get(q, ())][:DEPTH], len(ids)) for q, ids in relevant.items()}


def _one_ranking(hits: Sequence[bool], relevant: int) -> dict[str, float]:
    """RANKING of one question: whether each of the first ids is relevant, and how many are in all."""
    ranks = [rank for rank, hit in enumerate(hits, start=1) if hit]
    ideal = sum(1 / math.log2(rank + 1) for rank in range(1, min(relevant, DEPTH) + 1))
    return {
        **{f"recall@{k}": sum(hits[:k]) / relevant for k in (1, 3, 5, 10)},
        "RR@10": 1 / ranks[0] if ranks else 0.0,
        "nDCG@10": sum(1 / math.log2(rank + 1) for rank in ranks) / ideal,
        "AP@10": sum(found / rank for found, rank in enumerate(ranks, start=1)) / relevant,
    }


# --- citations -----------------------------------------------------------------------------------------------------------


def file_precision(row: Row) -> float:
    """Share of the cited files that hold evidence (citation precision of Gao et al., EMNLP 2023, by file)."""
    cited = {c["source"] for c in row.citations}
    return len(cited & row.files) / len(cited)


def file_recall(row: Row) -> float:
    """Share of the files with evidence that are cited (citation recall, by file)."""
    return len({c["source"] for c in row.citations} & row.files) / len(row.files)


def quote_cover(row: Row) -> float:
    """Largest share of a gold quote's characters that the citations cover."""
    shares = [0.0]
    for gold in row.evidence:
        inside = [(c["start"], c["end"]) for c in row.citations if c["source"] == gold["source"]]
        covered = sum(any(a <= i < b for a, b in inside) for i in range(gold["start"], gold["end"]))
        shares.append(covered / max(1, gold["end"] - gold["start"]))
    return max(shares)


# --- refusing and confidence: contributions are (confidence, right) ------------------------------------------------------


def risk_coverage(pairs: Floats) -> tuple[Floats, Floats]:
    """(coverage, risk) after each answer is let through, the surest first (El-Yaniv and Wiener, JMLR 2010).

    Equally sure answers count as their mean, whatever order they come in.
    """
    _, group = np.unique(-pairs[:, 0], return_inverse=True)
    wrong = np.bincount(group, 1 - pairs[:, 1]) / np.bincount(group)
    count = np.arange(1, len(pairs) + 1)
    return count / len(pairs), np.cumsum(wrong[np.sort(group)]) / count


def area_under_risk(pairs: Floats) -> float:
    """AURC: mean risk over all coverages (Geifman and El-Yaniv, NeurIPS 2017)."""
    return float(risk_coverage(pairs)[1].mean())


def coverage_at_risk(pairs: Floats) -> float:
    """Largest share of the questions that can be answered, the surest first, with at most RISK of them wrong."""
    coverage, risk = risk_coverage(pairs)
    held = coverage[risk <= RISK]
    return float(held.max()) if len(held) else 0.0


def reliability(pairs: Floats, bins: int = 10) -> list[tuple[float, float, int]]:
    """(mean confidence, share right, size) of each of `bins` equal-width bins that is not empty (DeGroot and Fienberg 1983)."""
    place = np.minimum((pairs[:, 0] * bins).astype(int), bins - 1)
    inside = [pairs[place == b] for b in range(bins)]
    return [(float(part[:, 0].mean()), float(part[:, 1].mean()), len(part)) for part in inside if len(part)]


def calibration_error(pairs: Floats) -> float:
    """Expected calibration error over ten equal-width bins (Naeini et al., AAAI 2015)."""
    return sum(abs(stated - right) * size for stated, right, size in reliability(pairs)) / len(pairs)


def brier(pairs: Floats) -> float:
    """Mean squared distance of the confidence from what happened (Brier 1950)."""
    return float(((pairs[:, 0] - pairs[:, 1]) ** 2).mean())


# --- figures -------------------------------------------------------------------------------------------------------------


def mean(values: Floats) -> float:
    return float(values[:, 0].mean())


@dataclass(frozen=True)
class Figure:
    """One number of the report: what a row contributes (None where it does not count) and how that becomes the value."""

    name: str
    group: str
    what: str
    of: Callable[[Row], tuple[float, ...] | None]
    over: Callable[[Floats], float] = mean
    more_is_better: bool = True

    def contributions(self, rows: Sequence[Row]) -> Floats:
        """Shaped (rows that count, parts of a contribution)."""
        found = [c for row in rows if (c := self.of(row)) is not None]
        return np.array(found, dtype=float).reshape(len(found), -1) if found else np.zeros((0, 1))


def _ranked(level: str, name: str) -> Callable[[Row], tuple[float, ...] | None]:
    def of(row: Row) -> tuple[float, ...] | None:
        ranks = row.passage_ranks if level == "passage" else row.file_ranks
        return (ranks[name],) if ranks else None

    return of


def _when(condition: Callable[[Row], bool], value: Callable[[Row], float | None]) -> Callable[[Row], tuple[float, ...] | None]:
    def of(row: Row) -> tuple[float, ...] | None:
        found = value(row) if condition(row) else None
        return None if found is None else (float(found),)

    return of


def _has_answers(row: Row) -> bool:
    return row.answerable and bool(row.expected)


def _pair(row: Row) -> tuple[float, ...] | None:
    """Confidence and rightness of the best candidate, given or held back; an unanswerable question has no right one."""
    return (row.confidence, float(row.right)) if row.expected or not row.answerable else None


FIGURES = (
    Figure("right", "answers", "answered with an accepted answer, its file cited first",
           _when(_has_answers, lambda r: r.good)),
    Figure("exact match", "answers", "the short answer is a gold answer", _when(_has_answers, lambda r: r.exact_match)),
    Figure("F1", "answers", "words that the short answer shares with the gold one; a refusal counts 0",
           _when(_has_answers, lambda r: r.f1)),
    Figure("exact quotes", "citations", "all quotes of an answer are the file's characters at their place",
           _when(lambda r: bool(r.citations), lambda r: all(c["exact"] for c in r.citations))),
    Figure("first citation", "citations", "of the answers given, the first citation is of a file with the evidence",
           _when(lambda r: _has_answers(r) and r.answered, lambda r: r.first_file_right)),
    Figure("citation precision", "citations", "share of the cited files that hold evidence",
           _when(lambda r: _has_answers(r) and r.answered and bool(r.citations), file_precision)),
    Figure("citation recall", "citations", "share of the files with evidence that are cited",
           _when(lambda r: _has_answers(r) and r.answered, file_recall)),
    Figure("gold quote covered", "citations", "share of the gold quote that the citations cover",
           _when(lambda r: _has_answers(r) and r.answered, quote_cover)),
    Figure("hallucination rate", "refusals", "unanswerable questions that were answered (NoMIRACL, arXiv 2312.11361)",
           _when(lambda r: not r.answerable, lambda r: r.answered), more_is_better=False),
    Figure("error rate", "refusals", "answerable questions that were refused (NoMIRACL)",
           _when(_has_answers, lambda r: not r.answered), more_is_better=False),
    Figure("wrong when shown", "refusals", "answers given that are wrong, or that no file holds",
           _when(lambda r: r.answered and (bool(r.expected) or not r.answerable), lambda r: not r.good), more_is_better=False),
    Figure("AURC", "refusals", "mean share of wrong answers over all coverages, the surest first", _pair, area_under_risk, False),
    Figure("coverage at 5 % risk", "refusals", "questions that can be answered with at most 5 % of the answers wrong",
           _pair, coverage_at_risk),
    Figure("calibration error", "confidence", "distance of stated confidence from the share right, over ten bins",
           _pair, calibration_error, False),
    Figure("Brier score", "confidence", "mean squared distance of the confidence from the outcome", _pair, brier, False),
    *(Figure(f"{level} {name}", "retrieval", f"{name} of the {unit}", _ranked(level, name))
      for level, unit in (("passage", "passages that hold the gold quote"), ("file", "files with the evidence"))
      for name in RANKING),
)  # fmt: skip
BY_NAME = {figure.name: figure for figure in FIGURES}


FEW = 12
"""Questions below which a share tells too little: its 95 % interval (Wilson) is wider than half of the scale where it is a half, from
`z / sqrt(n + z²) > 1/2` with z = 1.96; and the bootstrap draws none at all where all are right."""


@dataclass(frozen=True)
class Value:
    """A figure with its 95 % interval, and the number of questions that it is taken over."""

    value: float
    low: float
    high: float
    size: int

    @property
    def few(self) -> bool:
        """Whether they are too few to tell, whatever the interval is."""
        return self.size < FEW


def value_of(figure: Figure, rows: Sequence[Row], seed: int = 0) -> Value | None:
    """The figure over `rows` with a percentile bootstrap interval; None where no row counts."""
    found = figure.contributions(rows)
    if not len(found):
        return None
    drawn = _resampled(figure, found, seed)
    low, high = np.quantile(drawn, [0.025, 0.975])
    return Value(figure.over(found), float(low), float(high), len(found))


def difference(figure: Figure, rows: Sequence[Row], baseline: Sequence[Row], seed: int = 0) -> Value | None:
    """`rows` less `baseline` over the questions that both hold, with a paired bootstrap interval; None where there are none."""
    theirs = {row.id: row for row in baseline}
    pairs = [(mine, theirs[mine.id]) for mine in rows if mine.id in theirs]
    # A figure may count a question for one side only (citations of a refusal): such a pair counts for neither.
    both = [(a, b) for a, b in pairs if figure.of(a) is not None and figure.of(b) is not None]
    if not both:
        return None
    a, b = figure.contributions([a for a, _ in both]), figure.contributions([b for _, b in both])
    drawn = _resampled(figure, a, seed) - _resampled(figure, b, seed)
    low, high = np.quantile(drawn, [0.025, 0.975])
    return Value(figure.over(a) - figure.over(b), float(low), float(high), len(both))


def _resampled(figure: Figure, found: Floats, seed: int) -> Floats:
    """The figure over RESAMPLES draws with replacement; the same seed and size give the same draws."""
    draws = np.random.default_rng(seed).integers(0, len(found), (RESAMPLES, len(found)))
    if figure.over is mean:
        return np.asarray(found[:, 0][draws].mean(axis=1), dtype=float)
    return np.array([figure.over(found[draw]) for draw in draws])


def percentile(values: Sequence[float], share: float) -> float:
    """Nearest-rank percentile; 0 for none."""
    return sorted(values)[min(len(values) - 1, math.ceil(share * len(values)) - 1)] if values else 0.0


# --- why a question went wrong -------------------------------------------------------------------------------------------

FAILURES = {
    "not retrieved": "no passage that was found holds the gold quote",
    "retrieved but not read": "the gold passage was found, but too far down to be read",
    "wrong span": "the gold passage was read, but another span was taken",
    "wrong file": "the answer is right, but its first citation is of a file without the evidence",
    "wrongly refused": "the right answer was found, but held back",
    "wrongly answered": "the documents do not answer, yet an answer was given",
}


NEXT = {
    "not retrieved": "ask them under “Search” with the gold quote, which tells its rank by meaning and by words; `Config.candidates` finds more",
    "retrieved but not read": "`Config.read_k` has more passages read, and takes longer",
    "wrong span": "read what was given below: if it is right too, add it to their “answers”",
    "wrong file": "if the file that was cited says so too, add its quote to their “evidence”",
    "wrongly refused": "compare their confidence with the threshold: `Config.min_confidence` lowers it, and lets more wrong answers through",
    "wrongly answered": "compare their confidence with the threshold: `Config.min_confidence` raises it, and holds more right answers back",
}
"""What can be done about each of FAILURES."""


def failure(row: Row) -> str:
    """A key of FAILURES, or "" when the question went well or is measured by retrieval alone."""
    if row.good or (row.answerable and not row.expected):
        return ""
    if not row.answerable:
        return "wrongly answered"
    if row.right:
        return "wrong file" if row.answered else "wrongly refused"
    if row.found_at is None:
        return "not retrieved"
    return "wrong span" if row.read else "retrieved but not read"
