"""From what a tester did to a script that nobody has played yet: the calls up to the last one that a verdict cites."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from milepost.domain.contract import Contract
from milepost.domain.handoff import SubmittedVerdict
from milepost.domain.hashes import assertion_hash
from milepost.scripts.observed import Observation
from milepost.scripts.script import Move, Promise, Script

_REF = re.compile(r"e\d+")
_ELEMENT = re.compile(
    r'^\s*- \'?(?P<named>[a-z]+(?: "(?:[^"\\]|\\.)*")?)(?: \[[^\]]*\])*? \[(?P<ref>e\d+)\]', re.MULTILINE
)


@dataclass(frozen=True, slots=True)
class Called:
    """One call of a driver's tool, as it went when the tester made it."""

    tool: str
    arguments: dict[str, Any]
    seen: Observation
    evidence: tuple[str, ...]


def speaking(verdicts: Sequence[SubmittedVerdict]) -> list[SubmittedVerdict]:
    """Verdicts that can be compiled: passed, with the words that show it."""
    return [v for v in verdicts if v.outcome == "passed" and v.shows]


def draft(
    attempt: str, tree: str, calls: Sequence[Called], verdicts: Sequence[SubmittedVerdict], contract: Contract
) -> Script | None:
    """The script of a flow; None where no verdict can be compiled."""
    place = {name: n for n, call in enumerate(calls) for name in call.evidence}
    promises, cites, shows = [], dict[int, list[str]](), dict[int, dict[str, list[str]]]()
    for verdict in speaking(verdicts):
        assertion = contract.get(verdict.assertion)
        cited = sorted({place[name] for name in verdict.evidence if name in place})
        said = {place[s.evidence]: s.text for s in verdict.shows if s.evidence in place}
        if assertion is None or not cited or not said:
            continue
        for n in cited:
            cites.setdefault(n, []).append(assertion.id)
        for words in verdict.shows:
            if words.evidence in place:
                shows.setdefault(place[words.evidence], {}).setdefault(assertion.id, []).append(words.text)
        promises.append(
            Promise(
                assertion=assertion.id, title=assertion.title, surface=assertion.surface,
                text_hash=assertion_hash(assertion), last=max(*cited, *said, 0),
            )
        )
    if not promises:
        return None
    moves = [
        Move(
            tool=call.tool, arguments=pointing(call, calls[:n]), outcome=call.seen.outcome, cites=cites.get(n, []),
            shows=shows.get(n, {}), kinds=list(call.seen.kinds),
        )
        for n, call in enumerate(calls[: max(p.last for p in promises) + 1])
    ]
    return Script(flow=attempt, tree=tree, promises=promises, moves=moves)


def pointing(call: Called, before: Sequence[Called]) -> dict[str, Any]:
    """The arguments of a call, with an element of a page by its role and name: its number is one snapshot's own."""
    target = call.arguments.get("target")
    if not isinstance(target, str) or not _REF.fullmatch(target):
        return call.arguments
    page = next((c.seen.text for c in reversed(before) if f" [{target}]" in c.seen.text), "")
    found = [match["named"] for match in _ELEMENT.finditer(page) if match["ref"] == target]
    named = [match["named"] for match in _ELEMENT.finditer(page)]
    # Of several that are called the same, the number is the only way to tell which.
    if not found or not found[0].endswith('"') or named.count(found[0]) > 1:
        return call.arguments
    return {**call.arguments, "target": found[0]}
