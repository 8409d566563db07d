import pytest

from rag.text.terms import denials


@pytest.mark.parametrize(
    ("text", "denies"),
    [("It did not rise.", True), ("It didn't rise.", True), ("没有上升", True), ("不仅上升", False), ("not only rose but", False), ("It rose.", False), ("Another notable rise", False)],
)  # fmt: skip
def test_denials(text: str, denies: bool) -> None:
    assert (denials(text) > 0) is denies
