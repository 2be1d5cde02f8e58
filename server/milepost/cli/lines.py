"""What happened, one line for each notable fact; facts that nobody watches for have none."""

from milepost.cli.words import clock, short
from milepost.domain import events as e
from milepost.domain import turns as t
from milepost.domain.mission import Mission
from milepost.domain.quantities import count
from milepost.domain.record import Record


def line_of(record: Record, mission: Mission) -> str | None:
    """`12:03:11 F1 handed off: done`, or None for what is not notable."""
    event = record.event
    said = draft(event) or state(event) or work(event, record, mission) or judgement(event) or process(event, record)
    return f"{clock(record.at)} {short(said, 240)}" if said else None


def draft(event: object) -> str:
    """The draft, and what changes what was agreed."""
    match event:
        case e.MissionCreated():
            return f"mission {event.mission} began"
        case e.DocumentWritten():
            name = "" if event.name == event.document else f" {event.name}"
            return f"wrote {event.document}{name}"
        case e.BaseExamined():
            return f"tried {count(len(event.checks), 'check')} on the untouched base"
        case e.MissionProposed():
            return f"proposed: {event.summary}"
        case e.MissionReturned():
            return f"returned: {event.comment}"
        case e.MissionApproved():
            return "approved"
        case e.ContractAmended():
            return f"contract amended ({', '.join(c.assertion for c in event.changes)}): {event.reason}"
        case e.PlanChanged():
            return f"plan changed: {event.reason}"
        case e.SettingChanged():
            return f"{event.key} is now {event.value}"
        case e.MessageReceived():
            return f"you said: {event.text}"
    return ""


def state(event: object) -> str:
    """Holds, ends and items."""
    match event:
        case e.HoldPlaced():
            return f"{event.hold}: {event.reason}"
        case e.HoldLifted():
            return f"no longer {event.hold}"
        case e.MissionCompleted():
            return "completed"
        case e.MissionFailed():
            return f"failed: {event.reason}"
        case e.MissionCancelled():
            return f"cancelled: {event.reason}".rstrip(": ")
        case e.MissionReopened():
            return f"reopened: {event.reason}"
        case e.MissionLanded():
            return f"landed by {event.how} as {event.commit[:10]}"
        case e.OrderRefused():
            return f"refused: {event.reason}"
        case e.ItemOpened():
            return f"{event.item} {event.type}: {event.text}"
        case e.ItemResolved():
            return f"{event.item} {event.decision}: {event.text or event.reason or event.feature or ''}".rstrip(": ")
        case e.GuidanceGiven():
            return f"guidance: {event.text}"
    return ""


def work(event: object, record: Record, mission: Mission) -> str:
    """Features, commits and handoffs."""
    match event:
        case e.FeatureStarted():
            planned = mission.feature(event.feature)
            return f"{event.feature} started: {planned.title if planned else ''}"
        case e.CommitMade():
            return f"{event.feature or 'engine'} commit {event.commit[:10]}, {count(len(event.paths), 'file')}"
        case e.HandoffSubmitted():
            return f"{event.feature} handed off: {event.handoff.outcome}, {event.handoff.summary}"
        case e.HandoffAudited():
            return f"{event.feature} audited: {count(len(event.mismatches), 'mismatch')}" if event.mismatches else ""
        case e.FeatureReverted():
            return f"{event.feature} was taken back"
        case e.EditNoticed():
            return f"you edited {', '.join(event.paths[:4])}"
        case t.TurnFailed():
            return f"{record.attempt}: the model did not answer ({event.reason}) {event.text}".rstrip()
    return ""


def judgement(event: object) -> str:
    """Rounds, gates, verdicts."""
    match event:
        case e.RoundStarted():
            return f"{event.milestone} round {event.round} began, {count(len(event.scope), 'assertion')} to judge"
        case e.GateFinished() if event.outcome == "red":
            return f"gate {event.gate} is red: {event.text}"
        case e.ReviewSubmitted():
            return f"review of {event.review.feature}: {event.review.outcome}"
        case e.FlowsAdmitted():
            return f"{', '.join(event.flows) or 'no flow'} sat down; {event.reason}"
        case e.FlowsMeasured():
            return f"{event.milestone} round {event.round}: {event.at_once} at once took {event.together_mb} MB at most"
        case e.ScrutinySubmitted():
            return f"scrutiny of {event.milestone}: {event.scrutiny.outcome}"
        case e.ScriptCompiled():
            what = f"{count(event.moves, 'move')} for {', '.join(event.assertions)}" if event.script else "no script"
            return f"compiled {event.attempt}: {what}" + (f"; flaky: {'; '.join(event.flaky)}" if event.flaky else "")
        case e.ScriptPlayed():
            broken = [f"{r.assertion} at move {r.move}: {r.why}" for r in event.results if r.outcome == "failed"]
            names = ", ".join(r.assertion for r in event.results if r.outcome == "passed")
            return "; ".join([f"script showed {names} again"] * bool(names) + [f"script of {b}" for b in broken])
        case e.VerdictGiven():
            return f"{event.assertion} {event.outcome}" + (f": {event.note}" if event.outcome != "passed" else "")
        case e.VerdictsExpired():
            return f"stale ({', '.join(event.assertions)}): {event.because}"
        case e.AssertionWaived():
            return f"{event.assertion} waived: {event.reason}"
        case e.RoundEnded():
            return f"{event.milestone} round {event.round} {event.outcome}"
        case e.MilestoneSealed():
            return f"{event.milestone} sealed at {event.commit[:10]}"
        case e.AuditSubmitted():
            return f"audit: {event.audit.outcome}"
    return ""


def process(event: object, record: Record) -> str:
    """Runners and attempts."""
    match event:
        case e.RunnerStarted() if event.epoch > 1:
            return "the runner started again"
        case e.RunnerStopped():
            return f"the runner left: {event.reason}"
        case e.AttemptStarted():
            return f"{event.attempt} sat down ({played_by(event.model)})"
        case e.AttemptEnded() if event.outcome != "submitted":
            return f"{event.attempt} ended: {event.outcome}, {event.reason}"
    return ""


def played_by(model: str) -> str:
    """A model's name, without the path of a recording."""
    return "a recording" if model.startswith("cassette:") else model
