"""Wherever a mission is driven, it comes to an end or to the user, and never to an end that was not shown."""

from collections.abc import Callable

import pytest

from milepost.domain.decide_change import owed
from milepost.domain.hashes import assertion_hash
from milepost.domain.mission import Mission
from milepost.domain.sealing import incomplete
from tests.domain.life import running
from tests.domain.walker import HOPELESS, Walker, walk

SEEDS = range(24)
LONGEST = 3_000
"""Steps without a word from the user: far more than any of these walks takes."""


def nothing_is_lost(walker: Walker) -> Callable[[Mission], None]:
    """What holds in every state on the way."""
    sealed: set[str] = set()

    def look(mission: Mission) -> None:
        now = {m for m, s in mission.milestones.items() if s.status == "sealed"}
        assert sealed <= now
        sealed.update(now)
        assert mission.plan is not None
        carried = {i for f in mission.plan.features if mission.features[f.id].status != "cancelled" for i in f.fixes}
        for found in mission.items.values():
            if owed(mission, found) and found.id not in walker.let_go:
                assert found.id in carried, f"{found.id} was given to {found.feature} and nobody mends it"
            elif found.decision in ("feature", "fold"):
                # What it is about was waived or removed by the user, or its mender taken back: their word.
                walker.let_go.add(found.id)
            if found.decision == "dismiss" and found.resolved_by != "user":
                assert found.opened.type in ("undone", "issue", "finding", "audit")
                assert found.opened.severity != "blocking" or found.opened.type in ("undone", "issue")
        for name in mission.live:
            state = mission.assertions[name]
            planned = mission.owner(name) is not None or state.status == "waived"
            assert planned or any(i.opened.about == name for i in mission.open_items), f"nobody is to build {name}"
            if state.status == "passed" and not state.stale:
                agreed = mission.contract.get(name)
                assert agreed is not None and state.verdict is not None and state.verdict.evidence
                assert state.verdict.depends.assertion == assertion_hash(agreed), f"{name} was shown in other words"
                assert state.verdict.depends.product == walker.product(mission.head), (
                    f"{name} was shown on another tree"
                )

    return look


@pytest.mark.parametrize("seed", SEEDS)
def test_L13_mission_left_alone_comes_to_an_end_or_to_the_user(seed: int) -> None:
    walker = Walker(seed=seed, trouble=0.1 + seed % 5 * 0.15)
    mission = walk(running(), walker, words=0, most=LONGEST, seen=nothing_is_lost(walker))
    assert mission.ended or mission.holds


@pytest.mark.parametrize("seed", SEEDS)
def test_mission_that_completes_has_everything_freshly_shown(seed: int) -> None:
    walker = Walker(seed=seed, trouble=0.05 + seed % 3 * 0.05)
    mission = walk(running(), walker, words=12, most=LONGEST, seen=nothing_is_lost(walker))
    if mission.phase == "completed":
        assert incomplete(mission) == []
        assert set(mission.live) == set(mission.settled)
        assert {s.status for s in mission.milestones.values()} == {"sealed"}


@pytest.mark.parametrize("seed", SEEDS)
def test_D27_mission_whose_contract_cannot_be_met_never_completes(seed: int) -> None:
    """Whatever the orchestrator tries, and although the user answers every question with `go on`."""
    walker = Walker(seed=seed, trouble=0.05 + seed % 4 * 0.1, hopeless=True)
    mission = walk(running(), walker, words=8, most=LONGEST, seen=nothing_is_lost(walker))
    assert mission.phase != "completed"
    assert HOPELESS not in mission.settled


@pytest.mark.parametrize("seed", SEEDS)
def test_unattended_mission_fails_instead_of_waiting(seed: int) -> None:
    walker = Walker(seed=seed, trouble=0.1, hopeless=True)
    mission = walk(running(unattended=True), walker, words=0, most=LONGEST, seen=nothing_is_lost(walker))
    assert mission.phase == "failed" or "paused" in mission.holds
