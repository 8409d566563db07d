"""What both commands show at a terminal: an answer, and a bar while something takes long."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
from rich.progress import Progress as Bar
from rich.text import Text

from rag.answers import Answer, Citation, Listed, Statement
from rag.messages import Say, say_in


@contextmanager
def progress_bar(first: str) -> Iterator[Callable[[str, int, int], None]]:
    """A bar on standard error, moved by (what is being done, done, total); nothing where that is no terminal."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Bar(*columns, console=Console(stderr=True), transient=True, disable=not sys.stderr.isatty()) as bar:
        task = bar.add_task(first, total=None)
        yield lambda what, done, total: bar.update(task, description=what, completed=done, total=total)


def watch(events: Iterator[str | Statement | Answer]) -> Answer:
    """The Answer at the end of `Rag.answer_stream`; what comes before it is shown at a terminal, on standard error, until it is there."""
    from rich.live import Live

    text = Text(style="dim italic")
    with Live(text, console=Console(stderr=True), transient=True, auto_refresh=False) as live:
        for event in events:
            if isinstance(event, Answer):
                return event
            if isinstance(event, str) and live.is_started and sys.stderr.isatty():
                text.append(event)
                live.refresh()
    raise RuntimeError("no answer came")


def print_answer(answer: Answer, texts: dict[str, str]) -> None:
    """An answer for a person; `texts` holds the text of each cited file."""
    console, say = Console(), say_in(answer.language)
    for word in answer.gaps.unknown:
        if word.read_as:
            console.print(Text(say("read as", word=word.word, other=word.read_as), style="dim"))
    if answer.notice:
        console.print(Text(say(answer.notice), style="yellow"))
    for statement in answer.statements:
        if answer.engine == "reader" or not statement.supported:
            style = "dim" if statement.supported else "dim strike"
            console.print(Text.assemble((statement.text, style), f"  ({say(statement.why)})"))
    head = answer.text.split("\n", 1)[0]
    if not answer.answered:
        console.print(Text(head, style="bold yellow"))
        if answer.kind != "none":
            console.print(Text(answer.reason))
        return
    marks = "".join(f"[{citation.number}]" for citation in answer.citations)
    sure = (answer.sure, "dim")
    if answer.engine != "reader":
        console.print(Text.assemble((answer.text, "bold green"), f"   ({answer.engine}) ", sure))
    elif answer.kind == "folder":
        console.print(Text(head, style="bold"))
        for each in () if answer.items else answer.files:
            console.print(
                Text.assemble("• ", (each.title, "bold green"), _file_facts(each, say), *(f" [{n}]" for n in each.numbers))
            )
    elif answer.items:
        for item in answer.items:
            console.print(Text.assemble("• ", (item.text, "bold green"), f" [{item.number}]"))
        console.print(Text.assemble(sure))
    else:
        console.print(Text.assemble((answer.short or answer.citations[0].quote, "bold green"), f" {marks}   ", sure))
    if answer.computed:
        console.print(Text(say(answer.computed), style="dim"))
    for citation in answer.citations:
        console.print()
        console.print(Text(_place(citation, texts[citation.source], say), style="cyan"))
        quote = Text(f"  {citation.quote}")
        quote.highlight_words([item.text for item in answer.items] or [answer.short or "\0"], style="bold green")
        console.print(quote)


def _file_facts(each: Listed, say: Say) -> str:
    """A listed file's name, where that is another than its title, its date, and whether it may only be meant."""
    facts = [each.source if each.source != each.title else "", each.date, say("perhaps") if each.perhaps else ""]
    return "".join(f" · {fact}" for fact in facts if fact)


def _place(citation: Citation, text: str, say: Say) -> str:
    line = text.count("\n", 0, citation.start) + 1
    title = f" · {citation.title}" if citation.title else ""
    return f"[{citation.number}] {citation.source}:{line}{citation.placed(say)}, {say('characters')} {citation.start}–{citation.end}{title}"
