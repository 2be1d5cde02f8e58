"""Takes one feature back: its range of commits is undone by one commit on top, and it is to be built anew."""

from milepost.domain.decide import decide
from milepost.domain.errors import Refused
from milepost.domain.mission import Mission
from milepost.domain.orders import RevertFeature
from milepost.log.inbox import new_id
from milepost.runner.edits import notice_edits, trailers
from milepost.runner.office import Office
from milepost.workspace.commits import CommitInfo, compose, make_commit


async def take_back(office: Office, feature: str) -> CommitInfo:
    """Undo what a feature's commits changed, later features left as they are.

    Raises Refused where it has no range or somebody works in the tree; WorkspaceError where later work stands on it.
    """
    expect_range(office.mission, feature)
    await notice_edits(office)
    mission, repository = office.mission, office.workshop.repository
    state = mission.features[feature]
    tree = await repository.tree_of(mission.head)
    # Commit by commit: between those of a feature that was reopened lie the commits of others.
    for own in reversed(state.commits):
        tree = await repository.revert_range(await repository.parent_of(own) or mission.base, own, tree)
    if tree == await repository.tree_of(mission.head):
        raise Refused(f"{feature} left nothing in the tree that could be taken back")
    planned = mission.feature(feature)
    title = f"Take back {feature}: {planned.title}" if planned else f"Take back {feature}"
    owned = list(planned.fulfills) if planned else []
    text = compose(title, trailers(office, Feature=feature, Assertion=owned))
    commit = await make_commit(repository.git.durable(), tree, (mission.head,), text, at=office.clock())
    await office.workshop.worktree.checkout(commit)
    made = await repository.commit_info(commit)
    order = RevertFeature(feature=feature, commit=commit, tree=tree, parent=mission.head, paths=made.paths)
    await office.log.decide(lambda m: decide(m, order), by="user", order=new_id(office.clock))
    office.project(office.mission)
    return made


def expect_range(mission: Mission, feature: str) -> None:
    """Raise Refused where the feature cannot be taken back now, before anything is tried."""
    decide(mission, RevertFeature(feature=feature, commit="none yet", tree="none yet", parent=mission.head))
    at_work = [a.started.attempt for a in mission.open_attempts if a.started.seat == "worker"]
    if at_work:
        raise Refused(
            f"{', '.join(at_work)} works in the tree: `milepost interrupt` ends the attempt, then take {feature} back"
        )
