"""What waits to be written: in order, bounded, and the newest of what is droppable."""

import os
import threading
from collections.abc import Iterator

import pytest

from milepost.lsp.framing import frame
from milepost.lsp.writer import Writer
from tests.lsp.conftest import until


class Clock:
    """Stands until it is moved."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def pipe() -> Iterator[tuple[int, int]]:
    here, there = os.pipe()
    yield here, there
    for end in (here, there):
        try:
            os.close(end)
        except OSError:
            continue


def read_all(descriptor: int) -> bytes:
    found = b""
    while chunk := os.read(descriptor, 2**16):
        found += chunk
    return found


def test_bodies_are_written_in_order(pipe: tuple[int, int]) -> None:
    writer = Writer(pipe[1], lambda: None)
    for number in range(5):
        writer.send(b"%d" % number)
    writer.start()
    assert writer.close(10)
    os.close(pipe[1])
    assert read_all(pipe[0]) == b"".join(frame(b"%d" % number) for number in range(5))


def test_a_newer_one_of_a_key_goes_behind_what_was_said_meanwhile(pipe: tuple[int, int]) -> None:
    writer = Writer(pipe[1], lambda: None)
    for body, key in ((b"old", "status"), (b"said", None), (b"other", "else"), (b"new", "status")):
        writer.send(body, key)
    writer.start()
    assert writer.close(10)
    os.close(pipe[1])
    assert read_all(pipe[0]) == frame(b"said") + frame(b"other") + frame(b"new")


def test_too_much_that_waits_is_a_lost_client_once(pipe: tuple[int, int]) -> None:
    lost: list[int] = []
    writer = Writer(pipe[1], lambda: lost.append(1), largest=100)
    for _ in range(5):
        writer.send(b"x" * 40)
    assert lost == [1]
    assert not writer.close(0)


def test_what_is_droppable_never_fills_it(pipe: tuple[int, int]) -> None:
    lost: list[int] = []
    writer = Writer(pipe[1], lambda: lost.append(1), largest=100)
    for _ in range(100):
        writer.send(b"x" * 40, "status")
    assert not lost


def test_a_client_that_closed_its_end_is_lost(pipe: tuple[int, int]) -> None:
    gone = threading.Event()
    writer = Writer(pipe[1], gone.set)
    writer.start()
    os.close(pipe[0])
    writer.send(b"x")
    assert gone.wait(10)


def test_a_full_pipe_that_does_not_block_is_waited_for(pipe: tuple[int, int]) -> None:
    os.set_blocking(pipe[1], False)
    writer = Writer(pipe[1], lambda: None)
    writer.start()
    writer.send(b"x" * 1_000_000)
    found: list[bytes] = []
    reading = threading.Thread(target=lambda: found.append(read_all(pipe[0])))
    reading.start()
    assert writer.close(10)
    os.close(pipe[1])
    reading.join(10)
    assert found == [frame(b"x" * 1_000_000)]


def test_stalled_counts_from_when_the_client_last_read(pipe: tuple[int, int]) -> None:
    clock = Clock()
    writer = Writer(pipe[1], lambda: None, clock=clock)
    clock.now = 50.0
    assert writer.stalled() == 0.0, "nothing waits"
    writer.start()
    writer.send(b"x" * 1_000_000)
    clock.now = 57.0
    until(lambda: writer.stalled() == 7.0, "the pipe is full")
    threading.Thread(target=lambda: read_all(pipe[0]), daemon=True).start()
    assert writer.close(10)
    assert writer.stalled() == 0.0
    os.close(pipe[1])
