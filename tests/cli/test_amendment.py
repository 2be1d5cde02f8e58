"""From a file of assertions to changes of a contract."""

from pathlib import Path

import pytest

from milepost.cli import amendment
from milepost.domain.contract import Contract
from milepost.domain.contract_text import parse
from milepost.domain.errors import Refused
from tests.runner import story

NOW = parse("# Contract: shop\n\n" + story.CONTRACT_DISC).contract
NEW = """### DISC-003 A discount is a whole number
- surface: library
- then: 1.5 is refused
- fails if: it is rounded
- evidence: receipt
"""
WEB = "## WEB The page\n\n" + NEW.replace("DISC-003", "WEB-001")


def read(tmp_path: Path, text: str) -> Contract:
    path = tmp_path / "more.md"
    path.write_text(text)
    return amendment.read(path)


def test_new_assertion_is_added_without_the_heading_of_its_area(tmp_path: Path) -> None:
    found = read(tmp_path, NEW)
    assert [(c.op, c.assertion) for c in amendment.changes(NOW, found)] == [("add", "DISC-003")]
    assert [a.id for a in amendment.amended(NOW, found)] == ["DISC-001", "DISC-002", "DISC-003"]


def test_new_area_is_added_with_its_title(tmp_path: Path) -> None:
    amended = amendment.amended(NOW, read(tmp_path, WEB))
    assert [(a.name, a.title) for a in amended.areas] == [("DISC", "Discounts"), ("WEB", "The page")]


def test_assertion_that_reads_otherwise_is_changed_and_the_same_one_stays(tmp_path: Path) -> None:
    found = read(tmp_path, story.CONTRACT_DISC.replace("it returns 18", "it returns 18 exactly"))
    assert [(c.op, c.assertion) for c in amendment.changes(NOW, found)] == [("change", "DISC-001")]
    assert amendment.amended(NOW, found).get("DISC-001").then == "it returns 18 exactly"  # type: ignore[union-attr]


def test_what_the_file_does_not_name_stays(tmp_path: Path) -> None:
    assert amendment.changes(NOW, read(tmp_path, story.CONTRACT_DISC)) == []


def test_removed_assertion_is_removed_with_its_reason(tmp_path: Path) -> None:
    text = story.CONTRACT_DISC.replace("- before: guard", "- removed: nobody calls it")
    (change,) = amendment.changes(NOW, read(tmp_path, text))
    assert (change.op, change.assertion, change.text) == ("remove", "DISC-002", "nobody calls it")


def test_text_that_does_not_parse_is_refused_with_its_places(tmp_path: Path) -> None:
    with pytest.raises(Refused, match=r"more\.md:3:1: unknown field 'color'"):
        read(tmp_path, NEW.replace("- then: 1.5 is refused", "- color: red"))


def test_file_without_assertions_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="holds no assertion"):
        read(tmp_path, "Just words.\n")


def test_file_that_is_no_text_is_refused(tmp_path: Path) -> None:
    (tmp_path / "more.md").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(Refused, match="expected a file of text in UTF-8"):
        amendment.read(tmp_path / "more.md")
