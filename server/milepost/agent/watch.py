"""Looks after one attempt from turn to turn: its limits, its window, and whether it goes in circles."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from milepost.agent.context import Context
from milepost.domain.governor import Move, canonical, stuck
from milepost.domain.mission import Mission
from milepost.domain.seat import Seat
from milepost.domain.turn import Call

WINDOW = 0.7
"""Share of the window at which the seat is told to hand off."""
FULL = 0.9
"""Share at which the attempt ends."""
FEW_TURNS = 5
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
    ends_by_words: bool = False
    """A researcher answers in words: talking is its end, not a circle."""
    started: float = 0.0
    waited: float = 0.0
    """Seconds it slept for the user; they do not count."""
    moves: list[Move] = field(default_factory=list)
    calls: list[tuple[str, str]] = field(default_factory=list)
    results: list[tuple[str, str]] = field(default_factory=list)
    edited: list[str] = field(default_factory=list)
    documents: list[str] = field(default_factory=list)
    passed: bool = False
    bad: bool = False
    text: str = ""
    turned: bool = False
    """Whether a turn came since it last looked."""
    told: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.started = self.clock()

    # --- what happened ---

    def said(self, text: str) -> None:
        """The model's words of this turn."""
        self.text = text
        self.turned = True

    def malformed(self) -> None:
        """The call at hand could not be read."""
        self.bad = True

    def well_formed(self) -> None:
        """The call at hand could be read."""
        self.bad = False

    def saw(self, call: Call, outcome: str, text: str) -> None:
        """One call was answered."""
        self.calls.append((call.name, canonical(call.arguments)))
        self.results.append(("malformed" if self.bad else outcome, hashlib.sha256(text.encode()).hexdigest()))
        self.bad = False
        arguments = call.arguments if isinstance(call.arguments, dict) else {}
        if outcome != "ok":
            return
        if call.name in ("write_file", "edit_file"):
            self.edited.append(str(arguments.get("path", "")))
        if call.name in DOCUMENTS or call.name == "write_contract":
            self.documents.append(DOCUMENTS.get(call.name) or f"contract:{arguments.get('area', '')}")
        if call.name == "run_command" and "exit code 0" in text[:200]:
            self.passed = True
        if call.name == "ask_user":
            self.documents.clear()

    # --- what follows ---

    def look(self, context: Context) -> Notice | None:
        """What the newest turn made true; to be asked once after its calls were answered."""
        if not self.turned:
            return None
        self.turned = False
        move = Move(
            calls=tuple(self.calls), results=tuple(self.results), text=self.text, edited=tuple(self.edited),
            documents=tuple(self.documents), passed=self.passed,
            told=any(name == "ask_user" for name, _ in self.calls),
        )
        self.moves.append(move)
        self.calls, self.results, self.edited, self.documents = [], [], [], []
        self.text, self.passed = "", False
        found = stuck(self.moves, context.nudges, nudges_allowed=self.nudges_allowed)
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
        minutes = (self.clock() - self.started - self.waited) / 60
        if minutes > self.seat.max_minutes:
            return f"its {self.seat.max_minutes:g} minutes are over"
        if context.prompt_tokens > FULL * self.seat.context:
            return f"{context.prompt_tokens:,} of {self.seat.context:,} tokens of its window are used"
        return None

    def left(self, desk: Seated) -> str | None:
        """Why the attempt is left open between two turns, or None: paused, ended from outside, or the mission is over."""
        mission = desk.mission
        attempt = mission.attempts.get(desk.attempt)
        if attempt is not None and not attempt.is_open:
            return f"{desk.attempt} was ended: {attempt.reason}"
        if "paused" in mission.holds:
            return "the mission is paused"
        if mission.ended:
            return f"the mission is {mission.phase}"
        return None
