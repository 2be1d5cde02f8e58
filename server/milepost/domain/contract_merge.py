"""Merging two edits of a contract, assertion by assertion (D21)."""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from milepost.domain.contract import Area, Assertion, Contract

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")

TITLE = "contract"
"""Named as the conflict where both sides changed the document's title or notes."""


@dataclass(frozen=True, slots=True)
class Merged:
    """The merged contract; where `conflicts` names something, it holds `mine`, or the one side that still has it."""

    contract: Contract
    conflicts: tuple[str, ...]
    """Ids of assertions, names of areas, or `contract`, that both sides changed in different ways."""


def merge(base: Contract, mine: Contract, theirs: Contract) -> Merged:
    """Both sides' changes since `base`: what only one side changed is taken, what both did differently is a conflict.

    Removing counts as a change. Ids must be unique in each of the three: parse and refuse problems first.
    """
    sides = (base, mine, theirs)
    conflicts: list[str] = []
    head = _pick(TITLE, [(c.title, c.notes) for c in sides], conflicts) or ("", "")
    heads = [{a.name: (a.title, a.notes) for a in c.areas} for c in sides]
    found = [{a.id: a for a in c} for c in sides]
    members = _members(sides, found, conflicts)
    areas = []
    for name in _ordered(*([a.name for a in c.areas] for c in sides)):
        title = _pick(name, [h.get(name) for h in heads], conflicts)
        inside = members.get(name, ())
        if title is not None or inside:
            kept = title or heads[1].get(name) or heads[2].get(name) or ("", "")
            areas.append(Area(name, kept[0], tuple(inside), kept[1]))
    return Merged(Contract(head[0], tuple(areas), head[1]), tuple(conflicts))


def _members(
    sides: Sequence[Contract], found: Sequence[dict[str, Assertion]], conflicts: list[str]
) -> dict[str, list[Assertion]]:
    """The assertions that are left, by the area they stand in."""
    places = [{a.id: area.name for area in c.areas for a in area.assertions} for c in sides]
    members: dict[str, list[Assertion]] = {}
    for name in _ordered(*(list(side) for side in found)):
        kept = _pick(name, [side.get(name) for side in found], conflicts)
        if kept is not None:
            members.setdefault(places[1].get(name) or places[2][name], []).append(kept)
    return members


def _pick(name: str, versions: Sequence[V], conflicts: list[str]) -> V:
    base, mine, theirs = versions
    if theirs in (base, mine):
        return mine
    if mine != base:
        # What one side threw away and the other changed stays: text is never lost before a person has judged.
        conflicts.append(name)
        return mine if mine is not None else theirs
    return theirs


def _ordered(base: list[K], mine: list[K], theirs: list[K]) -> list[K]:
    """All keys: in the order of the side that moved some, the other side's new ones after the key they followed."""
    moved = [k for k in base if k in set(mine)] != [k for k in mine if k in set(base)]
    first, second = (mine, theirs) if moved else (theirs, mine)
    keys = list(dict.fromkeys(first))
    known = set(keys)
    for before, key in zip([None, *second], second, strict=False):
        if key not in known:
            keys.insert(keys.index(before) + 1 if before is not None else 0, key)
            known.add(key)
    return keys
