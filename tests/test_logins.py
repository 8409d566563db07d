"""Who may come in, and how long one waits after wrong passwords."""

import base64

import rag.web.logins as logins
from rag.web.logins import Logins, Tried


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def test_each_wrong_password_doubles_the_wait_of_its_address_and_name() -> None:
    clock = Clock()
    door = Logins({"ada": "lovelace"}, clock)
    waits = []
    for _ in range(14):
        clock.now += (wait := door.try_password("a", "ada", "x").wait)
        waits.append(wait)
    assert waits == [0, 0, 1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300, 300]
    door.try_password("a", "ada", "x")
    assert door.try_password("a", "ada", "lovelace") == Tried(wait=300), "the right one is not looked at either"
    assert door.try_password("b", "ada", "lovelace").right, "of another address it is"
    clock.now += 300
    assert door.try_password("a", "ada", "lovelace").right
    assert door.try_password("a", "ada", "x") == Tried(), "counting begins anew"


def test_one_address_cannot_go_through_many_names() -> None:
    door = Logins({"ada": "lovelace"}, Clock())
    tried = [door.try_password("a", f"name {number}", "x") for number in range(logins.FREE_OF_ADDRESS)]
    assert [each.wait for each in tried] == [0] * (logins.FREE_OF_ADDRESS - 1) + [1]
    assert door.try_password("a", "ada", "lovelace").wait == 1


def test_what_is_long_ago_is_forgotten_and_little_is_kept() -> None:
    clock = Clock()
    door = Logins({"ada": "lovelace"}, clock)
    for _ in range(3):
        door.try_password("a", "ada", "x")
    clock.now += logins.FORGOTTEN_AFTER + 1
    assert [door.try_password("a", "ada", "x").wait for _ in range(3)] == [0, 0, 1]
    for number in range(logins.MOST_COUNTED):
        door.try_password(f"address {number}", "ada", "x")
    assert len(door._wrong) == logins.MOST_COUNTED


def test_a_header_is_read_as_basic_and_as_nothing_else() -> None:
    door = Logins({"ada": "love:lace", "zoë": "é"}, Clock())

    def header(text: str, kind: str = "Basic") -> str:
        return f"{kind} {base64.b64encode(text.encode()).decode()}"

    assert door.try_header("a", header("ada:love:lace")).right and door.try_header("a", header("zoë:é", "basic")).right
    for wrong in (
        header("ada:love"),
        header("ada:love:lace", "Bearer"),
        "Basic",
        "Basic ===",
        "Basic /w==",
        "",
        header("nobody:"),
    ):
        assert not door.try_header("a", wrong).right


def test_who_leaves_is_no_longer_known() -> None:
    door = Logins({"ada": "lovelace"}, Clock())
    token = door.enter()
    assert door.knows(token) and not door.knows("") and not door.knows(token[1:])
    door.leave(token)
    assert not door.knows(token)
