"""Results → `report.json`: figures with intervals, differences between variants and from an earlier run, and the gate.

The report is plain data; `html.py` draws it and `python -m eval` prints it. Its format is that of `Report`.
"""

from __future__ import annotations

import dataclasses
import importlib.metadata
import json
import os
import platform
import tomllib
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from eval.metrics import BY_NAME, FEW, FIGURES, NEXT, Figure, Row, Value, difference, failure, value_of
from eval.questions import QuestionSet
from eval.run import Result
from rag.config import VERSION, Config
from rag.errors import UsageError
from rag.models.runtime import MODELS

FORMAT = 1
GATED = ("right", "exact match", "F1", "exact quotes", "first citation", "hallucination rate", "error rate", "AURC",
         "calibration error", "passage recall@5", "file recall@1")  # fmt: skip
"""Figures that must not fall significantly below an earlier run's."""
MAX_NAMED = 12
"""Questions that a breach names."""
_PACKAGES = ("chromadb", "llama-index-core", "onnxruntime", "numpy")


@dataclass(frozen=True)
class Breach:
    """One figure that fails the run, with the questions that did it."""

    figure: str
    value: float
    bound: float
    reason: str
    questions: tuple[str, ...]


@dataclass(frozen=True)
class Measured:
    """One variant's figures and cost; `differences` are ours less this one's."""

    name: str
    what: str
    figures: dict[str, Value]
    differences: dict[str, Value]
    cost: dict[str, Any]
    rows: tuple[Row, ...] = field(repr=False)


@dataclass(frozen=True)
class Report:
    """All that a run found. `variants[0]` is ours."""

    about: dict[str, Any]
    """When, where, with what versions, settings, models and questions."""
    verdict: str
    variants: tuple[Measured, ...]
    breakdown: dict[str, dict[str, Value]]
    """Share right by "type", "language" and "file"; unanswerable questions count as right when refused."""
    failures: dict[str, int]
    breaches: tuple[Breach, ...]
    floors: dict[str, float]
    ceilings: dict[str, float]
    next: tuple[str, ...]
    """What to do about it, the most useful first."""
    against: dict[str, Any] | None
    """The earlier run and ours less its figures."""

    @property
    def ours(self) -> Measured:
        return self.variants[0]

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON data. Rows of ours carry their passages; those of the others do not."""
        raw = {"format": FORMAT, **asdict(self)}
        for variant in raw["variants"][1:]:
            for row in variant["rows"]:
                row.pop("passages")
        for row, failed in zip(raw["variants"][0]["rows"], map(failure, self.ours.rows)):
            row["failure"] = failed
        return raw


@dataclass(frozen=True)
class Bounds:
    """Floors and ceilings by figure, or by "figure / part" where part is a language or a type."""

    floors: Mapping[str, float]
    ceilings: Mapping[str, float]


PARTS: Mapping[str, Callable[[Row], list[str]]] = {
    "type": lambda row: [row.type],
    "language": lambda row: [row.language],
    "file": lambda row: sorted(row.files) or ["(none)"],
}


def load_bounds(path: Path | None) -> Bounds:
    """Raises UsageError for a file that cannot be read or names an unknown figure."""
    if path is None:
        return Bounds({}, {})
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise UsageError(f"{path}: {error}") from error
    for name in [*raw.get("floors", {}), *raw.get("ceilings", {})]:
        if name.partition(" / ")[0] not in BY_NAME:
            raise UsageError(f"{path}: no figure is named {name!r}; there are: {', '.join(BY_NAME)}.")
    return Bounds(raw.get("floors", {}), raw.get("ceilings", {}))


def load_earlier(path: Path) -> tuple[dict[str, Any], tuple[Row, ...]]:
    """What an earlier report says of itself, and its rows of ours. Raises UsageError when it is no report of this format."""
    try:
        raw = json.loads(path.read_text(encoding="utf-8"))
        if raw["format"] != FORMAT:
            raise ValueError(f"format {raw['format']}, not {FORMAT}")
        names = {f.name for f in dataclasses.fields(Row)}
        rows = tuple(_row({k: v for k, v in row.items() if k in names}) for row in raw["variants"][0]["rows"])
    except OSError as error:
        raise UsageError(f"{path} cannot be read ({error.strerror}).") from error
    except (ValueError, KeyError, TypeError, IndexError) as error:
        raise UsageError(f"{path} is not a report of this version ({error}).") from error
    return raw["about"], rows


def _row(raw: dict[str, Any]) -> Row:
    values: dict[str, Any] = {key: tuple(value) if isinstance(value, list) else value for key, value in raw.items()}
    return Row(**values)


def build(
    results: Sequence[Result],
    questions: QuestionSet,
    config: Config,
    bounds: Bounds,
    earlier: tuple[Path, dict[str, Any], tuple[Row, ...]] | None,
    seed: int,
) -> Report:
    """Everything worked out once; drawing and printing only show it."""
    ours = results[0]
    measured = []
    for result in results:
        figures = _figures(result.rows, seed, result.variant.answers)
        differences = {}
        if result is not ours:
            pairs = {name: difference(BY_NAME[name], ours.rows, result.rows, seed) for name in figures}
            differences = {name: value for name, value in pairs.items() if value}
        cost = {**asdict(result.cost), "seconds_per_1000_chunks": result.cost.seconds_per_1000_chunks}
        measured.append(Measured(result.variant.name, result.variant.what, figures, differences, cost, result.rows))
    breaches = _out_of_bounds(ours.rows, bounds)
    against = None
    if earlier:
        path, about, rows = earlier
        pairs = {f.name: difference(f, ours.rows, rows, seed) for f in FIGURES}
        changes = {name: value for name, value in pairs.items() if value}
        against = {"path": str(path), "about": about, "differences": changes}
        breaches += _worse(ours.rows, rows, changes)
    failures = Counter(filter(None, map(failure, ours.rows)))
    return Report(
        about=_about(questions, config, seed),
        verdict=_verdict(measured[0], breaches),
        variants=tuple(measured),
        breakdown=breakdown(ours.rows, seed, PARTS),
        failures=dict(failures.most_common()),
        breaches=tuple(breaches),
        floors=dict(bounds.floors),
        ceilings=dict(bounds.ceilings),
        next=tuple(_next(ours.rows, failures)),
        against=against,
    )


def _figures(rows: Sequence[Row], seed: int, answers: bool) -> dict[str, Value]:
    found = {f.name: value_of(f, rows, seed) for f in FIGURES if answers or f.group == "retrieval"}
    return {name: value for name, value in found.items() if value}


def _part(rows: Sequence[Row], name: str) -> tuple[Figure, list[Row]]:
    """The figure and the rows that a bound's name means."""
    figure, _, part = name.partition(" / ")
    return BY_NAME[figure], [row for row in rows if part in ("", row.language, row.type)]


def _out_of_bounds(rows: Sequence[Row], bounds: Bounds) -> list[Breach]:
    breaches = []
    for held, sign, word in ((bounds.floors, 1, "below its floor"), (bounds.ceilings, -1, "above its ceiling")):
        for name, bound in held.items():
            figure, part = _part(rows, name)
            found = figure.contributions(part)
            value = figure.over(found) if len(found) else bound
            if (value - bound) * sign < -1e-9:
                reason = f"{name} is {value:.3f}, {word} of {bound:.3f}"
                breaches.append(Breach(name, value, bound, reason, _culprits(figure, part)))
    return breaches


def _worse(rows: Sequence[Row], earlier: Sequence[Row], differences: Mapping[str, Value]) -> list[Breach]:
    breaches, before = [], {row.id: row for row in earlier}
    for name in GATED:
        figure, change = BY_NAME[name], differences.get(name)
        if change and (change.high < 0 if figure.more_is_better else change.low > 0):
            shared = [row for row in rows if row.id in before]
            was = [before[row.id] for row in shared]
            changed = [row for row, old in zip(shared, was) if figure.of(row) != figure.of(old)]
            reason = f"{name} changed by {change.value:+.3f} [{change.low:+.3f}, {change.high:+.3f}] against the earlier run"
            breaches.append(Breach(name, change.value, 0.0, reason, _culprits(figure, changed)))
    return breaches


def _culprits(figure: Figure, rows: Sequence[Row]) -> tuple[str, ...]:
    """The questions that pull a figure down, the worst first."""

    def harm(row: Row) -> float:
        found = figure.of(row)
        if found is None:
            return 0.0
        if len(found) == 2:  # a confidence and what happened
            return abs(found[0] - found[1])
        return 1 - found[0] if figure.more_is_better else found[0]

    worst = sorted((row for row in rows if harm(row) > 0), key=lambda row: (-harm(row), -row.confidence, row.id))
    return tuple(row.id for row in worst[:MAX_NAMED])


def breakdown(rows: Sequence[Row], seed: int, keys: Mapping[str, Callable[[Row], list[str]]]) -> dict[str, dict[str, Value]]:
    """Share right by each of `keys`, which name the parts that a row belongs to."""
    good = Figure("good", "", "", lambda row: (float(row.good),))
    answered = [row for row in rows if row.expected or not row.answerable]
    found: dict[str, dict[str, Value]] = {}
    for name, key in keys.items():
        parts: dict[str, list[Row]] = {}
        for row in answered:
            for part in key(row):
                parts.setdefault(part, []).append(row)
        if len(parts) <= 40:
            values = {part: value_of(good, inside, seed) for part, inside in sorted(parts.items())}
            found[name] = {part: value for part, value in values.items() if value}
    return found


def _next(rows: Sequence[Row], failures: Counter[str]) -> Iterator[str]:
    """More questions where they are too few to tell, then what can be done about each failure, the most frequent first."""
    answerable = sum(row.answerable for row in rows)
    for count, kind in ((answerable, "that the documents answer"), (len(rows) - answerable, "that they do not answer")):
        if count < FEW:
            yield f"{FEW - count} more questions {kind}: with {count}, what is measured of these is too little to tell."
    for failed, count in failures.most_common():
        yield f"{count} {failed}: {NEXT[failed]}."
    if not failures:
        yield "Nothing went wrong: ask what is harder, in other words than the documents'."


def _verdict(ours: Measured, breaches: Sequence[Breach]) -> str:
    """The run in one sentence."""
    f, parts = ours.figures, []
    if right := f.get("right"):
        parts.append(f"{_share(right)} of {right.size} answerable questions are answered right, with the right file cited first")
    elif recall := f.get("file recall@10"):
        parts.append(f"{_share(recall)} of the relevant documents are among the first ten")
    if hallucinated := f.get("hallucination rate"):
        parts.append(f"{_share(hallucinated)} of {hallucinated.size} unanswerable ones are answered all the same")
    if exact := f.get("exact quotes"):
        words = "every quote is" if exact.value == 1 else f"{exact.value:.1%} of the answers have quotes that are"
        parts.append(f"{words} the file's own characters")
    if breaches:
        parts.append(f"{len(breaches)} bound{'s' if len(breaches) > 1 else ''} not held")
    return "; ".join(parts) + "."


def _share(value: Value) -> str:
    interval = "too few to tell" if value.few else f"{value.low:.0%}–{value.high:.0%}"
    return f"{value.value:.0%} [{interval}]"


def _about(questions: QuestionSet, config: Config, seed: int) -> dict[str, Any]:
    return {
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
        "version": VERSION,
        "questions": {
            "name": questions.name,
            "sha256": questions.sha256,
            "count": len(questions.questions),
            "left_out": questions.left_out,
        },
        "docs": str(questions.docs),
        "seed": seed,
        "config": {key: str(value) if isinstance(value, Path) else value for key, value in asdict(config).items()},
        "fingerprint": config.fingerprint(),
        "models": {
            name: digest[:16] for digest, name in (line.split() for line in (MODELS / "SHA256SUMS").read_text().splitlines())
        },
        "versions": {"python": platform.python_version(), **{name: importlib.metadata.version(name) for name in _PACKAGES}},
        "machine": f"{platform.system()} {platform.machine()}, {os.cpu_count()} processors",
    }
