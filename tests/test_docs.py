"""What README, docs/ and CONTRIBUTING.md say is run here, as a reader would: in a folder of their own, with a `~/notes` to ask.

Twice: with this checkout, the shell command in this process; and as it is installed, from a wheel (slow). A block marked `text` is what one
of its page's commands prints, and a comment behind `print(…)` what that prints. Beside it: links, anchors, paths, options, variables and figures
are those that there are.
"""

from __future__ import annotations

import contextlib
import json
import re
import subprocess
import sys
import sysconfig
from argparse import ArgumentParser, _SubParsersAction
from collections.abc import Iterator
from pathlib import Path

import pytest

from eval.authoring import _parser as authoring
from eval.cli import _parser as evaluation
from rag.config import ENVIRONMENT
from rag.formats.markup import read_code, read_man
from rag.formats.readers import READERS
from rag.shell.cli import _parser
from rag.testing.fake_llm import FakeLLM
from rag.text.scripts import CJK
from tests.conftest import ROOT
from tests.docs_harness import PAGES, CheckoutReader, Reader, blocks, check, commands, home, prose, read

MAX_WORDS = 900
CHARACTERS_A_WORD = 1.6
"""Chinese characters that say as much as an English word."""


@pytest.fixture(scope="module")
def llm() -> Iterator[FakeLLM]:
    with FakeLLM() as fake:
        yield fake


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory, llm: FakeLLM) -> Iterator[Reader]:
    reader = CheckoutReader(home(tmp_path_factory.mktemp("checkout")), llm, Path(sys.executable).parent, str(ROOT))
    with contextlib.closing(reader):
        yield reader


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory, llm: FakeLLM) -> Iterator[Reader]:
    """A wheel in an environment of its own, which sees the packages of this one but not this checkout."""
    folder = tmp_path_factory.mktemp("installed")
    environment = folder / "environment"
    pip = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*pip, "wheel", "--no-deps", "--no-build-isolation", "--wheel-dir", str(folder), str(ROOT)], check=True)
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(environment)], check=True)
    python, (wheel,) = environment / "bin" / "python", folder.glob("*.whl")
    subprocess.run([*pip, "--python", str(python), "install", "--no-deps", "--no-index", str(wheel)], check=True)
    (own,) = environment.glob("lib/python*/site-packages")
    (own / "packages_beside.pth").write_text(sysconfig.get_paths()["purelib"])  # a .pth file in there is not read
    reader = Reader(home(tmp_path_factory.mktemp("home")), llm, environment / "bin")
    with contextlib.closing(reader):
        assert str(own) in reader.run_python("import rag, eval; print(rag.__file__)")[1]
        yield reader


# --- what is run -------------------------------------------------------------------------------------------------------------


def try_page(reader: Reader, page: str) -> None:
    printed = " ".join(check(reader, command) for block in blocks(page, "sh") for command in commands(block)).split()
    for block in blocks(page, "text"):
        assert " ".join(block.text.split()) in " ".join(printed), f"{page}:{block.line}: no command prints this"
    for block in blocks(page, "python"):
        code, out = reader.run_python(reader.meant(block.text))
        assert code == 0, f"{page}:{block.line}\n{out}"
        lines = iter(out.splitlines())
        for said in re.findall(r"^ *print\(.*\)  # (.+)$", block.text, re.MULTILINE):
            assert any(line and said.startswith(line) for line in lines), f"{page}:{block.line}: {said} is not printed\n{out}"


def strangers(reader: Reader) -> list[Path]:
    """Files below the home that lie neither where the product keeps its own nor where a command says."""
    named = {word for command in reader.done for word in (*command.words, command.into)} - {"", "."}
    own = ("tmp", "notes", ".cache/chapter-verse", ".local/share/chapter-verse", ".cache/matplotlib", ".config/matplotlib")
    places = [reader.home / place for place in own] + [reader.work / name for name in (*named, "questions.jsonl")]
    return [path for path in reader.home.rglob("*") if path.is_file() and not any(map(path.is_relative_to, places))]


@pytest.mark.parametrize("page", PAGES)
def test_what_a_page_says_is_so_in_a_checkout(page: str, checkout: Reader) -> None:
    try_page(checkout, page)


@pytest.mark.slow
@pytest.mark.parametrize("page", PAGES)
def test_what_a_page_says_is_so_where_it_is_installed(page: str, installed: Reader) -> None:
    try_page(installed, page)
    assert strangers(installed) == [], "what it writes lies in the places that docs/use.md names"


# --- what is looked up -------------------------------------------------------------------------------------------------------


def headings(page: str) -> list[str]:
    return re.findall(r"^#+ (.+)$", prose(page), re.MULTILINE)


def anchor(heading: str) -> str:
    """As GitHub makes it."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


def links(page: str) -> list[str]:
    return re.findall(r"\]\(([^)]+)\)", prose(page))


@pytest.mark.parametrize("page", PAGES)
def test_links_lead_to_files_and_headings(page: str) -> None:
    for link in links(page):
        name, _, part = link.partition("#")
        target = ((ROOT / page).parent / name).resolve() if name else ROOT / page
        assert target.is_relative_to(ROOT) and target.exists(), link
        assert not part or part in map(anchor, headings(str(target.relative_to(ROOT)))), link


def test_every_page_is_reached_from_the_readme() -> None:
    reached = {
        str(((ROOT / page).parent / link.partition("#")[0]).resolve().relative_to(ROOT)) for page in PAGES for link in links(page)
    }
    assert {name for name in PAGES if name != "README.md"} <= reached


@pytest.mark.parametrize("page", PAGES)
def test_files_that_are_named_exist(page: str) -> None:
    for name in re.findall(r"`((?:rag|eval|training|tests|docs|seeds)/[^\s`*]*|[\w.-]+\.(?:toml|py))`", prose(page)):
        assert (ROOT / name).exists(), name


def test_the_map_names_every_room() -> None:
    told = read("docs/how-it-works.md")
    rooms = [path.name if path.suffix else f"{path.name}/" for path in (ROOT / "rag").iterdir() if path.name[:2] != "__"]
    assert [room for room in rooms if f"`rag/{room}`" not in told] == []


def parsers(parser: ArgumentParser) -> dict[str, ArgumentParser]:
    """Subcommand → its parser."""
    return {name: found for a in parser._actions if isinstance(a, _SubParsersAction) for name, found in a.choices.items()}


def options(*chosen: ArgumentParser) -> set[str]:
    return {option for parser in chosen for action in parser._actions for option in action.option_strings}


COMMANDS = parsers(_parser())
EVERY = options(_parser(), *COMMANDS.values(), evaluation(), *parsers(authoring()).values())


@pytest.mark.parametrize("page", PAGES)
def test_options_and_variables_that_are_named_exist(page: str) -> None:
    known = {*ENVIRONMENT.values(), "RAG_AUTH"}
    for code in re.findall(r"`([^`]+)`", prose(page)):
        assert set(re.findall(r"\bRAG_\w+", code)) <= known, code
        words = code.split()
        name = next((word for word in words[1:] if not word.startswith("-")), "") if words[0] == "rag" else ""
        assert name in {*COMMANDS, "", "COMMAND"}, code
        known_here = EVERY if name in ("", "eval", "COMMAND") else options(COMMANDS[name])
        assert {word for word in words if word.startswith("--")} <= known_here, code


def test_every_command_and_variable_is_told_of() -> None:
    told = "".join(map(read, PAGES))
    assert all(f"rag {name}" in told for name in COMMANDS)
    assert all(name in told for name in ENVIRONMENT.values())


def test_every_format_is_told_of() -> None:
    told = set(re.findall(r"`(\.\w+)`", read("docs/formats.md")))
    assert told - {".ragignore", ".ragkeep", ".doc", ".ppt"} <= set(READERS)
    others = {suffix for suffix, reader in READERS.items() if reader in (read_code, read_man)}
    assert set(READERS) - others - {""} <= told


def test_a_readme_is_short_and_both_say_the_same() -> None:
    english, chinese = read("README.md"), read("README.zh.md")
    characters = len(re.findall(f"[{CJK}]", chinese))
    assert len(english.split()) < MAX_WORDS
    assert len(re.findall("[A-Za-z0-9]+", prose("README.zh.md"))) + characters / CHARACTERS_A_WORD < MAX_WORDS
    assert len(headings("README.md")) == len(headings("README.zh.md"))
    own = {"README.md", "README.zh.md"}
    assert [link for link in links("README.md") if link not in own and link[0] != "#"] == [
        link for link in links("README.zh.md") if link not in own and link[0] != "#"
    ]
    assert _figures(english) == _figures(chinese)


# --- figures -----------------------------------------------------------------------------------------------------------------

FIGURES: dict[str, dict[str, float]] = json.loads((ROOT / "rag/models/files/confidence.json").read_text(encoding="utf-8"))[
    "figures"
]
PARTS = (
    "xquad en on en", "xquad zh on zh", "xquad zh on en", "xquad en on zh", "cmrc2018_train", "drcd_simplified", "new_wiki", "squad_train_part",
    "nq_oracle", "tatqa_text", "im_tqa dev", "hitab", "wtq", "written folders", "held out",
)  # fmt: skip
COLUMNS = (
    "right, best candidate",
    "right and shown",
    "refused gone",
    "refused elsewhere",
    "refused swapped",
    "wrong of what is shown",
    "ece",
)


def _figures(readme: str) -> list[str]:
    """The numbers of its table."""
    return re.findall(r"\d[\d.]*", "".join(re.findall(r"^\|(?:.+)\|(.+)\|.+\|$", readme, re.MULTILINE)))


def fits(told: str, part: str, column: str) -> bool:
    """Whether a share is the one that was measured, rounded; none where it was not."""
    if not told or column not in FIGURES[part]:
        return not told and column not in FIGURES[part]
    share = float(told.removesuffix("%")) / (100 if told.endswith("%") else 1)
    return abs(share - FIGURES[part][column]) < 0.0056


def test_figures_are_those_that_were_measured() -> None:
    rows = [line for line in read("docs/figures.md").splitlines() if line.startswith("|")]
    first = next(number for number, row in enumerate(rows) if row.startswith("| questions → text")) + 2
    for part, row in zip(PARTS, rows[first : first + len(PARTS)], strict=True):
        cells = [cell.strip() for cell in row.split("|")[2:-1]]
        assert all(fits(cell, part, column) for cell, column in zip(cells, COLUMNS, strict=True)), row
    assert set(FIGURES) == {*PARTS, "fitted"}


@pytest.mark.parametrize("page", ["README.md", "README.zh.md"])
def test_a_readmes_figures_are_those_that_were_measured(page: str) -> None:
    told = re.findall(r"\| (\d+ %)[;；] ?(\d+ %) \|", read(page))
    for (english, every), column in zip(told, ("right and shown", "refused gone", "wrong of what is shown"), strict=True):
        assert fits(english, "xquad en on en", column) and fits(every, "held out", column), column
