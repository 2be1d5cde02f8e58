"""Skills are read from four places, in order, and a clash is told."""

from pathlib import Path

import pytest

from milepost.domain.errors import ConfigError, ToolError
from milepost.text import assets
from milepost.text.skills import Skill, Skills, gather, parse_skill, read_folder

TEXT = "---\nname: build-it\ndescription: Build\n  one thing\n---\n# Steps\n\nBuild it.\n"


def put(folder: Path, name: str, body: str = "Do it.") -> Path:
    path = folder / name / "SKILL.md"
    path.parent.mkdir(parents=True)
    path.write_text(f"---\nname: {name}\ndescription: How to {name}.\n---\n{body}\n")
    return path.parent


def test_front_matter_gives_name_and_one_line_of_description() -> None:
    assert parse_skill(TEXT, "mission") == Skill("build-it", "Build one thing", "# Steps\n\nBuild it.", "mission")


def test_front_matter_of_other_tools_is_read_too() -> None:
    text = "\ufeff---\r\nname: a1\r\ndescription: >\r\n  Folded\r\n  words\r\nmetadata: {x: [1]}\r\n---\r\nBody\r\n"
    skill = parse_skill(text, "user")
    assert (skill.name, skill.description, skill.body) == ("a1", "Folded words", "Body")


@pytest.mark.parametrize(("text", "expected"), [
    ("# No front matter", "no front matter; expected a first line '---'"),
    ("---\nname: [\n---\nx", "front matter is not YAML"),
    ("---\n- a\n---\nx", "front matter has no 'name'"),
    ("---\nname: a\n---\nx", "front matter has no 'description'"),
    ("---\nname: a\ndescription: 3\n---\nx", "front matter has no 'description'"),
    ("---\nname: a\ndescription: b\n---\n\n", "the skill says nothing"),
    ("---\nname: A b\ndescription: b\n---\nx", "skill name 'A b': expected lower-case words"),
    (f"---\nname: {'a' * 65}\ndescription: b\n---\nx", "at most 64 characters"),
])
def test_malformed_skill_is_refused_with_what_was_expected(text: str, expected: str) -> None:
    with pytest.raises(ConfigError) as caught:
        parse_skill(text, "mission")
    assert expected in str(caught.value)


def test_name_must_be_its_folders() -> None:
    with pytest.raises(ConfigError, match="'build-it': expected the name of its folder, 'other'"):
        parse_skill(TEXT, "user", Path("other"))


def test_order_is_mission_user_repository_shipped_and_clashes_are_told(home: Path, repository: Path) -> None:
    shipped = read_folder(assets.shipped("skills"), "shipped", [])[0].name
    put(home / "config" / "milepost" / "skills", "deploy", "the user's")
    put(repository / ".claude/skills", "deploy", "the repository's")
    put(repository / ".agents/skills", "lint", "the repository's")
    put(repository / ".agents/skills", shipped, "the repository's")
    mission = Skill("lint", "Ours.", "the mission's", "mission")
    skills = gather(mission=[mission], repository=repository)
    assert [skills.get(name).source for name in ("lint", "deploy", shipped)] == ["mission", "user", "repository"]
    assert sorted(skills.warnings) == sorted([
        "skill 'lint': the mission's hides the repository's",
        "skill 'deploy': the user's hides the repository's",
        f"skill {shipped!r}: the repository's hides the shipped's",
    ])


def test_untrusted_repository_gives_no_skill(home: Path, repository: Path) -> None:
    put(repository / ".agents/skills", "lint")
    assert "lint" not in gather().names()


def test_skill_that_cannot_be_read_is_a_warning_not_the_end(tmp_path: Path) -> None:
    put(tmp_path, "good")
    (tmp_path / "bad").mkdir()
    (tmp_path / "bad" / "SKILL.md").write_bytes(b"\xff\xfe")
    warnings: list[str] = []
    assert [skill.name for skill in read_folder(tmp_path, "user", warnings)] == ["good"]
    assert len(warnings) == 1 and "bad/SKILL.md" in warnings[0]


def test_folder_that_is_not_there_has_no_skills(tmp_path: Path) -> None:
    assert read_folder(tmp_path / "none", "user", []) == []


def test_catalogue_has_a_line_for_each_skill() -> None:
    skills = Skills([Skill("b", "Second.", "x", "mission"), Skill("a", "First.", "x", "mission")])
    assert skills.catalogue() == "- a: First.\n- b: Second."


def test_unknown_skill_is_told_with_the_known_ones() -> None:
    with pytest.raises(ToolError, match="no skill 'x'; expected one of a"):
        Skills([Skill("a", "First.", "x", "mission")]).get("x")
    with pytest.raises(ToolError, match="expected one of none"):
        Skills().get("x")


def test_other_files_of_a_skill_are_read(tmp_path: Path) -> None:
    folder = put(tmp_path / "skills", "deploy")
    (folder / "more.md").write_text("more")
    skill = read_folder(tmp_path / "skills", "user", [])[0]
    assert skill.read("more.md") == "more"
    with pytest.raises(ToolError, match=r"no file 'none\.md'; expected one of SKILL\.md, more\.md"):
        skill.read("none.md")


def test_skill_of_the_mission_has_no_other_files() -> None:
    with pytest.raises(ToolError, match="no files beside its text"):
        parse_skill(TEXT, "mission").read("more.md")


@pytest.mark.parametrize("file", ["../secret", "link", "/etc/passwd", "."])
def test_nothing_outside_of_a_skills_folder_is_read(tmp_path: Path, file: str) -> None:
    folder = put(tmp_path, "deploy")
    (tmp_path / "secret").write_text("secret")
    (folder / "link").symlink_to(tmp_path / "secret")
    with pytest.raises(ToolError, match="has no file"):
        read_folder(tmp_path, "user", [])[0].read(file)


def test_every_shipped_skill_is_well_formed() -> None:
    warnings: list[str] = []
    skills = read_folder(assets.shipped("skills"), "shipped", warnings)
    assert warnings == []
    assert [skill.name for skill in skills] == sorted(path.name for path in assets.shipped("skills").iterdir())
