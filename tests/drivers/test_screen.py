"""What a terminal shows, programs of today included."""

import pytest

from milepost.drivers.screen import Screen


def shown(data: bytes, rows: int = 4, cols: int = 20) -> Screen:
    screen = Screen(rows, cols, lambda answer: None)
    screen.feed(data)
    return screen


def test_text_is_shown_without_trailing_blanks() -> None:
    assert shown(b"one  \r\n\r\n  two").text() == "one\n\n  two"


def test_alternate_screen_gives_the_main_one_back() -> None:
    screen = shown(b"main\x1b[?1049h\x1b[Halt")
    assert screen.text() == "alt"
    assert "alternate screen" in screen.state()
    screen.feed(b"\x1b[?1049l!")
    assert screen.text() == "main!"
    assert "alternate screen" not in screen.state()


@pytest.mark.parametrize(
    "sequence",
    [
        b"\x1b[?1m", b"\x1b[>4;2m", b"\x1b[>1u", b"\x1b[<u", b"\x1b[=1u", b"\x1b[?u", b"\x1b[?6n", b"\x1b[!p",
        b"\x1b[?1;2r",
        b"\x1bP+q544e\x1b\\", b"\x1b_Gi=1;AAAA\x1b\\", b"\x1b]8;;http://x\x07", b"\x1b[?2026h",
        b"\x1b[1;1;1;1A\r", b"\x1b[?25l",
        b"\x1b[2 q", b"\x1b[?2004h", b"\x1b[>c", b"\x1b]10;?\x1b\\",
    ],
)
def test_sequence_that_pyte_does_not_know_leaves_no_trace(sequence: bytes) -> None:
    assert shown(sequence + b"fine").text() == "fine"


def test_sequence_cut_between_two_reads_is_put_together() -> None:
    screen = shown(b"a\x1b[38:2::1")
    screen.feed(b":2:3mb\x1bP+q")
    screen.feed(b"junk\x1b")
    screen.feed(b"\\c\x1b")
    screen.feed(b"[0md")
    assert screen.text() == "abcd"
    assert screen.colors() == "1:2 'bc' fg=010203"


def test_colours_and_styles_are_told_by_stretch() -> None:
    screen = shown(b"\x1b[1;31mred\x1b[0m and \x1b[7mback\x1b[0m\r\n\x1b[33;44mx\x1b[4:3my\x1b[4:0mz")
    assert screen.colors().splitlines() == [
        "1:1 'red' fg=red bold", "1:9 'back' reverse", "2:1 'x' fg=yellow bg=blue",
        "2:2 'y' fg=yellow bg=blue underscore", "2:3 'z' fg=yellow bg=blue",
    ]


def test_plain_screen_has_no_colours() -> None:
    assert shown(b"plain").colors() == ""


def test_question_for_the_cursor_is_answered() -> None:
    answers: list[bytes] = []
    screen = Screen(4, 20, answers.append)
    screen.feed(b"ab\x1b[6n\x1b[c")
    assert answers == [b"\x1b[1;3R", b"\x1b[?6c"]


def test_state_names_cursor_size_and_title() -> None:
    assert shown(b"\x1b]2;my shop\x07ab").state() == "4x20, cursor row 1, column 3, title 'my shop'"
    assert shown(b"\x1b[?25l").state() == "4x20, cursor hidden"


def test_size_can_change() -> None:
    screen = shown(b"one\r\ntwo")
    screen.resize(2, 10)
    assert screen.state().startswith("2x10")
    assert screen.text() == "one\ntwo"


def test_application_cursor_keys_are_noticed() -> None:
    assert shown(b"\x1b[?1h").application_cursor
    assert not shown(b"\x1b[?1h\x1b[?1l").application_cursor
