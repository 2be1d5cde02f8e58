"""Frames in a stream, whatever else is in it and however it is cut."""

import json

from hypothesis import given
from hypothesis import strategies as st

from milepost.lsp.framing import Frames, Oversized, frame

bodies = st.binary(max_size=60)
garbage = st.binary(max_size=60).map(lambda noise: noise.replace(b":", b"") + b"\n")
pieces = st.lists(st.one_of(bodies.map(lambda body: (body, frame(body))), garbage.map(lambda noise: (None, noise))))


def fed(frames: Frames, stream: bytes, cuts: list[int]) -> list[bytes | Oversized]:
    found, last = [], 0
    for cut in [*sorted(min(cut, len(stream)) for cut in cuts), len(stream)]:
        found += frames.feed(stream[last:cut])
        last = cut
    return found


@given(pieces, st.lists(st.integers(0, 2000), max_size=8))
def test_every_frame_is_found_amid_garbage_and_however_it_is_cut(
    parts: list[tuple[bytes | None, bytes]], cuts: list[int],
) -> None:
    stream = b"".join(piece for _, piece in parts)
    assert fed(Frames(), stream, cuts) == [body for body, _ in parts if body is not None]


@given(st.binary(), st.lists(st.integers(0, 300), max_size=8))
def test_anything_is_read_the_same_however_it_is_cut(stream: bytes, cuts: list[int]) -> None:
    assert fed(Frames(100), stream, cuts) == fed(Frames(100), stream, [])


@given(st.binary(), st.integers(0, 2**64))
def test_anything_at_all_is_survived(noise: bytes, length: int) -> None:
    frames = Frames(100)
    list(frames.feed(noise + b"\nContent-Length: %d\r\n\r\n" % length + noise))


def test_garbage_without_an_end_is_not_kept() -> None:
    frames = Frames()
    for _ in range(100):
        assert list(frames.feed(b"x" * 100_000)) == []
    assert len(frames._buffer) < 10_000
    assert list(frames.feed(b"Content-Length: 2\r\n\r\n{}")) == [b"{}"]


def test_what_is_too_long_is_skipped_without_being_kept() -> None:
    frames = Frames(10)
    assert list(frames.feed(b"Content-Length: 1000000\r\n\r\n")) == [Oversized(1000000)]
    for _ in range(10):
        assert list(frames.feed(b"Content-Length: 1\r\n\r\n".ljust(100_000, b"x"))) == []
        assert not frames._buffer
    assert list(frames.feed(frame(b"{}"))) == [b"{}"]


def test_a_length_that_nobody_means_is_not_waited_for() -> None:
    frames = Frames()
    assert list(frames.feed(b"Content-Length: 9999999999999\r\n\r\n" + frame(b"{}"))) == [
        Oversized(9999999999999), b"{}",
    ]


def test_the_last_of_two_lengths_counts() -> None:
    assert list(Frames().feed(b"Content-Length: 9\r\nContent-Length: 2\r\n\r\n{}")) == [b"{}"]


def test_a_frame_counts_bytes() -> None:
    body = json.dumps("ä", ensure_ascii=False).encode()
    assert frame(body) == b"Content-Length: 4\r\n\r\n" + body
