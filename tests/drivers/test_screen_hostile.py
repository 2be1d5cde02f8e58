"""Programs that write at their terminal, not onto it: the screen stays a screen, and answers are never theirs."""

import re
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from milepost.drivers.screen import HISTORY_LINES, Screen

ANSWERS = re.compile(rb"(\x1b\[[0-9]{1,3};[0-9]{1,3}R|\x1b\[0n|\x1b\[\?6c)*")
CONTROLS = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069]")


class Watched:
    """A screen, and what it answered."""

    def __init__(self, rows: int = 6, cols: int = 20) -> None:
        self.answers: list[bytes] = []
        self.screen = Screen(rows, cols, self.answers.append)

    def feed(self, data: bytes, at_once: int = 1 << 20) -> "Watched":
        for start in range(0, len(data), at_once):
            self.screen.feed(data[start:start + at_once])
        return self

    @property
    def text(self) -> str:
        return self.screen.text()

    @property
    def shown(self) -> str:
        """All that anybody is ever shown."""
        screen = self.screen
        return "\n".join([screen.text(), screen.colors(), screen.state(), *screen.history()])


@pytest.mark.parametrize("size", [1, 3, 1 << 20])
@pytest.mark.parametrize(
    "sequence",
    [
        b"\x1b]52;c;ZXZpbCBjb21tYW5k\x07", b"\x1b]52;c;?\x1b\\", b"\x1b]4;1;?\x07", b"\x1b]1337;File=:AAAA\x07",
        b"\x1bP$qm\x1b\\", b"\x1bP$q\"p\x1b\\", b"\x1bP+q544e\x1b\\", b"\x1bPq#0;2;0;0;0~~@@vv@@~~$-" * 500 + b"\x1b\\",
        b"\x1b_G" + b"A" * 50_000 + b"\x1b\\", b"\x1b^private\x1b\\", b"\x1bXstring\x1b\\",
        b"\x1b[21t", b"\x1b[18t", b"\x1b[8;100;300t", b"\x1b[?3h", b"\x1b[?1;1$y", b"\x1b[>q", b"\x1b[x", b"\x05",
        b"\x1b[200~", b"\x1b[201~", b"\x1b(0\x1b(B", b"\x1b[" + b"1;" * 5_000 + b"m\x1b[m",
        b"\x1b[" + b"9" * 10_000 + b"m\x1b[m", b"\x1b[38;2;999;999;999m\x1b[m", b"\x1b[38;5;999m\x1b[m",
        b"\x1b[38m\x1b[m",
        b"\x1b]2;" + b"t" * 100_000 + b"\x07", b"\xc2\x9d52;c;AAAA\xc2\x9c", b"\xc2\x90q~~~\xc2\x9c",
        b"\x1b[?6h\x1b[?6l", b"\x1b[?5h\x1b[?5l", b"\x1b[12\x18", b"\x1b]2;half\x18", b"\x1bPhalf\x1a",
        b"\x1b7" * 10_000 + b"\x1b[H", b"\x1b[9999999999S", b"\x1b[4h\x1b[4l", b"\x1b[!p", b"\x1b[?1049h\x1bc",
    ],
)
def test_sequence_leaves_no_trace_and_gets_no_answer(sequence: bytes, size: int) -> None:
    seen = Watched().feed(sequence + b"fine", size)
    assert seen.text == "fine"
    assert seen.answers == []
    assert seen.screen.colors() == ""
    assert "6x20" in seen.screen.state() and "alternate" not in seen.screen.state()
    assert len(seen.shown) < 400


def test_title_is_told_without_what_it_would_do() -> None:
    seen = Watched().feed("\x1b]0;shop\u202e\x1b\\".encode())
    assert r"title 'shop\\u202e'" in seen.screen.state()
    assert r"title 'a\\u009b[2Jb'" not in Watched().feed(b"\x1b]2;a\xc2\x9b2Jb\x07").screen.state()


def test_questions_are_answered_with_nothing_that_the_program_chose() -> None:
    seen = Watched().feed(b"\x1b]0;rm -rf /\x07\x1b[21t\x1b[5n\x1b[c\x1bP$qq\x1b\\")
    seen.feed(b"\x1b[?6h\x1b[6n\x1b[d\x1b[99;99H\x1b[6n")
    assert b"".join(seen.answers) == b"\x1b[0n\x1b[?6c\x1b[1;1R\x1b[6;20R"


@given(st.lists(st.one_of(
    st.binary(max_size=12), st.text(max_size=6).map(lambda text: text.encode("utf-8", "surrogatepass")),
    st.builds(lambda mark, numbers, final: b"\x1b[" + mark + ";".join(map(str, numbers)).encode() + final,
              st.sampled_from([b"", b"?", b">"]), st.lists(st.integers(0, 10**9), max_size=4),
              st.integers(0x40, 0x7E).map(lambda c: bytes([c]))),
    st.sampled_from([b"\x1b[6n", b"\x1b[?1049h", b"\x1b[?1049l", b"\x1b[?6h", b"\x1b[2;3r", b"\x1b#8", b"\x1bM",
                     b"\x1bD", b"\x1b7", b"\x1b8", b"\x1bc", b"\x1b[?5h",
                     b"\n" * 9, "日本e\u0301".encode(), b"\x1b]", b"\x1bP"]),
), max_size=12), st.tuples(st.integers(1, 8), st.integers(1, 24)))
@settings(max_examples=200, deadline=None)
def test_whatever_is_written_screen_and_answers_stay_plain(parts: list[bytes], size: tuple[int, int]) -> None:
    seen = Watched()
    for part in parts[:6]:
        seen.feed(part)
    seen.screen.resize(*size)
    for part in parts[6:]:
        seen.feed(part)
    assert not CONTROLS.search(seen.shown)
    assert ANSWERS.fullmatch(b"".join(seen.answers))
    seen.shown.encode()
    for row in range(size[0]):
        assert sum(glyph.width for glyph in seen.screen.glyphs(row)) == size[1]


@pytest.mark.parametrize(
    "flood",
    [
        b"\x1b[H\x1b[2J" * 4_000, b"\x1b[6n" * 5_000, b"x" * 100_000, b"\n" * 50_000, b"\x1b[1000000000L" * 3_000,
        b"\x1b[1000000000@" * 3_000, b"\x1b[1000000000X" * 3_000, b"\x1b]0;" + b"x" * 3_000_000,
        b"\x1bP" + b"x" * 3_000_000, b"\x1b[" + b"1" * 1_000_000, b"a" + "\u0301".encode() * 50_000,
        ("a\u0301" * 20_000).encode(), ("a" + "\x1b[m\u0301" * 20_000).encode(), b"\x1bH\x09" * 10_000,
        "\u200b".encode() * 50_000,
    ],
)
def test_flood_costs_no_more_than_its_bytes(flood: bytes) -> None:
    seen = Watched(24, 80)
    began = time.process_time()
    seen.feed(flood, 16_384)
    assert time.process_time() - began < 5
    assert len(seen.shown) < 120 * (HISTORY_LINES + 50)


def test_text_around_what_has_no_width_is_kept() -> None:
    assert Watched().feed("a\u200bb\ufeffc\u202ed\u2066e".encode()).text == "abcde"
    assert Watched().feed("👩\u200d💻!".encode()).text == "👩💻!"


def test_accents_stay_on_their_letter_and_do_not_pile_up() -> None:
    assert Watched().feed("e\u0301x".encode()).text == "éx"
    assert len(Watched().feed(b"a" + "\u0302".encode() * 100).text) < 10


def test_wide_characters_take_two_columns() -> None:
    seen = Watched(3, 6).feed("\x1b[31m日本\x1b[m|".encode())
    assert seen.text == "日本|"
    assert seen.screen.colors() == "1:1 '日本' fg=red"
    assert Watched(3, 5).feed("日本語".encode()).text == "日本\n語", "no half of one is left at the end of a line"
    assert Watched().feed("日本\x1b[1;1Ha".encode()).text == "a 本"
    assert Watched().feed("日本\x1b[1;2Ha".encode()).text == " a本"
    assert Watched().feed("日本\x1b[1;3H\x1b[2X!".encode()).text == "日!"


def test_lines_and_corners_of_the_old_alphabet_are_drawn() -> None:
    assert Watched().feed(b"\x1b(0lqqk\x1b(B x\r\n\x1b)0\x0ex\x0f x").text == "┌──┐ x\n│ x"


def test_what_scrolled_off_is_kept_but_not_that_of_the_alternate_screen() -> None:
    seen = Watched(3, 20).feed(b"one\r\ntwo\r\nthree\r\nfour\r\nfive")
    assert (seen.screen.history(), seen.text) == (["one", "two"], "three\nfour\nfive")
    assert "2 lines above" in seen.screen.state()
    seen.feed(b"\x1b[?1049h" + b"\r\nalt" * 9 + b"\x1b[?1049l\x1b[2;3r\x1b[3;1H\r\nin margins\r\nand more")
    assert seen.screen.history() == ["one", "two"]
    assert Watched(3, 20).feed(b"a\r\n" * 5 + b"\x1b[3J").screen.history() == []
    assert len(Watched(3, 20).feed(b"a\r\n" * 5_000).screen.history()) == HISTORY_LINES


def test_smaller_window_keeps_the_line_of_the_cursor() -> None:
    seen = Watched(4, 20).feed(b"one\r\ntwo\r\nthree\r\nfour")
    seen.screen.resize(2, 10)
    seen.feed(b"!")
    assert (seen.text, seen.screen.history()) == ("three\nfour!", ["one", "two"])
    seen = Watched(4, 20).feed(b"x" * 20)
    seen.screen.resize(4, 5)
    assert seen.feed(b"yz").text == "xxxxy\nz"


def test_smaller_window_while_the_alternate_screen_is_shown() -> None:
    seen = Watched(4, 20).feed(b"one\r\ntwo\r\nthree\r\nfour\x1b[?1049h\x1b[Halt")
    seen.screen.resize(2, 20)
    assert seen.text == "alt"
    assert seen.feed(b"\x1b[?1049l!").text == "three\nfour!"


def test_mouse_and_paste_are_noticed() -> None:
    screen = Watched().feed(b"\x1b[?1000h\x1b[?1006h\x1b[?2004h").screen
    assert (screen.mouse, screen.encoding, screen.takes_paste) == (1000, "sgr", True)
    screen.feed(b"\x1b[?1003h\x1b[?1006l\x1b[?2004l")
    assert (screen.mouse, screen.encoding, screen.takes_paste) == (1003, "plain", False)
    screen.feed(b"\x1bc")
    assert screen.mouse is None
