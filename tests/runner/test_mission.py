"""One mission from its goal to its end, with a round that fails for a good reason and the fix that mends it."""

from collections.abc import Callable

from tests.runner.conftest import Stage


async def test_mission_reaches_a_sealed_and_audited_end(stage: Callable[..., Stage]) -> None:
    play = stage()
    mission = await play.play()
    assert (mission.phase, mission.word) == ("completed", "completed"), mission.holds or mission.reason
    assert {m: s.status for m, s in mission.milestones.items()} == {"M1": "sealed", "M2": "sealed"}
    assert {a: (s.status, s.stale) for a, s in mission.assertions.items()} == dict.fromkeys(
        ("DISC-001", "DISC-002", "CMD-001", "WEB-001"), ("passed", False)
    )
    assert [(r.milestone, r.outcome) for r in mission.rounds] == [
        ("M1", "passed"),
        ("M2", "failed"),
        ("M2", "passed"),
        ("audit", "passed"),
    ]
    assert mission.features["F4"].status == "accepted"
