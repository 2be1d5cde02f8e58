"""One attempt from its opening to its end: desk, context, loop, and what the engine makes of how it ended."""

from collections.abc import Sequence
from contextlib import AsyncExitStack

from milepost.agent.calls import CallRunner
from milepost.agent.context import Context
from milepost.agent.desk import Desk
from milepost.agent.loop import Ending, Sitting
from milepost.agent.tool import schema
from milepost.agent.tools import for_seat
from milepost.agent.watch import Watch
from milepost.domain import events as e
from milepost.domain.budget import Spent
from milepost.domain.handoff import Handoff, Procedure, Undone
from milepost.domain.mission import Mission
from milepost.domain.next import Sit
from milepost.domain.record import Fact, Record
from milepost.domain.seat import Price, Seat
from milepost.domain.turns import ToolEnded, TurnEnded, TurnFailed
from milepost.model.messages import Image, ToolSchema
from milepost.runner import opening
from milepost.runner.drafting import Drafting
from milepost.runner.office import Office
from milepost.runner.workshop import Bench
from milepost.text import prompts

FREE = Price(fresh=0, out=0)
LAST_TOOL = {
    "orchestrator": "end_turn", "worker": "submit_handoff", "scrutiny": "submit_scrutiny", "reviewer": "submit_review",
    "tester": "submit_verdicts", "auditor": "submit_audit", "researcher": "your answer",
}


async def sit(office: Office, step: Sit, *, question: str = "", parent: str | None = None) -> Ending:
    """Begin an attempt, or go on with it where it is open, and see it to its end."""
    seat = office.seat(step.seat)
    known = office.mission.attempts.get(step.attempt)
    commit = known.started.start if known else place_of(office.mission, step)
    async with AsyncExitStack() as stack:
        bench = await stack.enter_async_context(Room(office, step, commit, fresh=known is None))
        if known is None:
            await begin(office, step, seat, commit, question, parent)
        desk = make_desk(office, step, bench, commit)
        sitting = await seated(office, step, seat, desk)
        ending = await sitting.run()
        await end(office, step, desk, ending)
    return ending


def place_of(mission: Mission, step: Sit) -> str:
    """The commit an attempt looks at: a round's for its validators, otherwise the newest."""
    round = mission.round
    if step.milestone and step.round and round is not None and (round.milestone, round.number) == (step.milestone, step.round):
        return round.commit
    return mission.head


class Room:
    """The bench of one attempt: the mission's tree for the worker and the orchestrator, a scratch checkout for the rest."""

    def __init__(self, office: Office, step: Sit, commit: str, *, fresh: bool) -> None:
        self.office = office
        self.step = step
        self.commit = commit
        self.fresh = fresh
        self.stack = AsyncExitStack()

    async def __aenter__(self) -> Bench:
        shop, mission = self.office.workshop, self.office.mission
        name = self.step.attempt
        if self.step.seat == "worker":
            await self.lay_out()
            return await self.stack.enter_async_context(shop.on(shop.worktree, name, mission.manifest))
        if self.step.seat in ("orchestrator", "researcher"):
            return await self.stack.enter_async_context(shop.on(shop.worktree, name, mission.manifest, read_only=True))
        return await self.stack.enter_async_context(shop.bench(name, self.commit, mission.manifest))

    async def __aexit__(self, *exc: object) -> None:
        await self.stack.aclose()

    async def lay_out(self) -> None:
        """The worker's tree: at the tip with nothing left over when it begins, as it was left when it goes on."""
        shop = self.office.workshop
        if self.fresh and await shop.worktree.changes():
            await shop.worktree.discard()
        shop.lay_checks(shop.worktree.path)
        if self.office.mission.mode == "worktree":
            await shop.worktree.agent_git()


async def begin(office: Office, step: Sit, seat: Seat, commit: str, question: str, parent: str | None) -> None:
    """Record that the attempt begins, with what it is told."""
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
    await office.log.record(*facts, attempt=step.attempt)


def make_desk(office: Office, step: Sit, bench: Bench, commit: str) -> Desk:
    """What the attempt may touch."""
    return Desk(
        attempt=step.attempt, seat=step.seat, subject=step.subject, log=office.log, blobs=office.blobs,
        engine=Drafting(office, sit), cell=bench.cell, tree=bench.tree, tree_id=bench.worktree.write_tree,
        repository=office.workshop.repository, skills=office.skills(), checks=office.folder.checks,
        worktree=bench.worktree if step.seat == "worker" else None, services=bench.services, milestone=step.milestone,
        round=step.round, assertions=step.assertions, start=commit, logs=office.folder.logs / step.attempt,
        clock=office.clock,
    )


async def seated(office: Office, step: Sit, seat: Seat, desk: Desk) -> Sitting:
    """The loop of this attempt, its context rebuilt from the log where it sat before."""
    tools = {t.name: t for t in for_seat(step.seat)}
    schemas = [ToolSchema(t.name, prompts.tool_description(t.name), schema(t)) for t in tools.values()]

    def words(detector: str, **values: object) -> str:
        return prompts.render("nudges", detector=detector, end=LAST_TOOL[step.seat], **values).strip()

    watch = Watch(
        seat, office.mission.settings.caps.nudges, words, office.clock, ends_by_words=step.seat == "researcher"
    )
    opened = opening.Opening.from_json(office.blobs.get(office.mission.attempts[step.attempt].started.prompt).decode())
    context = Context.opened(opened.system, opened.parts)
    past = await office.log.turns(step.attempt)
    remember(desk, watch, context, past)
    context.replay(past, lambda sha: Image("image/png", office.blobs.get(sha)))
    return Sitting(
        desk=desk, seat=seat, model=office.model, context=context, schemas=schemas,
        calls=CallRunner(desk, tools, schemas, watch), purse=office.purse, price=office.price(seat) or FREE, watch=watch,
    )


def remember(desk: Desk, watch: Watch, context: Context, past: Sequence[Record]) -> None:
    """Receipts, evidence and the governor's view of an attempt that goes on (L17: counters come from the log)."""
    for record in past:
        event = record.event
        if isinstance(event, TurnEnded):
            watch.look(context)
            watch.said(event.reply.content)
        if not isinstance(event, ToolEnded):
            continue
        if event.receipt is not None and event.receipt_id is not None:
            desk.receipts.append((event.receipt_id, event.receipt))
        desk.evidence.extend(event.evidence)
        if event.name in ("write_file", "edit_file") and event.outcome == "ok":
            desk.edited_at = len(desk.receipts)
    watch.turned = False


async def end(office: Office, step: Sit, desk: Desk, ending: Ending) -> None:
    """What follows: the attempt ends, or a hold keeps it open."""
    if ending.outcome == "left":
        return
    if ending.outcome in ("parked", "blocked"):
        await hold(office, ending)
        return
    facts: list[Fact] = []
    if step.seat == "worker" and ending.outcome != "submitted":
        await save_leftovers(office, step)
        facts.append(unfinished(office.mission, step, ending))
    if step.seat == "auditor":
        facts += audit_items(office.mission, step.attempt)
    spent = spent_of([*await office.log.turns(step.attempt)])
    reason = ending.summary if ending.outcome == "submitted" else ending.reason
    facts.append(e.AttemptEnded(attempt=step.attempt, outcome=ending.outcome, reason=reason[:20_000], spent=spent))

    def still(mission: Mission) -> Sequence[Fact]:
        return facts if mission.attempts[step.attempt].is_open else []

    await office.log.decide(still, by="engine", attempt=step.attempt)


async def hold(office: Office, ending: Ending) -> None:
    """Hold the mission, once however many attempts ask for it; each stays open and goes on afterwards."""
    kind = "parked" if ending.outcome == "parked" else "blocked"

    def once(mission: Mission) -> Sequence[Fact]:
        if mission.holds or mission.ended:
            return []
        return [e.HoldPlaced(hold=kind, reason=ending.reason, until=ending.until)]

    await office.log.decide(once, by="engine")


async def save_leftovers(office: Office, step: Sit) -> None:
    """Keep what an attempt left uncommitted under a ref of its own, then clear the tree (D6)."""
    worktree = office.workshop.worktree
    if await worktree.changes():
        await worktree.save_attempt(f"refs/attempts/{step.attempt}", f"Left by {step.attempt}", at=office.clock())
        await worktree.discard()


def unfinished(mission: Mission, step: Sit, ending: Ending) -> e.HandoffSubmitted:
    """The handoff the engine writes for an attempt that ended without one (A10)."""
    feature = mission.feature(step.subject)
    title = feature.title if feature else step.subject
    handoff = Handoff(
        outcome="partial", summary=f"The attempt ended as {ending.outcome}: {ending.reason}"[:600], implemented=[],
        undone=[Undone(what=title, why=f"the attempt ended as {ending.outcome}: {ending.reason}")], commands=[],
        manual_checks=[], tests=[], issues=[], procedure=Procedure(followed=False),
    )
    return e.HandoffSubmitted(feature=step.subject, handoff=handoff, built_by_engine=True)


def audit_items(mission: Mission, attempt: str) -> list[Fact]:
    """An item for each finding of this audit that asks for an answer."""
    audit = mission.last_audit
    if audit is None or audit[0] != attempt:
        return []
    found = [f for f in audit[1].findings if f.severity != "suggestion"]
    return [
        e.ItemOpened(
            item=mission.next_item(n), type="audit", about="audit", severity=f.severity,
            blocks="mission" if f.severity == "blocking" else "none", text=f"{f.problem} — {f.why}",
            finding=f.model_dump(mode="json"),
        )
        for n, f in enumerate(found)
    ]


def spent_of(records: Sequence[Record]) -> Spent:
    """What the turns of one attempt used."""
    total = Spent()
    for record in records:
        event = record.event
        if isinstance(event, TurnEnded):
            usage = event.usage
            total = total.plus(
                Spent(dollars=event.cost, fresh=usage.fresh, cached=usage.cached, out=usage.out, turns=1)
            )
        elif isinstance(event, TurnFailed):
            total = total.plus(Spent(dollars=event.cost, turns=1))
    return total
