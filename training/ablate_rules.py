"""What each hand-made rule between the reader's span and the answer gains, on the documents that the confidence is not fitted on.

Each rule is switched off alone, the confidence fitted again without it, and the same questions weighed: share right of the best candidate
and of all candidates' best, the area under the risk-coverage curve, and the share of near misses refused at the fitted threshold. It reads
nothing: build/confidence/read.pkl is what `fit_confidence --collect` kept.

Run: python training/ablate_rules.py
"""

from __future__ import annotations

import pickle
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import fit_confidence as fitting
import numpy as np

import rag.reading.answering as answering

Off = Mapping[tuple[Any, str], Callable[..., Any]]
RULES: Mapping[str, Off] = {
    "whole_figure": {(answering, "whole_figure"): lambda passage, start, end: (start, end)},
    "tidy": {(answering, "tidy"): lambda passage, start, end: (start, end)},
    "a heading answers nothing": {(answering, "_is_heading"): lambda candidate: False},
}
SIGNS = (
    "contradiction",
    "other_nation",
    "other_code",
    "names_elsewhere",
    "names_nowhere",
    "lead",
    "retrieval",
    "alone",
    "nearer",
)


@contextmanager
def without(off: Off) -> Iterator[None]:
    kept = {(module, name): getattr(module, name) for module, name in off}
    for (module, name), other in off.items():
        setattr(module, name, other)
    try:
        yield
    finally:
        for (module, name), own in kept.items():
            setattr(module, name, own)


def row(name: str, samples: list[fitting.Sample]) -> str:
    mine = [s for s in samples if s.asked.fitted]
    rest = [s for s in samples if not s.asked.fitted]
    model = fitting.fit_all(mine)
    figures = fitting.figures_of(rest, model, fitting.THRESHOLD)
    best = np.mean([any(s.right) for s in rest if s.kind == "asked"])
    refused = " ".join(f"{figures[f'refused {kind}']:.3f}" for kind in ("asked", "gone", "swapped", "foreign", "crossed"))
    shown = (
        f"{figures['right, best candidate']:.3f} | {best:.3f} | {figures['aurc']:.3f} | {figures['wrong of what is shown']:.3f}"
    )
    return f"| {name} | {shown} | {refused} |"


def dropped(samples: list[fitting.Sample], sign: str) -> list[fitting.Sample]:
    """The samples as if a sign said nothing."""
    return [
        fitting.Sample(s.kind, s.asked, [{n: 0.0 if n == sign else v for n, v in each.items()} for each in s.signs], s.right)
        for s in samples
    ]


def main() -> None:
    collected = pickle.loads(fitting.COLLECTED.read_bytes())
    whole = fitting.samples_of(collected)
    print("| without | right | any right | AURC | wrong of what is shown | refused: asked gone swapped foreign crossed |")
    print("|---|---|---|---|---|---|")
    print(row("–", whole), flush=True)
    for name, off in RULES.items():
        with without(off):
            print(row(name, fitting.samples_of(collected)), flush=True)
    for sign in SIGNS:
        print(row(f"sign {sign}", dropped(whole, sign)), flush=True)


if __name__ == "__main__":
    main()
