"""The table of exit codes, row by row (D26)."""

from dataclasses import replace
from typing import Any

import pytest

from milepost.cli.exit_codes import TABLE, code_of, exit_code
from milepost.domain import events as e
from milepost.domain.errors import (
    ConfigError,
    LogConflict,
    LogCorrupt,
    LogUnavailable,
    MilepostError,
    ModelError,
    Refused,
    ToolError,
    WorkspaceError,
)
from milepost.domain.mission import FeatureState, Item, Mission
from milepost.domain.settings import Settings

WORKED = {"F1": FeatureState("built", commits=("c" * 40,))}


def mission(phase: str, *, worked: bool = False, hold: str = "", reason: str = "", asks: bool = False) -> Mission:
    held = {hold: e.HoldPlaced.model_validate({"hold": hold, "reason": reason or hold})} if hold else {}
    question = Item(e.ItemOpened(item="I1", type="question", owner="user", text="Which?"), 1, "engine")
    asked = {"I1": question} if asks else {}
    new = Mission("m", "goal", "/shop", "b" * 40, "worktree", "m", Settings(seats={}), 0.0)
    changed: dict[str, Any] = {"phase": phase, "features": WORKED if worked else {}, "holds": held, "items": asked}
    return replace(new, **changed)


ROWS = [
    ("completed", 0, mission("completed", worked=True), True),
    ("failed", 5, mission("failed", worked=True), True),
    ("cancelled", 6, mission("cancelled", worked=True), True),
    ("completed without a commit", 8, mission("completed"), True),
    ("failed without a commit", 8, mission("failed"), True),
    ("cancelled without a commit", 8, mission("cancelled"), True),
    ("blocked by the user's item", 3, mission("running", hold="blocked", reason="I1 question: Which?"), True),
    ("blocked by a credential", 3, mission("running", hold="blocked", reason="credential: refused"), True),
    ("blocked by money", 4, mission("running", hold="blocked", reason="budget: money: 1 of 1 dollars"), True),
    ("draft that asks", 3, mission("draft", asks=True), True),
    ("proposed", 3, mission("proposed"), True),
    ("proposed, nobody carries it", 3, mission("proposed"), False),
    ("parked", 7, mission("running", hold="parked"), True),
    ("paused", 6, mission("running", hold="paused"), True),
    ("paused in the draft", 6, mission("draft", hold="paused"), True),
    ("interrupted", 6, mission("running"), False),
    ("draft interrupted", 6, mission("draft"), False),
    ("on its way", 0, mission("running"), True),
]


@pytest.mark.parametrize(("code", "found", "running"), [row[1:] for row in ROWS], ids=[row[0] for row in ROWS])
def test_state_has_its_exit_code(code: int, found: Mission, running: bool) -> None:
    assert exit_code(found, running=running) == code


def test_blocked_comes_before_paused_as_the_table_says() -> None:
    both = replace(mission("running", hold="blocked"), holds={
        "paused": e.HoldPlaced(hold="paused", reason=""), "blocked": e.HoldPlaced(hold="blocked", reason="I1"),
    })
    assert exit_code(both, running=True) == 3


ERRORS: list[tuple[MilepostError, int]] = [
    (Refused("no"), 2), (ConfigError("no"), 2), (WorkspaceError("no"), 2), (ToolError("no"), 2), (LogCorrupt("no"), 1),
    (LogConflict("no"), 1), (LogUnavailable("no"), 1), (ModelError("no", remedy="stop", reason="auth"), 1),
]


@pytest.mark.parametrize(("error", "code"), ERRORS, ids=[type(error).__name__ for error, _ in ERRORS])
def test_error_has_its_exit_code(error: MilepostError, code: int) -> None:
    assert code_of(error) == code


def test_every_code_is_explained() -> None:
    assert sorted(TABLE) == list(range(9))
