"""Runs a test command and reads its report; what counts as green is decided here, never by the exit code alone."""

import os
import secrets
import shlex
import shutil
import stat
from collections.abc import Mapping
from pathlib import Path

from milepost.domain.receipt import Receipt, TestRun
from milepost.domain.services import Command
from milepost.gates import junit
from milepost.gates.receipts import Keep, observe
from milepost.workspace.cell import Cell

REPORT_PREFIX = ".milepost-report-"
MAX_REPORTS = 5_000
"""Files read of a folder of reports, as maven writes one for each class."""


async def run_suite(
    cell: Cell, command: Command, *, keep: Keep, env: Mapping[str, str], tree: str = ""
) -> tuple[Receipt, TestRun]:
    """Runs a test command with `{report}` replaced by a fresh path that nobody can foresee, and reads what it wrote."""
    name = f"{REPORT_PREFIX}{secrets.token_hex(8)}.xml"
    place = cell.host_tree / name
    line = command.run.replace("{report}", shlex.quote(str(cell.tree / name)))
    try:
        receipt = await observe(
            cell, line, timeout_s=command.timeout_s, env=env, keep=keep, tree=tree, shown=command.run
        )
        return receipt, read_report(place) if command.report == "junit" else TestRun(report=False)
    finally:
        _remove(place)


def is_green(command: Command, receipt: Receipt, run: TestRun) -> bool:
    """Exit code 0; and, where a report is due, one that is whole, with a case that passed and none that failed."""
    if receipt.exit_code != 0:
        return False
    return command.report == "none" or (run.report and bool(run.passed) and not run.failed)


def why_red(command: Command, receipt: Receipt, run: TestRun) -> str:
    """In a sentence, why the suite is not green; empty where it is."""
    if receipt.timed_out:
        return f"{command.run!r} did not end within {command.timeout_s} s"
    if run.failed:
        shown = ", ".join(run.failed[:5])
        return f"{len(run.failed)} failed: {shown}{' …' if len(run.failed) > 5 else ''}"
    if receipt.exit_code != 0:
        return f"{command.run!r} ended with exit code {receipt.exit_code}"
    if is_green(command, receipt, run):
        return ""
    if not run.report:
        return f"{command.run!r} ended with 0 but left no whole JUnit report at {{report}}"
    return f"{command.run!r} ended with 0 but no test passed ({len(run.skipped)} skipped)"


def read_report(place: Path) -> TestRun:
    """The cases of a report file, or of a folder of them; links and anything that is no plain file are refused."""
    if place.is_dir() and not place.is_symlink():
        files = sorted(p for p in place.rglob("*.xml"))[:MAX_REPORTS]
        return junit.merge([_read_file(file) for file in files])
    return _read_file(place)


def _read_file(file: Path) -> TestRun:
    try:
        # What runs in the cell chose what lies here: a link could lead to any file, a pipe would never end.
        descriptor = os.open(file, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError:
        return TestRun(report=False)
    with os.fdopen(descriptor, "rb") as opened:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            return TestRun(report=False)
        return junit.read(opened.read(junit.MAX_REPORT + 1))


def _remove(place: Path) -> None:
    if place.is_dir() and not place.is_symlink():
        shutil.rmtree(place, ignore_errors=True)
    else:
        place.unlink(missing_ok=True)
