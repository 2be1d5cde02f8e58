"""A recorded mission: what every model said, what the user ordered, and the outline it came to."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from milepost.domain.errors import ConfigError
from milepost.domain.mission import Mission
from milepost.domain.record import Record
from milepost.report.cassette import LIMITS, cassette_lines, milestones_of, orders

FORMAT = 1


@dataclass(frozen=True, slots=True)
class Recording:
    """Everything a replay needs but the repository it begins with."""

    goal: str
    slug: str
    mode: str
    seats: dict[str, dict[str, Any]]
    """Limits of each seat, without its model."""
    lines: tuple[str, ...]
    """A cassette: one reply a line, by attempt and turn."""
    orders: tuple[dict[str, Any], ...]
    outline: tuple[tuple[str, ...], ...]
    """What it came to: trees at each feature's end, verdicts, rounds, seals, the end (D22)."""

    @classmethod
    def of(cls, mission: Mission, records: Sequence[Record]) -> "Recording":
        """The recording of a mission from its whole log."""
        limits = {*LIMITS, "max_minutes"}
        seats = {n: s.model_dump(include=limits) for n, s in mission.settings.seats.items()}
        return cls(
            mission.goal, mission.slug, mission.mode, seats, tuple(cassette_lines(records)), tuple(orders(records)),
            tuple(tuple(str(part) for part in row) for row in milestones_of(records)),
        )

    def save(self, folder: Path) -> None:
        """Write `mission.json` and `cassette.jsonl`."""
        folder.mkdir(parents=True, exist_ok=True)
        head = {
            "format": FORMAT, "goal": self.goal, "slug": self.slug, "mode": self.mode, "seats": self.seats,
            "orders": list(self.orders), "outline": [list(row) for row in self.outline],
        }
        (folder / "mission.json").write_text(json.dumps(head, indent=1, ensure_ascii=False) + "\n")
        (folder / "cassette.jsonl").write_text("".join(f"{line}\n" for line in self.lines))

    @classmethod
    def load(cls, folder: Path) -> "Recording":
        """Read what `save` wrote. Raises ConfigError where it is not that."""
        try:
            head = json.loads((folder / "mission.json").read_text())
            lines = (folder / "cassette.jsonl").read_text().splitlines()
            return cls(
                head["goal"], head["slug"], head["mode"], head["seats"], tuple(lines), tuple(head["orders"]),
                tuple(tuple(row) for row in head["outline"]),
            )
        except (OSError, ValueError, KeyError) as error:
            raise ConfigError(
                f"{str(folder)!r} holds no recorded mission ({error}); expected mission.json and cassette.jsonl"
            ) from error
