"""Looks after one attempt from turn to turn: its limits, its window, and whether it goes in circles."""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

from milepost.agent.context import Context
from milepost.domain.governor import LIMITS, Limit, Move, canonical, stuck
from milepost.domain.mission import Mission
from milepost.domain.record import Record
from milepost.domain.seat import Seat
from milepost.domain.turn import Call
from milepost.domain.turns import NudgeGiven, ToolEnded, TurnEnded

WINDOW = 0.7
"""Share of the window at which the seat is told to hand off."""
FULL = 0.9
"""Share at which the attempt ends."""
FEW_TURNS = 5
MALFORMED = "error: this call could not be read: "
"""How the answer to a call begins that no tool was run for."""
EDITS = frozenset({"write_file", "edit_file"})
DOCUMENTS = {"write_brief": "brief", "write_plan": "plan", "write_services": "services"}


class Seated(Protocol):
    """What says whether the attempt may go on."""

    attempt: str

    @property
    def mission(self) -> Mission:
        """The mission as it stands now."""


@dataclass(frozen=True, slots=True)
class Notice:
    """What the engine says to the model, or why it ends the attempt."""

    detector: str
    text: str
    stop: bool = False


@dataclass(slots=True)
class Watch:
    """The limits of one attempt; `words` renders a nudge from its detector and values."""

    seat: Seat
    nudges_allowed: int
    words: Callable[..., str]
    clock: Callable[[], float]
    """Seconds the mission was at work; what it was held for does not count."""
    ends_by_words: bool = False
    """A researcher answers in words: talking is its end, not a circle."""
    malformed_allowed: int = LIMITS["malformed"].stop
    """Calls in a row that could not be read before the attempt ends."""
    started: float | None = None
    """By `clock`; now, where it is not said."""
    moves: list[Move] = field(default_factory=list)
    move: Move | None = None
    """The turn at hand; None until it came, and once it was looked at."""
    told: set[str] = field(default_factory=set)
    """Reminders that were given: each is given once."""

    def __post_init__(self) -> None:
        self.started = self.clock() if self.started is None else self.started

    # --- what happened ---

    def said(self, text: str) -> None:
        """A turn came; the model's words of it."""
        self.move = Move(text=text)

    def saw(self, call: Call, outcome: str, text: str) -> None:
        """One call of the turn was answered."""
        move = self.move or Move()
        how = "malformed" if text.startswith(MALFORMED) else outcome
        self.move = replace(
            move, calls=(*move.calls, (call.name, canonical(call.arguments))),
            results=(*move.results, (how, hashlib.sha256(text.encode()).hexdigest())),
            told=move.told or call.name == "ask_user",
        )
        if outcome == "ok":
            self.move = achieved(self.move, call, text)

    def remember(self, past: Sequence[Record]) -> None:
        """Take up an attempt that goes on: what it did is in the log (L17)."""
        calls: dict[str, Call] = {}
        for event in (record.event for record in past):
            match event:
                case TurnEnded():
                    self.close()
                    self.said(event.reply.content)
                    calls = {call.id: call for call in event.reply.tool_calls}
                case ToolEnded() if event.call in calls:
                    self.saw(calls[event.call], event.outcome, event.result)
                case NudgeGiven():
                    self.close()
                    self.told.add(event.detector)

    # --- what follows ---

    def close(self) -> bool:
        """Put the turn at hand to those before it; False where none came."""
        if self.move is None:
            return False
        self.moves.append(self.move)
        self.move = None
        return True

    def look(self, context: Context) -> Notice | None:
        """What the newest turn made true; to be asked once after its calls were answered."""
        if not self.close():
            return None
        limits = {**LIMITS, "malformed": Limit(0, self.malformed_allowed)}
        found = stuck(self.moves, context.nudges, nudges_allowed=self.nudges_allowed, limits=limits)
        if found is None:
            return self.reminder(context)
        if found.action == "stop":
            return Notice(found.detector, f"{found.detector}: {found.count} times, {found.about}", stop=True)
        return Notice(found.detector, self.words(found.detector, count=found.count, about=found.about, left=0))

    def reminder(self, context: Context) -> Notice | None:
        """What it should know in time: a window nearly used, few turns left; each once."""
        if context.prompt_tokens > WINDOW * self.seat.context and "window" not in self.told:
            self.told.add("window")
            about = f"{int(WINDOW * 100)} % of {self.seat.context:,} tokens"
            return Notice("window", self.words("window", count=0, about=about, left=0))
        left = self.seat.max_turns - context.turn
        if left == FEW_TURNS and "turns_left" not in self.told and self.seat.max_turns > 2 * FEW_TURNS:
            self.told.add("turns_left")
            return Notice("turns_left", self.words("turns_left", count=0, about="", left=left))
        return None

    def limit(self, context: Context) -> str | None:
        """Why this attempt must end here, or None."""
        if context.turn >= self.seat.max_turns:
            return f"its {self.seat.max_turns} turns are used"
        minutes = (self.clock() - (self.started or 0.0)) / 60
        if minutes > self.seat.max_minutes:
            return f"its {self.seat.max_minutes:g} minutes are over"
        if context.prompt_tokens > FULL * self.seat.context:
            return f"{context.prompt_tokens:,} of {self.seat.context:,} tokens of its window are used"
        return None

    def left(self, desk: Seated) -> str | None:
        """Why the attempt is left open between two turns, or None: paused, ended from outside, or all is over."""
        mission = desk.mission
        attempt = mission.attempts.get(desk.attempt)
        if attempt is not None and not attempt.is_open:
            return f"{desk.attempt} was ended: {attempt.reason}"
        if "paused" in mission.holds:
            return "the mission is paused"
        if mission.ended:
            return f"the mission is {mission.phase}"
        return None


def achieved(move: Move, call: Call, text: str) -> Move:
    """The turn with what a call brought that went well."""
    arguments = call.arguments if isinstance(call.arguments, dict) else {}
    if call.name in EDITS:
        return replace(move, edited=(*move.edited, str(arguments.get("path", ""))))
    if call.name in DOCUMENTS or call.name == "write_contract":
        document = DOCUMENTS.get(call.name) or f"contract:{arguments.get('area', '')}"
        return replace(move, documents=(*move.documents, document))
    if call.name == "run_command" and "exit code 0" in text[:200]:
        return replace(move, passed=True)
    return replace(move, documents=()) if call.name == "ask_user" else move
