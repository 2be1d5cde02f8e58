"""Lines seen several times become one with gaps; a line that does not fit is named."""

import time

import pytest

from milepost.scripts.marks import ANY
from milepost.scripts.masks import masked
from milepost.scripts.template import common, holes, merged, misfit, plain, says, speaks
from tests.scripts.sights import NOON


@pytest.mark.parametrize(("variants", "line"), [
    (["same", "same"], "same"), (["id: abc-1 ok", "id: xyz-2 ok"], f"id: {ANY} ok"), (["a b", "a"], ANY),
    (["/n/17/x", "/n/4/x"], f"/n/{ANY}/x"), (["a.b c", "x.y c"], f"{ANY}.{ANY} c"),
])
def test_merged_line_has_gaps_where_runs_differ(variants, line):
    assert merged(variants) == line
    assert all(holes(line, variant) is not None for variant in variants)


def test_runs_of_other_lengths_keep_what_they_share():
    assert common([["a", "b", "c"], ["a", "x", "b", "c"], ["a", "b", "y", "c"]]) == (["a", "b", "c"], True)
    assert common([["a", "1"], ["a", "2"]]) == (["a", ANY], False)


def test_misfit_names_the_first_difference():
    assert misfit(["a", f"b {ANY}"], ["a", "b 7"], gaps=False) == ""
    assert misfit(["a", "b"], ["a", "c"], gaps=False) == "expected 'b', saw 'c'"
    assert misfit(["a"], ["a", "b"], gaps=False) == "nothing more was expected, saw 'b'"
    assert misfit(["a", "b"], ["a"], gaps=False) == "expected 'b', saw no more"
    assert misfit(["a", "c"], ["a", "b", "c"], gaps=True) == ""
    assert misfit(["c", "a"], ["a", "b", "c"], gaps=True) == "expected 'a', which is not there"


def test_long_line_with_many_gaps_takes_no_time():
    began = time.monotonic()
    assert holes("a" + f"{ANY}a" * 40 + "b", "a" * 50_000) is None
    assert time.monotonic() - began < 1


def test_words_are_found_with_their_gaps():
    text = plain("Order  17\nis\tpaid by Ann")
    assert says(text, "Order 17 is paid") and says(text, f"Order {ANY} is paid") and not says(text, "Order 18")
    assert speaks(f"Order {ANY}") and speaks("→") and not speaks(f"{ANY} ({ANY})")


@pytest.mark.parametrize(("line", "shown"), [
    ("at 2026-11-27T11:59:58.123Z", f"at {ANY}"), ("day 2026-11-28", f"day {ANY}"),
    ("Expires: Fri, 27 Nov 2026 12:00:30 GMT", f"Expires: {ANY}"), ("ts = 1795780800.25", f"ts = {ANY}"),
    ("ms = 1795780800123", f"ms = {ANY}"), ("12:01 now", f"{ANY} now"),
    # What is far from the time of the run is data, and must be what it says.
    ("born 1999-12-31", "born 1999-12-31"), ("opens 09:30", "opens 09:30"), ("id 1234567890", "id 1234567890"),
    ("day 2026-13-45", "day 2026-13-45"), ("99:99", "99:99"),
])
def test_only_the_clock_of_the_run_is_masked(line, shown):
    assert masked(line, NOON) == shown
