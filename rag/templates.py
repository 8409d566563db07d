"""A template, named by its path in this package, and plain values → HTML.

The one environment, by which every page and receipt is drawn: each value is escaped, and one that a template names and is not given
is an error. The templates lie beside the modules that fill them in.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from jinja2 import Environment

FOLDER = Path(__file__).parent


def render(path: str, **values: Any) -> str:
    """`path` is like "web/templates/answer.html.j2"."""
    return _environment().get_template(path).render(values)


@cache
def _environment() -> Environment:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    return Environment(
        loader=FileSystemLoader(FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
