"""Which scripts a round plays before it seats a tester, and which flows are compiled into scripts afterwards."""

from milepost.domain.hashes import assertion_hash
from milepost.domain.judge import done_features, needs_tester, stands
from milepost.domain.mission import Mission, Round, ScriptState


def script_of(mission: Mission, assertion: str) -> ScriptState | None:
    """The script of an assertion as it is agreed now; another text, and it has none."""
    script, agreed = mission.scripts.get(assertion), mission.contract.get(assertion)
    if script is None or agreed is None or agreed.removed:
        return None
    return script if script.text_hash == assertion_hash(agreed) else None


def playable(mission: Mission, round: Round) -> dict[str, list[str]]:
    """By script, the assertions it is to show in this round: those in scope, and what was shown before and is stale."""
    said = {v.assertion for s in round.flows.values() for v in s.verdicts}
    found: dict[str, list[str]] = {}
    for assertion in mission.contract.live:
        script = script_of(mission, assertion.id)
        if script is None or assertion.id in said or not stands(mission, round, assertion.id):
            continue
        if needs_tester(mission, assertion) and (assertion.id in round.scope or is_regression(mission, assertion.id)):
            found.setdefault(script.script, []).append(assertion.id)
    return found


def is_regression(mission: Mission, assertion: str) -> bool:
    """Whether an assertion of finished work was shown before, and may not hold any more."""
    state, owner = mission.assertions[assertion], mission.owner(assertion)
    return state.status == "passed" and state.stale and owner is not None and owner.id in done_features(mission)


def unplayed(mission: Mission, round: Round) -> tuple[str, ...]:
    """The scripts of this round that were not played in it."""
    return tuple(script for script in playable(mission, round) if script not in round.plays)


def uncompiled(mission: Mission, round: Round) -> tuple[str, ...]:
    """Testers of this round who named the words that show what passed, and whose flow was not compiled."""
    return tuple(
        s.attempt for s in round.flows.values()
        if s.attempt not in mission.compiled and any(v.outcome == "passed" and v.shows for v in s.verdicts)
    )
