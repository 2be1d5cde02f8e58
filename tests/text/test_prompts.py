"""Prompts are filled completely or not at all, and the user's own wins."""

from pathlib import Path

import jinja2
import pytest

from milepost.domain.errors import ConfigError
from milepost.domain.seat import SEATS
from milepost.text import assets
from milepost.text.prompts import render, tool_description

SHIPPED = sorted(path.relative_to(assets.shipped("prompts")).as_posix()
                 for path in assets.shipped("prompts").rglob("*.md"))


@pytest.fixture
def own(home: Path) -> Path:
    folder = home / "config" / "milepost" / "prompts"
    folder.mkdir(parents=True)
    return folder


def test_users_prompt_wins_over_ours(own: Path) -> None:
    (own / "worker").mkdir()
    (own / "worker" / "system.md").write_text("Work, {{ name }}.\n\n")
    assert render("worker/system", name="Ada") == "Work, Ada.\n"
    assert render("auditor/system") != "Work, Ada.\n"


def test_change_of_a_users_prompt_counts_at_once(own: Path) -> None:
    (own / "mine.md").write_text("one")
    assert render("mine") == "one\n"
    (own / "mine.md").write_text("one and two")
    assert render("mine") == "one and two\n"


def test_missing_value_is_an_error_that_names_file_and_value(own: Path) -> None:
    (own / "mine.md").write_text("Work, {{ stranger }}.")
    with pytest.raises(ConfigError, match=r"mine\.md: prompt 'mine' cannot be filled: 'stranger' is undefined"):
        render("mine")


def test_malformed_prompt_is_an_error_that_names_file_and_line(own: Path) -> None:
    (own / "mine.md").write_text("fine\n{% if %}")
    with pytest.raises(ConfigError, match=r"mine\.md:2: malformed prompt"):
        render("mine")


def test_unknown_prompt_is_an_error_that_says_where_it_was_looked_for(own: Path) -> None:
    with pytest.raises(ConfigError, match=r"no prompt 'nobody\.md'; expected it in .*config/milepost/prompts or "):
        render("nobody")


def test_prompt_outside_of_its_folders_is_not_read(own: Path) -> None:
    (own.parent / "secret.md").write_text("secret")
    with pytest.raises(ConfigError, match="no prompt"):
        render("../secret")


def test_values_are_neither_escaped_nor_templates(own: Path) -> None:
    (own / "mine.md").write_text("{{ text }}")
    assert render("mine", text="<b> {{ 1 + 1 }} & {% if %}") == "<b> {{ 1 + 1 }} & {% if %}\n"


def test_block_lines_leave_no_gap(own: Path) -> None:
    (own / "mine.md").write_text("a\n  {% for x in xs %}\n- {{ x }}\n  {% endfor %}\nb\n")
    assert render("mine", xs=[1, 2]) == "a\n- 1\n- 2\nb\n"


def test_value_may_be_named_name(own: Path) -> None:
    (own / "mine.md").write_text("{{ name }}")
    assert render("mine", name="Ada") == "Ada\n"


@pytest.mark.parametrize("seat", SEATS)
def test_every_seat_has_a_prompt_that_needs_no_value(seat: str) -> None:
    """What comes first in the prefix is the same for every attempt of the seat."""
    assert len(render(f"{seat}/system").splitlines()) > 3


@pytest.mark.parametrize("name", [name for name in SHIPPED if name.startswith("tools/")])
def test_every_tool_description_is_plain_text(name: str) -> None:
    described = tool_description(name.removeprefix("tools/").removesuffix(".md"))
    assert described and "{{" not in described and described == described.strip()


@pytest.mark.parametrize("name", SHIPPED)
def test_every_shipped_prompt_is_well_formed(name: str) -> None:
    jinja2.Environment().parse((assets.shipped("prompts") / name).read_text())
