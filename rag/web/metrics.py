"""What a served page has been asked, and what it serves, in Prometheus' text format (0.0.4): no word of a question, no file, no address.

In: each question as it is answered. Out: the text for `/metrics`, with the state of the index at that moment.
"""

from __future__ import annotations

import math
import threading
import time
from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from itertools import accumulate

from rag.answers import Answer
from rag.errors import RagError, UsageError
from rag.pipeline import Rag

TYPE = "text/plain; version=0.0.4; charset=utf-8"
BOUNDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, math.inf)
"""Seconds; upper bounds of what is counted together."""
Sample = tuple[str, Mapping[str, str], float]
"""What the name ends with, labels, value."""


class Metrics:
    """Counts since the page was started. Safe to share between threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._counts = Counter[str]()
        self._took: dict[str, tuple[list[int], float]] = {}
        """Stage → how many took at most so long as each of BOUNDS and longer than the one before, and seconds in all."""

    @contextmanager
    def question(self) -> Iterator[Callable[[Answer], None]]:
        """Around one question; what it gives is called with the answer, and not at all where there is none."""
        answers: list[Answer] = []
        began = time.perf_counter()
        try:
            yield answers.append
        except Exception as error:
            self.count("errors" if not isinstance(error, UsageError) else "misused")
            raise
        finally:
            self.count("questions")
            for answer in answers:
                self.count("refusals", not answer.answered)
                for stage in answer.trace.stages:
                    self._observe(stage.name, stage.milliseconds / 1000)
                self._observe("whole", time.perf_counter() - began)

    def count(self, what: str, by: int = 1) -> None:
        """`what` is questions, refusals, errors, misused or documents_asked."""
        with self._lock:
            self._counts[what] += by

    def _observe(self, stage: str, seconds: float) -> None:
        with self._lock:
            counts, total = self._took.get(stage, ([0] * len(BOUNDS), 0.0))
            counts[bisect_left(BOUNDS, seconds)] += 1
            self._took[stage] = counts, total + seconds

    def text(self, rag: Rag) -> str:
        """All of it, with what `rag` serves."""
        with self._lock:
            counts = Counter(self._counts)
            took = {stage: (list(held), total) for stage, (held, total) in self._took.items()}
        asked = {
            "questions": "Questions asked of all documents or of some, on the page and by programs.",
            "refusals": "Of these, those that the documents do not answer.",
            "errors": "Of these, those that could not be answered because something is broken.",
            "misused": "Of these, those that were asked wrongly (empty, too long, of a document that is gone).",
            "documents_asked": "Documents of which one question was asked by itself, one after the other.",
        }
        families = [_family(f"rag_{name}_total", "counter", told, [("", {}, counts[name])]) for name, told in asked.items()]
        families.append(_family("rag_question_seconds", "histogram", "Time that a question took, by stage.", _histograms(took)))
        return "".join([*families, *_of_index(rag)])


def _histograms(took: Mapping[str, tuple[list[int], float]]) -> Iterator[Sample]:
    for stage, (counts, total) in sorted(took.items()):
        for bound, below in zip(BOUNDS, accumulate(counts)):
            yield "_bucket", {"stage": stage, "le": _number(bound)}, below
        yield "_sum", {"stage": stage}, total
        yield "_count", {"stage": stage}, sum(counts)


def _of_index(rag: Rag) -> Iterator[str]:
    """Gauges of the index; where it cannot be read, that alone."""
    try:
        state = rag.serving()
    except RagError:
        yield _family("rag_index_readable", "gauge", "Whether the index can be read.", [("", {}, 0)])
        return
    servers = [("", {"server": str(number)}, float(up)) for number, up in enumerate(state.servers, start=1)]
    yield _family("rag_index_readable", "gauge", "Whether the index can be read.", [("", {}, 1)])
    told = "Generation of the index: the one that answers, and the catalog's, which the next question takes up."
    at = [("", {"of": "served"}, float(state.generation)), ("", {"of": "catalog"}, float(state.catalog))]
    yield _family("rag_generation", "gauge", told, at)
    yield _family("rag_chunks", "gauge", "Chunks of the generation that answers.", [("", {}, state.chunks)])
    files = [("", {"state": name}, float(count)) for name, count in sorted(state.files.items())]
    yield _family("rag_files", "gauge", "Files of the generation that answers, by state.", files)
    yield _family("rag_vector_servers", "gauge", "Vector servers that are configured.", [("", {}, len(servers))])
    yield _family("rag_vector_server_up", "gauge", "Whether a vector server answers, by its place in the setting.", servers)


def _family(name: str, kind: str, told: str, samples: Iterable[Sample]) -> str:
    """A metric with its samples; its name alone where there are none."""
    help_text = told.replace("\\", r"\\").replace("\n", r"\n")
    lines = [f"# HELP {name} {help_text}", f"# TYPE {name} {kind}"]
    lines += [f"{name}{end}{_labels(labels)} {_number(value)}" for end, labels, value in samples]
    return "\n".join(lines) + "\n"


def _labels(labels: Mapping[str, str]) -> str:
    told = ",".join(f'{name}="{_escaped(value)}"' for name, value in labels.items())
    return f"{{{told}}}" if told else ""


def _escaped(value: str) -> str:
    return value.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")


def _number(value: float) -> str:
    return "+Inf" if value == math.inf else f"{value:.10g}"
