"""The `rag` command: demo, ask, verify, sync, status, forget, doctor, eval, serve, completion.

Exit codes: 0 answered or done, 1 not in the documents, 2 wrong use, 3 some files failed, 4 index or model broken.
`rag ask --json` prints one object, `rag.receipts.receipt`; with `--each` an array of them, one for each file.
"""

from __future__ import annotations

import argparse
import logging
import signal
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext, redirect_stdout
from importlib.util import find_spec
from itertools import takewhile
from pathlib import Path
from typing import TYPE_CHECKING

import rag.inputs as inputs
from rag.config import SAMPLE, VERSION, Config, secret
from rag.errors import IndexBroken, ModelBroken, RagError, UsageError
from rag.messages import say_in
from rag.places import INDEX_DIR
from rag.printable import all_printable, printable, to_json
from rag.shell.completion import INSTALL, SHELLS, print_completion
from rag.writing.llms import FORMS

if TYPE_CHECKING:
    from rag.answers import Answer, FileAnswer
    from rag.pipeline import Rag
    from rag.reports import Progress, SyncReport
    from rag.terminal import Console

ANSWERED, NOT_FOUND, WRONG_USE, SOME_FAILED, BROKEN = range(5)
STOPPED = 130
_SHOWN_FILES = 20
_PIPED_BYTES = 1_000_000
"""That are read of standard input: more than the longest question."""
say = say_in("en")


def main(arguments: Sequence[str] | None = None) -> int:
    with all_printable():
        return _main(list(sys.argv[1:] if arguments is None else arguments))


def _main(arguments: list[str]) -> int:
    leading = list(takewhile(lambda argument: argument in ("-v", "-vv", "--verbose"), arguments))
    if arguments[len(leading) :][:1] == ["eval"]:
        from eval.cli import main as evaluate

        with _log_shown("".join(leading).count("v")):
            return evaluate(arguments[len(leading) + 1 :])
    try:
        inputs.arguments(arguments)
        if not arguments:
            _parser().print_help(sys.stderr)
            return WRONG_USE
        options = _parser().parse_args(arguments)
        with _log_shown(options.verbose + options.verbose_after):
            return int(options.run(options))
    except RagError as error:
        print(f"rag: {error}", file=sys.stderr)
        return BROKEN if isinstance(error, (IndexBroken, ModelBroken)) else WRONG_USE
    except KeyboardInterrupt:
        print(f"rag: {say('stopped')}", file=sys.stderr)
        return STOPPED


class _Lines(logging.Handler):
    """Lines on standard error, as it is when they come: above the bar while one is shown."""

    def emit(self, record: logging.LogRecord) -> None:
        print(printable(self.format(record)), file=sys.stderr)  # the bar takes what looks like a style for one


@contextmanager
def _log_shown(verbose: int) -> Iterator[None]:
    """What rag logs, on standard error: nothing at 0, one line a stage at 1, all of it at 2."""
    log, lines = logging.getLogger("rag"), _Lines()
    lines.setFormatter(logging.Formatter("%(asctime)s %(name)s %(message)s", "%H:%M:%S"))
    before = log.level
    if verbose:
        log.addHandler(lines)
        log.setLevel(logging.DEBUG if verbose > 1 else logging.INFO)
    try:
        yield
    finally:
        log.removeHandler(lines)
        log.setLevel(before)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="rag", description="Ask your documents; every answer carries the exact place it stands.", epilog=_EPILOG
    )
    told = "say each stage on standard error; -vv says more, the words of questions and answers too"
    parser.add_argument("-v", "--verbose", action="count", default=0, help=told)
    parser.add_argument("--version", action="version", version=f"%(prog)s {VERSION}")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    demo = commands.add_parser("demo", help="ask the five articles of the sample, then open the page on them", epilog=_EPILOG)
    demo.add_argument("--no-page", action="store_true", help="only ask")
    demo.set_defaults(run=_demo)

    ask = commands.add_parser("ask", help="answer a question, with its sources", epilog=_EPILOG)
    ask.add_argument("question", nargs="?", help="without it: a conversation at a terminal, else it is read from standard input")
    ask.add_argument("--docs", metavar="DIR", help="folder to ask (default: RAG_DOCS, or the sample)")
    ask.add_argument(
        "--source", action="append", default=[], metavar="FILE",
        help="ask this file of the folder alone, a folder in it, or files by a pattern (*.pdf); once or more",
    )  # fmt: skip
    ask.add_argument(
        "--after", action="append", default=[], metavar="QUESTION", help="a question asked before this one, which it may lean on"
    )
    ask.add_argument("--alone", action="store_true", help="ask it as it is written, whatever was asked before")
    ask.add_argument(
        "--each", action="store_true", help="ask each file by itself, without a language model, and list what each says"
    )
    ask.add_argument("--csv", metavar="FILE", help="with --each: write it as a table for spreadsheets; - is standard output")
    ask.add_argument("--llm", metavar="NAME", help=f"a language model that writes the answer (also: RAG_LLM): {FORMS}")
    ask.add_argument("--explain", action="store_true", help="also show what the confidence is made of")
    ask.add_argument("--json", action="store_true", help="print the answer as one JSON object")
    ask.set_defaults(run=_ask)

    sync = commands.add_parser("sync", help="bring the index of a folder up to date", epilog=_EPILOG)
    _add_docs(sync, "folder to index (default: RAG_DOCS, or the sample)")
    sync.add_argument("--rebuild", action="store_true", help="throw the folder's index away first")
    sync.add_argument("--workers", type=int, default=0, metavar="N", help="have N processes read and embed (default: this one)")
    sync.add_argument(
        "--ray", metavar="ADDRESS", help="have the workers run in the Ray cluster at HOST:PORT; local starts one here"
    )
    sync.add_argument("--watch", action="store_true", help="go on, and follow the folder's changes until Ctrl-C")
    sync.add_argument("--json", action="store_true", help="print the report as one JSON object; with --watch, one a line")
    sync.set_defaults(run=_sync)

    status = commands.add_parser("status", help="what the index holds, file by file", epilog=_EPILOG)
    _add_docs(status, "folder whose index to show (default: RAG_DOCS, or the sample)")
    status.add_argument("--all", action="store_true", help="what is kept of every folder, how big it is, and where it lies")
    status.add_argument("--json", action="store_true", help="print it as one JSON object")
    status.set_defaults(run=_status)

    forget = commands.add_parser("forget", help="delete what is kept of a folder: its index and its page's rooms", epilog=_EPILOG)
    forget.add_argument("docs", metavar="DIR", help="the folder, which may be gone itself; its documents are not touched")
    forget.add_argument("--yes", action="store_true", help="do not ask")
    forget.set_defaults(run=_forget)

    doctor = commands.add_parser(
        "doctor", help="check what answering needs: models, index, language model, vector server", epilog=_EPILOG
    )
    doctor.add_argument("--docs", metavar="DIR", help="folder whose index to check (default: RAG_DOCS, or the sample)")
    doctor.add_argument("--llm", metavar="NAME", help=f"a language model to reach (also: RAG_LLM): {FORMS}")
    doctor.set_defaults(run=_doctor)

    verify = commands.add_parser("verify", help="check whether a kept answer's quotes still stand in the files", epilog=_EPILOG)
    verify.add_argument("receipt", type=Path, metavar="FILE", help="what `rag ask QUESTION --json` printed")
    verify.add_argument("--docs", metavar="DIR", help="folder that was asked (default: RAG_DOCS, or the sample)")
    verify.set_defaults(run=_verify)

    commands.add_parser("eval", help="measure answers, citations and refusals on known questions")  # main() hands it on

    serve = commands.add_parser("serve", help="open the web page", epilog=_EPILOG)
    serve.add_argument("--docs", metavar="DIR", help="folder to ask (default: RAG_DOCS, or the sample)")
    serve.add_argument("--llm", metavar="NAME", help=f"a language model that writes the answers (also: RAG_LLM): {FORMS}")
    serve.add_argument("--port", type=int, metavar="N", help="port to listen on (default: the first free one from 7860 on)")
    serve.add_argument(
        "--root-path",
        metavar="PATH",
        help="where a reverse proxy shows the page: /docs, or https://example.org/docs where it passes its own Host header on",
    )
    serve.add_argument("--no-watch", action="store_true", help="do not follow the folder's changes")
    serve.add_argument(
        "--address", default="127.0.0.1", help="address to listen on (default: 127.0.0.1, which this machine alone can reach)"
    )
    serve.add_argument(
        "--auth", action="append", default=[], metavar="USER:PASSWORD", help="who may log in, once or more (also: RAG_AUTH)"
    )
    serve.add_argument("--open", action="store_true", help="let everyone in who can reach --address")
    serve.add_argument("--mcp", action="store_true", help="also offer ask and search as MCP tools")
    serve.set_defaults(run=_serve)

    completion = commands.add_parser(
        "completion", help="print what completes this command in a shell", epilog=INSTALL,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )  # fmt: skip
    completion.add_argument("shell", choices=SHELLS)
    completion.set_defaults(run=lambda options: print_completion(_parser(), options.shell))

    for command in (demo, ask, sync, status, forget, doctor, verify, serve):
        command.add_argument("--index-dir", metavar="DIR", help=INDEX_DIR)
    for command in (demo, ask, sync, status, forget, doctor, verify, serve, completion):
        command.add_argument("-v", "--verbose", action="count", default=0, dest="verbose_after", help=told)
    return parser


def _add_docs(command: argparse.ArgumentParser, told: str) -> None:
    """The folder as an argument, or after --docs as the other commands have it."""
    command.add_argument("docs", nargs="?", metavar="DIR", default=argparse.SUPPRESS, help=told)
    command.add_argument("--docs", metavar="DIR", help="the same")


def _config(options: argparse.Namespace) -> Config:
    named = {name: getattr(options, name, None) for name in ("docs", "index_dir", "llm")}
    return Config.from_environment(**named)


_EPILOG = "Exit codes: 0 answered or done, 1 not in the documents, 2 wrong use, 3 some files failed, 4 index or model broken."


def _demo(options: argparse.Namespace) -> int:
    from rag.shell.demo import demonstrate

    with _progress() as on_progress:
        config = demonstrate(_config(options), say, on_progress)
    if not options.no_page:
        from rag.web import launch

        launch(config, browser=True)
    return ANSWERED


def _ask(options: argparse.Namespace) -> int:
    from rag.pipeline import Rag
    from rag.receipts import receipt
    from rag.terminal import watch

    if options.each and (options.llm or options.explain):
        raise UsageError("--each asks the reader alone and shows a line for each file; leave out --llm and --explain.")
    if options.csv and not options.each:
        raise UsageError("--csv is the table of --each; add it.")
    if options.csv == "-" and options.json:
        raise UsageError("--json and --csv - both want standard output; name a file for the table.")
    question = options.question
    talking = question is None and all(stream is not None and stream.isatty() for stream in (sys.stdin, sys.stdout))
    if talking and (options.json or options.each):
        raise UsageError("--json and --each take one question; write it after rag ask.")
    if question is None and not talking:
        question = _piped()
    with Rag(_config(options), brief=not (talking or options.each)) as rag:
        if rag.config.docs == SAMPLE:
            print(f"rag: {say('sample asked')}", file=sys.stderr)
        rag.load()
        if talking:
            return _talk(rag, options)
        _refresh(rag)
        if options.each:
            return _ask_each(rag, question, options)
        answer = watch(rag.answer_stream(question, options.after, sources=options.source, standalone=options.alone))
        if options.json:
            print(to_json(receipt(answer, rag.made_with())))
        else:
            _print_answered(rag, answer, options)
    if any(reason.code == "nothing indexed" for reason in answer.reasons):
        return WRONG_USE
    return ANSWERED if answer.answered else NOT_FOUND


def _talk(rag: Rag, options: argparse.Namespace) -> int:
    """A conversation at the terminal."""
    from rag.shell.conversation import converse
    from rag.terminal import watch

    def answered(question: str, history: Sequence[str | Answer]) -> Answer:
        _refresh(rag)
        answer = watch(rag.answer_stream(question, history, sources=options.source, standalone=options.alone))
        _print_answered(rag, answer, options)
        return answer

    _refresh(rag)
    converse(answered, options.after, say("talk", count=len(rag.chosen(options.source)), docs=rag.config.docs))
    return ANSWERED


def _piped() -> str:
    """The question from standard input. Raises UsageError."""
    if sys.stdin is None or sys.stdin.isatty():
        raise UsageError("no question; write it after rag ask, or pipe it in.")
    try:
        text = sys.stdin.buffer.read(_PIPED_BYTES).decode("utf-8-sig")
    except OSError as error:
        raise UsageError(f"standard input cannot be read ({error.strerror or error}).") from error
    except UnicodeDecodeError as error:
        raise UsageError(f"the question from standard input is no UTF-8 at byte {error.start + 1}.") from error
    if not text.strip():
        raise UsageError("standard input holds no question; write it after rag ask, or pipe it in.")
    return text


def _refresh(rag: Rag) -> None:
    """Bring the index up to date, and say on standard error what is worth knowing of it."""
    with _progress() as on_progress:
        report, unwritten = rag.refresh(on_progress)
    for note in report.notes if report else [say("as it was", why=unwritten)]:
        print(f"rag: {note}", file=sys.stderr)
    if report and (failed := report.counts["failed"]):
        print(f"rag: {say('files unreadable', count=failed, docs=rag.config.docs)}", file=sys.stderr)


def _print_answered(rag: Rag, answer: Answer, options: argparse.Namespace) -> None:
    from rag.terminal import print_answer

    print_answer(answer, {c.source: rag.text(c.source) for c in answer.citations})
    if options.explain:
        _print_contributions(answer)


def _ask_each(rag: Rag, question: str, options: argparse.Namespace) -> int:
    from rag.overview import ranked, to_csv, to_receipts
    from rag.terminal import print_each

    found: list[FileAnswer] = []
    total = 0

    def on_progress(step: str, done: int, files: int) -> None:
        nonlocal total
        total = files
        show(step, done, files)

    with _progress() as show, _interrupts() as interrupted:
        for each in rag.answer_each(question, sources=options.source, on_progress=on_progress):
            found.append(each)
            if interrupted.is_set():
                break
    found = ranked(found)
    if options.csv:
        _write(options.csv, to_csv(found))
    if options.json:
        print(to_json(to_receipts(found, rag.made_with())))
    elif options.csv != "-":
        print_each(found, side_by_side=total == len(found) == 2)
    if left := total - len(found):
        print(f"rag: {say('stopped with files left', left=left, count=total)}", file=sys.stderr)
        return STOPPED
    return ANSWERED if any(each.answer.answered for each in found) else NOT_FOUND


@contextmanager
def _interrupts() -> Iterator[threading.Event]:
    """Is set when Ctrl-C is pressed, which stops nothing by itself; pressed once more it does as ever."""
    pressed = threading.Event()

    def press(*_: object) -> None:
        pressed.set()
        signal.signal(signal.SIGINT, before)

    before = signal.signal(signal.SIGINT, press)
    try:
        yield pressed
    finally:
        signal.signal(signal.SIGINT, before)


def _write(path: str, text: str) -> None:
    """As it stands, in UTF-8; "-" is standard output, where a terminal is shown what is printable. Raises UsageError."""
    try:
        if path == "-" and sys.stdout.isatty():
            print(text.replace("\r\n", "\n"), end="")
        elif path == "-":
            sys.stdout.buffer.write(text.encode())
        else:
            Path(path).write_bytes(text.encode())
    except OSError as error:
        raise UsageError(f"{path} cannot be written ({error.strerror}).") from error


def _sync(options: argparse.Namespace) -> int:
    from rag.pipeline import Rag
    from rag.shell.watching import as_dict, follow

    with Rag(_config(options)) as rag, _interrupts() if options.watch else nullcontext() as stop:
        with _progress() as on_progress, redirect_stdout(sys.stderr) if options.ray else nullcontext():  # Ray speaks there
            report = rag.sync(on_progress, rebuild=options.rebuild, workers=options.workers, ray=options.ray)
        if options.json:
            print(to_json(as_dict(report), indent=None if options.watch else 2), flush=True)
        else:
            _print_report(report)
        if stop is not None:
            print(f"rag: {say('following', docs=rag.config.docs)}", file=sys.stderr)
            follow(rag, report, stop, as_json=options.json)
            return ANSWERED
    return SOME_FAILED if report.counts["failed"] else ANSWERED


def _forget(options: argparse.Namespace) -> int:
    from rag.shell.keeping import forget

    forget(options, _config(options))
    return ANSWERED


def _status(options: argparse.Namespace) -> int:
    if options.all:
        from rag.shell.keeping import print_all

        print_all(_config(options), as_json=options.json)
        return ANSWERED
    from rag.pipeline import Rag

    with Rag(_config(options)) as rag:
        status = rag.status()
    failed = any(file["state"] == "failed" for file in status["files"])
    if options.json:
        print(to_json(status))
    elif not status["indexed"]:
        print(say("not indexed yet", docs=status["docs"]))
    else:
        from rich.table import Table
        from rich.text import Text

        columns = map(say, ("file", "state", "chunks", "language", "date", "title"))
        table = Table(*columns, title=Text(f"{status['docs']} → {status['index']}"))
        for file in status["files"]:
            state = f"{say(file['state'])}: {file['reason']}" if file["reason"] else say(file["state"])
            cells = [file["source"], state, str(file["chunks"] or ""), file["language"], file["date"], file["title"][:60]]
            table.add_row(*map(Text, cells))
        _console().print(table)
    return SOME_FAILED if failed else ANSWERED


def _doctor(options: argparse.Namespace) -> int:
    from rich.table import Table
    from rich.text import Text

    from rag.shell.doctor import examine

    config = _config(options)
    found = list(examine(config))
    table = Table(*map(say, ("part", "state", "more")))
    for each in found:
        table.add_row(
            Text(each.what), Text(say("ok"), "green") if each.good else Text(say("broken"), "bold red"), Text(each.more)
        )
    _console().print(table)
    return ANSWERED if all(each.good for each in found) else BROKEN


def _verify(options: argparse.Namespace) -> int:
    from rich.text import Text

    from rag.reading.citing import VERBATIM
    from rag.receipts import asked_folder, load_receipts, short_stands, verify

    receipts = load_receipts(options.receipt)
    named = Path(_config(options).docs)
    folders = [(named == SAMPLE and asked_folder(receipt)) or named for receipt in receipts]
    for docs in dict.fromkeys(folders):
        print(f"rag: {say('held against', docs=docs)}", file=sys.stderr)
    found = [row for receipt, docs in zip(receipts, folders) for row in verify(receipt, docs)]
    console = _console()
    for row in found:
        style = "green" if row.state == VERBATIM else "bold red"
        place = f"  {row.source}, {say('characters')} {row.start}–{row.end}; {say(row.note)}"
        console.print(Text.assemble((say(row.state), style), place))
    stands = all(map(short_stands, receipts))
    if not stands:
        console.print(Text(say("short not quoted"), style="bold red"))
    if not found:
        console.print(say("nothing to check"))
    return ANSWERED if found and stands and all(row.state == VERBATIM for row in found) else NOT_FOUND


def _serve(options: argparse.Namespace) -> int:
    from rag.web import LOOPBACK, launch

    users = [_user(text) for text in options.auth or filter(None, [secret("RAG_AUTH")])]
    if options.address not in LOOPBACK and not users and not options.open:
        raise UsageError(
            f"others can reach {options.address}. Say who may log in with --auth USER:PASSWORD or RAG_AUTH, or let everyone in with --open."
        )
    if options.mcp and find_spec("mcp") is None:
        raise UsageError("MCP needs packages that are not installed. Run: python -m pip install 'gradio[mcp]'")
    launch(
        _config(options),
        port=options.port,
        address=options.address,
        users=users,
        mcp=options.mcp,
        watch=not options.no_watch,
        root_path=options.root_path,
    )
    return ANSWERED


def _user(text: str) -> tuple[str, str]:
    name, colon, password = text.partition(":")
    if not (name and colon and password):
        raise UsageError("--auth and RAG_AUTH are USER:PASSWORD.")
    return name, password


@contextmanager
def _progress() -> Iterator[Progress]:
    """A bar on standard error for steps that take a while; nothing where that is no terminal."""
    from rag.terminal import progress_bar

    with progress_bar(say("step start")) as show:
        yield lambda step, done, total: show(say(f"step {step}"), done, total)


def _console() -> Console:
    from rag.terminal import Console

    return Console()


def _print_contributions(answer: Answer) -> None:
    from rich.table import Table

    say = say_in(answer.language)
    table = Table(say("sign"), say("log-odds"), title=say("what confidence is made of"))
    for name, value in sorted(answer.trace.contributions.items(), key=lambda item: -abs(item[1])):
        table.add_row(name, f"{value:+.2f}")
    log_odds = sum(answer.trace.contributions.values())
    table.add_row(say("sum"), say("sum is", sum=log_odds, confidence=answer.confidence))
    _console().print(table)


def _print_report(report: SyncReport) -> None:
    counts = ", ".join(say(f"count {state}", count=count) for state, count in report.counts.items() if count) or say("no files")
    print(say("sync report", counts=counts, chunks=report.chunks, embedded=report.embedded, seconds=report.seconds))
    for note in report.notes:
        print(say("note", note=note))
    for state in ("failed", "skipped"):
        reports = report.in_state(state)
        for file in reports[:_SHOWN_FILES]:
            print(f"{say(state)}: {file.source}: {say(file.reason)}")
        if len(reports) > _SHOWN_FILES:
            print(say("more files", state=say(state), count=len(reports) - _SHOWN_FILES))


if __name__ == "__main__":
    sys.exit(main())
