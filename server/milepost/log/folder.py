"""Where the things of one mission lie, under the state folder and outside every workspace."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class MissionFolder:
    """The folder of one mission: `<state>/missions/<repository>/<mission>/`."""

    root: Path

    @property
    def mission(self) -> str:
        """The mission's id."""
        return self.root.name

    @property
    def database(self) -> Path:
        """The log."""
        return self.root / "mission.db"

    @property
    def blobs(self) -> Path:
        """Large payloads by their hash."""
        return self.root / "blobs"

    @property
    def repository(self) -> Path:
        """The private bare clone."""
        return self.root / "repo.git"

    @property
    def tree(self) -> Path:
        """The mission's work tree, unless it works in place."""
        return self.root / "tree"

    @property
    def checks(self) -> Path:
        """Check files as the orchestrator wrote them."""
        return self.root / "checks"

    @property
    def docs(self) -> Path:
        """Projections for people: brief, contract, plan, handoffs, report."""
        return self.root / "docs"

    @property
    def scratch(self) -> Path:
        """Checkouts of validators and gates, thrown away after use."""
        return self.root / "scratch"

    @property
    def logs(self) -> Path:
        """Output of services and background commands."""
        return self.root / "logs"

    @property
    def skills(self) -> Path:
        """Skills the orchestrator wrote for this mission."""
        return self.root / "skills"

    @property
    def runner_log(self) -> Path:
        """What the detached runner printed."""
        return self.root / "runner.log"

    def make(self) -> "MissionFolder":
        """The folder with its parts, readable by its owner only."""
        self.root.mkdir(parents=True, exist_ok=True, mode=0o700)
        for part in (self.blobs, self.checks, self.docs, self.scratch, self.logs, self.skills, self.root / "inbox"):
            part.mkdir(exist_ok=True, mode=0o700)
        return self


def missions(state: Path) -> list[MissionFolder]:
    """Every mission of a state folder, newest first."""
    found = [p.parent for p in (state / "missions").glob("*/*/mission.db")]
    return [MissionFolder(p) for p in sorted(found, key=lambda p: p.name, reverse=True)]
