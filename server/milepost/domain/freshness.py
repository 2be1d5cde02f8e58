"""What a change of the product does to verdicts: those that rested on it are stale from then on (D12)."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from fnmatch import fnmatchcase

from milepost.domain.events import VerdictGiven
from milepost.domain.mission import AssertionState, Mission
from milepost.domain.services import Manifest, Paths

TEST_WORDS = ("test", "spec", "e2e", "snapshot")
"""In the path of whatever is a test by custom: a test is never inert, wherever it lies."""
WILD = frozenset("*?[!")


def moved(mission: Mission, paths: Iterable[str] | None, seq: int) -> Mission:
    """The mission after these paths changed (None: any), with what they touch stale; inert paths touch nothing."""
    globs = mission.manifest.paths if mission.manifest else Paths(inert=[])
    changed = None if paths is None else [p for p in paths if not is_inert(globs, p)]
    if changed is not None and not changed:
        return mission
    states = {
        i: replace(s, stale=True) if s.verdict is not None and touches(s.verdict, changed) else s
        for i, s in mission.assertions.items()
    }
    return replace(mission, assertions=kept(mission, states), moved_seq=seq)


def kept(mission: Mission, states: Mapping[str, AssertionState]) -> dict[str, AssertionState]:
    """The new states, except of what was waived or removed: there is nothing left of it to go stale."""
    old = mission.assertions
    return {i: old[i] if old[i].status in ("waived", "removed") else s for i, s in states.items()}


def touches(verdict: VerdictGiven, paths: list[str] | None) -> bool:
    """Whether a verdict rests on one of these paths, or on a folder that one of them lies in."""
    opened = verdict.depends.paths
    if paths is None or opened is None:
        return True
    folders = {folder(p) for p in opened}
    return any(p in opened or folder(p) in folders for p in paths)


def folder(path: str) -> str:
    """The folder a path lies in."""
    return path.rpartition("/")[0]


def is_inert(globs: Paths, path: str) -> bool:
    """Whether no verdict depends on a path, by plain globs: `docs/**`, `*.md`, `a/b.txt`; others are not read here.

    What is not surely inert counts: a verdict too many is given again, and one too few is a hole.
    """
    if any(word in path.lower() for word in TEST_WORDS):
        return False
    other = any(fnmatchcase(path, f"*{g.replace('**/', '').strip('/')}*") for g in (*globs.tests, *globs.generated))
    return not other and any(plainly(g, path) for g in globs.inert)


def plainly(glob: str, path: str) -> bool:
    """Whether a glob of one of three plain forms matches."""
    if glob.endswith("/**") and not WILD & set(glob[:-3]):
        return path.startswith(glob.removesuffix("**").removeprefix("/"))
    if glob.startswith("*.") and not WILD & set(glob[2:]) and "/" not in glob:
        return path.endswith(glob[1:])
    return path == glob and not WILD & set(glob)


def refurnished(mission: Mission, new: Manifest) -> dict[str, AssertionState]:
    """States after a new manifest: what a tester saw on other services or dependencies is stale."""
    old = mission.manifest
    if old is None or (old.services, old.env) == (new.services, new.env):
        return dict(mission.assertions)
    used = {a.id for a in mission.contract if a.needs_tester}
    states = {
        i: replace(s, stale=True) if i in used and s.verdict is not None else s for i, s in mission.assertions.items()
    }
    return kept(mission, states)
