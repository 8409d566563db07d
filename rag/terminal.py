"""What both commands show at a terminal: an answer, and a bar while something takes long."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager

import rich.console
from rich.console import ConsoleOptions, RenderableType
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
from rich.progress import Progress as Bar
from rich.rule import Rule
from rich.segment import Segment
from rich.table import Column, Table
from rich.text import Text

from rag.answers import Answer, Citation, FileAnswer, Listed, Statement
from rag.messages import Say, say_in
from rag.overview import notes, quoted, ranked, said, why_not
from rag.printable import beneath, printable

_QUOTE_CELLS = 240
"""Columns of a terminal that a quote takes in a table."""


class Console(rich.console.Console):
    """Standard output, or standard error: styles are the terminal's, and all text is printable (BEL, BS, VT, FF and CR rich leaves out)."""

    def __init__(self, *, stderr: bool = False) -> None:
        super().__init__(file=beneath(sys.stderr if stderr else sys.stdout), stderr=stderr)

    def render(self, renderable: RenderableType, options: ConsoleOptions | None = None) -> Iterable[Segment]:
        if isinstance(renderable, Text):  # before it is wrapped, since a symbol is wider than what it stands for
            renderable = renderable.copy()
            renderable.plain = printable(renderable.plain)
        for segment in super().render(renderable, options):
            yield segment if segment.control else Segment(printable(segment.text), segment.style)


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


def print_question(question: str) -> None:
    """A line that sets an answer apart from the one before it."""
    Console().print("", Rule(Text(question, style="bold"), align="left"))


def print_answer(answer: Answer, texts: dict[str, str]) -> None:
    """An answer for a person; `texts` holds the text of each cited file."""
    console, say = Console(), say_in(answer.language)
    for word in answer.gaps.unknown:
        if word.read_as:
            console.print(Text(say("read as", word=word.word, other=word.read_as), style="dim"))
    if answer.read_as:
        console.print(Text(say("taken for", question=answer.read_as), style="dim"))
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
    elif answer.parts:
        for part in answer.parts:
            console.print(_part_line(part, say))
    elif answer.readings:
        console.print(Text(answer.differing, style="bold yellow"))
        for reading in answer.readings:
            told = f" ({reading.date})" if reading.date else ""
            numbers = "".join(f"[{number}]" for number in reading.numbers)
            console.print(
                Text.assemble("• ", (reading.short, "bold green"), f"{told} {numbers}   ", (f"{reading.confidence:.0%}", "dim"))
            )
    elif answer.kind == "folder":
        console.print(Text(head, style="bold"))
        for each in () if answer.items else answer.files:
            console.print(
                Text.assemble("• ", (each.title, "bold green"), _file_facts(each, say), *(f" [{n}]" for n in each.numbers))
            )
    elif answer.items:
        if answer.hedge:
            console.print(answer.hedge)
        for item in answer.items:
            console.print(Text.assemble("• ", (item.text, "bold green"), f" [{item.number}]"))
        console.print(Text.assemble(sure))
    else:
        said = say(answer.verdict) if answer.verdict else answer.short or answer.citations[0].quote
        console.print(Text.assemble(*_hedged(answer, said), f" {marks}   ", sure))
    if answer.computed:
        console.print(Text(say(answer.computed), style="dim"))
    if answer.aged:
        console.print(Text(answer.aged, style="dim"))
    for note in filter(None, (answer.warning, answer.left_out)):
        console.print(Text(say(note), style="yellow"))
    for citation in answer.citations:
        console.print()
        console.print(Text(_place(citation, texts[citation.source], say), style="cyan"))
        quote = Text(f"  {citation.quote}")
        strong = [each.text for each in answer.items] or [each.short for each in answer.readings] or [answer.short or "\0"]
        quote.highlight_words(strong, style="bold green")
        console.print(quote)


def _part_line(part: Answer, say: Say) -> Text:
    """One part of a question with its answer, or that there is none."""
    if not part.answered:
        return Text.assemble(f"{part.question} ", (say("no answer"), "bold yellow"))
    if part.readings:
        return Text.assemble(f"{part.question} ", (part.differing, "bold yellow"))
    verdict = say(part.verdict) if part.verdict else ""
    told = (
        ", ".join(item.text for item in part.items)
        or verdict
        or part.short
        or (part.citations[0].quote if part.kind == "text" else part.text.partition("\n")[0])
    )
    marks = "".join(f"[{citation.number}]" for citation in part.citations)
    return Text.assemble(f"{part.question} ", *_hedged(part, told), f" {marks}   ", (part.sure, "dim"))


def _hedged(answer: Answer, said: str) -> list[tuple[str, str]]:
    """What an answer says, which stands out where it is sure enough to."""
    return [(f"{answer.hedge} ", "dim"), (said, "green")] if answer.hedge else [(said, "bold green")]


def print_each(found: Sequence[FileAnswer], *, side_by_side: bool = False) -> None:
    """What each file answers, the surest first: a row for each, or a column."""
    say = say_in("en")
    names = [*map(say, ("file", "answer", "quote", "confidence"))]
    rows = [[Text(each.source, style="cyan"), *_told(each.answer)] for each in ranked(found)]
    if side_by_side:
        table = Table(names[0], *(Column(row[0]) for row in rows), show_lines=True)
        for name, *cells in zip(names[1:], *(row[1:] for row in rows)):
            table.add_row(name, *cells)
    else:
        table = Table()
        table.add_column(names[0], overflow="fold")
        for name in names[1:-1]:
            table.add_column(name)
        table.add_column(names[-1], justify="right")
        for row in rows:
            table.add_row(*row)
    Console().print(table, *(Text(note, style="yellow") for note in notes(found)), sep="\n")


def _told(answer: Answer) -> list[Text]:
    """Answer, quote and confidence; of a refusal why, and the confidence of what is held back."""
    sure = Text(f"{answer.confidence:.0%}")
    if not answer.answered:
        return [Text("—"), Text(why_not(answer), style="dim"), sure]
    quote = Text(" ".join(quoted(answer).split()))
    quote.highlight_words([said(answer)], style="bold green")
    quote.truncate(_QUOTE_CELLS, overflow="ellipsis")
    return [Text(said(answer), style="bold green"), quote, sure]


def _file_facts(each: Listed, say: Say) -> str:
    """A listed file's name, where that is another than its title, its date, and whether it may only be meant."""
    facts = [each.source if each.source != each.title else "", each.date, say("perhaps") if each.perhaps else ""]
    return "".join(f" · {fact}" for fact in facts if fact)


def _place(citation: Citation, text: str, say: Say) -> str:
    line = text.count("\n", 0, citation.start) + 1
    more = "".join(f" · {each}" for each in (citation.title, citation.date) if each)
    return f"[{citation.number}] {citation.source}:{line}{citation.placed(say)}, {say('characters')} {citation.start}–{citation.end}{more}"
