"""A few words at the end of a heading."""

from milepost.domain import events as e
from milepost.domain import orders as o
from milepost.ide.hints import hints
from milepost.ide.shapes import Span, Spot
from tests.domain.life import WHY
from tests.ide.tale import CONTRACT, Tale, judged, running


def shown(tale: Tale, text: str = CONTRACT, within: Span | None = None) -> list[str]:
    """The headings that have a hint, with it."""
    document = tale.contract(text)
    return [f"{document.line(h.spot.line)[4:h.spot.column]} {h.text}" for h in hints(document, tale.snapshot(), within)]


def test_mark_time_and_round_of_what_was_judged() -> None:
    assert shown(judged()) == [
        "SHOP-001 A total is right ✓ 14:31 r1", "SHOP-002 A price is served ✗ 14:31 r1",
        "SHOP-003 The old total stays ✓ 14:31 r1", "SHOP-004 A total is printed ✓ 14:31 r1",
    ]
    assert shown(running()) == []


def test_hint_stands_behind_the_words_of_a_heading() -> None:
    [first, *_] = hints(judged().contract(CONTRACT.replace("is right\n", "is right  \n")), judged().snapshot())
    assert first.spot == Spot(4, 29)


def test_waived_and_stale_are_shown_as_such() -> None:
    tale = judged().order(o.WaiveAssertion(assertion="SHOP-002", reason=WHY))
    tale.say(e.EditNoticed(paths=["shop.py"], commit="c9"))
    first, second, *_ = hints(tale.contract(), tale.snapshot())
    assert (first.text, first.tooltip) == ("↻ 14:31 r1", "passed: its check is green; stale: you changed shop.py")
    assert (second.text, second.tooltip) == ("~ waived", f"waived: {WHY}")


def test_verdict_outside_of_a_round_names_none() -> None:
    given = e.VerdictGiven(assertion="PAGE-001", outcome="passed", tree="t", depends=e.Dependencies(assertion="a"))
    assert shown(running().say(given)) == ["PAGE-001 The page is on the screen ✓ 14:04"]


def test_only_the_lines_on_the_screen() -> None:
    assert shown(judged(), within=Span(Spot(8, 0), Spot(17, 5))) == [
        "SHOP-002 A price is served ✗ 14:31 r1", "SHOP-003 The old total stays ✓ 14:31 r1",
    ]


def test_what_the_mission_does_not_know_has_none() -> None:
    assert len(shown(judged(), CONTRACT.replace("SHOP-003", "SHOP-033"))) == 3
