"""The sample, asked: its questions with their answers in the shell, among them one that the sample does not answer."""

from __future__ import annotations

from dataclasses import replace

from rag.config import SAMPLE, Config
from rag.messages import Say
from rag.pipeline import Rag
from rag.reports import Progress
from rag.terminal import print_answer, print_question


def demonstrate(config: Config, say: Say, on_progress: Progress) -> Config:
    """Ask the questions that come with the sample, each as `rag ask` does; returns the settings that they were asked with."""
    config = replace(config, docs=SAMPLE)
    with Rag(config) as rag:
        rag.load()
        rag.refresh(on_progress)
        for question in rag.sample_questions:
            print_question(question)
            answer = rag.answer(question)
            print_answer(answer, {c.source: rag.text(c.source) for c in answer.citations})
    print(say("demo done", docs=SAMPLE))
    return config
