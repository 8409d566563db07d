"""A conversation at a terminal: question after question, each of which may lean on the ones before."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from contextlib import suppress

from rag.answers import Answer
from rag.errors import DocumentError, UsageError
from rag.messages import say_in

PROMPT = "rag> "
QUIT = "/quit"
say = say_in("en")


def converse(answered: Callable[[str, Sequence[str | Answer]], Answer], before: Sequence[str], welcome: str) -> None:
    """Take questions until QUIT or the end of input; `answered` shows what answers one after the turns before it, which begin with
    the questions `before`. Ctrl-C gives up a line or an answer and nothing else; a question that cannot be asked, or
    whose file is gone before its answer is shown, is no turn."""
    with suppress(ImportError):  # where it is, lines are edited, and the arrow keys bring earlier ones back
        import readline  # noqa: F401

    print(welcome, file=sys.stderr)
    turns: list[str | Answer] = [*before]
    while (question := _line()) is not None:
        if not question:
            continue
        if question.startswith("/") and " " not in question:
            print(f"rag: {say('no command', command=question)}", file=sys.stderr)
            continue
        try:
            turns.append(answered(question, turns))
        except (UsageError, DocumentError) as error:
            print(f"rag: {error}", file=sys.stderr)
        except KeyboardInterrupt:
            print(f"\nrag: {say('answer stopped')}", file=sys.stderr)


def _line() -> str | None:
    """What is typed, "" where it is given up; None at the end."""
    try:
        line = input(PROMPT).strip()
    except KeyboardInterrupt:
        print()
        return ""
    except UnicodeDecodeError:
        print(f"rag: {say('not text')}", file=sys.stderr)
        return ""
    except EOFError:
        print()
        return None
    return None if line == QUIT else line
