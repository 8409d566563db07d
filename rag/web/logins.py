"""Who may come in: names with passwords, who has logged in with them, and how long one waits after wrong ones. All of it is kept in memory."""

from __future__ import annotations

import base64
import binascii
import hmac
import math
import secrets
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

FREE_OF_NAME = 3
"""Wrong passwords that one address may give for one name before it has to wait, each time twice as long."""
FREE_OF_ADDRESS = 30
"""The same for all names together."""
LONGEST_WAIT = 300.0
FORGOTTEN_AFTER = 3600.0
"""Seconds without a wrong password, after which the earlier ones no longer count."""
MOST_COUNTED = 10_000
"""Addresses with names that are counted; above it the one that was seen longest ago is forgotten."""


@dataclass(frozen=True)
class Tried:
    """What came of a name with a password."""

    right: bool = False
    wait: int = 0
    """Seconds for which no password is looked at."""


class Logins:
    """`users` are name → password; `clock` tells seconds."""

    def __init__(self, users: Mapping[str, str], clock: Callable[[], float] = time.monotonic) -> None:
        self._users = users
        self._clock = clock
        self._tokens: set[str] = set()
        self._wrong: dict[tuple[str, str], tuple[int, float]] = {}
        """(address, name), or (address, "") for all names → how many wrong passwords, and when the last."""

    def knows(self, token: str) -> bool:
        return token in self._tokens

    def enter(self) -> str:
        """The token of someone who is let in."""
        token = secrets.token_urlsafe(32)
        self._tokens.add(token)
        return token

    def leave(self, token: str) -> None:
        self._tokens.discard(token)

    def try_password(self, address: str, name: str, password: str) -> Tried:
        """Whether both are right; none is looked at while one has to wait."""
        if wait := self._wait(address, name):
            return Tried(wait=wait)
        if self._right(name, password):
            self._wrong.pop((address, name), None)
            return Tried(right=True)
        for counted in ((address, name), (address, "")):
            count, _ = self._wrong.pop(counted, (0, 0.0))
            self._wrong[counted] = count + 1, self._clock()
        while len(self._wrong) > MOST_COUNTED:
            del self._wrong[next(iter(self._wrong))]
        return Tried(wait=self._wait(address, name))

    def try_header(self, address: str, authorization: str) -> Tried:
        """The same for what a program sends with each request (Basic)."""
        kind, _, told = authorization.partition(" ")
        try:
            name, _, password = base64.b64decode(told, validate=True).decode("utf-8").partition(":")
        except (binascii.Error, UnicodeDecodeError):
            return Tried()
        return self.try_password(address, name, password) if kind.lower() == "basic" else Tried()

    def _right(self, name: str, password: str) -> bool:
        """As slow for a name that is not there as for a wrong password."""
        known = self._users.get(name)
        same = hmac.compare_digest((known or "").encode("utf-8", "surrogatepass"), password.encode("utf-8", "surrogatepass"))
        return same and known is not None

    def _wait(self, address: str, name: str) -> int:
        now, wait = self._clock(), 0.0
        for counted, free in (((address, name), FREE_OF_NAME), ((address, ""), FREE_OF_ADDRESS)):
            count, last = self._wrong.get(counted, (0, 0.0))
            if now - last > FORGOTTEN_AFTER:
                self._wrong.pop(counted, None)
            elif count >= free:
                wait = max(wait, last + min(2.0 ** min(count - free, 20), LONGEST_WAIT) - now)
        return math.ceil(wait)
