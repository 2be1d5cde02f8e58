"""`commit`: the one way into the mission's history; settled by the tree, so that a crash never makes two of one."""

from milepost.agent.desk import Desk
from milepost.agent.tool import Shown, Tool
from milepost.agent.tools.seated import WORKER
from milepost.domain.errors import ToolError, WorkspaceError
from milepost.domain.events import CommitMade
from milepost.domain.mission import Mission
from milepost.domain.shape import RelativePath, Shape, Text
from milepost.workspace.commits import CommitInfo
from milepost.workspace.worktree import Worktree


class Commit(Shape):
    """Arguments of commit."""

    message: Text
    paths: list[RelativePath] = []
    """Files over 1 MB that are meant."""


async def run(desk: Desk, args: Commit) -> Shown:
    """Commit what changed and record it."""
    worktree = tree_of(desk)
    made = await unrecorded(desk, worktree)
    if made is None:
        made = await worktree.commit(
            args.message, trailers(desk), parent=desk.mission.head, at=desk.clock(), paths=args.paths
        )
    done = CommitMade(
        feature=desk.subject, commit=made.commit, tree=made.tree, parent=made.parent or "", paths=made.paths
    )
    await desk.log.record(done, by=desk.attempt, attempt=desk.attempt)
    if desk.mission.mode == "worktree":
        await worktree.agent_git()
    listed = "\n".join(made.paths[:50]) + (f"\nand {len(made.paths) - 50} more" if len(made.paths) > 50 else "")
    return Shown(f"committed {made.subject!r}:\n{listed}")


def tree_of(desk: Desk) -> Worktree:
    """The worktree of the seat that may write."""
    if desk.worktree is None:
        raise ToolError("this seat has no tree to commit; only workers write")
    return desk.worktree


async def unrecorded(desk: Desk, worktree: Worktree) -> CommitInfo | None:
    """A commit that was made, but not recorded before the engine stopped; None where the tree stands on the log's head.

    Raises WorkspaceError where it stands anywhere else.
    """
    head = desk.mission.head
    if worktree.head == head:
        return None
    made = await desk.repository.commit_info(worktree.head) if worktree.head else None
    if made is None or made.parent != head or made.trailers.get("Mission") != [desk.mission.id]:
        raise WorkspaceError(f"the tree stands on {worktree.head!r} and the log on {head!r}; start the mission again")
    return made


def trailers(desk: Desk) -> dict[str, str | list[str]]:
    """What a commit says of the mission, the feature, its assertions and the log (D24)."""
    seq, tip = desk.log.tip()
    served = serves(desk.mission, desk.subject)
    return {
        "Mission": desk.mission.id, "Feature": desk.subject, "Assertion": served, "Milepost-Log": f"{seq}:{tip}",
    }


def serves(mission: Mission, feature_id: str) -> list[str]:
    """The assertions a feature makes true: its own, or for a fix those its items are about (D3)."""
    feature = mission.feature(feature_id)
    if feature is None:
        return []
    found = list(feature.fulfills)
    for item in (mission.items[i] for i in feature.fixes if i in mission.items):
        about = item.opened.about
        owner = mission.feature(about)
        found += [about] if about in mission.assertions else owner.fulfills if owner else []
    return list(dict.fromkeys(found))


COMMIT = Tool("commit", Commit, run, seats=WORKER, repeatable=True)
