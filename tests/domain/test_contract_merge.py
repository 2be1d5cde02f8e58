"""Three-way merge of contracts: one side's changes are taken, the same assertion on both sides is a conflict."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from milepost.domain.contract import Area, Assertion, Contract
from milepost.domain.contract_merge import merge


def contract(*words: str, title: str = "c", notes: str = "") -> Contract:
    """`A1` or `A1=text` is an assertion of area AA, `B…` of BB; `[AA=title]` gives an area its title."""
    areas: dict[str, list[Assertion]] = {}
    titles: dict[str, str] = {}
    for word in words:
        name, _, text = word.strip("[]").partition("=")
        if word.startswith("["):
            titles[name] = text
            areas.setdefault(name, [])
        else:
            areas.setdefault(name[0] * 2, []).append(Assertion(f"{name[0] * 2}-{int(name[1:]):03}", text))
    return Contract(title, tuple(Area(n, titles.get(n, ""), tuple(a)) for n, a in areas.items()), notes)


@pytest.mark.parametrize(
    ("base", "mine", "theirs", "merged", "conflicts"),
    [
        pytest.param("A1 A2", "A1 A2", "A1 A2", "A1 A2", (), id="nothing changed"),
        pytest.param("A1 A2", "A1=m A2", "A1 A2=t", "A1=m A2=t", (), id="different assertions"),
        pytest.param("A1", "A1=same", "A1=same", "A1=same", (), id="the same change twice"),
        pytest.param("A1 A2", "A1=m A2", "A1=t A2", "A1=m A2", ("AA-001",), id="different changes"),
        pytest.param("A1 A2", "A2", "A1 A2", "A2", (), id="removed by me"),
        pytest.param("A1 A2", "A1 A2", "A1", "A1", (), id="removed by them"),
        pytest.param("A1 A2", "A1", "A1", "A1", (), id="removed by both"),
        pytest.param("A1 A2", "A2", "A1=t A2", "A1=t A2", ("AA-001",), id="removed by me, changed by them"),
        pytest.param("A1 A2", "A1=m A2", "A2", "A1=m A2", ("AA-001",), id="changed by me, removed by them"),
        pytest.param("A1", "A1 A2", "A1 A3", "A1 A2 A3", (), id="added by both"),
        pytest.param("A1", "A1 A2=m", "A1 A2=t", "A1 A2=m", ("AA-002",), id="one id added by both"),
        pytest.param("A1 A3", "A1 A2 A3", "A1=t A3", "A1=t A2 A3", (), id="added in between"),
        pytest.param("A2", "A1 A2", "A2=t", "A1 A2=t", (), id="added at the front"),
        pytest.param("A1 A2 A3", "A1 A2=m A3", "A3 A2 A1", "A3 A2=m A1", (), id="moved by them"),
        pytest.param("A1 A2", "A2 A1", "A1 A2 A3", "A2 A3 A1", (), id="moved by me, added by them"),
        pytest.param("A1", "A1 B1", "A1", "A1 B1", (), id="area added by me"),
        pytest.param("A1 B1", "A1 B1", "A1", "A1", (), id="area removed by them"),
        pytest.param("A1 B1", "A1 B1=m", "A1", "A1 B1=m", ("BB-001",), id="area removed under my change"),
        pytest.param("[AA=a] A1", "[AA=m] A1", "[AA=a] A1=t", "[AA=m] A1=t", (), id="area's title"),
        pytest.param("[AA=a] A1", "[AA=m] A1", "[AA=t] A1", "[AA=m] A1", ("AA",), id="area's title by both"),
        pytest.param("[AA=a]", "[AA=a]", "", "", (), id="empty area removed"),
    ],
)
def test_each_side_keeps_what_only_it_changed(
    base: str, mine: str, theirs: str, merged: str, conflicts: tuple[str, ...]
) -> None:
    check(base, mine, theirs, merged, conflicts)


def check(base: str, mine: str, theirs: str, merged: str, conflicts: tuple[str, ...]) -> None:
    found = merge(*(contract(*side.split()) for side in (base, mine, theirs)))
    assert (found.contract, found.conflicts) == (contract(*merged.split()), conflicts)


def test_title_and_notes_are_merged_like_an_assertion() -> None:
    base, mine, theirs = contract("A1"), contract("A1"), contract("A1", title="t", notes="n")
    assert merge(base, mine, theirs).contract == theirs
    both = merge(base, contract("A1", title="m"), theirs)
    assert (both.contract.title, both.conflicts) == ("m", ("contract",))


SIDES = st.lists(st.tuples(st.integers(1, 5), st.sampled_from(["", "=x", "=y"])), unique_by=lambda p: p[0]).map(
    lambda parts: contract(*(f"{'AB'[n % 2]}{n}{text}" for n, text in parts))
)


@settings(deadline=None)
@given(SIDES, SIDES, SIDES)
def test_merge_loses_nothing_and_invents_nothing(base: Contract, mine: Contract, theirs: Contract) -> None:
    found = merge(base, mine, theirs)
    ids = [a.id for a in found.contract]
    assert len(ids) == len(set(ids))
    for side, other in ((mine, theirs), (theirs, mine)):
        for assertion in side:
            if other.get(assertion.id) == base.get(assertion.id):
                assert found.contract.get(assertion.id) == assertion
            elif other.get(assertion.id) != assertion and base.get(assertion.id) != assertion:
                assert assertion.id in found.conflicts
    assert all(a in (*mine, *theirs) for a in found.contract)


@settings(deadline=None)
@given(SIDES, SIDES)
def test_a_side_that_changed_nothing_does_not_count(base: Contract, mine: Contract) -> None:
    assert merge(base, mine, base).contract == mine
    assert merge(base, base, mine).contract == mine
    assert merge(base, mine, mine).conflicts == ()
