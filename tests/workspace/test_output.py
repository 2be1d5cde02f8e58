"""What commands print reaches models as plain text, and no more of it than they can use."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from milepost.workspace.output import cap, decode, strip


@pytest.mark.parametrize(
    ("printed", "read"),
    [
        ("\x1b[1;31mred\x1b[0m", "red"),
        ("\x1b[2J\x1b[H\x1b[?25lhidden cursor\x1b[?25h", "hidden cursor"),
        ("\x1b]0;title\x07text", "text"),
        ("\x1b]8;;https://example.com\x1b\\link\x1b]8;;\x1b\\", "link"),
        ("\x1b]52;c;c2VjcmV0\x07clipboard", "clipboard"),
        ("\x1bPq#0;2;0;0;0\x1b\\picture", "picture"),
        ("\x1b_device\x1b\\ \x1b^private\x1b\\ \x1bXstring\x1b\\end", "  end"),
        ("\x9b31mred\x9b0m \x9d0;title\x9ctext \x90string\x9cend", "red text end"),
        ("\x1b(B\x1b7\x1b8\x1b=plain", "plain"),
        ("\x07" * 1000 + "bell", "bell"),
        ("an unfinished \x1b[31", "an unfinished "),
        ("an unfinished \x1b]0;title\nnext line", "an unfinished \nnext line"),
        ("\x00nul\x7f\x1f", "nul"),
        ("tab\tand\nline", "tab\tand\nline"),
        ("dos\r\nlines\r\n", "dos\nlines\n"),
        ("10 %\r50 %\r100 %\ndone", "100 %\ndone"),
        ("a longer line\rshort", "short"),
        ("long progress\r\x1b[Kdone\r", "done"),
        ("a\bab\bb", "ab"),
        ("\b\bstart", "start"),
        ("right \u202eto left\u202c \u2066isolated\u2069", "right to left isolated"),
        ("zero\u200bwidth\ufeff", "zerowidth"),
        ("hidden\U000e0049\U000e0067", "hidden"),
        ("\ud800 alone", "\ufffd alone"),
        ("família 👩\u200d💻 日本", "família 👩\u200d💻 日本"),
    ],
)
def test_S38_text_is_plain_and_as_it_was_last_drawn(printed: str, read: str) -> None:
    assert strip(printed) == read


@given(st.text(alphabet=st.characters(codec="utf-8") | st.sampled_from("\x1b\x9b[]\r\n\b;m\x07\\P0")))
def test_S38_no_control_character_is_left_whatever_is_printed(text: str) -> None:
    read = strip(text)
    assert not {c for c in read if (ord(c) < 32 and c not in "\n\t") or 127 <= ord(c) < 160}
    read.encode("utf-8")


def test_S38_a_flood_of_codes_takes_no_time() -> None:
    assert strip("\x1b]" * 200_000 + "\x1b[" + "1;" * 200_000 + "end") == "nd"


@given(st.binary())
def test_F45_any_bytes_become_text(data: bytes) -> None:
    decode(data).encode("utf-8")


def test_short_text_is_left_alone() -> None:
    assert cap("short\n", 6, "R1") == "short\n"
    assert cap(b"by\xfftes", 10) == "by\ufffdtes"


def test_long_text_keeps_head_and_tail_and_says_where_all_of_it_is() -> None:
    lines = [f"line {n:03}\n" for n in range(100)]
    capped = cap("".join(lines), 60, "R7")
    assert capped == (
        "line 000\nline 001\nline 002\n"
        "[... 846 characters in 94 lines left out; all of it: R7 ...]\n"
        "line 097\nline 098\nline 099\n"
    )


def test_a_long_line_is_cut_in_its_middle() -> None:
    assert cap("x" * 1000, 10) == "xxxxx\n[... 990 characters in 1 line left out ...]\nxxxxx"


@given(st.text(alphabet="ab\n", max_size=300), st.integers(0, 100))
def test_a_capped_text_is_short_and_made_of_the_whole(text: str, limit: int) -> None:
    capped = cap(text, limit)
    if len(text) <= limit:
        assert capped == text
        return
    head, _, rest = capped.partition("[... ")
    note, _, tail = rest.partition(" ...]\n")
    assert len(capped) <= limit + len("[... " + note + " ...]\n") + 1
    assert text.startswith(head.removesuffix("\n")) and text.endswith(tail)
