"""Fit `rag/models/files/confidence.json` on development data, by document, and report on parts that were not fitted on.

In: DATA/dev/xquad_dev.{en,zh}.json (articles 1–24, CC BY-SA 4.0), DATA/dev/cmrc2018_trial.json (CC BY-SA 4.0) and
DATA/reader_train/squadshifts_new_wiki.json (CC BY 4.0).
Each article becomes a file. The coefficients are fitted on the questions of XQuAD's articles 1–12. The English threshold is
taken from the SQuADShifts paragraphs that the reader's training holds out, where more is refused at the same confidence; the Chinese one
from articles 1–12, since CMRC's would refuse 17 % of XQuAD's articles 13–24. The scales are taken from articles 1–12 with SQuADShifts or
CMRC: from the former alone they fit no other data. The figures of articles 13–24 are of documents that had no part in any of it.
The third model, "zh-en", is for XQuAD's Chinese questions asked of its English articles in English words: 5 % of the answerable ones
refused would let most wrong answers through, so its threshold is the one that refuses as many "gone" questions as in English.

Each question gives up to six samples of candidates:
  asked      as it stands, every paragraph indexed
  gone       its own paragraph taken out of what was found: right topic and names, absent fact
  elsewhere  its whole article taken out: another topic
  swapped    one name or figure of the question replaced by one of the same kind from another article
  foreign    one name or figure of the question replaced by one that no file holds, from another data set's questions
  crossed    one name of the question replaced by another name of the paragraph that answers: all the names are there
FIT_WEIGHTS counts each kind in fitting the coefficients, with more negatives than there will be: they are what is hard. MIX says how
often each will be asked, two questions in three being answerable; the scale of the log-odds (Platt's two numbers) is fitted on it, and
the figures are reported for it. A confidence means something for such a mix only. The thresholds of "en" and "zh" are the confidence
below which 5 % of the questions asked as they stand would be refused.

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
from outputs import beside
from reader_data import NAME, first_held_out
from sklearn.linear_model import LogisticRegression

from eval.metrics import RIGHT_F1, answer_f1, area_under_risk, calibration_error
from rag.answers import Passage
from rag.config import Config
from rag.corpus.documents import read_text
from rag.pipeline import Rag
from rag.questions import names_and_figures
from rag.reading.answering import Candidate, find_candidates, worth_reading
from rag.reading.confidence import BANDS, Calibration, band
from rag.search.fusion import fuse
from rag.text.names import nation_words
from rag.text.scripts import is_cjk
from rag.text.terms import tokens

OUTPUT = Path(__file__).resolve().parent.parent / "rag" / "models" / "files" / "confidence.json"
REFUSED = 0.05
"""Share of the answerable questions in the documents' own language that may be refused."""
GONE_REFUSED = 0.8
"""Share of the questions put into English whose paragraph is gone that is refused: as many as of those asked in English."""
NEUTRAL = Calibration(0.0, {}, 0.5, {})
"""Candidates are collected with it: the signs may have changed since the last model was fitted."""
FITTED_ARTICLES = 12
CANDIDATES = 60
FIT_WEIGHTS = {"asked": 1.0, "gone": 0.7, "elsewhere": 0.5, "swapped": 0.6, "foreign": 0.4, "crossed": 0.6}
FIXED = {"contradiction": -5.0, "other_nation": -3.0}
"""Too rare in development data to be fitted. 4 of SQuADShifts' 7,938 answerable questions have a contradiction, next to all that are
about another year or edition do: the log of that ratio is below -6. Of 860 answerable questions that name a country 14 have another
nation, and 731 when that country is replaced by another one: the log is -4.0. One is taken off each, since the fitted signs see some of
it too."""
MIX = {"asked": 1.0, "gone": 0.15, "elsewhere": 0.1, "swapped": 0.1, "foreign": 0.05, "crossed": 0.1}


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

    def in_its_file(self, passage: Passage) -> bool:
        return passage.source == self.source


@dataclass(frozen=True)
class Sample:
    """The candidates of one question: their signs and whether each is right."""

    kind: str
    article: int
    signs: list[dict[str, float]]
    right: list[bool]


Signs = dict[str, float]
Model = tuple[float, Signs]
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


def swap(question: Asked, names: Sequence[str], rng: random.Random) -> str | None:
    """The question with one name or figure replaced by one of `names` of its kind, or None when there are none."""
    mine = names_and_figures(question.text)
    if not mine:
        return None
    old = rng.choice(mine)
    alike = sorted(
        {n for n in names if n[0].isdigit() == old[0].isdigit() and is_cjk(n) == is_cjk(old) and len(n) > 1} - set(mine)
    )
    bounds = ("", "") if is_cjk(old) else (r"(?<!\w)", r"(?!\w)")
    return re.sub(re.escape(old).join(bounds), rng.choice(alike), question.text, count=1) if alike else None


def cross(question: Asked, paragraph: str, rng: random.Random) -> str | None:
    """The question with one name replaced by another of the paragraph that answers it, or None when there are no two."""
    mine = [name for name in names_and_figures(question.text) if not name[0].isdigit() and name in paragraph]
    known = " ".join((question.text, *question.answers))
    named = {n for n in NAME.findall(paragraph) + nation_words(paragraph) if is_cjk(n) == is_cjk(question.text)}
    others = sorted(name for name in named if not any(word in known for word in name.split()))
    if not mine or not others:
        return None
    old = rng.choice(mine)
    whole = next((n for n in NAME.findall(question.text) if old in n), old)
    return question.text.replace(whole, rng.choice(others), 1)


def without(found: Sequence[Passage], gone: Callable[[Passage], bool], config: Config, chinese: bool) -> list[Passage]:
    """The ranking as it would be if some passages were not indexed: the scores depend on all candidates."""
    left = [p for p in found if not gone(p)]
    dense = {} if chinese else {p.chunk_id: p.dense for p in left}
    scores = fuse(dense, {p.chunk_id: p.lexical for p in left}, 0.0 if chinese else config.dense_weight)
    return sorted((replace(p, score=scores[p.chunk_id]) for p in left), key=lambda p: (-p.score, p.source, p.start))


def collect(
    rag: Rag, questions: Sequence[Asked], foreign: Sequence[str], right: Callable[[str, Asked], bool], translated: bool
) -> list[Sample]:
    """The samples of all questions, with the shipped code's own candidates; `foreign` are names and figures of other data.

    `translated` questions are Chinese ones that are put into English words.
    """
    rng = random.Random(0)
    snapshot = rag.retriever.snapshot()
    lexical = snapshot.lexical

    def searched(text: str) -> str:
        return rag.retriever.in_english(text, snapshot) if translated else text

    unknown = [name for name in foreign if not any(map(lexical.knows, tokens(name)))]
    names: dict[int, list[str]] = {}
    for question in questions:
        names.setdefault(question.article, []).extend(names_and_figures(question.text))
    samples = []
    for number, asked in enumerate(questions):
        print(f"\r{number + 1}/{len(questions)}", end="", file=sys.stderr)
        question, chinese = searched(asked.text), is_cjk(asked.text) and not translated
        found = rag.retriever.search_as(question, CANDIDATES, snapshot)
        variants = [
            ("asked", question, found),
            ("gone", question, without(found, asked.holds, rag.config, chinese)),
            ("elsewhere", question, without(found, asked.in_its_file, rag.config, chinese)),
        ]
        others = [name for article, own in names.items() if article != asked.article for name in own]
        paragraph = read_text(Path(rag.config.docs) / asked.source)[asked.start : asked.end]
        changed = {
            "swapped": swap(asked, others, rng),
            "foreign": swap(asked, unknown, rng),
            "crossed": cross(asked, paragraph, rng),
        }
        put = [(kind, searched(text)) for kind, text in changed.items() if text and is_cjk(text) == is_cjk(asked.text)]
        variants += [(kind, text, rag.retriever.search_as(text, rag.config.top_k, snapshot)) for kind, text in put]
        for kind, text, passages in variants:
            candidates = find_candidates(text, worth_reading(text, passages, rag.config), rag.reader, lexical, NEUTRAL)
            labels = [kind == "asked" and asked.holds(c.passage) and right(spoken(c, chinese), asked) for c in candidates]
            samples.append(Sample(kind, asked.article, [dict(c.signs) for c in candidates], labels))
    print(file=sys.stderr)
    return samples


def spoken(candidate: Candidate, chinese: bool) -> str:
    """What is weighed: the span of an English answer, the sentence of a Chinese one."""
    return candidate.passage.characters(*candidate.sentence) if chinese else candidate.text


def fit(samples: Sequence[Sample]) -> Model:
    """A ridge logistic regression over all candidates, in the signs' own units."""
    rows = [(signs, label, FIT_WEIGHTS[s.kind]) for s in samples for signs, label in zip(s.signs, s.right)]
    names = [name for name in rows[0][0] if name not in FIXED]
    x = np.array([[signs[n] for n in names] for signs, _, _ in rows])
    scale = np.maximum(x.std(axis=0), 1e-9)
    model = LogisticRegression(C=1.0, max_iter=3000)
    model.fit(x / scale, [label for _, label, _ in rows], sample_weight=[w for _, _, w in rows])
    return float(model.intercept_[0]), {n: float(c / s) for n, c, s in zip(names, model.coef_[0], scale)}


def recalibrate(samples: Sequence[Sample], model: Model) -> Model:
    """Platt's scaling on the winning candidate of each question: the best of many is right less often than it looks."""
    top = [(winner(s, model), MIX[s.kind]) for s in samples if s.signs]
    second = LogisticRegression(C=100.0)
    second.fit([[z] for (z, _), _ in top], [right for (_, right), _ in top], sample_weight=[weight for _, weight in top])
    slope, shift = float(second.coef_[0][0]), float(second.intercept_[0])
    return round(model[0] * slope + shift, 4), {n: round(w * slope, 4) for n, w in model[1].items()} | FIXED


def winner(sample: Sample, model: Model) -> tuple[float, bool]:
    """Log-odds of the most probable candidate, and whether it is right; nothing found is as unlikely as can be."""
    scored = [model[0] + sum(weight * signs[n] for n, weight in model[1].items()) for signs in sample.signs]
    best = int(np.argmax(scored)) if scored else -1
    return (scored[best], sample.right[best]) if scored else (-30.0, False)


def confidences(samples: Sequence[Sample], model: Model) -> list[tuple[str, float, bool]]:
    """(kind, confidence of the winner, whether it is right) of each sample."""
    found = [(s.kind, *winner(s, model)) for s in samples]
    return [(kind, float(1 / (1 + np.exp(-logit))), right) for kind, logit, right in found]


def as_mixed(found: Sequence[tuple[str, float, bool]]) -> np.ndarray:
    """(confidence, right) of each sample, the kinds drawn in the proportions of MIX."""
    rng, asked = random.Random(0), sum(kind == "asked" for kind, _, _ in found)
    parts = {kind: [(c, float(r)) for k, c, r in found if k == kind] for kind in MIX}
    drawn = [pair for kind, part in parts.items() for pair in rng.sample(part, min(len(part), round(MIX[kind] * asked)))]
    return np.array(drawn)


def report(name: str, samples: Sequence[Sample], model: Model, threshold: float, raw: str) -> Signs:
    """Figures of one part; `raw` is the sign that ranks the answers before calibration."""
    found = confidences(samples, model)
    kinds = [kind for kind in MIX if any(k == kind for k, _, _ in found)]
    figures = {f"refused_{kind}": float(np.mean([c < threshold for k, c, _ in found if k == kind])) for kind in kinds}
    figures["right_asked"] = float(np.mean([right for kind, _, right in found if kind == "asked"]))
    mixed = as_mixed(found)
    figures["ece"] = calibration_error(mixed)
    figures["aurc"] = area_under_risk(mixed)
    figures["aurc_before"] = area_under_risk(as_mixed(confidences(samples, (0.0, {raw: 1.0}))))
    figures = {key: round(value, 3) for key, value in figures.items()}
    print(name, figures)
    return figures


def questions_of(path: Path) -> list[str]:
    """Every question of a SQuAD-format file, in order."""
    data = json.loads(path.read_text(encoding="utf-8"))["data"]
    return [qa["question"] for article in data for paragraph in article["paragraphs"] for qa in paragraph["qas"]]


def ask_all(
    path: Path,
    other: Path,
    right: Callable[[str, Asked], bool],
    chinese: bool,
    first: int = 0,
    translations: Path | None = None,
) -> list[Sample]:
    """Samples of every question of a SQuAD-format file, each article indexed as a file; `other` is a file to take names from.

    `translations` is the same file in Chinese, whose questions are asked instead.
    """
    foreign = sorted({name for question in set(questions_of(other)) for name in names_and_figures(question)})
    with tempfile.TemporaryDirectory() as temporary:
        docs = Path(temporary) / "docs"
        docs.mkdir()
        questions = write_corpus(path, docs, first)
        if translations:
            questions = [replace(asked, text=text) for asked, text in zip(questions, questions_of(translations))]
        questions = [asked for asked in questions if is_cjk(asked.text) == chinese]
        with Rag(Config(docs=docs, index_dir=Path(temporary) / "index")) as rag:
            rag.sync()
            return collect(rag, questions, foreign, right, translations is not None)


def held_out_paragraphs(path: Path) -> int:
    """The place of the first paragraph of a SQuAD-format file that the reader is not trained on."""
    return first_held_out(sum(len(article["paragraphs"]) for article in json.loads(path.read_text(encoding="utf-8"))["data"]))


def in_span(text: str, asked: Asked) -> bool:
    return answer_f1(text, asked.answers) >= RIGHT_F1


def in_sentence(text: str, asked: Asked) -> bool:
    return any(answer in text for answer in asked.answers)


def fitted_model(
    language: str, samples: Sequence[Sample], other: str, moved: Sequence[Sample], raw: str, kind: str, refused: float
) -> dict[str, object]:
    """Intercept, coefficients, threshold and figures from XQuAD's samples and those of `other` data, if there is any.

    The threshold refuses the share `refused` of the questions of a `kind`.
    """
    fitted = [s for s in samples if s.article <= FITTED_ARTICLES]
    model = recalibrate([*fitted, *moved], fit(fitted))
    held = moved if language == "en" else fitted
    alike = [confidence for k, confidence, _ in confidences(held, model) if k == kind]
    threshold = round(float(np.quantile(alike, refused)), 3)
    parts = {"fitted": fitted, "held_out": [s for s in samples if s.article > FITTED_ARTICLES], other: moved}
    figures = {name: report(f"{language} {name}", part, model, threshold, raw) for name, part in parts.items() if part}
    right = right_by_band(parts["held_out"], model, threshold)
    return {"intercept": model[0], "coefficients": model[1], "threshold": threshold, "right": right, **figures}


def right_by_band(samples: Sequence[Sample], model: Model, threshold: float) -> dict[str, float]:
    """For each of the words for a confidence, the share of right ones among the answers given."""
    given = [(band(c), right) for c, right in as_mixed(confidences(samples, model)) if c >= threshold]
    return {name: round(float(np.mean([right for n, right in given if n == name])), 3) for name in BANDS}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path, help="folder with dev/ and reader_train/")
    parser.add_argument("--language", choices=("en", "zh", "zh-en"), help="fit only this one and keep the others as they are")
    options = parser.parse_args()
    kept = json.loads(OUTPUT.read_text(encoding="utf-8")) if options.language else {}
    result: dict[str, object] = {
        **kept,
        "made_by": "training/fit_confidence.py on XQuAD and CMRC (CC BY-SA 4.0) and SQuADShifts (CC BY 4.0)",
    }
    english, chinese = (options.data / "dev" / f"xquad_dev.{language}.json" for language in ("en", "zh"))
    shifts = options.data / "reader_train" / "squadshifts_new_wiki.json"
    cmrc = options.data / "dev" / "cmrc2018_trial.json"
    wanted = [options.language] if options.language else ["en", "zh", "zh-en"]
    if "en" in wanted:
        samples = ask_all(english, shifts, in_span, False)
        moved = ask_all(shifts, english, in_span, False, held_out_paragraphs(shifts))
        result["en"] = fitted_model("en", samples, "squadshifts", moved, "margin", "asked", REFUSED)
    if "zh" in wanted:
        samples = ask_all(chinese, shifts, in_sentence, True)
        moved = ask_all(cmrc, chinese, in_sentence, True)
        result["zh"] = fitted_model("zh", samples, "cmrc", moved, "sentence_coverage", "asked", REFUSED)
    if "zh-en" in wanted:
        samples = ask_all(english, cmrc, in_span, True, translations=chinese)
        result["zh-en"] = fitted_model("zh-en", samples, "", [], "margin", "gone", GONE_REFUSED)
    with beside(OUTPUT) as [new]:
        new.write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
