"""The body of a request, taken in up to a limit before anything reads it; of an upload its files are counted as they come.

What is over a limit, broken off or left over takes no room on the disk: a body is kept in a file without a name until it is whole.
"""

from __future__ import annotations

import time
from contextlib import suppress
from dataclasses import dataclass
from email.message import Message
from pathlib import Path
from tempfile import SpooledTemporaryFile

from starlette.requests import ClientDisconnect
from starlette.types import Message as Event
from starlette.types import Receive

from rag.errors import ReasonedError
from rag.places import bytes_below
from rag.web.rooms import MAX_FILES, MAX_ROOM_BYTES, MAX_UPLOAD_BYTES, Rooms

MAX_BODY_BYTES = 2_000_000
"""Of a request that uploads nothing."""
MAX_WAITING_BYTES = 1_000_000_000
"""Of all browsers' uploads that no room has taken in."""
WAITING_SECONDS = 3600
"""For which such an upload is kept."""
_IN_MEMORY = 1_000_000
_AT_ONCE = 1 << 16


class Refused(ReasonedError):
    """A request that is not passed on; `status` says why to a program."""

    def __init__(self, code: str, status: int, /, **values: str | int | float) -> None:
        self.status = status
        super().__init__(code, **values)


class Files:
    """Counts the files of an upload (multipart/form-data) as it comes. Raises Refused above a limit."""

    def __init__(self, content_type: str) -> None:
        header = Message()
        header["content-type"] = content_type
        boundary = header.get_boundary()
        if header.get_content_type() != "multipart/form-data" or not boundary:
            raise Refused("no upload", 400)
        self._border = b"--" + boundary.encode("latin-1", "replace")
        self._borders = 0
        self._size = 0
        """Of the file that comes now, with its head."""
        self._rest = b""
        """What may be the beginning of a border."""

    def feed(self, data: bytes) -> None:
        *ended, open_ = (self._rest + data).split(self._border)
        for piece in ended:
            self._grow(len(piece))
            self._borders, self._size = self._borders + 1, 0
        if self._borders > MAX_FILES + 1:  # one more ends the last file
            raise Refused("too many files", 413, count=MAX_FILES)
        kept = min(len(open_), len(self._border) - 1)
        self._grow(len(open_) - kept)
        self._rest = open_[len(open_) - kept :]

    def _grow(self, size: int) -> None:
        self._size += size
        if self._size > MAX_UPLOAD_BYTES:
            raise Refused("file too large", 413, size=MAX_UPLOAD_BYTES // 1_000_000)


@dataclass(frozen=True)
class Upload:
    """What may be uploaded now."""

    files: Files
    room_bytes: int
    all_bytes: int
    """Of all rooms."""

    def check(self, size: int) -> None:
        """Raises Refused where `size` bytes are too many."""
        if size > self.room_bytes:
            raise Refused("room full", 413, size=MAX_ROOM_BYTES // 1_000_000)
        if size > self.all_bytes:
            raise Refused("uploads wait", 503)


class Uploads:
    """The uploads to the rooms; `waiting` is the folder where they lie until a room takes them in."""

    def __init__(self, rooms: Rooms, waiting: Path) -> None:
        self._rooms = rooms
        self._waiting = waiting

    def begin(self, key: str, content_type: str) -> Upload:
        """An upload to the room of a key. Raises Refused."""
        self._sweep()
        room_bytes = MAX_ROOM_BYTES - self._rooms.enter(key).size()
        return Upload(Files(content_type), room_bytes, MAX_WAITING_BYTES - bytes_below(self._waiting))

    def _sweep(self) -> None:
        """Delete what no room took in."""
        for path in [*self._waiting.rglob("*")]:
            with suppress(FileNotFoundError):  # a room has just taken it in
                if path.is_file() and time.time() - path.stat().st_mtime > WAITING_SECONDS:
                    path.unlink()


async def taken_in(receive: Receive, length: int, upload: Upload | None) -> Receive:
    """The request's body, of `length` bytes as far as it says, is there as a whole: what receives it. Raises Refused, ClientDisconnect."""
    body = SpooledTemporaryFile(max_size=_IN_MEMORY)  # noqa: SIM115  closed when it has been read
    try:
        _check(length, upload)
        more = True
        while more:
            event = await receive()
            if event["type"] == "http.disconnect":
                raise ClientDisconnect
            data = event.get("body", b"")
            more = event.get("more_body", False)
            if upload:
                upload.files.feed(data)
            body.write(data)
            _check(body.tell(), upload)
        size = body.tell()
        body.seek(0)
    except BaseException:
        body.close()
        raise

    async def replayed() -> Event:
        if body.closed:
            return await receive()
        data = body.read(_AT_ONCE)
        more = body.tell() < size
        if not more:
            body.close()
        return {"type": "http.request", "body": data, "more_body": more}

    return replayed


def _check(size: int, upload: Upload | None) -> None:
    if upload:
        upload.check(size)
    elif size > MAX_BODY_BYTES:
        raise Refused("body too large", 413, size=MAX_BODY_BYTES // 1_000_000)
