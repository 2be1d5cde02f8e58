"""Prompts: Markdown files with named gaps; a missing value stops the attempt, never a model's guess."""

from functools import lru_cache
from pathlib import Path
from typing import Any

import jinja2

from milepost.domain.errors import ConfigError
from milepost.text import assets


def render(name: str, /, **values: Any) -> str:
    """The prompt `<seat>/system`, `<seat>/assignment` … with its gaps filled; the user's own file wins over ours.

    Raises ConfigError, naming file and line, when there is no such prompt, it is malformed, or a value is missing.
    """
    environment = _environment(assets.layers("prompts"))
    try:
        template = environment.get_template(f"{name}.md")
    except jinja2.TemplateNotFound as error:
        raise ConfigError(f"no prompt {error.name!r}; expected it in {_places()}") from error
    except jinja2.TemplateSyntaxError as error:
        raise ConfigError(f"{error.filename}:{error.lineno}: malformed prompt: {error.message}") from error
    try:
        return template.render(values).strip() + "\n"
    except jinja2.TemplateError as error:
        raise ConfigError(f"{template.filename}: prompt {name!r} cannot be filled: {error}") from error


def tool_description(name: str) -> str:
    """What a model reads about one tool: `prompts/tools/<name>.md`. Raises ConfigError when there is none."""
    return render(f"tools/{name}").strip()


def _places() -> str:
    return " or ".join(str(place) for place in assets.layers("prompts"))


@lru_cache(maxsize=8)
def _environment(folders: tuple[Path, ...]) -> jinja2.Environment:
    return jinja2.Environment(
        loader=jinja2.FileSystemLoader(folders),
        undefined=jinja2.StrictUndefined,
        autoescape=False,  # the reader is a model, not a browser
        trim_blocks=True,
        lstrip_blocks=True,
    )
