"""What a script may demand: whatever was the same in every run; what was not is named as flaky, and demands nothing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from milepost.scripts.binding import captured, marked
from milepost.scripts.marks import ANY
from milepost.scripts.masks import masked
from milepost.scripts.observed import Observation
from milepost.scripts.script import Move, Script
from milepost.scripts.template import common, plain, says, speaks, tokens

Run = Sequence[Observation]
"""What each move came to, in order."""


@dataclass(frozen=True, slots=True)
class Settled:
    """A script as it is kept, and what was left out of it."""

    script: Script | None
    """None where no assertion is left."""
    flaky: tuple[str, ...]
    """Moves that did not come to the same each time."""
    dropped: dict[str, str]
    """By assertion that has no script, why."""


def settle(script: Script, runs: Sequence[Run]) -> Settled:
    """The script with what all runs had in common; the first run is the tester's own."""
    moves: list[Move] = []
    flaky: list[str] = []
    dropped: dict[str, str] = {}
    broken = len(script.moves)
    values: list[dict[str, str]] = [{} for _ in runs]
    for number, move in enumerate(script.moves):
        seen = [run[number] for run in runs if number < len(run)]
        ends = list(dict.fromkeys(one.outcome for one in seen))
        if len(seen) < len(runs) or len(ends) > 1:
            flaky.append(f"move {number + 1} ({move.tool}): it came to {', then to '.join(ends)}")
            broken = min(broken, number)
        settled, missing = demanding(move, [called(one, known) for one, known in zip(seen, values, strict=False)])
        for known, one in zip(values, seen, strict=False):
            known |= {c.name: captured(c, one) or "" for c in move.captures}
        for assertion, words in missing.items():
            flaky.append(f"move {number + 1} ({move.tool}): {words!r} was not seen each time")
            dropped.setdefault(assertion, f"{words!r} was not seen each time at move {number + 1}")
        moves.append(settled)
    for promise in script.promises:
        if promise.last >= broken:
            dropped.setdefault(promise.assertion, f"it rests on move {broken + 1}, which is not the same each time")
    kept = [p for p in script.promises if p.assertion not in dropped]
    last = max((p.last for p in kept), default=-1)
    names = {p.assertion for p in kept}
    whole = [without(m, names) for m in moves[:last + 1]]
    found = script.model_copy(update={"promises": kept, "moves": whole}) if kept else None
    return Settled(found, tuple(flaky), dropped)


def called(seen: Observation, values: Mapping[str, str]) -> Observation:
    """An observation with values called by their names, and the run's own times as gaps."""
    lines = tuple(marked(masked(line, seen.at), values) for line in seen.lines)
    return replace(seen, text=plain(marked(masked(seen.text, seen.at), values)), lines=lines)


def demanding(move: Move, seen: Sequence[Observation]) -> tuple[Move, dict[str, str]]:
    """The move with what it must show; and by assertion, the words that were not there each time."""
    lines, gaps = common([one.lines for one in seen])
    texts = [one.text for one in seen]
    shows: dict[str, list[str]] = {}
    missing: dict[str, str] = {}
    for assertion, said in move.shows.items():
        for words in said:
            lasting = stable(plain(masked(words, seen[0].at)), texts)
            if lasting is None:
                missing[assertion] = words
            else:
                shows.setdefault(assertion, []).append(lasting)
    # What nobody cites is on the way only: its end is held, and not its words.
    told = {"lines": lines, "gaps": gaps} if move.cites else {}
    return move.model_copy(update={"shows": shows, "outcome": seen[0].outcome if seen else "", **told}), missing


def stable(words: str, texts: Sequence[str]) -> str | None:
    """Words with gaps for what varies; None where they are not in every text, or nothing is left of them."""
    if all(says(text, words) for text in texts):
        return words if speaks(words) else None
    known = [set(tokens(text)) for text in texts]
    parts = [token if all(token in each for each in known) else ANY for token in tokens(words.replace(ANY, "\0"))]
    loose = "".join(parts).replace("\0", ANY)
    while ANY * 2 in loose:
        loose = loose.replace(ANY * 2, ANY)
    return loose if speaks(loose) and all(says(text, loose) for text in texts) else None


def without(move: Move, names: set[str]) -> Move:
    """A move that serves only these assertions; what served others is on the way only."""
    cites = [a for a in move.cites if a in names]
    shows = {a: words for a, words in move.shows.items() if a in names}
    told = {} if cites else {"lines": [], "gaps": False}
    return move.model_copy(update={"cites": cites, "shows": shows, **told})
