"""Who may sit down now: limits first, then memory, then processors, and one always."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from milepost.domain.admission import CPUS, FEW_CPUS, SHARE, Asking, Headroom, admit, cost
from milepost.domain.services import Limits

PLENTY = Headroom(memory_mb=100_000, cpus=64)
SURFACES = {"b": "browser", "h": "http", "t": "terminal", "c": "command"}


def asking(word: str, first: int = 1) -> list[Asking]:
    """`bbh` is two browser flows and one of http, named in order."""
    return [Asking(f"flow-{n}", SURFACES[letter]) for n, letter in enumerate(word, first)]


@pytest.mark.parametrize(
    ("waiting", "seated", "limits", "headroom", "now", "reason"),
    [
        pytest.param("bbhh", "", {}, PLENTY, "1234", "4 at once", id="room for all"),
        pytest.param("bbbb", "", {"browser": 2}, PLENTY, "12", "flow-3 waits: the manifest allows 2 on browser at once",
                     id="stated limit"),
        pytest.param("bbbh", "", {"browser": 1}, PLENTY, "14", "allows 1 on browser", id="another surface goes ahead"),
        pytest.param("b", "b", {"browser": 1}, PLENTY, "", "allows 1 on browser", id="who sits is counted"),
        pytest.param("hhh", "", {"browser": 1}, PLENTY, "123", "3 at once", id="limit of another surface"),
        pytest.param("bbb", "", {"memory_mb": 1200}, PLENTY, "12", "need 1800 MB, the manifest allows 1200 MB",
                     id="stated memory"),
        pytest.param("bbb", "", {}, Headroom(1800, 64), "12", "need 1800 MB, 70% of what is free is 1260 MB",
                     id="memory measured"),
        pytest.param("b", "b", {}, Headroom(1200, 64, taken_mb=600), "1", "2 at once", id="taken is free to the taker"),
        pytest.param("b", "b", {}, Headroom(1200, 64), "", "70% of what is free is 840 MB", id="not yet taken"),
        pytest.param("bbbb", "", {}, Headroom(100_000, 1.5), "12", "1.5 processors busy, 70% of what is free is 1.0",
                     id="processors"),
        pytest.param("hhhh", "", {}, Headroom(100_000, 1.5), "1234", "4 at once", id="waiting for a model is idle"),
        pytest.param("b", "", {"memory_mb": 10}, Headroom(10, 0), "1", "flow-1 sits alone, as one must",
                     id="one always sits"),
        pytest.param("hh", "", {"memory_mb": 10}, PLENTY, "1", "flow-2 waits", id="and no other beside it"),
        pytest.param("hhh", "", {}, Headroom(), "12", "does not tell what it has free", id="nothing measured"),
        pytest.param("hhh", "", {"http": 3}, Headroom(), "123", "3 at once", id="nothing measured but stated"),
        pytest.param("", "bb", {}, PLENTY, "", "2 at once", id="nobody waits"),
    ],
)
def test_who_sits_down(
    waiting: str, seated: str, limits: dict[str, int], headroom: Headroom, now: str, reason: str
) -> None:
    wanting = asking(waiting)
    found = admit(wanting, asking(seated, 11), Limits.model_validate(limits), headroom, {})
    assert found.now == tuple(f"flow-{n}" for n in now)
    assert found.waiting == tuple(a.flow for a in wanting if a.flow not in found.now)
    assert reason in found.reason


def test_measured_cost_counts_instead_of_the_usual_one() -> None:
    limits = Limits(memory_mb=1000)
    assert admit(asking("bbbb"), [], limits, PLENTY, {"browser": 250}).now == ("flow-1", "flow-2", "flow-3", "flow-4")
    assert admit(asking("bbbb"), [], limits, PLENTY, {"browser": 400}).now == ("flow-1", "flow-2")


@given(
    st.text("bhtc", max_size=8), st.text("bhtc", max_size=4), st.integers(0, 6000), st.floats(0, 8),
    st.none() | st.integers(1, 4), st.none() | st.integers(1, 4000),
)
def test_never_more_than_limits_and_the_share_allow(
    waiting: str, seated: str, free: int, cpus: float, browser: int | None, memory: int | None
) -> None:
    wanting, sitting = asking(waiting), asking(seated, 11)
    found = admit(wanting, sitting, Limits(browser=browser, memory_mb=memory), Headroom(free, cpus), {})
    assert sorted(found.now + found.waiting) == sorted(a.flow for a in wanting)
    new = [a for a in wanting if a.flow in found.now]
    together = [*sitting, *new]
    if wanting and not sitting:
        assert new, "somebody sits"
    if new and len(together) > 1:
        assert sum(cost(a.surface, {}) for a in together) <= min(int(SHARE * free), memory or 100_000)
        idle = cpus + sum(CPUS.get(a.surface, FEW_CPUS) for a in sitting)
        assert sum(CPUS.get(a.surface, FEW_CPUS) for a in together) <= SHARE * idle + 1e-9
        assert browser is None or sum(a.surface == "browser" for a in new) <= browser
