"""(mission) -> the next step, or None: the whole scheduler, first rule that applies."""

from collections.abc import Iterator
from dataclasses import dataclass

from milepost.domain.judge import (
    done_features,
    due,
    expected_gates,
    has_blocking,
    open_flows,
    red_gates,
    to_review,
    wants_scrutiny,
)
from milepost.domain.lifetime import allowance, attempts_at, family
from milepost.domain.mission import FINAL_ROUND, Item, Mission, Round
from milepost.domain.plan import Feature
from milepost.domain.replays import uncompiled, unplayed
from milepost.domain.sealing import unsealed

TRIES = 3
"""Attempts at one review, flow, scrutiny or audit without a submission before the user is asked."""
IDLE_SEATINGS = 3
"""Orchestrator attempts in a row that change nothing before the user is asked."""
SEATINGS = 12
"""Orchestrator attempts in a row, with nobody else at work and no word from the user, before the user is asked."""


@dataclass(frozen=True, slots=True)
class Sit:
    """Seat somebody: begin the attempt, or go on with it where it is open."""

    attempt: str
    seat: str
    subject: str
    milestone: str | None = None
    round: int | None = None
    assertions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Together:
    """Several readers at once; none of them writes the tree."""

    sits: tuple[Sit, ...]


@dataclass(frozen=True, slots=True)
class AuditHandoff:
    """Hold a handoff against receipts and git, and run the manifest's commands on the commit."""

    feature: str


@dataclass(frozen=True, slots=True)
class Prove:
    """Take the feature's product change back in a scratch tree: its checks and tests must go red."""

    feature: str


@dataclass(frozen=True, slots=True)
class StartRound:
    """Begin to judge a milestone at the newest commit."""

    milestone: str
    number: int
    scope: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RunGates:
    """Run the gates of the open round that have not finished."""

    gates: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PlayScripts:
    """Show again, without a model, what testers showed before: only what does not hold needs one."""

    scripts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CompileFlows:
    """Make scripts of what these testers did, and play them until it is known what they may demand."""

    attempts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class EndRound:
    """Turn what the round brought into verdicts and items."""


@dataclass(frozen=True, slots=True)
class Seal:
    """A milestone passed: nothing joins it any more."""

    milestone: str


@dataclass(frozen=True, slots=True)
class Complete:
    """Everything is settled, sealed and audited."""


@dataclass(frozen=True, slots=True)
class Stuck:
    """Open an item for the user: something went on too long or came back twice."""

    about: str
    text: str


@dataclass(frozen=True, slots=True)
class Block:
    """Nothing can go on before the user answers."""

    reason: str
    items: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Fail:
    """Nothing can go on and nobody is there to ask."""

    reason: str


@dataclass(frozen=True, slots=True)
class Wait:
    """Parked until a time (POSIX seconds)."""

    until: float


Step = (
    Sit | Together | AuditHandoff | Prove | StartRound | RunGates | PlayScripts | CompileFlows | EndRound | Seal
    | Complete | Stuck | Block | Fail | Wait
)


def next_step(mission: Mission) -> Step | None:
    """What the runner does next; None while the mission is held, proposed or ended."""
    if mission.phase not in ("draft", "running"):
        return None
    if mission.holds:
        return parked(mission)
    return next(steps(mission), None)


def parked(mission: Mission) -> Step | None:
    """The wait of a mission that is parked and nothing else."""
    hold = mission.holds.get("parked")
    return Wait(hold.until) if hold is not None and hold.until is not None and len(mission.holds) == 1 else None


def steps(mission: Mission) -> Iterator[Step]:
    """Candidate steps, best first."""
    yield from unfinished(mission)
    yield from users_turn(mission)
    yield from orchestrators_turn(mission)
    if mission.phase == "draft":
        return
    yield from handoffs(mission)
    yield from disputes(mission)
    milestone = mission.open_milestone
    if milestone is not None:
        yield from milestone_steps(mission, milestone)
    else:
        yield from closing(mission)
    waiting = mission.attention
    if waiting:
        yield blocked(mission, waiting)


def unfinished(mission: Mission) -> Iterator[Step]:
    """Open attempts go on first; a sub-attempt goes on inside its parent."""
    sits = tuple(
        Sit(s.attempt, s.seat, s.subject, s.milestone, s.round, tuple(s.assertions))
        for s in (a.started for a in mission.open_attempts) if s.parent is None
    )
    if len(sits) == 1:
        yield sits[0]
    elif sits:
        yield Together(sits)


def users_turn(mission: Mission) -> Iterator[Step]:
    """An item of the user's that blocks the whole mission."""
    waiting = [i for i in mission.attention if i.opened.blocks == "mission"]
    if waiting:
        yield blocked(mission, waiting)


def blocked(mission: Mission, waiting: list[Item]) -> Step:
    """Hold, or fail where nobody is there to ask."""
    reason = "; ".join(f"{i.id} {i.opened.type}: {i.opened.text}" for i in waiting)[:2000]
    if mission.settings.unattended and mission.phase == "running":
        return Fail(reason)
    return Block(reason, tuple(i.id for i in waiting))


def orchestrators_turn(mission: Mission) -> Iterator[Step]:
    """The orchestrator is seated only where something needs judging (D15)."""
    if not needs_orchestrator(mission):
        return
    if mission.idle_seatings >= IDLE_SEATINGS:
        yield Stuck("mission", f"the orchestrator was seated {mission.idle_seatings} times and changed nothing")
        return
    if mission.seatings >= SEATINGS:
        yield Stuck("mission", f"the orchestrator was seated {mission.seatings} times in a row and nobody else is due")
        return
    yield Sit(mission.next_attempt("orchestrator", "mission"), "orchestrator", "mission")


def needs_orchestrator(mission: Mission) -> bool:
    """Draft, messages, open items, or an outline whose milestone has begun."""
    if mission.phase == "draft" or mission.unread:
        return True
    if any(i.opened.owner == "orchestrator" and i.opened.blocks != "none" for i in mission.open_items):
        return True
    milestone = mission.open_milestone
    return milestone is not None and any(
        mission.features[f.id].status == "outline" for f in mission.features_of(milestone)
    )


def handoffs(mission: Mission) -> Iterator[Step]:
    """Audit every handoff, then prove that its tests can fail, before the next worker."""
    for feature, state in mission.features.items():
        if state.handoff is not None and not state.audited:
            yield AuditHandoff(feature)
        elif state.status == "built" and not state.proved:
            yield Prove(feature)


def disputes(mission: Mission) -> Iterator[Step]:
    """A disputed finding gets one fresh reader."""
    for item in mission.items.values():
        read = [a for a in mission.attempts.values() if a.started.seat == "reviewer" and a.started.subject == item.id]
        if item.decision == "dispute" and not any(a.outcome == "submitted" for a in read):
            if len(read) >= allowance(mission, TRIES, item.id):
                yield Stuck(item.id, f"{len(read)} readers did not judge the disputed {item.id}")
            yield Sit(mission.next_attempt("reviewer", item.id), "reviewer", item.id)


def milestone_steps(mission: Mission, milestone: str) -> Iterator[Step]:
    """Work first, then rounds, then the seal."""
    round = mission.round
    if round is not None and round.milestone == milestone and round.outcome is None:
        yield from round_steps(mission, round)
        return
    waiting = [f for f in mission.features_of(milestone) if f.id not in done_features(mission)]
    yield from work(mission, waiting)
    if waiting:
        return
    if unsealed(mission, milestone):
        yield from begin(mission, milestone)
    else:
        yield Seal(milestone)


def work(mission: Mission, waiting: list[Feature]) -> Iterator[Step]:
    """The next feature that nothing keeps from being worked on."""
    kept = {f for i in mission.open_items if isinstance(i.opened.blocks, list) for f in i.opened.blocks}
    for feature in waiting:
        if feature.id in kept:
            continue
        tried = attempts_at(mission, feature)
        cap = allowance(mission, mission.settings.caps.feature_attempts, *family(mission, feature))
        if tried >= cap:
            said = f"{feature.id} {feature.title!r} took {tried} attempts, its fixes included; the cap is {cap}"
            yield Stuck(feature.id, said)
        else:
            yield Sit(mission.next_attempt("worker", feature.id), "worker", feature.id, milestone=feature.milestone)


def begin(mission: Mission, milestone: str) -> Iterator[Step]:
    """A new round, unless the cap is reached or the same commit failed twice."""
    past = [r for r in mission.rounds if r.milestone == milestone]
    cap = allowance(mission, mission.settings.caps.rounds, milestone)
    if len(past) >= cap:
        yield Stuck(milestone, f"{milestone} was judged {len(past)} times and did not pass; the cap is {cap} rounds")
        return
    twice = allowance(mission, 2, milestone)
    if len(past) >= twice and all(r.commit == mission.head and r.outcome == "failed" for r in past[-twice:]):
        yield Stuck(milestone, f"{milestone} failed {twice} times at the same commit: {past[-1].reason}")
        return
    yield StartRound(milestone, len(past) + 1, tuple(due(mission, milestone)))


def round_steps(mission: Mission, round: Round) -> Iterator[Step]:
    """Gates, then readers, then scripts, then testers for what these do not show; what is red ends it early."""
    missing = tuple(g for g in expected_gates(mission, round) if g not in round.gates)
    if missing:
        yield RunGates(missing)
    if red_gates(mission, round):
        yield EndRound()
        return
    yield from seated(mission, round, "reviewer", to_review(mission, round))
    if not has_blocking(round) and wants_scrutiny(mission, round):
        yield from seated(mission, round, "scrutiny", [round.milestone])
    if not has_blocking(round):
        if scripts := unplayed(mission, round):
            yield PlayScripts(scripts)
        open_ = open_flows(mission, round)
        scopes = {f.name: tuple(a.id for a in f.assertions) for f in open_}
        yield from seated(mission, round, "tester", list(scopes), scopes)
        if passed := uncompiled(mission, round):
            yield CompileFlows(passed)
    yield EndRound()


def seated(
    mission: Mission, round: Round, seat: str, subjects: list[str], scopes: dict[str, tuple[str, ...]] | None = None
) -> Iterator[Step]:
    """Seat these validators together, unless one of them sat too often without a word."""
    sits = tuple(
        Sit(
            mission.next_attempt(seat, s, round.milestone, round.number), seat, s, round.milestone, round.number,
            (scopes or {}).get(s, ()),
        )
        for s in subjects
    )
    for sit in sits:
        # Named by round and seat: a grant for one flow is none for the flow of that name in another round.
        stem, _, ordinal = sit.attempt.rpartition(".")
        cap = allowance(mission, TRIES, stem)
        if int(ordinal) > cap:
            yield Stuck(stem, f"{cap} attempts of the {seat} at {sit.subject} ended without a submission")
            return
    if len(sits) == 1:
        yield sits[0]
    elif sits:
        yield Together(sits)


def closing(mission: Mission) -> Iterator[Step]:
    """All sealed: judge what went stale, then the blind audit, then the end."""
    round = mission.round
    if round is not None and round.milestone == FINAL_ROUND and round.outcome is None:
        yield from round_steps(mission, round)
        return
    if due(mission, FINAL_ROUND):
        yield from begin(mission, FINAL_ROUND)
        return
    if mission.audited_at != mission.head:
        yield from audit(mission)
        return
    yield Complete()


def audit(mission: Mission) -> Iterator[Step]:
    """The blind look, unless it failed too often, or too often ended without a word."""
    cap = allowance(mission, mission.settings.caps.audits, "audit")
    if mission.audits >= cap:
        yield Stuck("audit", f"{mission.audits} audits did not pass; the cap is {cap}")
        return
    silent = sum(1 for a in mission.attempts.values() if a.started.seat == "auditor" and a.outcome != "submitted")
    tries = allowance(mission, TRIES, "audit")
    if silent >= tries:
        yield Stuck("audit", f"{silent} auditors ended without a submission")
        return
    yield Sit(mission.next_attempt("auditor", "mission"), "auditor", "mission")
