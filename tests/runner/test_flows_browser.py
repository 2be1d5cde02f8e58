"""Four testers with a browser each sit at one time and stay inside the memory that the manifest allows."""

import os
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from milepost.domain.admission import Headroom
from milepost.domain.events import FlowsAdmitted, FlowsMeasured
from milepost.model.scripted import Step, call, calls
from milepost.report import html
from milepost.report.data import collect
from milepost.runner.machine import Machine
from milepost.workspace import gauge
from milepost.workspace.sandbox import sandbox_available
from tests.runner import quick, several, story
from tests.runner.conftest import Stage

pytestmark = [pytest.mark.needs("chromium"), pytest.mark.timeout(300)]
Begin = Callable[..., Awaitable[Stage]]
AREAS = ("ONE", "TWO", "THREE", "FOUR")
MEMORY_MB = 2400
"""What four may take: the usual cost of one, four times."""
BROWSED = several.ASSERTION.replace("surface: http", "surface: browser").replace(
    "evidence: request", "evidence: screenshot, console"
)


def browser(area: str) -> list[Step]:
    """Looks at the list in a browser, for long enough to be weighed."""
    said = {
        "assertion": f"{area}-001", "outcome": "passed", "evidence": ["E2", "E3"], "note": "an empty list is shown",
    }
    about: dict[str, Any] = {"assertion": f"{area}-001"}
    return [
        call("start_service", name="web"),
        call("browser_open", url="http://web/", **about),
        calls(("browser_look", {"what": "screenshot", **about}), ("browser_look", {"what": "console", **about})),
        call("run_command", command="sleep 3"),
        call("submit_verdicts", verdicts=[said]),
    ]


async def test_four_browser_flows_at_once_stay_inside_the_memory_of_the_manifest(begun: Begin) -> None:
    script: dict[str, list[Step]] = {
        "worker.F1.*": several.worker(), "reviewer.F1.*": story.passed_review("F1"), "orchestrator.*": [quick.end()],
        # Flows are numbered as areas are sorted: FOUR, ONE, THREE, TWO.
        **{f"tester.M1r1.flow-{n}.*": browser(area) for n, area in enumerate(sorted(AREAS), start=1)},
    }
    made = await begun(
        script, plan=several.plan(AREAS), manifest=several.manifest(browser=4, memory_mb=MEMORY_MB),
        repository=several.make_repository, goal="Keep notes.", sandbox=sandbox_available() is None,
        contract={a: BROWSED.format(area=a) for a in AREAS},
        # Processors are idle enough: what is tested is memory, as it is measured here.
        machine=lambda: Machine(headroom=lambda taken: Headroom(gauge.free_memory(), float(os.cpu_count() or 1) + 8)),
    )
    mission = await made.carry(lambda m: any(r.outcome for r in m.rounds))
    assert {a: s.status for a, s in mission.assertions.items()} == {f"{a}-001": "passed" for a in AREAS}
    (admitted,) = [r.event for r in await made.records("flows_admitted")]
    assert isinstance(admitted, FlowsAdmitted) and len(admitted.flows) == 4
    (measured,) = [r.event for r in await made.records("flows_measured")]
    assert isinstance(measured, FlowsMeasured)
    assert measured.at_once == 4
    assert all(mb > 50 for mb in measured.peaks_mb.values()), "each was weighed with its browser"
    assert 4 * 50 < measured.together_mb <= MEMORY_MB
    report = await collect(made.place)
    assert [s.because for s in report.sights] == ["nobody looked at http://web/ before round M1r1"] * 4
    assert report.flow_costs[0].together_mb == measured.together_mb
    assert "Open http://web/" in html.page(report, made.place)
