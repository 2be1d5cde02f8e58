"""With the product change taken back, what still passes is named."""

import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from milepost.domain.contract import Assertion
from milepost.domain.handoff import TestCase, TestFile
from milepost.domain.services import Command, Paths
from milepost.gates.vacuity import Lay, product_paths, prove
from milepost.workspace.cell import Cell
from milepost.workspace.paths import PathKinds
from milepost.workspace.sandbox import open_cell
from tests.gates.conftest import Shelf

PYTEST = Command(
    run=f"{sys.executable} -m pytest -q -p no:cacheprovider --junitxml={{report}}", report="junit", timeout_s=60
)
ENV = {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
TESTS = """import pytest
import shop


def test_total():
    assert shop.total([1, 2]) == 3


def test_nothing():
    assert True


def test_waits():
    pytest.skip("later")
"""


def lay(tree: Path) -> Lay:
    """The end of a feature with `shop.py` put back to where it began: empty."""

    @asynccontextmanager
    async def laid() -> AsyncIterator[Cell]:
        (tree / "shop.py").write_text("")
        (tree / "tests").mkdir()
        (tree / "tests/test_shop.py").write_text(TESTS)
        cell = await open_cell(tree, sandbox=False, scratch=tree.parent / "scratch")
        yield cell
        await cell.close()

    return laid


def names(tree: Path) -> list[str]:
    return sorted(path.name for path in tree.iterdir())


def check(name: str, command: str, before: str = "red", removed: str = "") -> Assertion:
    return Assertion(id=name, title="t", surface="command", check=command, before=before, removed=removed)


def cases(*names: str) -> list[TestFile]:
    return [TestFile(file="tests/test_shop.py", cases=[TestCase(name=name, verifies="SHOP-001") for name in names])]


async def test_D16_check_and_tests_that_still_pass_are_vacuous(tree: Path, shelf: Shelf) -> None:
    assertions = [
        check("SHOP-001", f"{sys.executable} -c 'import shop; shop.total'"), check("SHOP-002", "true"),
        check("SHOP-003", "true", before="guard"), check("SHOP-004", "true", removed="not wanted any more"),
        check("SHOP-005", ""),
    ]
    found = await prove(
        lay(tree), assertions=assertions, tests=cases("test_total", "test_nothing", "test_waits"), command=PYTEST,
        keep=shelf.keep, env=ENV, tree="t",
    )
    assert found.vacuous == ("SHOP-002", "tests/test_shop.py::test_nothing", "tests/test_shop.py::test_waits")
    assert found.provable
    assert [receipt.tree for receipt in found.receipts] == ["t", "t", "t"]


async def test_test_that_cannot_even_be_collected_has_turned_red(tree: Path, shelf: Shelf) -> None:
    report = "<testsuite><testcase classname=\"x\" name=\"y\"/></testsuite>"
    command = Command(run=f"echo '{report}' > {{report}}", report="junit")
    found = await prove(lay(tree), assertions=[], tests=cases("test_total"), command=command, keep=shelf.keep)
    assert found.vacuous == ()
    assert found.provable


@pytest.mark.parametrize(("run", "vacuous"), [("true", ("tests/test_shop.py::test_total",)), ("false", ())])
async def test_without_a_report_the_whole_suite_must_turn_red(
    run: str, vacuous: tuple[str, ...], tree: Path, shelf: Shelf
) -> None:
    command = Command(run=run)
    found = await prove(lay(tree), assertions=[], tests=cases("test_total"), command=command, keep=shelf.keep)
    assert found.vacuous == vacuous


async def test_feature_with_nothing_to_turn_is_not_provable(tree: Path, shelf: Shelf) -> None:
    guard = check("SHOP-003", "true", before="guard")
    found = await prove(lay(tree), assertions=[guard], tests=[], command=PYTEST, keep=shelf.keep)
    assert not found.provable
    assert found.receipts == ()
    assert names(tree) == []


def test_only_product_paths_are_put_back() -> None:
    kinds = PathKinds(Paths(generated=["gen/**"]))
    changed = ["shop.py", "tests/test_shop.py", "README.md", "gen/a.py", "web/index.html"]
    assert product_paths(changed, kinds) == ["shop.py", "web/index.html"]
