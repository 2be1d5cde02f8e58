"""A mission of one feature, so that one lie can be told at a time."""

from typing import Any

from milepost.domain.turn import Reply
from milepost.model.scripted import Step, call, calls
from tests.runner import story

SERVICES = {"commands": story.SERVICES["commands"]}
PLAN = {
    "milestones": [{"id": "M1", "title": "Discounts", "outcome": "A total with a discount"}],
    "features": [{**story.PLAN["features"][0]}],
}
GIVE_UP = call("end_turn", summary="I do not know what to do.")
TESTS = [("tests/test_discount.py", "test_discount_lowers_the_total", "DISC-001")]
FILES = {"shop/price.py": story.DISCOUNT, "tests/test_discount.py": story.DISCOUNT_TEST}


def draft(
    contract: str = story.CONTRACT_DISC, plan: dict[str, Any] = PLAN, services: dict[str, Any] = SERVICES
) -> list[Step]:
    """A draft of the discount alone."""
    area = contract.split()[1]
    return [
        calls(
            ("write_brief", {"text": "1. A discount in percent."}),
            ("write_services", services),
            ("write_contract", {"area": area, "text": contract}),
            ("write_check", {"path": "checks/disc_001.py", "content": story.CHECK_1}),
            ("write_check", {"path": "checks/disc_002.py", "content": story.CHECK_2}),
            ("write_plan", plan),
        ),
        call("propose_mission", summary="A discount."),
    ]


def script(worker: list[Step] | None = None, **others: list[Step]) -> dict[str, list[Step]]:
    """The honest script, with another worker or other seats; `orchestrator_2` stands for `orchestrator.2`."""
    honest: dict[str, list[Step]] = {
        "orchestrator.1": draft(),
        "worker.F1.1": worker or story.build(FILES, "Take a discount off", TESTS),
        "reviewer.F1.*": story.passed_review("F1"),
        "auditor.*": [call("submit_audit", outcome="passed", findings=[])],
    }
    return {
        **{name.replace("_", "."): steps for name, steps in others.items()},
        **honest,
        **{name.replace("_", "."): steps for name, steps in others.items()},
        "orchestrator.*": [GIVE_UP],
    }


def written(*extra: tuple[str, dict[str, Any]], files: dict[str, str] = FILES) -> Reply:
    """Write the files, run the tests, and whatever else."""
    return calls(
        *(("write_file", {"path": p, "content": t}) for p, t in files.items()),
        ("run_command", {"command": story.TYPED}),
        *extra,
    )
