"""The outline of a contract, and finding things by name."""

import pytest

from milepost.ide.shapes import Span, Spot
from milepost.ide.snapshot import Snapshot
from milepost.ide.symbols import MOST, outline, search
from tests.ide.tale import CONTRACT, PATHS, done, drafted, judged

DOCS = PATHS.docs


def test_outline_has_areas_and_in_them_assertions_with_their_state() -> None:
    tale = judged()
    [shop, page] = outline(tale.contract(), tale.snapshot())
    assert (shop.name, shop.kind, shop.detail) == ("SHOP The shop", "area", "3 of 4 assertions settled, 1 failed")
    assert [(c.name, c.detail, c.kind) for c in shop.children][:2] == [
        ("SHOP-001 A total is right", "✓ passed", "assertion"), ("SHOP-002 A price is served", "✗ failed", "assertion"),
    ]
    assert (page.detail, page.children[0].detail) == ("0 of 2 assertions settled", "○ pending")


def test_spans_hold_what_is_in_them() -> None:
    tale = drafted()
    for area in outline(tale.contract(), tale.snapshot()):
        assert area.span.holds(area.name_span.start) and area.span.holds(area.name_span.end)
        for child in area.children:
            assert area.span.start < child.span.start and child.span.end <= area.span.end
            assert child.span.start <= child.name_span.start and child.name_span.end <= child.span.end
    [first, *_] = outline(tale.contract(), tale.snapshot())
    assert first.name_span == Span.of_line(2, 3, 7)
    assert first.children[0].span == Span(Spot(4, 0), Spot(9, 36))


def test_outline_of_a_text_without_a_mission_shows_surfaces() -> None:
    text = CONTRACT.replace("### SHOP-001 A total is right", "### ")
    [shop, _] = outline(drafted().contract(text), None)
    assert (shop.detail, shop.children[0].name, shop.children[1].detail) == ("", "(no name)", "http")


def test_assertion_that_the_mission_does_not_know_shows_its_surface() -> None:
    tale = drafted()
    text = CONTRACT.replace("SHOP-001", "SHOP-077").replace("## PAGE The page", "## ")
    [shop, page] = outline(tale.contract(text), tale.snapshot())
    assert (shop.children[0].detail, page.name) == ("library", "(no name)")


def found(query: str, *snapshots: Snapshot) -> list[str]:
    return [n.name for n in search(query, snapshots or [judged().snapshot()])]


@pytest.mark.parametrize(("query", "names"), [
    ("SHOP-003", ["SHOP-003 The old total stays"]), ("served", ["SHOP-002 A price is served"]),
    ("pg 2", ["PAGE-002 The page is a file"]), ("f1", ["F1 Total", "F1 handoff: Total"]),
    ("M2", ["M2 The page"]), ("handoff", ["F1 handoff: Total", "F2 handoff: Print"]), ("nothing like it", []),
])
def test_search_takes_letters_in_their_order(query: str, names: list[str]) -> None:
    assert [n for n in found(query) if n in names] == names
    assert len(found(query)) < 8


def test_everything_is_found_by_nothing() -> None:
    kinds = [n.kind for n in search("", [judged().snapshot()])]
    assert kinds == ["assertion"] * 6 + ["milestone"] * 2 + ["feature", "handoff"] * 2 + ["feature"]


def test_what_is_found_is_linked_and_says_how_it_stands() -> None:
    assertion, milestone, feature, handoff = (
        next(n for n in search("", [judged().snapshot()]) if n.kind == k)
        for k in ("assertion", "milestone", "feature", "handoff")
    )
    assert (assertion.link.path, assertion.link.span.start.line) == (f"{DOCS}/shop.contract.md", 4)
    assert (assertion.link.title, milestone.link.title, feature.link.title) == ("passed", "open", "built")
    assert (milestone.link.path, milestone.link.span.start.line) == (f"{DOCS}/plan.md", 2)
    assert (feature.link.span.start.line, handoff.link.path) == (6, f"{DOCS}/handoffs/F1.md")


def test_search_over_several_missions_has_an_end() -> None:
    one = done().snapshot()
    assert found("SHOP-001", one, drafted().snapshot()) == ["SHOP-001 A total is right"] * 2
    assert len(found("", *[one] * MOST)) == MOST
