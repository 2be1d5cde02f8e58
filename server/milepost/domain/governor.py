"""Whether an attempt goes in circles: detectors over its moves, and what to do. The words of a nudge are a prompt's."""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

Detector = Literal["malformed", "talk", "same_error", "same_action", "alternation", "same_file", "same_document"]


@dataclass(frozen=True, slots=True)
class Move:
    """One turn of an attempt, as far as the governor looks."""

    calls: tuple[tuple[str, str], ...] = ()
    """Name and `canonical` arguments of each tool call."""
    results: tuple[tuple[str, str], ...] = ()
    """Outcome (ok, error, unknown, or malformed where the call could not be read) and hash of each result."""
    text: str = ""
    edited: tuple[str, ...] = ()
    """Paths that were written."""
    documents: tuple[str, ...] = ()
    """Documents that were written, such as `contract:AUTH` or `plan`."""
    passed: bool = False
    """Whether a command ended with exit code 0."""
    seen: bool = True
    """False where the model was never shown the results, as after a cut stream: doing it again is no repeat then."""
    told: bool = False
    """Whether a person's words came just before: writing a document anew is no churn then."""
    counts: bool = field(init=False)
    """Whether it says anything about circles: it was seen, and did not only wait for a command at work."""

    def __post_init__(self) -> None:
        # Once for each move: every turn looks at all of them.
        object.__setattr__(self, "counts", self.seen and not _is_polling(self.calls))


@dataclass(frozen=True, slots=True)
class Limit:
    """At how many moves of a kind to speak, and at how many to end the attempt; 0 never speaks."""

    nudge: int
    stop: int


LIMITS: Mapping[Detector, Limit] = {
    "malformed": Limit(0, 3),
    "talk": Limit(3, 6),
    "same_error": Limit(3, 6),
    "same_action": Limit(4, 8),
    "alternation": Limit(6, 12),
    "same_file": Limit(8, 14),
    "same_document": Limit(5, 9),
}
"""Malformed calls were answered with what was wrong each time: no nudge says more."""


@dataclass(frozen=True, slots=True)
class Stuck:
    """What was detected, and what follows; count and about fill the words of the nudge."""

    detector: Detector
    action: Literal["nudge", "stop"]
    count: int
    about: str
    """The tool, path or document that it is about."""


def stuck(
    moves: Sequence[Move], nudges_given: int, *, nudges_allowed: int = 2, limits: Mapping[Detector, Limit] = LIMITS
) -> Stuck | None:
    """What the newest move made true, or None; to be asked once after each move, with all moves of the attempt.

    A nudge is due at exactly its count, so that one circle is spoken of once; with none left the attempt ends.
    """
    if not moves or not moves[-1].counts:
        return None
    counted = [m for m in moves if m.counts]
    found: list[Stuck] = []
    for detector, limit in limits.items():
        count, about = DETECTORS[detector](counted)
        if count >= limit.stop or (count == limit.nudge and count and nudges_given >= nudges_allowed):
            return Stuck(detector, "stop", count, about)
        if count and count == limit.nudge:
            found.append(Stuck(detector, "nudge", count, about))
    return found[0] if found else None


def canonical(arguments: Mapping[str, Any] | str) -> str:
    """Arguments as one text, equal for calls that ask for the same."""
    if isinstance(arguments, str):
        return arguments
    return json.dumps(arguments, sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=str)


Found = tuple[int, str]
"""How many moves of a kind in a row, and what they are about."""


def _malformed(moves: Sequence[Move]) -> Found:
    return _trailing(moves, lambda m: _outcomes(m) == {"malformed"}), _names(moves[-1])


def _talk(moves: Sequence[Move]) -> Found:
    return _trailing(moves, lambda m: not m.calls), ""


def _same_error(moves: Sequence[Move]) -> Found:
    action = _action(moves[-1])
    return _trailing(moves, lambda m: _outcomes(m) == {"error"} and _action(m) == action), _names(moves[-1])


def _same_action(moves: Sequence[Move]) -> Found:
    # Errors have a detector of their own, with a shorter fuse: one circle must not cost two nudges.
    last = moves[-1]
    if not last.calls or _outcomes(last) <= {"error", "malformed"}:
        return 0, ""
    return _trailing(moves, lambda m: _observed(m) == _observed(last)), _names(last)


def _alternation(moves: Sequence[Move]) -> Found:
    if len(moves) < 2 or _observed(moves[-1]) == _observed(moves[-2]):
        return 0, ""
    pair = (moves[-1], moves[-2])
    turns = enumerate(reversed(moves))
    same = _while(m.calls and _observed(m) == _observed(pair[n % 2]) for n, m in turns)
    return same, f"{_names(pair[1])}, {_names(pair[0])}"


def _same_file(moves: Sequence[Move]) -> Found:
    since: list[Move] = []
    for move in reversed(moves):
        if move.passed:
            break
        since.append(move)
    return _most((path, sum(path in m.edited for m in since)) for path in moves[-1].edited)


def _same_document(moves: Sequence[Move]) -> Found:
    since: list[Move] = []
    for move in reversed(moves):
        since.append(move)
        if move.told:
            break
    return _most((name, sum(name in m.documents for m in since)) for name in moves[-1].documents)


DETECTORS: Mapping[Detector, Callable[[Sequence[Move]], Found]] = {
    "malformed": _malformed, "talk": _talk, "same_error": _same_error, "same_action": _same_action,
    "alternation": _alternation, "same_file": _same_file, "same_document": _same_document,
}


def _is_polling(calls: Sequence[tuple[str, str]]) -> bool:
    """Whether they do nothing but wait for a command that is still at work."""
    return bool(calls) and all(name == "command_output" and _waits(arguments) for name, arguments in calls)


def _waits(arguments: str) -> bool:
    try:
        read = json.loads(arguments)
    except ValueError:
        return False
    return isinstance(read, dict) and bool(read.get("wait_s"))


def _action(move: Move) -> frozenset[tuple[str, str]]:
    """What was asked for; equal calls side by side count once."""
    return frozenset(move.calls)


def _observed(move: Move) -> tuple[frozenset[tuple[str, str]], frozenset[tuple[tuple[str, str], tuple[str, str]]]]:
    """What was asked for, with what came of it."""
    return _action(move), frozenset(zip(move.calls, move.results, strict=False))


def _outcomes(move: Move) -> set[str]:
    return {outcome for outcome, _ in move.results}


def _names(move: Move) -> str:
    return ", ".join(sorted({name for name, _ in move.calls}))


def _trailing(moves: Sequence[Move], same: Callable[[Move], bool]) -> int:
    return _while(same(m) for m in reversed(moves))


def _while(answers: Iterable[object]) -> int:
    """How many answers are true before the first that is not."""
    count = 0
    for answer in answers:
        if not answer:
            break
        count += 1
    return count


def _most(counts: Iterable[tuple[str, int]]) -> Found:
    return max(((count, name) for name, count in counts), default=(0, ""))
