"""What needs no browser: which program is taken, what a pointer means, and how a snapshot is told."""

from pathlib import Path

import pytest

from milepost.domain.errors import ToolError, WorkspaceError
from milepost.drivers import browser_program, browser_snapshot, browser_target
from milepost.drivers.browser_snapshot import Names
from milepost.drivers.browser_target import Target


def program(path: Path, text: str = "\x7fELF") -> Path:
    path.write_text(text)
    path.chmod(0o755)
    return path


def test_first_browser_that_is_there_is_taken(tmp_path: Path) -> None:
    second = program(tmp_path / "chrome")
    assert browser_program.find(places=[str(tmp_path / "chromium"), str(second), str(tmp_path / "edge")]) == second


def test_browser_out_of_a_snap_is_passed_over(tmp_path: Path) -> None:
    snap = program(tmp_path / "chromium-browser", '#!/bin/sh\nexec /snap/bin/chromium "$@"\n')
    chrome = program(tmp_path / "chrome", '#!/bin/sh\nexec /opt/google/chrome/chrome "$@"\n')
    assert browser_program.find(places=[str(snap), str(chrome)]) == chrome
    with pytest.raises(WorkspaceError, match="comes from a snap, which cannot be run in the sandbox: sudo apt-get"):
        browser_program.find(places=[str(snap)])


def test_no_browser_says_how_to_come_by_one(tmp_path: Path) -> None:
    with pytest.raises(WorkspaceError, match="no browser was found: sudo apt-get install -y chromium"):
        browser_program.find(places=[])
    with pytest.raises(WorkspaceError, match="of your settings is no program that can be run"):
        browser_program.find(tmp_path / "none")


def test_named_browser_is_taken_and_shown_with_its_folder(tmp_path: Path) -> None:
    named = program(tmp_path / "chrome")
    assert browser_program.find(named, places=[]) == named
    assert browser_program.folders(named) == (tmp_path,)
    assert browser_program.folders(None) == browser_program.folders(tmp_path / "none") == ()


@pytest.mark.parametrize(
    ("text", "target"),
    [
        ("e12", Target("ref", "e12")),
        ('button "Save"', Target("role", "button", "Save")),
        ("link 'Say \"hi\"' #2", Target("role", "link", 'Say "hi"', 2)),
        (r'textbox "a \"b\" c"', Target("role", "textbox", 'a "b" c')),
        ("main", Target("role", "main")),
        ('text "Hello"', Target("text", "text", "Hello")),
        ('label "Email"', Target("label", "label", "Email")),
    ],
)
def test_pointer_is_read(text: str, target: Target) -> None:
    assert browser_target.read(text) == target


@pytest.mark.parametrize("text", ["", "#save", "button Save", "text", ".btn > a", "e1 e2"])
def test_what_is_no_pointer_is_refused(text: str) -> None:
    with pytest.raises(ToolError, match=r"expected .*"):
        browser_target.read(text)


def test_elements_are_named_as_they_are_shown_whatever_was_met_before() -> None:
    quick = Names().rename('- main [ref=e1]:\n  - button "A" [ref=e2]')
    slow = Names().rename('- main [active] [ref=e7]:\n  - button "A" [ref=e31] [cursor=pointer]')
    assert quick == slow == '- main [e1]:\n  - button "A" [e2]'


def test_element_that_stays_keeps_its_name() -> None:
    names = Names()
    names.rename('- button "A" [ref=e2]\n- button "B" [ref=e3]')
    assert names.rename('- button "C" [ref=e9]\n- button "B" [ref=e3]') == '- button "C" [e3]\n- button "B" [e2]'
    assert set(names.shown) == {"e2", "e3"}
    assert str(names.shown["e3"]) == 'button "C"'


def test_element_is_called_as_it_is_found_again() -> None:
    names = Names()
    names.rename('- button "A" [ref=e2]\n- button "B" [ref=e3]\n- button "A" [ref=e4]\n- main [ref=e5]')
    assert [names.lasting(f"e{n}") for n in range(1, 5)] == ['button "A" #1', 'button "B"', 'button "A" #2', "main"]


def test_page_cannot_name_its_own_elements() -> None:
    names = Names()
    shown = names.rename('- button "x\\" [ref=e1]" [ref=e4]\n- paragraph [ref=e5]: "- button [ref=e1]"')
    assert shown == '- button "x\\" [ref=e1]" [e1]\n- paragraph [e2]: "- button [ref=e1]"'
    assert [element.ref for element in names.shown.values()] == ["e4", "e5"]


def test_change_is_told_by_its_lines_where_that_is_shorter() -> None:
    before = "\n".join(f"- line {n}" for n in range(30))
    assert browser_snapshot.changes(before, before) == "[the page shows what it showed before]"
    assert "+- line new" in str(browser_snapshot.changes(before, before.replace("line 7\n", "line new\n")))
    assert browser_snapshot.changes(before, "- line 0\n- other") is None


def test_long_snapshot_is_cut_at_a_line() -> None:
    assert browser_snapshot.cut("ab\ncd\nef", 7) == "ab\ncd\n[… 1 more lines; look at a part by its target]"
