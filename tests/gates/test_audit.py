"""A handoff's claims against receipts, trees and tests."""

from typing import Any

import pytest

from milepost.domain.handoff import Handoff
from milepost.domain.receipt import Receipt, TestRun
from milepost.domain.services import Command, Commands, Manifest
from milepost.gates.audit import audit

MANIFEST = Manifest(commands=Commands(
    test=Command(run="python -m pytest --junitxml={report}", report="junit"), lint=Command(run="ruff check ."),
))


def receipt(command: str, exit_code: int | None = 0, *, timed_out: bool = False) -> Receipt:
    return Receipt(command=command, exit_code=exit_code, timed_out=timed_out, output="0" * 64)


TEST = ("R1", receipt("python -m pytest --junitxml=out.xml"))
LINT = ("R2", receipt("ruff  check ."))


def handoff(**fields: Any) -> Handoff:
    whole: dict[str, Any] = {
        "outcome": "done", "summary": "s", "implemented": ["x"], "undone": [], "commands": [], "manual_checks": [],
        "tests": [], "issues": [], "procedure": {"followed": True},
    }
    return Handoff.model_validate(whole | fields)


def audited(submitted: Handoff, receipts: list[tuple[str, Receipt]] | None = None, **given: Any) -> list[str]:
    told: dict[str, Any] = {
        "manifest": MANIFEST, "changed": {"app.py"}, "paths": {"app.py", "tests/test_a.py"}, "start_tree": "a",
        "end_tree": "b", "edits": 0,
    }
    return audit(submitted, [TEST, LINT] if receipts is None else receipts, **(told | given))


def claim(command: str, exit_code: int, key: str | None = None) -> dict[str, Any]:
    return {"command": command, "exit_code": exit_code, "observation": "o", "receipt": key}


def test_true_handoff_has_no_mismatch() -> None:
    tests = [{"file": "tests/test_a.py", "cases": [{"name": "test_x", "verifies": "A-001"}]}]
    said = handoff(commands=[claim("ruff check\n .", 0, "R2")], tests=tests)
    assert audited(said, collected=TestRun(passed=["tests.test_a::test_x"])) == []


def test_D13_command_that_was_never_run_is_a_mismatch() -> None:
    [said] = audited(handoff(commands=[claim("make all", 0)]))
    assert "'make all' is claimed with exit code 0, but was never run" in said


def test_exit_code_is_that_of_the_last_time_it_ran() -> None:
    receipts = [TEST, LINT, ("R3", receipt("make", 0)), ("R4", receipt("make", 2))]
    [said] = audited(handoff(commands=[claim("make", 0)]), receipts)
    assert "ended with 2 when it last ran (R4)" in said
    assert audited(handoff(commands=[claim("make", 2)]), receipts) == []


def test_D18_run_again_until_green_is_told_by_the_last_receipt_only() -> None:
    receipts = [("R1", receipt("make", 1)), ("R2", receipt("make", 0)), TEST, LINT]
    assert audited(handoff(commands=[claim("make", 0)]), receipts) == []


def test_command_that_was_stopped_did_not_end_with_a_code() -> None:
    [said] = audited(handoff(commands=[claim("make", 0)]), [TEST, LINT, ("R3", receipt("make", None, timed_out=True))])
    assert "it was stopped at its time limit" in said


def test_D14_receipt_that_does_not_exist_is_a_mismatch() -> None:
    [said] = audited(handoff(commands=[claim("ruff check .", 0, "R9")]))
    assert "names receipt R9, which does not exist" in said


def test_D14_receipt_of_another_command_is_a_mismatch() -> None:
    [said] = audited(handoff(commands=[claim("ruff check .", 0, "R1")]))
    assert "names receipt R1, which is 'python -m pytest --junitxml=out.xml'" in said


def test_manifest_command_must_run_after_the_last_edit() -> None:
    [said] = audited(handoff(), edits=1)
    assert said == "the test command 'python -m pytest --junitxml={report}' was not run after the last edit"


@pytest.mark.parametrize(
    "command", ["python -m pytest", "python -m pytest --junitxml={report}", "python  -m pytest --junitxml=/x/y.xml"]
)
def test_test_command_may_be_run_with_any_report(command: str) -> None:
    assert audited(handoff(), [("R1", receipt(command)), LINT]) == []


def test_command_like_the_manifests_is_not_the_manifests() -> None:
    assert len(audited(handoff(), [("R1", receipt("python -m pytest -k one")), LINT])) == 1


def test_unchanged_tree_is_no_work() -> None:
    [said] = audited(handoff(), end_tree="a")
    assert said.startswith("no_work: ")


def test_D27_honest_end_without_work_is_no_mismatch() -> None:
    assert audited(handoff(outcome="cannot"), [], end_tree="a") == []
    proposal = {"about": "contract", "text": "t", "gain": "g", "blocking": True}
    undone = [{"what": "all", "why": "it contradicts itself"}]
    assert audited(handoff(outcome="partial", proposals=[proposal], undone=undone), end_tree="a") == []
    assert len(audited(handoff(outcome="partial", undone=undone), end_tree="a")) == 1


def test_D20_done_with_something_undone_is_a_mismatch() -> None:
    [said] = audited(handoff(undone=[{"what": "the export", "why": "time"}]))
    assert "left undone: 'the export'" in said


def test_D14_test_file_that_does_not_exist_is_a_mismatch() -> None:
    [said] = audited(handoff(tests=[{"file": "tests/test_no.py", "cases": []}]))
    assert said == "the test file 'tests/test_no.py' is named, but is not in the tree"


def test_D14_test_that_was_not_collected_is_a_mismatch() -> None:
    tests = [{"file": "tests/test_a.py", "cases": [{"name": "test_gone", "verifies": "A-001"}]}]
    [said] = audited(handoff(tests=tests), collected=TestRun(passed=["tests.test_a::test_x"]))
    assert said.startswith("the test 'tests/test_a.py::test_gone' is named, but was not among the 1 cases")
    assert audited(handoff(tests=tests), collected=TestRun(report=False)) == []
