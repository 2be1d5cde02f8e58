"""Three applications nobody here wrote: what is agreed about them is well formed, and planted defects are found.

This is a small part of `make defects`, which plants all of them and builds ten clean ones.
"""

from collections import Counter

import pytest

from milepost.domain.contract_text import parse
from milepost.domain.errors import WorkspaceError
from milepost.domain.lint import lint_contract
from milepost.drivers.browser_program import find
from tests.apps import maker
from tests.apps.defects import APPS, Build, Result, defects, judge
from tests.apps.maker import App
from tests.apps.player import scripts

FEW = {
    "sqlite_web": ("lost session on reload", "dead button"), "isso": ("lost update", "stale tag"),
    "babi": ("wrong exit code", "screen not restored"),
}
"""Defects that are planted in every run of the tests."""
PLANTED = [Build(app, defect) for app in APPS for defect in defects(app) if defect.name in FEW[app.name]]


def named(build: Build) -> str:
    return f"{build.app.name} {build.name}"


async def judged(build: Build) -> Result:
    """What comes of a build, where there is what it needs."""
    try:
        await maker.dependencies(build.app)
        if build.app.name == "sqlite_web":
            find()
    except maker.OutOfReach as error:
        pytest.skip(f"not run: {error}")
    except WorkspaceError:
        pytest.skip("not run: chromium is not installed")
    return await judge(build)


@pytest.mark.parametrize("app", APPS, ids=lambda app: app.name)
def test_contract_is_well_formed_and_each_assertion_has_a_script(app: App) -> None:
    parsed = parse((app.folder / "contract.md").read_text())
    assert parsed.problems == ()
    lints = lint_contract(parsed.contract, app.manifest, frozenset({"browser"}))
    assert [lint for lint in lints if lint.severity == "error"] == []
    assert [assertion.id for assertion in parsed.contract] == list(scripts(app.folder))
    assert len(list(parsed.contract)) >= 10


def test_there_are_sixty_defects_and_no_two_of_an_application_are_one() -> None:
    everything = [(app, defect) for app in APPS for defect in defects(app)]
    assert len(everything) >= 60
    places = Counter((app.name, defect.file, defect.old, defect.new) for app, defect in everything)
    assert [place for place, times in places.items() if times > 1] == []
    assert [d.name for a, d in everything if d.breaks not in scripts(a.folder)] == []


@pytest.mark.timeout(300)
@pytest.mark.parametrize("build", PLANTED, ids=named)
async def test_planted_defect_is_found_by_the_script_of_what_it_breaks(build: Build) -> None:
    assert build.defect is not None
    assert (await judged(build)).scripts == (build.defect.breaks,)
