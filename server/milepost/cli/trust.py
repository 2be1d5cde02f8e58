"""Which repositories the user trusts: nothing of any other is read, run or changed (D25, S01)."""

import json
import time
from pathlib import Path
from typing import Any

from milepost.app import RepositoryFacts
from milepost.cli import screen
from milepost.domain.errors import ConfigError, Refused

FILE = "trusted.json"


class Trust:
    """The list of trusted repositories, by the real path of their common git directory."""

    def __init__(self, state_dir: Path) -> None:
        self.path = state_dir / FILE

    def read(self) -> dict[str, dict[str, Any]]:
        """Path to key and time. Raises ConfigError where the file is not ours."""
        try:
            found = json.loads(self.path.read_text())
            return {str(path): {"key": str(row["key"]), "at": float(row["at"])} for path, row in found.items()}
        except FileNotFoundError:
            return {}
        except (ValueError, AttributeError, KeyError, TypeError) as error:
            place = str(self.path)
            raise ConfigError(f"{place!r} is damaged ({error}): delete it, and trust your repositories anew") from error

    def holds(self, facts: RepositoryFacts) -> bool:
        """Whether this repository is trusted."""
        return facts.common_dir is not None and str(facts.common_dir.resolve()) in self.read()

    def holds_key(self, key: str) -> bool:
        """Whether the repository of that key is trusted."""
        return any(row["key"] == key for row in self.read().values())

    def add(self, facts: RepositoryFacts) -> str:
        """Trust a repository; its path. Raises Refused where the folder is in none."""
        path = place(facts)
        self.write(self.read() | {path: {"key": facts.key, "at": time.time()}})
        return path

    def revoke(self, facts: RepositoryFacts) -> str:
        """Trust a repository no more. Raises Refused where it was not trusted."""
        path, known = place(facts), self.read()
        if path not in known:
            raise Refused(f"{path!r} is not trusted; there is nothing to revoke")
        self.write({name: row for name, row in known.items() if name != path})
        return path

    def write(self, rows: dict[str, dict[str, Any]]) -> None:
        """Replace the list whole."""
        self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        part = self.path.with_suffix(".part")
        part.touch(mode=0o600)
        part.write_text(json.dumps(rows, indent=2) + "\n")
        part.replace(self.path)


def place(facts: RepositoryFacts) -> str:
    """The real path of the common git directory. Raises Refused where there is none."""
    if facts.common_dir is None:
        raise Refused(f"{str(facts.top)!r} is not in a git repository")
    return str(facts.common_dir.resolve())


def expect_trust(trust: Trust, facts: RepositoryFacts, *, given: bool) -> None:
    """Let a trusted repository pass; ask once at a terminal, elsewhere `--trust` says it.

    Raises Refused where the answer is no.
    """
    if facts.common_dir is None or trust.holds(facts):
        return
    if not given:
        ask_for(facts)
    trust.add(facts)


def ask_for(facts: RepositoryFacts) -> None:
    """Ask whether to trust. Raises Refused."""
    if not screen.is_terminal():
        raise Refused(
            f"{str(facts.top)!r} is not trusted yet: a mission runs its code and its tests. Look at it first, then say "
            "--trust, or `milepost trust`"
        )
    screen.say(f"{facts.top} is not trusted yet. A mission reads what is in it and runs its tests, inside the sandbox.")
    if not screen.confirm("Do you trust it?"):
        raise Refused(f"{str(facts.top)!r} is not trusted, so nothing was started")


def expect_key(trust: Trust, key: str) -> None:
    """Raise Refused where the repository of a mission is not trusted (any more)."""
    if not trust.holds_key(key):
        raise Refused(f"the repository {key!r} is not trusted (any more): `milepost trust` in it, then try again")
