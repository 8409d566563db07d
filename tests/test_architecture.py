"""The import graph, drawn from the code and held: rooms import downwards only, nothing imports itself in a circle, and each
framework stays behind its wall."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from tests.conftest import ROOT, syntax_tree

FLOORS = (
    {"messages", "printable"},
    {"errors", "answers", "reports"},
    {"config", "inputs", "text"},
    {"places"},
    {"questions", "formats"},
    {"models"},
    {"corpus"},
    {"search"},
    {"reading"},
    {"writing"},
    {"asking"},
    {"adapters", "pipeline", "testing"},
    {"receipts", "overview", "transcripts", "terminal", "__init__"},
    {"web"},
    {"shell", "__main__"},
)
"""Rooms of `rag/` from the ground up: each may import from its own and from lower floors."""
FLOOR = {room: floor for floor, rooms in enumerate(FLOORS) for room in rooms}
BENEATH_THE_PAGE = {
    "answers",
    "config",
    "errors",
    "messages",
    "overview",
    "pipeline",
    "places",
    "receipts",
    "reports",
    "transcripts",
    "web",
}
"""What `rag/web/` may import of this package."""
WALLS = {
    "gradio": {"rag/web/__init__.py", "rag/web/page.py"},
    "chromadb": {"rag/corpus/store.py", "eval/baselines.py"},
    "onnxruntime": {"rag/models/runtime.py"},
    "sqlalchemy": {"rag/corpus/catalog.py", "rag/corpus/tables.py", "rag/corpus/sqlite.py", "rag/corpus/postgres.py"},
    "psycopg": {"rag/corpus/postgres.py"},
    "matplotlib": {"eval/plots.py"},
    "jinja2": {"rag/web/rendering.py", "eval/html.py"},
    "platformdirs": {"rag/places.py"},
    "watchfiles": {"rag/corpus/watching.py"},
    "pathspec": {"rag/corpus/documents.py"},
    "pypdfium2": {"rag/formats/pdf.py", "rag/formats/pages.py"},
    "PIL": {"rag/formats/pages.py"},
    "python_calamine": {"rag/formats/spreadsheets.py"},
    "striprtf": {"rag/formats/rtf.py"},
    "olefile": {"rag/formats/outlook.py"},
    "trafilatura": {"rag/formats/html.py"},
    "lxml": {"rag/formats/html.py"},
    "defusedxml": {"rag/formats/archives.py"},
    "ray": {"rag/corpus/workers.py"},
}


@cache
def imports() -> dict[str, set[str]]:
    """File → files of this repository that it imports, type-checking imports included; a package's face stands for itself."""
    files = {_module(path): path for path in [*ROOT.glob("rag/**/*.py"), *ROOT.glob("eval/**/*.py")]}
    names = {path: name for name, path in files.items()}
    found: dict[str, set[str]] = {}
    for name, path in files.items():
        modules = set(imported(syntax_tree(path)))
        found[name] = {names[files[m]] for m in modules if m in files and files[m] != path}
    return found


def _module(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imported(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def _room(module: str) -> str:
    return module.split(".")[1] if "." in module else "__init__"


def test_rooms_import_downwards_only() -> None:
    upwards = [
        f"{module} → {target}"
        for module, targets in imports().items()
        for target in targets
        if module.startswith("rag")
        and (target.startswith("eval") or FLOOR[_room(target)] > FLOOR[_room(module)])
        and _room(module) not in ("__init__", "shell", "web")
    ]
    assert not upwards


def test_the_page_imports_nothing_below_the_pipeline_but_plain_values() -> None:
    deeper = [
        f"{module} → {target}"
        for module, targets in imports().items()
        for target in targets
        if _room(module) == "web" and target.startswith("rag.") and _room(target) not in BENEATH_THE_PAGE
    ]
    assert not deeper


def test_nothing_imports_itself_in_a_circle() -> None:
    graph = {module: {t for t in targets if t != "rag"} for module, targets in imports().items()}
    done: set[str] = set()

    def visit(module: str, way: tuple[str, ...]) -> None:
        assert module not in way, " → ".join([*way, module])
        if module not in done:
            for target in sorted(graph[module]):
                visit(target, (*way, module))
            done.add(module)

    for module in graph:
        visit(module, ())


@pytest.mark.parametrize("package", WALLS)
def test_each_framework_stays_behind_its_wall(package: str) -> None:
    users = {
        path.relative_to(ROOT).as_posix()
        for path in [*ROOT.glob("rag/**/*.py"), *ROOT.glob("eval/*.py"), ROOT / "app.py"]
        if any(m.split(".")[0] == package for m in imported(syntax_tree(path)))
    }
    assert users <= WALLS[package]


@pytest.mark.parametrize(
    "module",
    ["rag", "rag.shell.cli", "rag.config", "rag.places", "rag.answers", "rag.questions", "rag.search.fusion", "rag.text.values"],
)
def test_pure_modules_load_no_framework(module: str) -> None:
    _loads_none_of(module, "llama_index", "chromadb", "gradio", "onnxruntime", "numpy", "rich")


def test_the_yardstick_loads_no_framework_and_nothing_that_is_measured() -> None:
    _loads_none_of("eval.metrics", "llama_index", "chromadb", "gradio", "onnxruntime", "rag")


def _loads_none_of(module: str, *packages: str) -> None:
    code = f"import sys, {module}; loaded = {set(packages)} & set(sys.modules); sys.exit(f'loads {{loaded}}' if loaded else 0)"
    subprocess.run([sys.executable, "-c", code], check=True, cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)})
