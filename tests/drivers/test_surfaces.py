"""What can be observed depends on the machine: a browser is the user's own."""

from pathlib import Path

from milepost.drivers.surfaces import observable


def test_browser_that_is_there_can_be_used(tmp_path: Path) -> None:
    program = tmp_path / "chromium"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    assert observable(program) == {"browser"}


def test_browser_that_is_not_there_cannot(tmp_path: Path) -> None:
    assert observable(tmp_path / "none") == frozenset()
