"""What the engine itself saw: the only thing that lets anything through."""

from typing import Literal

from milepost.domain.shape import Shape

CheckResult = Literal["red", "error", "absent", "green", "timeout"]


class Receipt(Shape):
    """One command as the engine ran it; also called receipt when it is evidence."""

    command: str
    exit_code: int | None
    """None where it did not end by itself."""
    timed_out: bool = False
    output: str
    """SHA-256 of the whole output, a blob."""
    tail: str = ""
    """The last lines, for people."""
    tree: str = ""
    """Git tree id of the checkout when it started."""
    ms: int = 0


class Evidence(Shape):
    """Something a driver recorded, kept by its hash."""

    id: str
    """`E1` inside its attempt."""
    kind: Literal["receipt", "request", "screen", "screenshot", "console", "network", "file", "transcript"]
    blob: str
    tree: str
    title: str = ""
    """What it is, in a line: `GET http://app/ → 200`."""
    assertion: str | None = None
    service: str | None = None


class TestRun(Shape):
    """The cases of one suite run, read from its JUnit report."""

    __test__ = False
    passed: list[str] = []
    failed: list[str] = []
    skipped: list[str] = []
    report: bool = True
    """False where the command wrote no report."""
