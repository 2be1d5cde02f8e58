"""The user's own settings, read once: flags over environment over their file; never anything from a repository."""

import os
import re
import tomllib
from collections.abc import Collection, Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any, Literal

import platformdirs
from pydantic import AfterValidator, Field, ValidationError, field_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict
from pydantic_settings.sources import InitSettingsSource

from milepost.domain.budget import Budget, Caps
from milepost.domain.errors import ConfigError
from milepost.domain.seat import SEATS, Price, Seat, SeatName
from milepost.domain.settings import Settings
from milepost.seats import default_seats, known_keys
from milepost.text import assets

_PREFIX = "MILEPOST_"


def _fits(row: dict[str, Any]) -> dict[str, Any]:
    Seat.model_validate({"model": "any", **row})
    return row


OwnRow = Annotated[dict[str, Any], AfterValidator(_fits)]
"""Some fields of a seat, as the user wrote them."""


class Config(BaseSettings):
    """What the user chose, for every mission of theirs; made by `load`, which turns faults into ConfigError."""

    model_config = SettingsConfigDict(
        env_prefix=_PREFIX, env_nested_delimiter="__", extra="forbid", frozen=True,
    )

    config_dir: Path = Field(default_factory=assets.user_folder)
    state_dir: Path = Field(default_factory=lambda: platformdirs.user_state_path("milepost", appauthor=False))
    seats: dict[SeatName, OwnRow] = {}
    budget: Budget = Budget()
    caps: Caps = Caps()
    prices: dict[str, Price] = {}
    publish: Literal["sealed", "handoff", "never"] = "sealed"
    on_attention: str | None = None
    resume_on_start: Literal["ask", "always"] = "ask"
    distinct_families: bool = False
    unattended: bool = False
    keep_awake: bool = True
    browser: Path | None = None
    """The program to test web applications with; None for the first Chromium that is found."""

    @field_validator("config_dir", "state_dir", "browser")
    @classmethod
    def _whole_path(cls, path: Path | None) -> Path | None:
        return None if path is None else path.expanduser().absolute()

    @classmethod
    def settings_customise_sources(
        cls, settings_cls: type[BaseSettings], init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource, dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Flags, then environment, then the file: no `.env`, which belongs to whatever folder is open."""
        assert isinstance(init_settings, InitSettingsSource)
        flags = dict(init_settings.init_kwargs)
        file = flags.pop("_file", {})
        return InitSettingsSource(settings_cls, flags), env_settings, InitSettingsSource(settings_cls, file)

    def mission_settings(self, keys: Collection[str], *, sandbox: bool = True) -> Settings:
        """What a new mission starts with. Raises ConfigError when a seat has no model."""
        return Settings(
            seats=self.table(keys), budget=self.budget, caps=self.caps, publish=self.publish, sandbox=sandbox,
            unattended=self.unattended, distinct_families=self.distinct_families,
        )

    def table(self, keys: Collection[str]) -> dict[str, Seat]:
        """Every seat: the shipped row for the keys at hand, with the user's own fields over it.

        A row that names a model of its own starts empty. A seat with no row at all sits on the worker's model.
        Raises ConfigError when there is no model for a seat.
        """
        rows = {name: seat.model_dump(exclude_unset=True) for name, seat in default_seats(keys).items()}
        for name, own in self.seats.items():
            rows[name] = own if "model" in own else rows.get(name, {}) | own
        if "model" not in rows.get("worker", {}):
            raise ConfigError(
                f"no model for the seats: expected one of the keys {', '.join(known_keys())} in the environment, "
                f"or seats.worker.model in {str(self.config_dir / 'config.toml')!r}"
            )
        table = {name: rows["worker"] | rows.get(name, {}) if "model" not in rows.get(name, {}) else rows[name]
                 for name in SEATS}
        return {name: self._priced(Seat.model_validate(row)) for name, row in table.items()}

    def _priced(self, seat: Seat) -> Seat:
        price = seat.price or self.prices.get(seat.model)
        return seat.model_copy(update={"price": price}) if price else seat

    def refuse_state_inside(self, workspace: Path) -> None:
        """Raises ConfigError when the state folder lies in the workspace, where an agent could write it."""
        if self.state_dir.resolve().is_relative_to(workspace.resolve()):
            raise ConfigError(
                f"state_dir {str(self.state_dir)!r} lies inside the workspace {str(workspace)!r}; "
                "expected a folder outside of it"
            )


def load(flags: Mapping[str, Any] | None = None) -> Config:
    """The settings of whoever runs this. `flags` nest like the file: `{"budget": {"dollars": 5}}`.

    Raises ConfigError, naming where the setting came from, its name, and what was expected.
    """
    given = {name: value for name, value in (flags or {}).items() if value is not None}
    _refuse_misspelt()
    path = Path(given.get("config_dir") or assets.user_folder()).expanduser() / "config.toml"
    text, file = _read(path)
    try:
        return Config(**(given | {"_file": file}))
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        names = [str(part) for part in first["loc"]] or ["seats"]
        where = _origin(names, given, path, text, file)
        found = "" if first["type"] in ("missing", "extra_forbidden") else f" is {first['input']!r}"
        expected = _expected(first["type"], first["msg"])
        raise ConfigError(f"{where}: setting {'.'.join(names)!r}{found}: {expected}") from error


def _expected(kind: str, message: str) -> str:
    if kind == "extra_forbidden":
        return f"is not known; expected one of {', '.join(sorted(Config.model_fields))}, or a field of theirs"
    return message


def _read(path: Path) -> tuple[str, dict[str, Any]]:
    try:
        text = path.read_text(encoding="utf-8")
        file = tomllib.loads(text)
    except FileNotFoundError:
        return "", {}
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigError(f"{path}: not readable as TOML: {error}") from error
    if "config_dir" in file:
        raise ConfigError(f"{path}: setting 'config_dir' cannot stand in this file; set MILEPOST_CONFIG_DIR instead")
    return text, file


def _refuse_misspelt() -> None:
    """A limit that is silently not read costs money, so a name that is nearly one of ours is refused."""
    ours = [_PREFIX + name.upper() for name in Config.model_fields]
    for name in os.environ:
        head = name.upper().partition("__")[0]
        near = get_close_matches(head, ours, n=1, cutoff=0.8) if head.startswith(_PREFIX) and head not in ours else []
        if near:
            raise ConfigError(f"environment variable {name!r} is not known; expected {near[0]!r}")


def _origin(names: list[str], flags: Mapping[str, Any], path: Path, text: str, file: dict[str, Any]) -> str:
    """Where a wrong value came from: a flag, a variable, or a line of the file."""
    if _holds(flags, names):
        return "command line"
    variables = [_PREFIX + "__".join(names[:depth]).upper() for depth in range(len(names), 0, -1)]
    variable = next((name for name in variables if name in {key.upper() for key in os.environ}), None)
    if variable:
        return f"environment variable {variable}"
    line = _line(text, names) if _holds(file, names[:1]) else None
    return f"{path}:{line}" if line else str(path)


def _holds(data: Any, names: list[str]) -> bool:
    for name in names:
        if not isinstance(data, Mapping) or name not in data:
            return False
        data = data[name]
    return True


def _line(text: str, names: list[str]) -> int | None:
    """The line of a dotted setting in a TOML text, or of the nearest table around it."""
    table: list[str] = []
    best: tuple[int, int] | None = None
    for number, line in enumerate(text.splitlines(), start=1):
        if header := re.match(r"\s*\[+\s*([^\]]+?)\s*\]+", line):
            table = _dotted(header[1])
            here = table
        elif key := re.match(r"\s*([\w.\"'-]+)\s*=", line):
            here = table + _dotted(key[1])
        else:
            continue
        if here == names[: len(here)] and (best is None or len(here) > best[0]):
            best = (len(here), number)
    return best[1] if best else None


def _dotted(key: str) -> list[str]:
    return [part.strip(" \"'") for part in re.findall(r"\"[^\"]*\"|'[^']*'|[^.]+", key)]
