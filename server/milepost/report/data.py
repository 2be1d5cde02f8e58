"""Reads the log of a mission, without writing to it, into a report."""

from milepost.domain import events as e
from milepost.domain.mission import Mission
from milepost.log.folder import MissionFolder
from milepost.log.store import EventLog
from milepost.log.views import Views
from milepost.report import items, sights, spending, verdicts, walks, work
from milepost.report.acts import acts
from milepost.report.counts import changes, counts, measures
from milepost.report.material import Material, folded, toll
from milepost.report.shapes import LogRow, MissionRow, Report


async def collect(folder: MissionFolder) -> Report:
    """The report of a mission, whatever it has come to.

    Raises LogCorrupt and LogUnavailable as `EventLog.open` does; Refused where no mission was created.
    """
    async with await EventLog.open(folder.root, folder.mission, write=False) as log:
        # What a runner appends from now on is left for the next report.
        facts = [r for r in await log.facts() if r.seq <= log.last_seq]
        ends = [*await log.records(limit=2), *await log.records(log.last_seq - 1, 1)]
        mission, timeline = folded(facts, max((r.at for r in ends), default=0.0))
        tolls, done = {}, {}
        for name, sat in mission.attempts.items():
            turns = await log.turns(name)
            tolls[name] = toll(turns)
            if sat.started.seat == "tester":
                done[name] = acts(turns)
        started = [r.event for r in facts if isinstance(r.event, e.RunnerStarted)]
        row = LogRow(
            events=log.last_seq, facts=len(facts), first=ends[1].prev if log.last_seq > 1 else log.last_hash,
            last=log.last_hash, runners=len(started), versions=list(dict.fromkeys(s.version for s in started)),
        )
    async with await Views.open(folder.root, folder.mission) as views:
        reserved = sum((await views.unsettled()).values())
    return assembled(Material(mission, facts, tolls, timeline, reserved, done), folder, row)


def assembled(material: Material, folder: MissionFolder, log: LogRow) -> Report:
    """The report from its material."""
    opened = items.rows(material.mission, material.facts)
    return Report(
        mission=mission_row(material, folder), money=spending.money(material), counts=counts(material),
        verdicts=verdicts.rows(material), milestones=work.milestones(material), features=work.features(material),
        handoffs=work.handoffs(material, opened), rounds=work.rounds(material, opened),
        audits=work.audits(material, opened), items=opened, seats=spending.seats(material),
        spans=material.timeline.rows, holds=material.timeline.holds, changes=changes(material),
        measures=measures(material), log=log, flows=walks.flows(material), flow_costs=walks.flow_costs(material),
        walks=walks.walks(material), sights=sights.rows(material),
    )


def mission_row(material: Material, folder: MissionFolder) -> MissionRow:
    """The mission in a few lines."""
    mission, timeline = material.mission, material.timeline
    return MissionRow(
        id=mission.id, goal=mission.goal, summary=mission.summary, phase=mission.phase, word=mission.word,
        reason=mission.reason, completion=mission.completion, repository=mission.repository,
        clone=str(folder.repository), base=mission.base, head=mission.head, branch=mission.branch,
        published=published(mission), landed=mission.landed, mode=mission.mode, created=mission.created,
        until=timeline.until, elapsed=sum(timeline.spans.values()), held=timeline.held,
        audit=mission.last_audit[1].outcome if mission.last_audit else "", caveats=caveats(material),
        warnings=list(mission.warnings),
    )


def published(mission: Mission) -> bool:
    """Whether the branch was laid into the user's repository: with each seal, or at the end."""
    sealed = any(m.status == "sealed" for m in mission.milestones.values())
    return mission.settings.publish != "never" and (sealed or mission.phase == "completed")


def caveats(material: Material) -> list[str]:
    """Why the result is weaker than it looks, a sentence each."""
    mission = material.mission
    found = [] if mission.settings.sandbox else ["It was worked on without a sandbox."]
    found += [f"The user granted {name}." for name, yes in mission.settings.grants.items() if yes]
    if mission.manifest is not None and mission.manifest.commands.test.report == "none":
        found.append("The test command writes no report, so a test that vanished was not noticed.")
    found += [
        f"{name} could not be proved: it has no check or test that must turn red when its change is taken back."
        for name, state in mission.features.items() if state.proved and not state.provable
    ]
    found += [
        f"The check of {name} crashed on the untouched base instead of saying no: it is only weakly red."
        for name, examined in mission.examined.items() if examined.result == "error" and name in mission.live
    ]
    found += [f"Not the same each time, {s.attempt} at {x}." for _, s in material.of(e.ScriptCompiled) for x in s.flaky]
    stale = [name for name, state in mission.assertions.items() if state.stale]
    if stale:
        found.append(f"{', '.join(stale)}: the verdict is stale, because what it rests on changed afterwards.")
    return found
