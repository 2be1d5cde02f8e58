"""Ids in any text: those that the mission knows, and no other."""

import pytest

from milepost.ide import mentions
from milepost.ide.shapes import Span
from tests.ide.tale import judged, marked


@pytest.mark.parametrize(("text", "found"), [
    ("# SHOP-001 and SHOP-999, by F2 in M1 (I1)", ["SHOP-001", "F2", "M1", "I1"]),
    ("def test_shop_001_total():", ["SHOP-001"]), ("checks/shop_003.py", ["SHOP-003"]), ("SHOP_004", ["SHOP-004"]),
    ("SHOP-0011 SHOP-001x X-SHOP-001 SHOP-001-2", []), ("F2x xF2 F22 F2.py", ["F2"]), ("a F2-based plan", ["F2"]),
    ("shop_0011 xshop_001", []), ("SHOP-001SHOP-002", []), ("`SHOP-001`,SHOP-002", ["SHOP-001", "SHOP-002"]), ("", []),
])
def test_known_ids_of_a_line(text: str, found: list[str]) -> None:
    assert [m.id for m in mentions.in_line(text, 0, judged().snapshot())] == found


def test_kinds_and_places() -> None:
    [first, second] = mentions.in_lines(["nothing", "see I1", "shop_001"], judged().snapshot())
    assert (first.kind, first.span) == ("item", Span.of_line(1, 4, 6))
    assert (second.id, second.kind, second.span) == ("SHOP-001", "assertion", Span.of_line(2, 0, 8))


@pytest.mark.parametrize(("text", "id"), [
    ("by F‸2", "F2"), ("by F2‸", "F2"), ("by‸ F2", None), ("test_sh‸op_001", "SHOP-001"), ("M‸1", "M1"), ("M‸9", None),
])
def test_id_at_a_spot(text: str, id: str | None) -> None:
    text, spot = marked(text)
    found = mentions.at(text, spot, judged().snapshot())
    assert (found.id if found else None) == id
