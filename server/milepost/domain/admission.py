"""Which of the waiting testers may sit down now: by the limits of the manifest, and by what the machine has free.

A decision is an Admission of some that are Asking, under a Headroom that was measured. It has no effect on what is
judged: flows that sit one after the other come to the same verdicts.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from milepost.domain.services import Limits

SHARE = 0.7
"""Of what the machine has free, the part that flows may take together."""
USUAL_MB: Mapping[str, int] = {"browser": 600, "terminal": 120, "http": 120, "command": 120, "library": 120, "file": 80}
"""Memory that a flow takes with its services, while none of its surface was measured."""
CPUS: Mapping[str, float] = {"browser": 0.5}
"""Processors that a flow keeps busy; on other surfaces it mostly waits for its model."""
FEW_CPUS = 0.1
UNMEASURED = 2
"""Flows at once where the system does not tell what it has free, and the manifest states no limit."""


@dataclass(frozen=True, slots=True)
class Asking:
    """A flow that is to be tested, or is being tested, and the surface it is observed on."""

    flow: str
    surface: str


@dataclass(frozen=True, slots=True)
class Headroom:
    """What the machine has free for more flows, as it was measured; None where the system does not tell."""

    memory_mb: int | None = None
    cpus: float | None = None
    taken_mb: int = 0
    """What the flows that sit now were seen to take."""


@dataclass(frozen=True, slots=True)
class Admission:
    """Who sits down now, who goes on waiting, and why."""

    now: tuple[str, ...]
    waiting: tuple[str, ...]
    reason: str


def admit(
    waiting: Sequence[Asking], seated: Sequence[Asking], limits: Limits, headroom: Headroom,
    measured: Mapping[str, int],
) -> Admission:
    """Admit in order whoever fits; one always sits, since a flow that never sat is judged by nobody.

    `measured` is what one flow of a surface was seen to take, in MB.
    """
    now: list[Asking] = []
    kept: list[str] = []
    left: list[str] = []
    for one in waiting:
        sitting = [*seated, *now]
        short = shortage(one, sitting, limits, headroom, measured, len(seated))
        if short and sitting:
            left.append(one.flow)
            kept.append(f"{one.flow} waits: {short}")
        else:
            now.append(one)
            if short:
                kept.append(f"{one.flow} sits alone, as one must: {short}")
    said = f"{len(seated) + len(now)} at once"
    return Admission(tuple(a.flow for a in now), tuple(left), "; ".join([said, *kept]))


def shortage(
    one: Asking, sitting: Sequence[Asking], limits: Limits, headroom: Headroom, measured: Mapping[str, int],
    seated: int,
) -> str:
    """What keeps one more flow from sitting beside these; empty where nothing does. `seated` of them sat before."""
    most = stated(limits, one.surface)
    beside = Counter(a.surface for a in sitting)[one.surface]
    if most is not None and beside >= most:
        return f"the manifest allows {most} on {one.surface} at once"
    wanted = sum(cost(a.surface, measured) for a in (*sitting, one))
    if limits.memory_mb is not None and wanted > limits.memory_mb:
        return f"with it they need {wanted} MB, the manifest allows {limits.memory_mb} MB"
    if headroom.memory_mb is not None:
        # What sits already has taken its part of what was free before it sat down.
        allowed = int(SHARE * (headroom.memory_mb + headroom.taken_mb))
        if wanted > allowed:
            return f"with it they need {wanted} MB, {SHARE:.0%} of what is free is {allowed} MB"
    busy = sum(processors(a.surface) for a in (*sitting, one))
    if headroom.cpus is not None:
        idle = SHARE * (headroom.cpus + sum(processors(a.surface) for a in sitting[:seated]))
        if busy > idle:
            return f"with it they keep {busy:.1f} processors busy, {SHARE:.0%} of what is free is {idle:.1f}"
    if headroom.memory_mb is None and most is None and len(sitting) >= UNMEASURED:
        return f"this system does not tell what it has free, so {UNMEASURED} sit at once"
    return ""


def stated(limits: Limits, surface: str) -> int | None:
    """The limit that the manifest states for a surface."""
    return {"browser": limits.browser, "http": limits.http, "terminal": limits.terminal}.get(surface)


def cost(surface: str, measured: Mapping[str, int]) -> int:
    """Memory that one flow of a surface takes, in MB: as it was measured, otherwise as is usual."""
    return measured.get(surface) or USUAL_MB.get(surface, max(USUAL_MB.values()))


def processors(surface: str) -> float:
    """Processors that one flow of a surface keeps busy."""
    return CPUS.get(surface, FEW_CPUS)
