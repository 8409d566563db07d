"""What `rag completion` prints completes the command."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from rag.config import VERSION
from rag.shell.cli import main
from rag.shell.completion import SHELLS

BASH = shutil.which("bash")
COMPLETE = """eval "$(cat script)"
COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); COMP_LINE="$*"; COMP_POINT=${#COMP_LINE}
command=$(complete -p rag | sed 's/.*-F \\([^ ]*\\).*/\\1/')
"$command" rag "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD-1]}" 2>errors
printf '%s\\n' "${COMPREPLY[@]}"
"""


@pytest.mark.skipif(BASH is None, reason="there is no bash")
@pytest.mark.parametrize(
    ("typed", "offered", "not_offered"),
    [
        (["st"], {"status"}, {"sync"}),
        (["ask", "--s"], {"--source"}, {"--docs"}),
        (["ask", "--docs", "re"], {"reports"}, {"readme.md", "ask"}),
        (["ask", "--source", "re"], {"readme.md", "reports"}, {"ask"}),
        (["verify", "re"], {"readme.md"}, set()),
        (["completion", ""], {"bash", "zsh", "tcsh"}, {"ask"}),
        (["serve", "--au"], {"--auth"}, set()),
    ],
)
def test_bash_completes(
    typed: list[str], offered: set[str], not_offered: set[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["completion", "bash"]) == 0
    (tmp_path / "script").write_text(capsys.readouterr().out)
    (tmp_path / "reports").mkdir()
    (tmp_path / "readme.md").touch()
    done = subprocess.run(
        [str(BASH), "-c", COMPLETE, "bash", "rag", *typed], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    found = {each.rstrip("/") for each in done.stdout.splitlines()}
    assert offered <= found and not not_offered & found, (found, done.stderr)


@pytest.mark.parametrize("shell", SHELLS)
def test_every_shell_gets_its_script(shell: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["completion", shell]) == 0
    script = capsys.readouterr().out
    assert all(word in script for word in ("ask", "source", "verify", "completion"))


def test_the_help_says_how_to_install_it(capsys: pytest.CaptureFixture[str]) -> None:
    for arguments, said in ((["completion", "--help"], 'eval "$(rag completion bash)"'), (["--version"], f"rag {VERSION}\n")):
        with pytest.raises(SystemExit) as stop:
            main(arguments)
        assert stop.value.code == 0 and said in capsys.readouterr().out
