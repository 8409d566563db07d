"""Fit `rag/models/confidence.json` on development data, by document, and report on parts that were not fitted on.

In: DATA/dev/xquad_dev.{en,zh}.json (articles 1–24, CC BY-SA 4.0) and DATA/reader_train/squadshifts_new_wiki.json (CC BY 4.0).
Each article becomes a file. The coefficients are fitted on the questions of XQuAD's articles 1–12. The English threshold is
taken from the SQuADShifts paragraphs that the reader's training holds out: on what the coefficients were fitted on it comes out too
low; the Chinese one has only articles 1–12. The figures of articles 13–24 are of documents that had no part in either.

Each question gives up to three samples of candidates:
  asked     as it stands, every paragraph indexed
  gone      its own paragraph taken out of what was found: right topic and names, absent fact
  swapped   one name or figure of the question replaced by one of the same kind from another article
The threshold is the confidence below which 5 % of the questions asked as they stand would be refused.

Run: make confidence DATA=DIR
"""

from __future__ import annotations

import argparse
import json
import random
import re
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from reader_data import first_held_out
from sklearn.linear_model import LogisticRegression

from eval.metrics import RIGHT_F1, answer_f1, area_under_risk, calibration_error
from rag.answering import Candidate, find_candidates
from rag.answers import Passage
from rag.chunks import is_cjk
from rag.config import Config
from rag.fusion import fuse
from rag.pipeline import Rag
from rag.questions import names_and_figures

OUTPUT = Path(__file__).resolve().parent.parent / "rag" / "models" / "confidence.json"
REFUSED = 0.05
FITTED_ARTICLES = 12
CANDIDATES = 60
WEIGHTS = {"asked": 1.0, "gone": 0.7, "swapped": 1.0}


@dataclass(frozen=True)
class Asked:
    """One question with its gold answers and the paragraph that holds them, as characters of its file."""

    article: int
    source: str
    start: int
    end: int
    text: str
    answers: tuple[str, ...]

    def holds(self, passage: Passage) -> bool:
        return passage.source == self.source and passage.start < self.end and passage.end > self.start


@dataclass(frozen=True)
class Sample:
    """The candidates of one question: their signs and whether each is right."""

    kind: str
    article: int
    signs: list[dict[str, float]]
    right: list[bool]


Model = tuple[float, dict[str, float]]
"""Intercept and coefficients."""


def write_corpus(path: Path, folder: Path, first: int = 0) -> list[Asked]:
    """Each article as a file, its title in the first line; returns the questions. Paragraphs before `first` are left out."""
    asked, place = [], 0
    for number, article in enumerate(json.loads(path.read_text(encoding="utf-8"))["data"], start=1):
        source, text = f"{number:02}.txt", article["title"].replace("_", " ")
        for paragraph in article["paragraphs"]:
            place += 1
            if place <= first:
                continue
            start = len(text) + 2
            text = f"{text}\n\n{paragraph['context']}"
            for qa in paragraph["qas"]:
                answers = tuple(answer["text"] for answer in qa["answers"])
                asked.append(Asked(number, source, start, len(text), qa["question"], answers))
        if len(text) > len(article["title"]):
            (folder / source).write_text(text, encoding="utf-8")
    return asked


def swap(question: Asked, others: Sequence[Asked], rng: random.Random) -> str | None:
    """The question with one name or figure replaced by another article's, or None when it has none."""
    mine = names_and_figures(question.text)
    if not mine:
        return None
    old = rng.choice(mine)
    pool = [n for o in others if o.article != question.article for n in names_and_figures(o.text)]
    alike = sorted(
        {n for n in pool if n[0].isdigit() == old[0].isdigit() and is_cjk(n) == is_cjk(old) and len(n) > 1} - set(mine)
    )
    bounds = ("", "") if is_cjk(old) else (r"(?<!\w)", r"(?!\w)")
    return re.sub(re.escape(old).join(bounds), rng.choice(alike), question.text, count=1) if alike else None


def without(found: Sequence[Passage], asked: Asked, config: Config) -> list[Passage]:
    """The ranking as it would be if the question's own file were not indexed: the scores depend on all candidates."""
    left = [p for p in found if not asked.holds(p)]
    weight = 0.0 if is_cjk(asked.text) else config.dense_weight
    dense = {} if is_cjk(asked.text) else {p.chunk_id: p.dense for p in left}
    scores = fuse(dense, {p.chunk_id: p.lexical for p in left}, weight)
    return sorted((replace(p, score=scores[p.chunk_id]) for p in left), key=lambda p: (-p.score, p.source, p.start))


def collect(rag: Rag, questions: Sequence[Asked], right: Callable[[str, Asked], bool]) -> list[Sample]:
    """The samples of all questions, with the shipped code's own candidates."""
    rng = random.Random(0)
    lexical = rag.retriever.snapshot().lexical
    samples = []
    for number, asked in enumerate(questions):
        print(f"\r{number + 1}/{len(questions)}", end="", file=sys.stderr)
        found = rag.retrieve(asked.text, top_k=CANDIDATES)
        variants = [("asked", asked.text, found), ("gone", asked.text, without(found, asked, rag.config))]
        swapped = swap(asked, questions, rng)
        if swapped and is_cjk(swapped) == is_cjk(asked.text):
            variants.append(("swapped", swapped, rag.retrieve(swapped, top_k=rag.config.read_k)))
        for kind, text, passages in variants:
            candidates = find_candidates(text, passages[: rag.config.read_k], rag.reader, lexical)
            labels = [
                kind == "asked" and asked.holds(c.passage) and right(spoken(c, is_cjk(asked.text)), asked) for c in candidates
            ]
            samples.append(Sample(kind, asked.article, [dict(c.signs) for c in candidates], labels))
    print(file=sys.stderr)
    return samples


def spoken(candidate: Candidate, chinese: bool) -> str:
    """What is weighed: the span of an English answer, the sentence of a Chinese one."""
    return candidate.passage.characters(*candidate.sentence) if chinese else candidate.text


def fit(samples: Sequence[Sample]) -> Model:
    rows = [(signs, label, WEIGHTS[s.kind]) for s in samples for signs, label in zip(s.signs, s.right)]
    names = list(rows[0][0])
    x = np.array([[signs[n] for n in names] for signs, _, _ in rows])
    scale = x.std(axis=0)
    scale[scale == 0] = 1
    model = LogisticRegression(C=1.0, max_iter=2000)
    model.fit(x / scale, [label for _, label, _ in rows], sample_weight=[w for _, _, w in rows])
    return float(model.intercept_[0]), {n: round(float(c / s), 4) for n, c, s in zip(names, model.coef_[0], scale)}


def recalibrate(samples: Sequence[Sample], model: Model) -> Model:
    """Platt's second step on the winning candidate of each question: the best of many is right less often than it looks."""
    top = [(logit, label, WEIGHTS[s.kind]) for s in samples for logit, label in [winner(s, model)]]
    second = LogisticRegression(C=100.0)
    second.fit([[logit] for logit, _, _ in top], [label for _, label, _ in top], sample_weight=[w for _, _, w in top])
    slope, shift = float(second.coef_[0][0]), float(second.intercept_[0])
    return round(model[0] * slope + shift, 4), {n: round(w * slope, 4) for n, w in model[1].items()}


def winner(sample: Sample, model: Model) -> tuple[float, bool]:
    """Log-odds of the most probable candidate, and whether it is right."""
    scored = [model[0] + sum(model[1][n] * v for n, v in signs.items() if n in model[1]) for signs in sample.signs]
    best = int(np.argmax(scored)) if scored else -1
    return (scored[best], sample.right[best]) if scored else (-30.0, False)


def sigmoid(values: Sequence[float]) -> np.ndarray:
    return 1 / (1 + np.exp(-np.array(values)))


def pairs(winners: Sequence[tuple[float, bool]]) -> np.ndarray:
    """(confidence, right) of each winner, as the eval suite's figures take them."""
    return np.column_stack([sigmoid([logit for logit, _ in winners]), [float(right) for _, right in winners]])


def report(name: str, samples: Sequence[Sample], model: Model, threshold: float, raw: str) -> dict[str, float]:
    """Figures of one part; `raw` is the sign that ranks the answers before calibration."""
    by_kind = {k: [winner(s, model) for s in samples if s.kind == k] for k in WEIGHTS}
    figures = {f"refused_{k}": float((sigmoid([w[0] for w in v]) < threshold).mean()) for k, v in by_kind.items() if v}
    figures["right_asked"] = float(np.mean([label for _, label in by_kind["asked"]]))
    every = [w for v in by_kind.values() for w in v]
    figures["ece"] = calibration_error(pairs(every))
    figures["aurc"] = area_under_risk(pairs(every))
    figures["aurc_before"] = area_under_risk(pairs([winner(s, (0.0, {raw: 1.0})) for s in samples]))
    figures = {key: round(value, 3) for key, value in figures.items()}
    print(name, figures)
    return figures


def ask_all(path: Path, right: Callable[[str, Asked], bool], chinese: bool, first: int = 0) -> list[Sample]:
    """Samples of every question of a SQuAD-format file, each article indexed as a file."""
    with tempfile.TemporaryDirectory() as temporary:
        docs = Path(temporary) / "docs"
        docs.mkdir()
        questions = [asked for asked in write_corpus(path, docs, first) if is_cjk(asked.text) == chinese]
        with Rag(Config(docs=docs, index_dir=Path(temporary) / "index")) as rag:
            rag.sync()
            return collect(rag, questions, right)


def held_out_paragraphs(path: Path) -> int:
    """The place of the first paragraph of a SQuAD-format file that the reader is not trained on."""
    return first_held_out(sum(len(article["paragraphs"]) for article in json.loads(path.read_text(encoding="utf-8"))["data"]))


def in_span(text: str, asked: Asked) -> bool:
    return answer_f1(text, asked.answers) >= RIGHT_F1


def in_sentence(text: str, asked: Asked) -> bool:
    return any(answer in text for answer in asked.answers)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path, help="folder with dev/ and reader_train/")
    parser.add_argument("--language", choices=("en", "zh"), help="fit only this one and keep the other as it is")
    options = parser.parse_args()
    kept = json.loads(OUTPUT.read_text(encoding="utf-8")) if options.language else {}
    result: dict[str, object] = {**kept, "made_by": "training/fit_confidence.py on XQuAD articles 1-12 (CC BY-SA 4.0)"}
    # Candidates are collected with a neutral model in place: the signs may have changed since the last one was fitted.
    neutral = {"intercept": 0.0, "coefficients": {}, "threshold": 0.5}
    OUTPUT.write_text(json.dumps({"en": neutral, "zh": neutral, **kept, options.language or "en": neutral}), encoding="utf-8")
    for language, right, raw in (("en", in_span, "margin"), ("zh", in_sentence, "sentence_coverage")):
        if options.language not in (None, language):
            continue
        samples = ask_all(options.data / "dev" / f"xquad_dev.{language}.json", right, language == "zh")
        shifts = options.data / "reader_train" / "squadshifts_new_wiki.json"
        moved = ask_all(shifts, right, False, held_out_paragraphs(shifts)) if language == "en" else []
        fitted = [s for s in samples if s.article <= FITTED_ARTICLES]
        held_out = [s for s in samples if s.article > FITTED_ARTICLES]
        model = recalibrate(fitted, fit(fitted))
        asked = [winner(s, model)[0] for s in moved or fitted if s.kind == "asked"]
        threshold = round(float(sigmoid([np.quantile(asked, REFUSED)])[0]), 3)
        parts = {"fitted": fitted, "held_out": held_out, "squadshifts": moved}
        figures = {name: report(f"{language} {name}", part, model, threshold, raw) for name, part in parts.items() if part}
        result[language] = {"intercept": model[0], "coefficients": model[1], "threshold": threshold, **figures}
    OUTPUT.write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
