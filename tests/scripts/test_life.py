"""From what a tester did to a script, its first runs, and what it demands; held against other runs."""

from typing import Any

import pytest

from milepost.domain.contract import Area, Assertion, Contract
from milepost.domain.handoff import SubmittedVerdict
from milepost.scripts.binding import Binder
from milepost.scripts.draft import Called, draft
from milepost.scripts.holding import Held, Playing
from milepost.scripts.marks import ANY
from milepost.scripts.observed import Observation
from milepost.scripts.script import Move, Script
from milepost.scripts.settling import settle
from tests.scripts.sights import NOON, command, request, screen, script

CONTRACT = Contract(areas=(Area("A", "A", tuple(
    Assertion(id=f"AB-00{n}", title=f"The {n}.", surface="http", then=f"it does {n}") for n in (1, 2)
)),))


def verdict(number: int, evidence: list[str], outcome: str = "passed", **shows: str) -> SubmittedVerdict:
    """A verdict with the words that show it."""
    said = [{"evidence": e, "text": t} for e, t in shows.items()]
    given: dict[str, Any] = {"assertion": f"AB-00{number}", "outcome": outcome, "evidence": evidence, "note": "seen"}
    return SubmittedVerdict.model_validate({**given, "shows": said})


def asked(seen: Observation, url: str = "http://web/", evidence: str = "") -> Called:
    """One request as it went."""
    return Called("http_request", {"method": "GET", "url": url}, seen, (evidence,) if evidence else ())


def get(url: str = "http://web/", **more: Any) -> Move:
    """One move of a script."""
    return Move(tool="http_request", arguments={"method": "GET", "url": url}, **more)


# --- drafts ---

def test_draft_ends_with_the_last_move_that_a_verdict_cites():
    calls = [asked(request(200, "a"), evidence="E1"), asked(request(200, "b"), evidence="E2"),
             asked(request(500, "c"), evidence="E3")]
    made = draft("tester", "t", calls, [verdict(1, ["E1"], E1="a"), verdict(2, ["E2", "E1"], E2="b")], CONTRACT)
    assert made is not None
    assert [(m.outcome, m.cites, m.shows) for m in made.moves] == [
        ("status 200", ["AB-001", "AB-002"], {"AB-001": ["a"]}), ("status 200", ["AB-002"], {"AB-002": ["b"]}),
    ]
    assert [(p.assertion, p.last) for p in made.promises] == [("AB-001", 0), ("AB-002", 1)]


@pytest.mark.parametrize("given", [
    verdict(1, ["E1"]), verdict(1, ["E1"], "failed", E1="a"), verdict(1, ["E9"], E9="a"),
])
def test_nothing_is_drafted_where_nobody_said_what_shows_it(given):
    assert draft("tester", "t", [asked(request(200, "a"), evidence="E1")], [given], CONTRACT) is None


# --- values that every run sees anew ---

def bound(made: Script, recorded: list[Observation], run: list[Observation]) -> tuple[Script, list[dict[str, Any]]]:
    """The script after a first run, and what each of its moves was given."""
    binder, given = Binder(made, recorded), []
    for number, seen in enumerate(run):
        given.append(binder.arguments(number))
        binder.saw(number, seen)
    return binder.bound(), given


@pytest.mark.parametrize(("first", "again", "url", "place"), [
    (request(201, {"id": 417}), request(201, {"id": 9}), "http://web/x/417", "json"),
    (request(201, "made", "Location: /x/ab12cd"), request(201, "made", "Location: /x/9f8e"), "http://web/x/ab12cd",
     "header"),
    (command("token: ab12cd now"), command("token: 99ffee now"), "http://web/x?t=ab12cd", "text"),
    (request(201, {"self": "/x/ab12cd/y"}), request(201, {"self": "/x/0000/y"}), "http://web/x/ab12cd", "json"),
])
def test_value_that_varies_is_taken_from_its_place(first, again, url, place):
    made, given = bound(script(get(), get(url), AB_1=1), [first, request(200, "ok")], [again, request(200, "ok")])
    value = url.rpartition("/")[2].rpartition("=")[2]
    new = given[1]["url"].rpartition("/")[2].rpartition("=")[2]
    assert made.moves[0].captures[0].place == place and value not in made.moves[1].arguments["url"]
    assert new in again.text and new != value
    # Whoever plays it next finds its own.
    playing = Playing(made, ["AB-001"])
    playing.saw(0, first)
    assert playing.arguments(1)["url"] == url


def test_what_does_not_vary_or_is_met_by_chance_is_left_as_it_is():
    first, again = request(200, {"id": 1, "took": 3}), request(200, {"id": 1, "took": 4})
    made, given = bound(script(get(), get("http://web/x/1?limit=3"), AB_1=1), [first, first], [again, again])
    assert given[1]["url"] == "http://web/x/1?limit=3" and not made.moves[0].captures


def test_value_that_is_no_longer_there_ends_the_run():
    first, again = request(201, {"id": "ab12cd"}), request(201, {"id": "99ffee"})
    made, _ = bound(script(get(), get("http://web/ab12cd"), AB_1=1), [first, first], [again, again])
    playing = Playing(settle(made, [[first, first], [again, again]]).script or made, ["AB-001"])
    assert not playing.saw(0, request(201, {"name": "x"}))
    assert playing.held()[0].why.endswith("no value was found where v1 is taken from")


# --- what is demanded ---

def settled(made: Script, *runs: list[Observation]) -> Any:
    """The script after these runs."""
    return settle(made, runs)


def test_only_what_was_the_same_in_every_run_is_demanded():
    shows = {"AB-001": ["Order 17 of 2026-11-27 is paid"]}
    made = script(get(cites=["AB-001"], shows=shows), AB_1=0)
    runs = [[request(200, f"Order {n} of 2026-11-27 is paid\nvisits: {n * 3}\nThanks")] for n in (17, 18, 19)]
    (move,) = settled(made, *runs).script.moves
    assert move.lines == [f"Order {ANY} of {ANY} is paid", f"visits: {ANY}", "Thanks"] and not move.gaps
    assert move.shows == {"AB-001": [f"Order {ANY} of {ANY} is paid"]}


def test_end_that_differs_once_takes_everything_after_it_away():
    made = script(get(cites=["AB-001"], shows={"AB-001": ["a"]}), get(), get(cites=["AB-002"], shows={"AB-002": ["b"]}),
                  AB_1=0, AB_2=2)
    good = [request(200, "a"), request(200, "x"), request(200, "b")]
    bad = [request(200, "a"), request(503, "x"), request(200, "b")]
    found = settled(made, good, good, bad)
    assert found.flaky == ("move 2 (http_request): it came to status 200, then to status 503",)
    assert [p.assertion for p in found.script.promises] == ["AB-001"] and len(found.script.moves) == 1
    assert found.dropped == {"AB-002": "it rests on move 2, which is not the same each time"}


def test_words_that_were_not_there_each_time_take_their_assertion_away():
    made = script(get(cites=["AB-001", "AB-002"], shows={"AB-001": ["red"], "AB-002": ["Thanks"]}), AB_1=0, AB_2=0)
    found = settled(made, [request(200, "red\nThanks")], [request(200, "blue\nThanks")])
    assert found.flaky == ("move 1 (http_request): 'red' was not seen each time",)
    assert [p.assertion for p in found.script.promises] == ["AB-002"]


def test_run_that_ended_early_is_not_the_same():
    made = script(get(cites=["AB-001"], shows={"AB-001": ["a"]}), AB_1=0)
    assert settled(made, [request(200, "a")], []).script is None


# --- holding a run against it ---

GOOD = [request(201, {"id": "ab12cd"}), request(200, {"id": "ab12cd", "text": "milk"})]
AGAIN = [request(201, {"id": "99ffee"}), request(200, {"id": "99ffee", "text": "milk"})]


def held(*run: Observation, made: Script | None = None) -> Held:
    """What a run says of AB-001."""
    two = get("http://web/ab12cd", cites=["AB-001"], shows={"AB-001": ["milk"]})
    learned, _ = bound(made or script(get(), two, AB_1=1), GOOD, AGAIN)
    found = settle(learned, [GOOD, AGAIN]).script
    assert found is not None
    playing = Playing(found, ["AB-001"])
    for number, seen in enumerate(run):
        if not playing.saw(number, seen):
            break
    (one,) = playing.held()
    return one


def test_same_again_holds():
    assert held(request(201, {"id": "0a0b0c"}), request(200, {"id": "0a0b0c", "text": "milk"})) == Held("AB-001", None)


@pytest.mark.parametrize(("run", "move", "why"), [
    ((request(500, "oops"),), 1, "expected status 201, came to status 500"),
    ((request(201, {"id": "0a0b0c"}), request(404, "?")), 2, "expected status 200, came to status 404"),
    ((request(201, {"id": "0a0b0c"}), request(200, {"id": "0a0b0c", "text": "beer"})), 2, "'milk' was not seen"),
    ((request(201, {"id": "0a0b0c"}), request(200, {"id": "fefefe", "text": "milk"})), 2, "expected 'id = \"⟨v1⟩\"'"),
    ((request(201, {"id": "0a0b0c"}), request(200, {"id": "0a0b0c", "text": "milk", "x": 1})), 2, "saw 'x = 1'"),
    ((request(201, {"id": "0a0b0c"}),), 2, "it was not come to"),
])
def test_what_does_not_hold_is_named(run, move, why):
    found = held(*run)
    assert (found.passed, found.move) == (False, move) and why in found.why


def test_move_on_the_way_need_only_end_the_same():
    """A page that others cite may change; what would make the rest mean nothing may not."""
    assert held(request(201, {"id": "0a0b0c", "more": True}), request(200, {"id": "0a0b0c", "text": "milk"})).passed


def test_times_of_a_later_day_are_no_difference():
    made = script(get(cites=["AB-001"], shows={"AB-001": ["milk"]}), AB_1=0)
    runs = [[request(200, {"text": "milk", "at": "2026-11-27T12:00:00Z"})]] * 3
    found = settle(made, runs).script
    assert found is not None
    playing = Playing(found, ["AB-001"])
    later = NOON + 40 * 86_400
    playing.saw(0, request(200, {"text": "milk", "at": "2027-01-06T12:00:03Z"}, at=later))
    assert playing.held()[0].passed


def test_screen_and_its_program_are_held():
    made = script(Move(tool="terminal_send", arguments={"keys": ["q"]}, cites=["AB-001"], shows={"AB-001": ["Now: 2"]}),
                  AB_1=0)
    found = settle(made, [[screen("Now: 2")]] * 3).script
    assert found is not None
    playing = Playing(found, ["AB-001"])
    assert not playing.saw(0, screen("Now: 2", "24x80, cursor row 1, column 1, ended by SIGSEGV"))
    assert "expected running, came to ended by SIGSEGV" in playing.held()[0].why


PAGE = '- heading "Shop" [level=1] [e1]\n- button "Save" [e2]\n- link "Edit" [e3]\n- link "Edit" [e4]\n- img [e5]'


@pytest.mark.parametrize(("target", "called"), [
    ("e2", 'button "Save"'), ("e1", 'heading "Shop"'), ("e3", "e3"), ("e5", "e5"), ("e9", "e9"),
    ('label "X"', 'label "X"'),
])
def test_element_of_a_page_is_pointed_at_by_role_and_name_where_that_is_one(target, called):
    opened = Called("browser_open", {"url": "http://web/"}, Observation("status 200", PAGE), ())
    act = Called("browser_act", {"action": "click", "target": target}, Observation("ok", "saved"), ("E2",))
    made = draft("tester", "t", [opened, act], [verdict(1, ["E2"], E2="saved")], CONTRACT)
    assert made is not None and made.moves[1].arguments == {"action": "click", "target": called}
