"""Which repositories the user trusts: a file in the state folder, which no repository can write (D25, S01)."""

import json
import time
from pathlib import Path
from typing import Any

from milepost.domain.errors import ConfigError

FILE = "trusted.json"


class TrustList:
    """The trusted repositories, by the real path of their common git directory."""

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

    def holds_key(self, key: str) -> bool:
        """Whether the repository of that key is trusted."""
        return any(row["key"] == key for row in self.read().values())

    def put(self, path: str, key: str) -> None:
        """Trust the repository of that key, whose common git directory is there."""
        self.write(self.read() | {path: {"key": key, "at": time.time()}})

    def write(self, rows: dict[str, dict[str, Any]]) -> None:
        """Replace the list whole."""
        self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        part = self.path.with_suffix(".part")
        part.touch(mode=0o600)
        part.write_text(json.dumps(rows, indent=2) + "\n")
        part.replace(self.path)
