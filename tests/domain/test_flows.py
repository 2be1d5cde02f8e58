"""Grouping assertions for testers."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from milepost.domain.contract import Assertion
from milepost.domain.flows import LARGEST, flows


def assertion(word: str) -> Assertion:
    """`AUTH-001:http`, with `!` for a check, `1` for one that is tested alone and `-` for a removed one."""
    name, _, surface = word.rstrip("!-1").partition(":")
    tail = word.removeprefix(f"{name}:{surface}")
    return Assertion(
        name, "T", surface, check="make" if "!" in tail else "", alone="why" if "1" in tail else "",
        removed="why" if "-" in tail else "",
    )


def check(words: str, expected: list[str]) -> None:
    found = flows(assertion(w) for w in words.split())
    assert [f"{f.name} {f.surface}: {' '.join(f.ids)}" for f in found] == expected


MANY = " ".join(f"AUTH-{n:03}:http" for n in range(10, 0, -1))


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        pytest.param("", [], id="none"),
        pytest.param("AUTH-002:http AUTH-001:http", ["flow-1 http: AUTH-001 AUTH-002"], id="sorted"),
        pytest.param("AUTH-001:http USER-001:http", ["flow-1 http: AUTH-001", "flow-2 http: USER-001"], id="areas"),
        pytest.param("AUTH-001:http AUTH-002:browser AUTH-003:http",
                     ["flow-1 http: AUTH-001 AUTH-003", "flow-2 browser: AUTH-002"], id="surfaces"),
        pytest.param(MANY, ["flow-1 http: " + " ".join(f"AUTH-{n:03}" for n in range(1, 9)),
                            "flow-2 http: AUTH-009 AUTH-010"], id="at most eight"),
        pytest.param("AUTH-1000:http AUTH-999:http", ["flow-1 http: AUTH-999 AUTH-1000"], id="by number"),
        pytest.param("AUTH-001:command! AUTH-002:command AUTH-003:http!",
                     ["flow-1 command: AUTH-002", "flow-2 http: AUTH-003"], id="a check alone shows a command"),
        pytest.param("AUTH-001:http-", [], id="removed"),
        pytest.param("AUTH-001:http AUTH-002:http1 AUTH-003:http AUTH-004:http1",
                     ["flow-1 http: AUTH-001 AUTH-003", "flow-2 http: AUTH-002", "flow-3 http: AUTH-004"], id="alone"),
    ],
)
def test_flow_is_one_area_and_one_surface(words: str, expected: list[str]) -> None:
    check(words, expected)


@settings(deadline=None)
@given(st.lists(st.tuples(st.sampled_from("AB"), st.integers(1, 40), st.sampled_from(["http", "browser"])),
                unique_by=lambda t: t[:2]))
def test_every_assertion_is_in_one_flow_whatever_the_order(parts: list[tuple[str, int, str]]) -> None:
    given_ = [Assertion(f"{letter}A-{n:03}", "T", surface) for letter, n, surface in parts]
    found = flows(given_)
    assert sorted(i for f in found for i in f.ids) == sorted(a.id for a in given_)
    assert all(len(f.assertions) <= LARGEST and len({(a.area, a.surface) for a in f.assertions}) == 1 for f in found)
    assert found == flows(reversed(given_))
