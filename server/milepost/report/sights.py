"""Pages before and after: for each assertion of the browser, what was seen, and the same page as it was before.

The rule: *after* is the last picture that the verdict in force points at. *Before* is the newest picture of the same
address at the same size that was taken of another tree by an earlier round or milestone. Where nobody saw that page
before, none is shown and that is said: nothing is taken for it afterwards.
"""

import re
from dataclasses import dataclass

from milepost.domain import events as e
from milepost.domain.contract import Assertion
from milepost.domain.mission import Mission
from milepost.domain.receipt import Evidence
from milepost.report.material import Material
from milepost.report.shown import Sight
from milepost.report.verdicts import shown_as, times_of

PICTURE = re.compile(r"screenshot of (?P<address>\S+) at (?P<size>\d+x\d+)")


@dataclass(frozen=True, slots=True)
class Picture:
    """A screenshot, what it is of, and which submission it came with."""

    name: str
    seen: Evidence
    address: str
    seq: int
    round: str


def rows(material: Material) -> list[Sight]:
    """The sights of every live assertion of the browser that has a picture."""
    taken = pictures(material)
    times = times_of(material)
    found = []
    for assertion in material.mission.contract.live:
        after = last_of(material.mission, assertion, taken)
        if after is not None:
            before = earlier(taken, after)
            because = f"seen in round {before.round}" if before else unseen(after)
            found.append(Sight(
                assertion=assertion.id, because=because, after=shown_as(after.name, after.seen, times.get(after.name)),
                before=shown_as(before.name, before.seen, times.get(before.name)) if before else None,
            ))
    return found


def pictures(material: Material) -> list[Picture]:
    """Every screenshot of a page, oldest first."""
    found = []
    for record in material.facts:
        said = record.event
        if not isinstance(said, e.VerdictsSubmitted | e.ScriptPlayed):
            continue
        for seen in said.evidence:
            match = PICTURE.match(seen.title) if seen.kind == "screenshot" else None
            if match is not None:
                name = f"{said.attempt}/{seen.id}"
                place = f"{said.milestone}r{said.round}"
                found.append(Picture(name, seen, f"{match['address']} {match['size']}", record.seq, place))
    return found


def last_of(mission: Mission, assertion: Assertion, taken: list[Picture]) -> Picture | None:
    """The last picture that the verdict in force points at."""
    given = mission.assertions[assertion.id].verdict
    if assertion.surface != "browser" or given is None:
        return None
    named = [p for p in taken if p.name in given.evidence]
    return named[-1] if named else None


def earlier(taken: list[Picture], after: Picture) -> Picture | None:
    """The newest picture of the same page of another tree, from before."""
    same = [p for p in taken if p.address == after.address and p.seq < after.seq and p.seen.tree != after.seen.tree]
    return same[-1] if same else None


def unseen(after: Picture) -> str:
    """Why there is no picture from before."""
    return f"nobody looked at {after.address.partition(' ')[0]} before round {after.round}"
