"""Why a line, a commit or an assertion is as it is: the whole story, from the log and the private repository."""

import re
from collections.abc import Iterator, Sequence
from pathlib import PurePosixPath

from milepost.domain import events as e
from milepost.domain.errors import Refused, WorkspaceError
from milepost.domain.mission import Mission
from milepost.domain.record import Record
from milepost.domain.shape import Shape
from milepost.workspace.commits import CommitInfo
from milepost.workspace.repository import Repository

ASSERTION = re.compile(r"[A-Z][A-Z0-9]{1,9}-\d{3,4}$")
LINE = re.compile(r"(?P<path>.+):(?P<line>\d+)$")
COMMIT = re.compile(r"[0-9a-f]{4,64}$")


class Change(Shape):
    """A commit of the mission."""

    commit: str
    subject: str
    attempt: str = ""
    paths: list[str] = []


class Judged(Shape):
    """One thing that was said of an assertion, by whom, on which evidence."""

    at: float
    outcome: str
    milestone: str = ""
    round: int | None = None
    by: str = ""
    note: str = ""
    evidence: list[str] = []


class Served(Shape):
    """An assertion, how it stands, and all that was said of it."""

    id: str
    title: str
    status: str
    check: str = ""
    history: list[Judged] = []


class Story(Shape):
    """What is known of one line, commit or assertion."""

    asked: str
    text: str = ""
    """The line itself."""
    before: str = ""
    """Where it was there before the mission: the commit that brought it."""
    change: Change | None = None
    feature: str = ""
    feature_title: str = ""
    status: str = ""
    attempts: list[str] = []
    handoff: str = ""
    commits: list[Change] = []
    assertions: list[Served] = []
    items: list[str] = []


async def why(asked: str, mission: Mission, repository: Repository, facts: Sequence[Record]) -> Story:
    """The story of an assertion, of `FILE:LINE` at the newest commit, or of a commit.

    Raises Refused where nothing of that name is known.
    """
    if asked.upper() in mission.assertions:
        return of_assertion(asked.upper(), mission, facts)
    if ASSERTION.match(asked):
        raise Refused(f"{asked!r} is not in the contract; it has {', '.join(mission.live[:30]) or 'no assertion yet'}")
    if found := LINE.match(asked):
        return await of_line(asked, found["path"], int(found["line"]), mission, repository, facts)
    if COMMIT.match(asked):
        return await of_commit(asked, mission, repository, facts)
    raise Refused(f"{asked!r} is neither FILE:LINE, nor an assertion such as AUTH-003, nor a commit")


def of_assertion(asked: str, mission: Mission, facts: Sequence[Record]) -> Story:
    """Its owner, and all that was said of it."""
    owner = mission.owner(asked)
    story = Story(asked=asked, assertions=[served(asked, mission, facts)], items=items_about({asked}, mission))
    return with_feature(story, owner.id, mission, facts) if owner else story


async def of_line(
    asked: str, path: str, line: int, mission: Mission, repository: Repository, facts: Sequence[Record]
) -> Story:
    """The commit that wrote the line, and its story."""
    name = PurePosixPath(path).as_posix()
    try:
        reply = await repository.git.run("blame", "--porcelain", f"-L{line},{line}", mission.head, "--", name)
    except WorkspaceError as error:
        raise Refused(f"{name!r} has no line {line} at the mission's newest commit {mission.head[:10]}") from error
    rows = reply.out.decode(errors="replace").splitlines()
    commit, text = rows[0].split(" ")[0], next((r[1:] for r in rows if r.startswith("\t")), "")
    story = await of_commit(commit, mission, repository, facts)
    return story.model_copy(update={"asked": asked, "text": text})


async def of_commit(asked: str, mission: Mission, repository: Repository, facts: Sequence[Record]) -> Story:
    """The feature a commit belongs to, and what that serves."""
    reply = await repository.git.run("rev-parse", "--verify", "--quiet", f"{asked}^{{commit}}", ok=(0, 1, 128))
    if reply.code:
        raise Refused(f"{asked!r} is no commit of this mission; `milepost report` lists them")
    info = await repository.commit_info(reply.text)
    if mission.id not in info.trailers.get("Mission", []):
        return Story(asked=asked, before=f"{info.commit[:10]} {info.subject}")
    story = Story(asked=asked, change=change(info, facts))
    feature = next(iter(info.trailers.get("Feature", [])), "")
    named = [a for a in info.trailers.get("Assertion", []) if a in mission.assertions]
    story = story.model_copy(update={
        "assertions": [served(a, mission, facts) for a in named], "items": items_about({feature, *named}, mission),
    })
    return with_feature(story, feature, mission, facts)


def with_feature(story: Story, feature: str, mission: Mission, facts: Sequence[Record]) -> Story:
    """The story with its feature: attempts, handoff and commits."""
    planned, state = mission.feature(feature), mission.features.get(feature)
    if planned is None or state is None:
        return story
    made = [Change(commit=r.event.commit, subject="", attempt=r.attempt or "", paths=r.event.paths) for r in facts
            if isinstance(r.event, e.CommitMade) and r.event.feature == feature]
    sat = [f"{name}: {a.outcome or 'at work'}" for name, a in mission.attempts.items()
           if (a.started.seat, a.started.subject) == ("worker", feature)]
    left = f"{state.handoff.outcome}: {state.handoff.summary}" if state.handoff else ""
    return story.model_copy(update={
        "feature": feature, "feature_title": planned.title, "status": state.status, "attempts": sat, "handoff": left,
        "commits": made,
    })


def change(info: CommitInfo, facts: Sequence[Record]) -> Change:
    """A commit, and the attempt that made it."""
    made = (r for r in facts if isinstance(r.event, e.CommitMade) and r.event.commit == info.commit)
    return Change(
        commit=info.commit, subject=info.subject, attempt=next((r.attempt or "" for r in made), ""), paths=info.paths
    )


def served(assertion: str, mission: Mission, facts: Sequence[Record]) -> Served:
    """An assertion and everything that was said of it."""
    found, state = mission.contract.get(assertion), mission.assertions[assertion]
    return Served(
        id=assertion, title=found.title if found else "", check=found.check if found else "",
        status=f"{state.status}, stale" if state.stale else state.status, history=list(judged(assertion, facts)),
    )


def judged(assertion: str, facts: Sequence[Record]) -> Iterator[Judged]:
    """What was said of an assertion, oldest first."""
    for record in facts:
        event = record.event
        match event:
            case e.BaseExamined():
                for check in (c for c in event.checks if c.assertion == assertion):
                    yield Judged(at=record.at, outcome=f"{check.result} on the base", by="engine")
            case e.GateFinished() if event.gate == f"check:{assertion}":
                yield Judged(
                    at=record.at, outcome=f"check {event.outcome}", milestone=event.milestone or "", round=event.round,
                    by="engine", note=event.text,
                )
            case e.VerdictGiven() if event.assertion == assertion:
                yield Judged(
                    at=record.at, outcome=event.outcome, milestone=event.milestone or "", round=event.round,
                    by=record.by, note=event.note, evidence=event.evidence,
                )
            case e.VerdictsExpired() if assertion in event.assertions:
                yield Judged(at=record.at, outcome="stale", by=record.by, note=event.because)
            case e.AssertionWaived() if event.assertion == assertion:
                yield Judged(at=record.at, outcome="waived", by=record.by, note=event.reason)


def items_about(names: set[str], mission: Mission) -> list[str]:
    """The items about these, each with what was decided."""
    found = [i for i in mission.items.values() if i.opened.about in names and i.opened.about]
    return [f"{i.id} {i.opened.type}: {i.opened.text} → {outcome}" for i in found
            for outcome in [f"{i.decision}{f' ({i.reason})' if i.reason else ''}" if i.decision else "open"]]
