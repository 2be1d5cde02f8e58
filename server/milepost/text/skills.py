"""Skills: folders with a SKILL.md that tell a seat how to do one kind of work."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import yaml

from milepost.domain.errors import ConfigError, ToolError
from milepost.text import assets

Source = Literal["mission", "user", "repository", "shipped"]
REPOSITORY_FOLDERS = (".agents/skills", ".claude/skills")
_NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_FRONT = re.compile(r"\A---[ \t]*\n(.*?\n)---[ \t]*\n(.*)\Z", re.DOTALL)


@dataclass(frozen=True)
class Skill:
    """One way of working: its name, when to use it, and the text itself."""

    name: str
    description: str
    body: str
    source: Source
    folder: Path | None = None

    def read(self, file: str) -> str:
        """Another file of the skill. Raises ToolError when there is none inside its folder."""
        if self.folder is None:
            raise ToolError(f"skill {self.name!r} has no files beside its text")
        path = (self.folder / file).resolve()
        if not path.is_relative_to(self.folder.resolve()) or not path.is_file():
            raise ToolError(f"skill {self.name!r} has no file {file!r}; expected one of {self._files()}")
        return path.read_text(encoding="utf-8", errors="replace")

    def _files(self) -> str:
        assert self.folder is not None
        files = sorted(p.relative_to(self.folder).as_posix() for p in self.folder.rglob("*") if p.is_file())
        return ", ".join(files)


class Skills:
    """All skills a mission may use; where two share a name, the one from the source given first counts."""

    def __init__(self, *sources: Iterable[Skill], warnings: Iterable[str] = ()) -> None:
        self._by_name: dict[str, Skill] = {}
        self.warnings = list(warnings)
        for skill in (skill for source in sources for skill in source):
            first = self._by_name.setdefault(skill.name, skill)
            if first is not skill:
                self.warnings.append(f"skill {skill.name!r}: the {first.source}'s hides the {skill.source}'s")

    def get(self, name: str) -> Skill:
        """The skill of that name. Raises ToolError when there is none."""
        if name not in self._by_name:
            raise ToolError(f"no skill {name!r}; expected one of {', '.join(self.names()) or 'none'}")
        return self._by_name[name]

    def names(self) -> list[str]:
        """The name of every skill, sorted."""
        return sorted(self._by_name)

    def catalogue(self) -> str:
        """One line for each skill: name and when to use it."""
        return "\n".join(f"- {name}: {self._by_name[name].description}" for name in self.names())


def gather(*, mission: Iterable[Skill] = (), repository: Path | None = None) -> Skills:
    """The mission's skills, the user's, the repository's (pass its root only when it is trusted), and the shipped."""
    warnings: list[str] = []
    theirs = [skill for part in REPOSITORY_FOLDERS if repository
              for skill in read_folder(repository / part, "repository", warnings)]
    user = read_folder(assets.user_folder() / "skills", "user", warnings)
    ours = read_folder(assets.shipped("skills"), "shipped", warnings)
    return Skills(mission, user, theirs, ours, warnings=warnings)


def read_folder(folder: Path, source: Source, warnings: list[str]) -> list[Skill]:
    """The skills in `folder/<name>/SKILL.md`, sorted; one that cannot be read becomes a warning."""
    skills = []
    for path in sorted(folder.glob("*/SKILL.md")):
        try:
            skill = parse_skill(path.read_text(encoding="utf-8"), source, path.parent)
        except (ConfigError, OSError, UnicodeDecodeError) as error:
            warnings.append(f"{path}: {error}")
        else:
            skills.append(skill)
    return skills


def parse_skill(text: str, source: Source, folder: Path | None = None) -> Skill:
    """A SKILL.md: front matter with `name` and `description`, then the body.

    Raises ConfigError when it is malformed, or its name is not the folder's.
    """
    name, description, body = _parts(text)
    if not _NAME.fullmatch(name) or len(name) > 64:
        raise ConfigError(f"skill name {name!r}: expected lower-case words joined by '-', at most 64 characters")
    if folder is not None and folder.name != name:
        raise ConfigError(f"skill name {name!r}: expected the name of its folder, {folder.name!r}")
    return Skill(name, description, body, source, folder)


def _parts(text: str) -> tuple[str, str, str]:
    found = _FRONT.match(text.removeprefix("\ufeff").replace("\r\n", "\n"))
    if not found:
        raise ConfigError("no front matter; expected a first line '---', then name and description, then '---'")
    try:
        fields = yaml.safe_load(found[1])
    except yaml.YAMLError as error:
        raise ConfigError(f"front matter is not YAML: {' '.join(str(error).split())}") from error
    fields = fields if isinstance(fields, dict) else {}
    for field in ("name", "description"):
        if not isinstance(fields.get(field), str) or not fields[field].strip():
            raise ConfigError(f"front matter has no {field!r}; expected a line '{field}: some words'")
    body = found[2].strip()
    if not body:
        raise ConfigError("the skill says nothing; expected text after the front matter")
    return fields["name"].strip(), " ".join(fields["description"].split()), body
