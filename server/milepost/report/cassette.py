"""A log turned into a recording: replies as a cassette, the user's orders, the outline to compare with (D22)."""

import json
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any

from milepost.domain import events as e
from milepost.domain.evolve import evolve
from milepost.domain.mission import Mission
from milepost.domain.record import TURN_KINDS, Fact, Record
from milepost.domain.turn import Reply
from milepost.domain.turns import ToolEnded, TurnEnded

Outline = tuple[str, str, str]
"""A kind of event, what it is about, and what came out: an outcome or a git tree."""
LIMITS = frozenset({"vision", "context", "max_output", "max_turns"})
"""Fields of a seat that change what happens, whichever model speaks."""
Given = tuple[str, dict[str, Any]]
"""The name of an order and its arguments."""


# --- replies ---

def cassette_lines(records: Sequence[Record]) -> list[str]:
    """Every reply as a line of JSON, in the order of the log.

    A reply that was given once more because the result before it was unknown is left out, and the turns after it move
    up: where nothing is unknown, nobody asks for it.
    """
    spools: dict[str, Spool] = {}
    lines = []
    for record in records:
        if record.attempt is None:
            continue
        spool = spools.setdefault(record.attempt, Spool())
        if isinstance(record.event, ToolEnded):
            spool.unknown = spool.unknown or record.event.outcome == "unknown"
        elif isinstance(record.event, TurnEnded) and not spool.repeats(record.event.reply):
            lines.append(line(record.attempt, record.event.n - spool.repeated, record.event))
    return lines


class Spool:
    """How far the recording of one attempt has come."""

    def __init__(self) -> None:
        self.repeated = 0
        self.unknown = False
        self._last = ""

    def repeats(self, reply: Reply) -> bool:
        """Whether this is the reply before it once more, after an unknown result."""
        said = json.dumps(spoken(reply), sort_keys=True)
        again = self.unknown and said == self._last
        self.repeated += again
        self.unknown, self._last = False, said
        return again


def spoken(reply: Reply) -> dict[str, Any]:
    """A reply without the ids of its calls."""
    calls = [{"name": c.name, "arguments": c.arguments} for c in reply.tool_calls]
    return {"content": reply.content, "tool_calls": calls}


def line(attempt: str, turn: int, ended: TurnEnded) -> str:
    """One line of a cassette."""
    usage = ended.usage.model_dump(include={"fresh", "cached", "out"})
    body = {"attempt": attempt, "turn": turn, "reply": spoken(ended.reply), "usage": usage, "request_sha256": ""}
    return json.dumps(body, ensure_ascii=False)


# --- orders ---

def comparable(mission: Mission) -> int:
    """How far a mission has come, in a number that only grows: attempts and rounds that ended, seals, audits."""
    ended = sum(not a.is_open for a in mission.attempts.values())
    judged = sum(r.outcome is not None for r in mission.rounds)
    sealed = sum(m.status == "sealed" for m in mission.milestones.values())
    return ended + judged + sealed + mission.audits


def orders(records: Sequence[Record]) -> list[dict[str, Any]]:
    """The user's orders in sequence: `after` is how far the mission had come (`comparable`), `order`, `arguments`.

    Left out are the order that created the mission, those that were refused, landing, and what seats ran on: a
    recording is played by a cassette, whatever spoke when it was made. What an order took from
    outside the log (the commit of a revert, the text of a check) is left out of its arguments.
    """
    found = []
    mission: Mission | None = None
    for order, group in groupby((r for r in records if r.event.kind not in TURN_KINDS), key=lambda r: (r.by, r.order)):
        facts = list(group)
        asked = given([r.event for r in facts]) if mission and order[0] == "user" and order[1] else None
        if asked is not None and mission is not None and not reseats(*asked):
            found.append({"after": comparable(mission), "order": asked[0], "arguments": asked[1]})
        for record in facts:
            mission = evolve(mission, record)
    return found


def reseats(order: str, arguments: dict[str, Any]) -> bool:
    """Whether an order only changes which model sits where, and how it is reached."""
    key = str(arguments.get("key", "")).split(".")
    return order == "change_setting" and key[0] == "seat" and key[-1] not in LIMITS


def given(facts: Sequence[Any]) -> Given | None:
    """The order that led to these facts; None where it is none to give again."""
    interrupted = any(isinstance(f, e.AttemptEnded) for f in facts)
    for fact in facts:
        if isinstance(fact, e.HoldPlaced) and interrupted:
            return "interrupt_mission", {"reason": fact.reason}
        if isinstance(fact, e.MissionReopened) and not isinstance(facts[-1], e.HoldPlaced):
            continue
        found = order_of(fact)
        if found is not None:
            return found
    return None


def order_of(fact: Fact) -> Given | None:
    """The order whose first fact this is."""
    return draft_order(fact) or steering_order(fact) or change_order(fact)


def draft_order(fact: Fact) -> Given | None:
    """Orders up to approval."""
    match fact:
        case e.DocumentWritten():
            return "write_document", fact.model_dump(include={"document", "name", "text", "hash"})
        case e.MissionReturned():
            return "return_mission", {"comment": fact.comment}
        case e.MissionApproved():
            return "approve_mission", {}
        case e.ItemResolved():
            return "resolve_item", fact.model_dump(exclude={"kind"}, exclude_defaults=True)
        case _:
            return None


def steering_order(fact: Fact) -> Given | None:
    """Orders that hold, end or steer."""
    match fact:
        case e.MessageReceived():
            return "steer_mission", {"text": fact.text}
        case e.HoldPlaced():
            return "pause_mission", {"reason": fact.reason}
        case e.HoldLifted():
            return "resume_mission", {}
        case e.MissionCancelled():
            return "cancel_mission", {"reason": fact.reason}
        case e.MissionFailed():
            return "fail_mission", {"reason": fact.reason}
        case e.MissionReopened():
            return "reopen_mission", {"reason": fact.reason}
        case _:
            return None


def change_order(fact: Fact) -> Given | None:
    """Orders that change what was agreed."""
    match fact:
        case e.SettingChanged():
            return "change_setting", {"key": fact.key, "value": fact.value}
        case e.AssertionWaived():
            return "waive_assertion", {"assertion": fact.assertion, "reason": fact.reason}
        case e.ContractAmended():
            return "amend_contract", fact.model_dump(exclude={"kind"})
        case e.PlanChanged():
            return "change_plan", {"change": fact.change.model_dump()}
        case e.FeatureReverted():
            return "revert_feature", {"feature": fact.feature}
        case e.VerdictsExpired():
            return "recheck_assertions", {"assertions": fact.assertions}
        case _:
            return None


# --- outline ---

def milestones_of(records: Sequence[Record]) -> list[Outline]:
    """The comparable outline of a mission: trees at each feature's end and seal, verdicts, rounds, audits, the end."""
    return list(_outline(records))


def _outline(records: Sequence[Record]) -> Iterator[Outline]:
    tree = ""
    for event in (r.event for r in records):
        match event:
            case e.CommitMade():
                tree = event.tree
            case e.HandoffAudited():
                yield event.kind, event.feature, tree
            case e.VerdictGiven():
                yield event.kind, event.assertion, event.outcome
            case e.RoundEnded():
                yield event.kind, f"{event.milestone}r{event.round}", event.outcome
            case e.MilestoneSealed():
                yield event.kind, event.milestone, tree
            case e.AuditSubmitted():
                yield event.kind, "audit", event.audit.outcome
            case e.MissionCompleted() | e.MissionFailed():
                yield event.kind, "mission", ""
            case _:
                pass
