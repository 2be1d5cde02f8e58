"""Keeps the mission's branch in the user's repository where the setting wants it: that ref and nothing else (D5)."""

from milepost.domain import events as e
from milepost.domain.errors import Refused, WorkspaceError
from milepost.domain.mission import Item, Mission
from milepost.domain.record import Fact
from milepost.runner.office import Office
from milepost.workspace.publish import publish

ABOUT = "publish"
"""What an item is about that tells the user why their branch stands still."""


async def publish_due(office: Office) -> None:
    """Publish what is due, also where a runner died before it could; where it cannot be done the user is told."""
    mission, repository = office.mission, office.workshop.repository
    commit = due(mission)
    if commit is None:
        return
    try:
        shown = await repository.resolve(f"refs/published/{mission.slug}")
        if shown is not None and await repository.is_ancestor(commit, shown):
            return
        await publish(repository, office.source(), mission.branch, commit)
    except (Refused, WorkspaceError) as error:
        reason = str(error)
        await office.log.decide(lambda m: told(m, reason), by="engine")
    else:
        await office.log.decide(mended, by="engine")


def due(mission: Mission) -> str | None:
    """The commit the branch should have come to; None while nothing is to be shown."""
    if mission.settings.publish == "never" or mission.head == mission.base:
        return None
    if mission.phase == "completed" or (mission.settings.publish == "handoff" and rests(mission)):
        return mission.head
    sealed = [s.commit for s in mission.milestones.values() if s.status == "sealed" and s.commit]
    return sealed[-1] if sealed else None


def rests(mission: Mission) -> bool:
    """Whether nobody is at work in the tree, and every handoff was audited."""
    at_work = any(a.started.seat == "worker" for a in mission.open_attempts)
    return not at_work and all(s.audited for s in mission.features.values() if s.handoff is not None)


def told(mission: Mission, reason: str) -> list[Fact]:
    """An item that says why the branch was not published; it blocks nothing, and there is one at a time."""
    if any(i.opened.text == reason for i in waiting(mission)):
        return []
    opened = e.ItemOpened(
        item=mission.next_item(), type="stuck", owner="user", blocks="none", about=ABOUT, severity="non_blocking",
        text=reason,
    )
    return [*mended(mission), opened]


def mended(mission: Mission) -> list[Fact]:
    """What the user was told before is no longer so."""
    why = "the branch is published, or something else is in its way"
    return [e.ItemResolved(item=i.id, decision="mended", reason=why) for i in waiting(mission)]


def waiting(mission: Mission) -> list[Item]:
    """What the user was told of the branch and that still stands."""
    return [i for i in mission.attention if i.opened.about == ABOUT]
