"""A port that can be opened, found before the work begins."""

from __future__ import annotations

import errno
import socket
import sys

from rag.errors import UsageError

FIRST = 7860
_TRIED = 100


def choose(address: str, wanted: int | None) -> int:
    """`wanted`, or where it is None the first port from FIRST on that is free. Raises UsageError where there is none."""
    if wanted is not None and not 0 < wanted < 65536:
        raise UsageError(f"{wanted} is no port; name one from 1 to 65535.")
    if (port := wanted or _free(address, FIRST)) is not None and _is_free(address, port):
        return port
    following = _free(address, (wanted or FIRST) + 1)
    more = f"; name another one: rag serve --port {following}" if following else ""
    raise UsageError(f"port {wanted or FIRST} is taken{more}")


def _free(address: str, first: int) -> int | None:
    return next((port for port in range(first, min(first + _TRIED, 65536)) if _is_free(address, port)), None)


def _is_free(address: str, port: int) -> bool:
    """Raises UsageError for an address that is not this machine's, or a port that may not be opened."""
    for host in dict.fromkeys((address, "127.0.0.1")):  # Gradio asks for both
        try:
            family, kind, _, _, place = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
            with socket.socket(family, kind) as probe:
                if sys.platform != "win32":
                    probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                probe.bind(place)
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                raise UsageError(f"{host}, port {port} cannot be opened ({error.strerror or error}).") from error
            return False
    return True
