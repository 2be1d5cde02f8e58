"""Proves that a mission's record is whole: its log's chain, what its commits remember of it, and its blobs (D24)."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from milepost.domain.errors import LogCorrupt, WorkspaceError
from milepost.domain.events import MissionCreated
from milepost.domain.shape import Shape
from milepost.log.blobs import Blobs
from milepost.log.chain import Anchor
from milepost.log.folder import MissionFolder
from milepost.log.store import EventLog
from milepost.workspace.commits import CommitInfo
from milepost.workspace.repository import Repository
from milepost.workspace.worktree import Worktree

TRAILER = "Milepost-Log"
BLOB_FIELDS = frozenset({"output", "blob", "prompt", "images", "script"})
"""Fields of events that name blobs."""


class Proof(Shape):
    """What was looked at, and the first thing that is wrong."""

    mission: str
    events: int = 0
    anchors: int = 0
    """Commits that remember a place in the log."""
    blobs: int = 0
    seq: int | None = None
    """The first event that was tampered with or is missing."""
    problems: list[str] = []

    @property
    def sound(self) -> bool:
        """Whether everything is as it was written."""
        return not self.problems


async def prove(folder: MissionFolder) -> Proof:
    """Look at everything; what is wrong is in the answer, not raised."""
    proof = Proof(mission=folder.mission)
    try:
        async with await EventLog.open(folder.root, folder.mission, write=False) as log:
            anchors = await anchors_of(folder, log)
            proof = proof.model_copy(update={"events": log.last_seq, "anchors": len(anchors)})
            await log.verify(anchors)
            named = set(blobs_named(r.event.model_dump() for r in await log.records()))
    except LogCorrupt as error:
        return proof.model_copy(update={"seq": error.seq, "problems": [str(error)]})
    return proof.model_copy(update={"blobs": len(named), "problems": blob_problems(folder, named)})


async def anchors_of(folder: MissionFolder, log: EventLog) -> list[Anchor]:
    """Places in the log that the mission's commits remember; also of commits that a cut log no longer knows."""
    created = [r.event for r in await log.records(limit=1) if isinstance(r.event, MissionCreated)]
    if not created:
        return []
    repository, tree = Repository(folder.repository), folder.tree
    if created[0].mode == "in_place":
        tree = Path(created[0].repository)
    commits: dict[str, CommitInfo] = {}
    for end in [*await ends(folder, repository, log), *standing(repository, tree)]:
        if await repository.exists(end):
            commits |= {c.commit: c for c in await repository.log(created[0].base, end)}
    mine = [c for c in commits.values() if folder.mission in c.trailers.get("Mission", [])]
    return [anchor for c in mine for text in c.trailers.get(TRAILER, []) if (anchor := anchor_in(text)) is not None]


async def ends(folder: MissionFolder, repository: Repository, log: EventLog) -> set[str]:
    """Every commit the mission reached by its log, and by what was published."""
    found = {getattr(r.event, "commit", None) for r in await log.facts()}
    for stage in ("published", "publishing"):
        found.add(await repository.resolve(f"refs/{stage}/{folder.mission}"))
    return {commit for commit in found if commit}


def standing(repository: Repository, tree: Path) -> list[str]:
    """The commit its work tree stands on, where it stands on one."""
    try:
        head = Worktree(repository, tree).head
    except WorkspaceError:
        return []
    return [head] if head else []


def anchor_in(text: str) -> Anchor | None:
    """The place in the log that a trailer names."""
    seq, _, sha = text.partition(":")
    return (int(seq), sha) if seq.isdigit() and sha and int(seq) > 0 else None


def blobs_named(bodies: Iterable[dict[str, Any]]) -> Iterator[str]:
    """The hashes that events name."""
    for body in bodies:
        yield from hashes(body)


def hashes(value: Any, name: str = "") -> Iterator[str]:
    """The hashes below one value of an event."""
    if isinstance(value, dict):
        for key, below in value.items():
            if key not in ("arguments", "reply"):
                yield from hashes(below, key)
    elif isinstance(value, list):
        for below in value:
            yield from hashes(below, name)
    elif name in BLOB_FIELDS and isinstance(value, str) and len(value) == 64:
        yield value


def blob_problems(folder: MissionFolder, named: set[str]) -> list[str]:
    """Blobs that were changed, and blobs that events name and that are gone."""
    blobs = Blobs(folder.blobs)
    changed = [f"blob {sha[:12]} at {str(blobs.path(sha))!r} was changed after it was written" for sha in blobs.verify()
               if is_hash(sha)]
    gone = [f"blob {sha[:12]} is missing: expected it at {str(blobs.path(sha))!r}" for sha in sorted(named)
            if is_hash(sha) and not blobs.path(sha).exists()]
    return changed + gone


def is_hash(name: str) -> bool:
    """Whether a name is that of a blob."""
    return len(name) == 64 and all(c in "0123456789abcdef" for c in name)
