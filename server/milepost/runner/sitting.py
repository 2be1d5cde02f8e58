"""One attempt from its opening to its end: desk, context and loop."""

from collections.abc import Sequence
from contextlib import AsyncExitStack
from pathlib import Path

from milepost.agent.calls import CallRunner
from milepost.agent.context import Context
from milepost.agent.desk import Desk
from milepost.agent.loop import Ending, Sitting
from milepost.agent.tool import schema
from milepost.agent.tools import for_seat
from milepost.agent.watch import EDITS, Watch
from milepost.domain import events as e
from milepost.domain.mission import Mission
from milepost.domain.next import Sit
from milepost.domain.record import Fact, Record
from milepost.domain.seat import Seat
from milepost.domain.turns import ToolEnded
from milepost.model.messages import Image, ToolSchema
from milepost.runner import opening
from milepost.runner.drafting import Drafting
from milepost.runner.endings import end
from milepost.runner.office import Office
from milepost.runner.room import Room
from milepost.runner.workshop import Bench
from milepost.text import prompts

LAST_TOOL = {
    "orchestrator": "end_turn", "worker": "submit_handoff", "scrutiny": "submit_scrutiny", "reviewer": "submit_review",
    "tester": "submit_verdicts", "auditor": "submit_audit", "researcher": "your answer",
}
"""How an attempt of each seat ends, as nudges name it."""


async def sit(office: Office, step: Sit, *, question: str = "", parent: str | None = None) -> Ending:
    """Begin an attempt, or go on with it where it is open, and see it to its end."""
    seat = office.seat(step.seat)
    known = office.mission.attempts.get(step.attempt)
    commit = known.started.start if known else place_of(office.mission, step)
    async with AsyncExitStack() as stack:
        bench = await stack.enter_async_context(Room(office, step, commit))
        if known is None and not await begin(office, step, seat, commit, question, parent):
            return Ending("left", "the mission went on otherwise before it began")
        desk = make_desk(office, step, bench, commit)
        stack.push_async_callback(desk.close)
        sitting = await seated(office, step, seat, desk)
        ending = await sitting.run()
    # Only now nothing of it is at work in the tree any more.
    await end(office, step, ending)
    return ending


def place_of(mission: Mission, step: Sit) -> str:
    """The commit an attempt looks at: a round's for its validators, otherwise the newest."""
    round = mission.round
    mine = round is not None and (round.milestone, round.number) == (step.milestone, step.round)
    return round.commit if round is not None and mine else mission.head


async def begin(office: Office, step: Sit, seat: Seat, commit: str, question: str, parent: str | None) -> bool:
    """Record that the attempt begins, with what it is told; False where somebody's order came first."""
    opened = await opening.compose(office, step, seat, commit, question)
    facts: list[Fact] = []
    if step.seat == "worker":
        facts.append(e.FeatureStarted(feature=step.subject, start=commit))
    facts.append(
        e.AttemptStarted(
            attempt=step.attempt, seat=step.seat, subject=step.subject, model=seat.model,
            prompt=office.blobs.put(opened.to_json()), limits={"turns": seat.max_turns, "minutes": seat.max_minutes},
            parent=parent, milestone=step.milestone, round=step.round, assertions=list(step.assertions), start=commit,
        )
    )
    begun = await office.log.decide(
        lambda mission: facts if parent or may_begin(mission, step) else [], by="engine", attempt=step.attempt
    )
    return bool(begun)


def may_begin(mission: Mission, step: Sit) -> bool:
    """Whether an attempt still has something to do, by the newest state."""
    round, feature = mission.round, mission.features.get(step.subject)
    if step.seat == "worker" and (feature is None or feature.status in ("cancelled", "built", "accepted")):
        return False
    if step.round is not None and (round is None or round.outcome is not None or round.number != step.round):
        return False
    return not mission.holds and not mission.ended


def make_desk(office: Office, step: Sit, bench: Bench, commit: str) -> Desk:
    """What the attempt may touch."""
    return Desk(
        attempt=step.attempt, seat=step.seat, subject=step.subject, log=office.log, blobs=office.blobs,
        engine=Drafting(office, sit), cell=bench.cell, tree=bench.tree, tree_id=bench.worktree.write_tree,
        repository=office.workshop.repository, skills=office.skills(), checks=checks_of(office, step),
        worktree=bench.worktree if step.seat == "worker" else None, services=bench.services, milestone=step.milestone,
        round=step.round, assertions=step.assertions, start=commit, logs=office.folder.logs / step.attempt,
        clock=office.clock, browser=office.workshop.browser,
    )


def checks_of(office: Office, step: Sit) -> Path:
    """The folder of check files; for the auditor, who must not find them, one that nobody puts anything into."""
    return office.folder.checks if step.seat != "auditor" else office.folder.logs / step.attempt / "no-checks"


async def seated(office: Office, step: Sit, seat: Seat, desk: Desk) -> Sitting:
    """The loop of this attempt, its context rebuilt from the log where it sat before."""
    tools = {t.name: t for t in for_seat(step.seat)}
    schemas = [ToolSchema(t.name, prompts.tool_description(t.name), schema(t)) for t in tools.values()]
    watch = make_watch(office, step, seat)
    opened = opening.Opening.from_json(office.blobs.get(office.mission.attempts[step.attempt].started.prompt).decode())
    context = Context.opened(opened.system, opened.parts)
    past = await office.log.turns(step.attempt)
    remember(desk, past)
    watch.remember(past)
    context.replay(past, lambda sha: Image("image/png", office.blobs.get(sha)))
    return Sitting(
        desk=desk, seat=seat, model=office.model, context=context, schemas=schemas,
        calls=CallRunner(desk, tools, schemas, watch), purse=office.purse, price=office.price, watch=watch,
    )


def make_watch(office: Office, step: Sit, seat: Seat) -> Watch:
    """Who looks after this attempt."""

    def words(detector: str, **values: object) -> str:
        return prompts.render("nudges", detector=detector, end=LAST_TOOL[step.seat], **values).strip()

    caps = office.mission.settings.caps
    return Watch(
        seat, caps.nudges, words, office.stopwatch.seconds, ends_by_words=step.seat == "researcher",
        malformed_allowed=caps.dishonest_calls, started=office.stopwatch.begun.get(step.attempt),
    )


def remember(desk: Desk, past: Sequence[Record]) -> None:
    """Receipts and evidence of an attempt that goes on."""
    for event in (record.event for record in past):
        if not isinstance(event, ToolEnded):
            continue
        if event.receipt is not None and event.receipt_id is not None:
            desk.receipts.append((event.receipt_id, event.receipt))
        desk.evidence.extend(event.evidence)
        if event.name in EDITS and event.outcome == "ok":
            desk.edited_at = len(desk.receipts)
