"""Names of keys."""

import pytest

from milepost.domain.errors import ToolError
from milepost.drivers.keys import encode


@pytest.mark.parametrize(
    ("keys", "sent"),
    [
        (["hello", "Enter"], b"hello\r"),
        (["Ctrl-C"], b"\x03"),
        (["Ctrl-c", "Ctrl-["], b"\x03\x1b"),
        (["Ctrl-Space"], b"\0"),
        (["Alt-x", "Alt-Enter"], b"\x1bx\x1b\r"),
        (["Up", "Home"], b"\x1b[A\x1b[H"),
        (["Ctrl-Right", "Shift-Up"], b"\x1b[1;5C\x1b[1;2A"),
        (["Shift-Tab", "F5"], b"\x1b[Z\x1b[15~"),
        (["text:Enter", "text:"], b"Enter"),
        (["Alt", "größe"], "Altgröße".encode()),
    ],
)
def test_keys_become_bytes(keys: list[str], sent: bytes) -> None:
    assert encode(keys) == sent


def test_cursor_keys_follow_the_mode_that_the_program_asked_for() -> None:
    assert encode(["Up", "Ctrl-Up"], application=True) == b"\x1bOA\x1b[1;5A"


@pytest.mark.parametrize("key", ["Ctrl-Nothing", "Alt-Nothing", "Shift-a", "Ctrl-ö"])
def test_chord_that_does_not_exist_is_refused(key: str) -> None:
    with pytest.raises(ToolError, match=f"there is no key '{key}'"):
        encode([key])
