"""What keeps a milestone from being sealed and a mission from being completed, in words; nothing does: it may be."""

from milepost.domain.judge import due, expected_gates, has_blocking, red_gates, reviewed
from milepost.domain.mission import FINAL_ROUND, Mission, Round


def unsealed(mission: Mission, milestone: str) -> list[str]:
    """What is missing before a milestone is sealed: each feature done and read, a whole round passed at this commit."""
    planned = mission.features_of(milestone)
    states = {f.id: mission.features[f.id] for f in planned}
    found = [f"{i} is {s.status}" for i, s in states.items() if s.status != "built"]
    found += [f"{i} was not audited and proved" for i, s in states.items() if not (s.audited and s.proved)]
    found += [f"{i} was not read as it stands" for i in states if not reviewed(mission, i)]
    found += [f"{a} is not freshly passed" for a in due(mission, milestone)]
    return found + unjudged(mission, milestone)


def unjudged(mission: Mission, milestone: str) -> list[str]:
    """Why the newest round does not speak for the milestone as it is now."""
    round = mission.round
    if round is None or (round.milestone, round.outcome, round.commit) != (milestone, "passed", mission.head):
        return [f"no round of {milestone} passed at the newest commit"]
    return [*unrun(mission, round), *(["a reader found something that blocks"] if has_blocking(round) else [])]


def unrun(mission: Mission, round: Round) -> list[str]:
    """Gates that a round did not run, or that were red."""
    missing = [f"gate {g} was not run" for g in expected_gates(mission, round) if g not in round.gates]
    return missing + [f"gate {g.gate} was red" for g in red_gates(mission, round)]


def incomplete(mission: Mission) -> list[str]:
    """What is missing before the mission is complete."""
    found = [f"{m} is {s.status}" for m, s in mission.milestones.items() if s.status != "sealed"]
    found += [f"{a} is not freshly passed, nor waived" for a in due(mission, FINAL_ROUND)]
    if mission.plan is None:
        found.append("there is no plan")
    if mission.audited_at != mission.head:
        found.append("no audit passed at the newest commit")
    return found
