"""`show_diff` and `show_commit`: what was changed, named by feature and milestone, never by commit id (D9b)."""

from typing import Annotated

from pydantic import Field

from milepost.agent.desk import Desk
from milepost.agent.tool import Shown, Tool
from milepost.agent.tools.seated import BLIND, READERS
from milepost.domain.errors import ToolError
from milepost.domain.mission import Mission
from milepost.domain.shape import FeatureId, MilestoneId, RelativePath, Shape

SHOWN_BYTES = 32_000


class ShowDiff(Shape):
    """Arguments of show_diff."""

    feature: FeatureId | None = None
    milestone: MilestoneId | None = None
    path: RelativePath | None = None


class ShowCommit(Shape):
    """Arguments of show_commit."""

    feature: FeatureId
    number: Annotated[int, Field(ge=1)] = 1
    """1 is its first commit."""


async def show_diff(desk: Desk, args: ShowDiff) -> Shown:
    """The change of a feature, a milestone or the whole mission."""
    if args.feature and args.milestone:
        raise ToolError("name a feature or a milestone, not both")
    paths = [args.path] if args.path else []
    if args.feature:
        return Shown(await feature_diff(desk, args.feature, paths))
    start, end = milestone_range(desk.mission, args.milestone)
    return Shown(await desk.repository.diff(start, end, paths, max_bytes=SHOWN_BYTES) or "no change")


async def feature_diff(desk: Desk, feature: str, paths: list[str]) -> str:
    """What the commits of a feature changed; one by one where others' work lies between them."""
    commits = commits_of(desk.mission, feature)
    if not commits:
        return f"{feature} has no commit yet"
    start, repository = desk.mission.features[feature].start, desk.repository
    between = [c.commit for c in await repository.log(start, commits[-1])]
    if between == list(commits):
        return await repository.diff(start, commits[-1], paths, max_bytes=SHOWN_BYTES) or "no change"
    parts = []
    for number, commit in enumerate(commits, start=1):
        parent = await repository.parent_of(commit)
        patch = await repository.diff(parent or commit, commit, paths, max_bytes=SHOWN_BYTES // len(commits))
        parts += [f"# commit {number} of {feature}\n{patch}"] if patch else []
    return "\n".join(parts) or "no change"


def commits_of(mission: Mission, feature: str) -> tuple[str, ...]:
    """The commits of a feature.

    Raises ToolError for a feature that does not exist.
    """
    state = mission.features.get(feature)
    if state is None:
        raise ToolError(f"there is no feature {feature!r}; the plan has {', '.join(mission.features) or 'none'}")
    return state.commits


def milestone_range(mission: Mission, milestone: str | None) -> tuple[str, str]:
    """The commits between which a milestone was worked on, or without one the whole mission.

    Raises ToolError for one that does not exist.
    """
    start = mission.base
    if milestone is None:
        return start, mission.head
    for name, state in mission.milestones.items():
        if name == milestone:
            return start, state.commit or mission.head
        start = state.commit or start
    raise ToolError(f"there is no milestone {milestone!r}; the plan has {', '.join(mission.milestones) or 'none'}")


async def show_commit(desk: Desk, args: ShowCommit) -> Shown:
    """One commit of a feature: message, paths and diff."""
    commits = commits_of(desk.mission, args.feature)
    if args.number > len(commits):
        raise ToolError(f"{args.feature} has {len(commits)} commits; there is no number {args.number}")
    info = await desk.repository.commit_info(commits[args.number - 1])
    patch = await desk.repository.diff(info.parent or info.commit, info.commit, max_bytes=SHOWN_BYTES)
    head = f"commit {args.number} of {len(commits)} of {args.feature}"
    # A message is the worker's prose, which these seats are not told (D18e).
    message = [] if desk.seat in BLIND else [info.subject]
    return Shown("\n".join([head, *message, f"paths: {', '.join(info.paths)}", patch]))


SHOW_DIFF = Tool("show_diff", ShowDiff, show_diff, seats=READERS, reads_only=True)
SHOW_COMMIT = Tool("show_commit", ShowCommit, show_commit, seats=READERS, reads_only=True)
