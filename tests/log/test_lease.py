"""One process at a time may write a mission, and a dead one gives the lease back."""

from collections.abc import Callable
from pathlib import Path
from subprocess import Popen
from typing import IO

from milepost.log.lease import Lease

Start = Callable[[str], "Popen[str]"]


def line(stream: IO[str] | None) -> str:
    assert stream is not None
    return stream.readline().strip()


def test_lease_is_taken_once(folder: Path) -> None:
    one, two = Lease(folder), Lease(folder)
    assert not one.held_by_other()
    assert one.acquire()
    assert one.acquire()
    assert one.held
    assert not one.held_by_other()
    assert not two.acquire()
    assert two.held_by_other()
    one.release()
    one.release()
    assert not two.held_by_other()
    assert two.acquire()


def test_asking_leaves_the_lease_free(folder: Path) -> None:
    lease = Lease(folder)
    assert not lease.held_by_other()
    assert not folder.exists()
    lease.acquire()
    lease.release()
    assert not Lease(folder).held_by_other()
    assert lease.acquire()


def test_lease_is_kept_between_processes_and_given_back(folder: Path, process: Start) -> None:
    holder, lease = process("hold"), Lease(folder)
    assert line(holder.stdout) == "True"
    assert lease.held_by_other()
    assert not lease.acquire()
    assert holder.stdin is not None
    holder.stdin.write("\n")
    holder.stdin.flush()
    assert line(holder.stdout) == "released"
    assert not lease.held_by_other()
    assert lease.acquire()


def test_F01_lease_of_a_killed_process_is_free(folder: Path, process: Start) -> None:
    holder, lease = process("hold"), Lease(folder)
    assert line(holder.stdout) == "True"
    holder.kill()
    holder.wait()
    assert not lease.held_by_other()
    assert lease.acquire()


def test_F17_lock_of_a_file_that_was_replaced_does_not_count(folder: Path) -> None:
    old, new = Lease(folder), Lease(folder)
    assert old.acquire()
    old.path.unlink()
    assert new.acquire()
    assert Lease(folder).held_by_other()
