"""What completes the `rag` command in a shell, made by shtab from its parser; shtab is imported only for that."""

from __future__ import annotations

import argparse
from collections.abc import Iterator

SHELLS = ("bash", "zsh", "tcsh")
INSTALL = """To have it in every shell, once:
  bash   echo 'eval "$(rag completion bash)"' >> ~/.bashrc
  zsh    echo 'eval "$(rag completion zsh)"' >> ~/.zshrc    (after compinit)
  tcsh   rag completion tcsh > ~/.rag.tcsh && echo 'source ~/.rag.tcsh' >> ~/.tcshrc"""


def print_completion(parser: argparse.ArgumentParser, shell: str) -> int:
    """Files and folders are completed where an option's value is called FILE or DIR."""
    import shtab

    kinds = {"FILE": shtab.FILE, "DIR": shtab.DIRECTORY}
    for action in _actions(parser):
        if isinstance(action.metavar, str) and action.metavar in kinds:
            action.complete = kinds[action.metavar]  # type: ignore[attr-defined]
    print(shtab.complete(parser, shell))
    return 0


def _actions(parser: argparse.ArgumentParser) -> Iterator[argparse.Action]:
    """Those of a parser and of its commands."""
    for action in parser._actions:
        yield action
        if isinstance(action, argparse._SubParsersAction):
            for command in action.choices.values():
                yield from _actions(command)
