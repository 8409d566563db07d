"""What the vector store holds, as the catalog's meta tells it: one record for a folder, a list of them for servers."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field


@dataclass(frozen=True)
class Held:
    """What a folder or one server holds."""

    name: str = ""
    """Of the folder, or of the collection on a server."""
    location: str = ""
    generation: int = 0
    """What has changed since may be there or not; 0 where that does not tell what is there."""
    model: str = ""
    deleted: int = 0
    """Records that were deleted from it since it was made."""
    files: dict[str, list[object]] = field(default_factory=dict)
    """Size and sha256 of each file of a folder."""
    graph: str = ""
    """How the graph over the vectors was made."""
    among: list[str] = field(default_factory=list)
    """The servers that the files are spread over."""

    @classmethod
    def of(cls, value: object) -> Held:
        """The empty record where `value`, plain JSON data, is none."""
        with contextlib.suppress(TypeError):
            held = cls(**value)  # type: ignore[arg-type]
            if all(type(getattr(held, name)) is type(default) for name, default in asdict(cls()).items()):
                return held
        return cls()


def parse(text: str) -> list[Held]:
    """The records that `told` made `text` of; those that are none are left out."""
    value: object = None
    with contextlib.suppress(ValueError):
        value = json.loads(text)
    return [held for held in map(Held.of, value if isinstance(value, list) else [value]) if held.name]


def told(held: Held | Iterable[Held]) -> str:
    """As JSON: an object for a folder, a list for servers."""
    return json.dumps(asdict(held) if isinstance(held, Held) else [asdict(each) for each in held])
