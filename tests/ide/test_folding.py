"""What can be folded away."""

import pytest

from milepost.ide.document import Document
from milepost.ide.folding import folds
from tests.ide.tale import CONTRACT


def folded(text: str) -> list[tuple[int, int]]:
    """First and last lines, counted from 1."""
    return [(f.first + 1, f.last + 1) for f in folds(Document("/d/shop.contract.md", text))]


def test_areas_and_assertions() -> None:
    assert folded(CONTRACT) == [(3, 30), (5, 10), (12, 16), (18, 24), (26, 30), (32, 45), (34, 38), (40, 45)]


def test_text_before_the_first_area() -> None:
    assert folded("# Contract: x\n\nIt is long.\nVery.\n\n## A1 x\n### A1-001 y\n- then: z\n")[0] == (1, 4)


@pytest.mark.parametrize("text", ["", "# Contract: x", "# Contract: x\n\n", "# Contract: x\n## A1 x\n\n## B1 y\n"])
def test_single_lines_fold_nothing(text: str) -> None:
    assert folded(text) == []
