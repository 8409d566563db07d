"""Fit `rag/models/files/intents.json`: what is typed, told to be a question about the text, about the folder, or none.

In: made examples (`intent_examples`), and the questions of DATA/reader_train and of the written folders (`written_examples`), which are about text.
Held out: frames by their wording, every sixth written folder, and the questions of DATA/dev (XQuAD in English and Chinese, CMRC 2018 trial, LeCoQA).
On those questions the thresholds are taken: no more than one in a thousand of them may be taken for anything else. The vectors are kept in build/intents/, so that another fit embeds what is new alone.

Run: make intents DATA=DIR
"""

from __future__ import annotations

import argparse
import gzip
import json
import random
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from intent_examples import Made, Slots, made
from outputs import beside, write_checksums
from reader_data import detokenise
from scipy.sparse import csr_matrix, hstack
from set_examples import TOKENISED
from sklearn.linear_model import LogisticRegression
from written_examples import folders_of

from rag.models.encoder import DIMENSIONS, Encoder
from rag.models.runtime import MODELS, FloatArray
from rag.reading.intents import FILE, GROUNDED, KINDS, TEXT, VECTOR_SCALE, IntentModel, gram_values, mask, slot_features, split
from rag.text.scripts import is_cjk

ROOT = Path(__file__).resolve().parent.parent
WORK = ROOT / "build" / "intents"
SETS = {
    "en": ("squad_train_part", "qed_train", "nq_oracle", "timeqa", "afriqa_en", "tatqa_text", "boolq_dev", "pubmedqa", "qadiscourse", "tables/hitab_train", "tables/wtq_train"),
    "zh": ("cmrc2018_train", "drcd_simplified", "tables/im_tqa_train"),
}  # fmt: skip
EACH_SET = {"en": 2_500, "zh": 5_000}
WRITTEN_QUESTIONS = 12_000
EACH = 1_600
"""Made examples of a kind and language."""
SLOT_EXAMPLES = 20_000
"""From which it is learnt what fills a frame."""
LEAST, LEAST_WORD = 12, 60
"""Examples that hold an n-gram, or a word, for it to be kept."""
REAL_TAKEN = 0.001
LEAST_SURE = 0.4
LEAST_GROUNDED = 0.1
"""Who wrote a book is asked of texts, too: what makes it a question about the folder is a document of that title."""
GROUNDED_WEIGHT, TEXT_WEIGHT = 2.0, 2.0
STRENGTH = 1.0
SMALL = 0.1
"""Weights below it are left out."""
SEED = 0
_NOUNS = re.compile(r"\bthe ((?:[a-z]{3,} )?[a-z]{4,})(?= (?:of|is|was|are|were|in|for|has|had)\b|[,.;])")


def lines(path: Path) -> Iterator[dict[str, object]]:
    with gzip.open(path, "rt", encoding="utf-8") as file:
        yield from map(json.loads, file)


def asked_of(row: dict[str, object]) -> list[str]:
    questions = row.get("questions")
    return [q["question"] for q in questions] if isinstance(questions, list) else [str(row["question"])]


def real_questions(data: Path, rng: random.Random) -> list[str]:
    """Of the training sets, each once, EACH_SET of a set at most."""
    found: dict[str, None] = {}
    for language, name in ((language, name) for language, names in SETS.items() for name in names):
        questions = [q for row in lines(data / "reader_train" / f"{name}.jsonl.gz") for q in asked_of(row)]
        chosen = rng.sample(questions, min(EACH_SET[language], len(questions)))
        found.update(dict.fromkeys(detokenise(q.split())[0] if name in TOKENISED else q for q in chosen))
    written = written_questions(held_out=False)
    found.update(dict.fromkeys(rng.sample(written, min(WRITTEN_QUESTIONS, len(written)))))
    return [question.strip() for question in found if question.strip()]


def written_questions(held_out: bool) -> list[str]:
    return [asked["question"] for documents in folders_of(held_out) for document in documents for asked in document["asked"]]


def slots_of(data: Path, rng: random.Random) -> dict[str, Slots]:
    """Topics are short answers, and what an article stands before; people are answers of two or three capitalised words."""
    answers: dict[str, Counter[str]] = {"en": Counter(), "zh": Counter()}
    for language, names in (
        ("en", ("squad_train_part", "nq_oracle", "afriqa_en")),
        ("zh", ("drcd_simplified", "cmrc2018_train")),
    ):
        for name in names:
            for row in lines(data / "reader_train" / f"{name}.jsonl.gz"):
                for question in row["questions"]:  # type: ignore[attr-defined]
                    answers[language].update(text.strip() for _, text in question["answers"][:1] if isinstance(text, str))
                if language == "en":
                    answers["en"].update(_NOUNS.findall(str(row["context"])))
    english = [a for a in answers["en"] if re.fullmatch(r"[A-Za-z][A-Za-z' -]{2,30}", a) and len(a.split()) <= 3]
    chinese = [a for a in answers["zh"] if re.fullmatch(r"[\u4e00-\u9fff]{2,8}", a)]
    people = [
        a for a in english if re.fullmatch(r"[A-Z][a-z]+ [A-Z][a-z]+", a)
    ] + "the mayor/the board/my boss/Anna/the technician/my team".split("/")
    named = [a for a in chinese if 2 <= len(a) <= 4] + "老板/市长/小王/客户/董事会/李娜".split("/")
    cased = [_worn(a, rng) if a.islower() else a if rng.random() < 0.5 else a.lower() for a in sorted(english)]
    return {"en": Slots(cased, sorted(people)), "zh": Slots(sorted(chinese), sorted(named))}


def _worn(noun: str, rng: random.Random) -> str:
    """A common noun with or without an article."""
    return rng.choice(("the ", "the ", "the ", "a ", "our ", "", "", "")) + noun


def held_out_questions(data: Path) -> dict[str, list[str]]:
    """Real ones, which are never fitted on."""
    found: dict[str, list[str]] = {}
    for name in ("xquad_dev.en", "xquad_dev.zh", "cmrc2018_trial"):
        articles = json.loads((data / "dev" / f"{name}.json").read_text(encoding="utf-8"))["data"]
        found[name] = [q["question"] for a in articles for p in a["paragraphs"] for q in p["qas"]]
    found["lecoqa"] = [str(row["question"]) for row in lines(data / "dev" / "lecoqa.jsonl.gz")]
    found["written folders"] = written_questions(held_out=True)
    return {name: [question for question in questions if question.strip()] for name, questions in found.items()}


class Vectors:
    """Question vectors, kept in a file between runs."""

    def __init__(self) -> None:
        self._path = WORK / "vectors.npz"
        self._embedding = Encoder()
        self._known: dict[str, FloatArray] = {}
        if self._path.exists():
            kept = np.load(self._path)
            self._known = dict(zip(map(str, kept["texts"]), kept["vectors"]))

    def of(self, texts: Sequence[str]) -> FloatArray:
        missing = [text for text in dict.fromkeys(texts) if text not in self._known]
        for at in range(0, len(missing), 2_000):
            part = missing[at : at + 2_000]
            vectors = self._embedding.as_it_is("query", part)
            vectors -= np.array([self._embedding.centres["query"]["zh" if is_cjk(text) else "en"] for text in part])
            vectors /= np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-12)
            self._known.update(zip(part, vectors))
            print(f"{at + len(part):,} of {len(missing):,} embedded", flush=True)
        if missing:
            WORK.mkdir(parents=True, exist_ok=True)
            np.savez(
                self._path, texts=np.array(list(self._known)), vectors=np.array(list(self._known.values()), dtype=np.float32)
            )
        return np.array([self._known[text] for text in texts], dtype=np.float32)


def vocabulary_of(examples: Sequence[Made]) -> frozenset[str]:
    """The words that stand outside the slots of the frames, LEAST times in those of the folder or LEAST_WORD times in the others: rarer ones are what something may be about."""
    own, others = Counter[str](), Counter[str]()
    for each in examples:
        counts = others if each.kind in (TEXT, "chat", "command") else own
        counts.update({word.lower() for word, start, end in split(each.text) if not _inside(each, start, end)})
    return frozenset({word for word in own if own[word] >= LEAST} | {word for word in others if others[word] >= LEAST_WORD})


def _inside(each: Made, start: int, end: int) -> bool:
    return any(first <= start and end <= last for first, last in each.spans)


def rows_of(texts: Sequence[str], vocabulary: frozenset[str]) -> list[dict[str, float]]:
    return [gram_values(mask([word for word, _, _ in split(text)], vocabulary)) for text in texts]


def matrix(rows: Sequence[dict[str, float]], columns: dict[str, int], vectors: FloatArray) -> csr_matrix:
    cells = [(at, columns[gram], value) for at, row in enumerate(rows) for gram, value in row.items() if gram in columns]
    at, column, value = zip(*cells)
    return hstack([csr_matrix(VECTOR_SCALE * vectors), csr_matrix((value, (at, column)), (len(rows), len(columns)))]).tocsr()


def fit_kinds(texts: Sequence[str], kinds: Sequence[str], vectors: FloatArray, vocabulary: frozenset[str]) -> dict[str, object]:
    rows = rows_of(texts, vocabulary)
    counts = Counter(gram for row in rows for gram in row)
    columns = {gram: at for at, gram in enumerate(sorted(gram for gram, count in counts.items() if count >= LEAST))}
    print(f"{len(texts):,} examples, {len(vocabulary):,} words, {len(columns):,} n-grams", flush=True)
    model = LogisticRegression(C=STRENGTH, max_iter=300)
    counted = [GROUNDED_WEIGHT if kind in GROUNDED else TEXT_WEIGHT if kind == TEXT else 1.0 for kind in kinds]
    model.fit(matrix(rows, columns, vectors), np.array([KINDS.index(kind) for kind in kinds]), counted)
    weights = model.coef_
    grams = {gram: weights[:, DIMENSIONS + at] for gram, at in columns.items()}
    return {
        "vector": [[round(float(w), 3) for w in row] for row in weights[:, :DIMENSIONS]],
        "intercept": [round(float(w), 3) for w in model.intercept_],
        "grams": {gram: [round(float(w), 2) for w in row] for gram, row in grams.items() if np.abs(row).max() > SMALL},
    }


def fit_slots(examples: Sequence[Made], vocabulary: frozenset[str]) -> dict[str, float]:
    told: list[bool] = []
    rows: list[list[str]] = []
    for each in examples:
        words = split(each.text)
        names = [word for word, _, _ in words]
        told += [_inside(each, start, end) for _, start, end in words]
        inside = [_inside(each, start, end) for _, start, end in words]
        masked = mask(names, vocabulary)
        rows += [slot_features(each.kind, names, masked, at, at > 0 and inside[at - 1]) for at in range(len(names))]
    counts = Counter(feature for row in rows for feature in row)
    columns = {feature: at for at, feature in enumerate(sorted(f for f, count in counts.items() if count >= LEAST))}
    cells = [(at, columns[f]) for at, row in enumerate(rows) for f in row if f in columns]
    at, column = zip(*cells)
    model = LogisticRegression(C=3.0, max_iter=300, fit_intercept=False)
    model.fit(csr_matrix((np.ones(len(cells)), (at, column)), (len(rows), len(columns))), np.array(told))
    weights = model.coef_[0]
    return {feature: round(float(weights[at]), 2) for feature, at in columns.items() if abs(weights[at]) > SMALL}


def loaded(raw: dict[str, object], thresholds: dict[str, float]) -> IntentModel:
    grams = raw["grams"]
    assert isinstance(grams, dict)
    return IntentModel(
        frozenset(raw["vocabulary"]),  # type: ignore[call-overload]
        np.array(raw["vector"], dtype=np.float32),
        np.array(raw["intercept"], dtype=np.float32),
        {gram: np.array(row, dtype=np.float32) for gram, row in grams.items()},
        raw["slots"],  # type: ignore[arg-type]
        thresholds,
    )


def chosen_thresholds(model: IntentModel, real: Sequence[str], vectors: FloatArray) -> dict[str, float]:
    """Of each kind the least from LEAST_SURE on, so that no more than REAL_TAKEN of the `real` questions lie above one of them; those are spent where
    they lower a threshold most. LEAST_GROUNDED where a document must fit, too."""
    found = [model.intent(question, vector) for question, vector in zip(real, vectors)]
    taken = {kind: sorted((i.probability for i in found if i.kind == kind), reverse=True) for kind in KINDS}
    spent = dict.fromkeys((kind for kind in KINDS if kind not in (TEXT, *GROUNDED)), 0)

    def least(kind: str, allowed: int) -> float:
        return max(LEAST_SURE, round(taken[kind][allowed] + 0.005, 2)) if len(taken[kind]) > allowed else LEAST_SURE

    for _ in range(int(REAL_TAKEN * len(real))):
        kind = max(spent, key=lambda k: least(k, spent[k]) - least(k, spent[k] + 1))
        spent[kind] += 1
    return {kind: least(kind, spent[kind]) for kind in spent} | dict.fromkeys(GROUNDED, LEAST_GROUNDED)


def report(model: IntentModel, examples: Sequence[Made], vectors: FloatArray, title: str) -> None:
    right: Counter[tuple[str, str]] = Counter()
    all_of: Counter[tuple[str, str]] = Counter()
    slots = filled = 0
    missed: list[str] = []
    for each, vector in zip(examples, vectors):
        got = model.intent(each.text, vector)
        all_of[each.language, each.kind] += 1
        right[each.language, each.kind] += got.kind == each.kind
        if got.kind != each.kind:
            missed.append(f"  {each.kind} → {got.kind} {got.probability:.2f}: {each.text}")
        elif each.kind not in (TEXT, "chat", "command"):
            slots += 1
            filled += got.about.strip('"《》') == max((each.text[s:e] for s, e in each.spans), key=len, default="")
    print(f"\n{title}: what fills the frame right in {filled / max(slots, 1):.3f} of {slots}")
    for language in ("en", "zh"):
        print(
            language,
            ", ".join(f"{kind} {right[language, kind] / all_of[language, kind]:.2f}" for kind in KINDS if all_of[language, kind]),
        )
    print("\n".join(random.Random(0).sample(missed, min(25, len(missed)))))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path, help="folder with reader_train/ and dev/")
    options = parser.parse_args()
    rng = random.Random(SEED)
    real = real_questions(options.data, rng)
    examples = list(dict.fromkeys(made(slots_of(options.data, rng), EACH, rng)))
    fitted, held = [e for e in examples if not e.held_out], [e for e in examples if e.held_out]
    vectors = Vectors()
    vocabulary = vocabulary_of(fitted)
    texts = [e.text for e in fitted] + real
    raw = fit_kinds(texts, [e.kind for e in fitted] + [TEXT] * len(real), vectors.of(texts), vocabulary)
    raw["vocabulary"] = sorted(vocabulary)
    raw["slots"] = fit_slots(rng.sample(fitted, min(SLOT_EXAMPLES, len(fitted))), vocabulary)
    unseen = held_out_questions(options.data)
    every = [question for questions in unseen.values() for question in questions]
    thresholds = chosen_thresholds(loaded(raw, dict.fromkeys(KINDS, 0.0)), every, vectors.of(every))
    raw["thresholds"] = thresholds
    model = loaded(raw, thresholds)
    print("thresholds", thresholds)
    report(model, held, vectors.of([e.text for e in held]), "frames held out by wording")
    for name, questions in unseen.items():
        got = [(q, i) for q, i in zip(questions, map(model.intent, questions, vectors.of(questions))) if i.kind != TEXT]
        print(
            f"{name}: {len(got)} of {len(questions)} taken for something else",
            *(f"\n  {i.kind} {i.probability:.2f} {q}" for q, i in got),
        )
    with beside(MODELS / FILE) as (partial,):
        partial.write_text(json.dumps(raw, ensure_ascii=False, separators=(",", ":")) + "\n", encoding="utf-8")
    write_checksums(MODELS)


if __name__ == "__main__":
    main()
