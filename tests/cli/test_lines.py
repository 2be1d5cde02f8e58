"""What happened, in one line each."""

import json
from pathlib import Path

import pytest

from milepost.cli.lines import line_of
from milepost.domain.mission import Mission
from milepost.domain.record import EVENT, Record
from milepost.domain.settings import Settings

STORED = Path(__file__).parents[1] / "stored" / "v1"
MISSION = Mission("m", "goal", "/shop", "b" * 40, "worktree", "m", Settings(seats={}), 0.0)
SILENT = {"tool_started", "tool_ended", "turn_started", "turn_ended", "nudge_given", "fact_noted", "verdicts_submitted"}
"""Kinds that nobody watches for."""
SOMETIMES = {"gate_finished", "handoff_audited", "runner_started", "attempt_ended"}
"""Kinds that are notable when something is wrong."""
SAID = {
    "mission_proposed": {"summary": "A shop.", "hashes": {}, "estimate": {}},
    "hold_placed": {"hold": "parked", "reason": "the provider is full"},
    "feature_started": {"feature": "F1", "start": "c" * 40},
    "commit_made": {"feature": "F1", "commit": "abcdef0123456789", "tree": "t", "parent": "p", "paths": ["a"]},
    "milestone_sealed": {"milestone": "M1", "commit": "abcdef0123456789"},
    "mission_landed": {"how": "merge", "commit": "abcdef0123456789"},
    "gate_finished": {"gate": "test", "outcome": "red", "text": "2 failed\nmore"},
    "handoff_audited": {"feature": "F1", "end": "c", "mismatches": ["one", "two"]},
    "runner_started": {"epoch": 2, "version": "1"},
    "attempt_ended": {"attempt": "worker.F1.1", "outcome": "stuck", "reason": "it repeats itself"},
    "item_resolved": {"item": "I1", "decision": "dismiss", "reason": "it is gone"},
    "verdicts_expired": {"assertions": ["A-001", "A-002"], "because": "the product changed"},
    "contract_amended": {"changes": [{"op": "remove", "assertion": "A-001"}], "reason": "too dear"},
}
LINES = {
    "mission_proposed": "proposed: A shop.", "hold_placed": "parked: the provider is full",
    "feature_started": "F1 started:", "commit_made": "F1 commit abcdef0123, 1 file",
    "milestone_sealed": "M1 sealed at abcdef0123", "mission_landed": "landed by merge as abcdef0123",
    "gate_finished": "gate test is red: 2 failed …", "handoff_audited": "F1 audited: 2 mismatches",
    "runner_started": "the runner started again", "attempt_ended": "worker.F1.1 ended: stuck, it repeats itself",
    "item_resolved": "I1 dismiss: it is gone", "verdicts_expired": "stale (A-001, A-002): the product changed",
    "contract_amended": "contract amended (A-001): too dear",
}


def record(body: dict[str, object]) -> Record:
    return Record(seq=1, at=0.0, prev="0" * 64, by="engine", event=EVENT.validate_python(body))


@pytest.mark.parametrize("path", sorted(STORED.glob("*.json")), ids=lambda path: path.stem)
def test_every_fact_that_people_watch_for_has_a_line(path: Path) -> None:
    line = line_of(record(json.loads(path.read_text())), MISSION)
    if path.stem in SILENT:
        assert line is None
    elif path.stem not in SOMETIMES:
        assert line is not None and len(line) > len("00:00:00 ") and "\n" not in line


@pytest.mark.parametrize("kind", sorted(LINES))
def test_line_says_what_happened(kind: str) -> None:
    line = line_of(record({"kind": kind, **SAID[kind]}), MISSION)
    assert line is not None and line[9:].rstrip() == LINES[kind]


@pytest.mark.parametrize(("kind", "fields"), [
    ("gate_finished", {"gate": "test", "outcome": "green"}), ("runner_started", {"epoch": 1, "version": "1"}),
    ("attempt_ended", {"attempt": "worker.F1.1", "outcome": "submitted"}),
    ("handoff_audited", {"feature": "F1", "end": "c", "mismatches": []}),
])
def test_what_goes_as_it_should_has_no_line(kind: str, fields: dict[str, object]) -> None:
    assert line_of(record({"kind": kind, **fields}), MISSION) is None


def test_S38_line_cannot_steer_the_terminal() -> None:
    line = line_of(record({"kind": "message_received", "text": "\x1b]0;title\x07\x1b[2Jgone"}), MISSION)
    assert line is not None and "\x1b" not in line and "\\x1b]0;title" in line
