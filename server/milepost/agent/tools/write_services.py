"""`write_services`: the manifest, tried before anyone relies on it (D18c)."""

from collections.abc import Sequence

from milepost.agent.desk import Desk, DryRun
from milepost.agent.tool import Shown, Tool
from milepost.agent.tools.documents import refuse, written
from milepost.agent.tools.seated import ORCHESTRATOR
from milepost.domain.decide_document import by_environment
from milepost.domain.errors import ToolError
from milepost.domain.lint import lint_manifest
from milepost.domain.mission import Mission
from milepost.domain.services import Manifest


async def run(desk: Desk, args: Manifest) -> Shown:
    """Lint, dry-run, and write; after approval only what passes is written."""
    lints = lint_manifest(args)
    refuse(lints, "the manifest was not written")
    tried = await desk.engine.dry_run(args)
    rows = table(tried)
    due = to_mend(desk.mission, args)
    failed = [d.name for d in tried if d.outcome == "fails" or (d.outcome != "works" and d.name in due)]
    if desk.mission.phase == "running" and failed:
        raise ToolError(f"the manifest was not written, since {', '.join(failed)} fails:\n{rows}")
    text = args.model_dump_json()
    waiting = asked_before(desk.mission, text) or [i.item for i in await written(desk, "services", "services", text)]
    said = f"waits for the user's approval as {', '.join(waiting)}" if waiting else "the manifest is written"
    return Shown("\n".join([said, rows, *(f"{i.code} {i.subject}: {i.message}" for i in lints)]))


def to_mend(mission: Mission, manifest: Manifest) -> set[str]:
    """Services changed while something is blocked by the environment: there the program is built, so they must start.

    What would be written without starting would only send the next tester into the same wall.
    """
    if not any(by_environment(mission, i) for i in mission.open_items):
        return set()
    old = mission.manifest
    return {s.name for s in manifest.services if old is None or old.service(s.name) != s}


def asked_before(mission: Mission, text: str) -> list[str]:
    """The open approvals of exactly this manifest."""
    return [i.id for i in mission.open_items if i.opened.type == "approval" and i.opened.payload.get("text") == text]


def table(tried: Sequence[DryRun]) -> str:
    """What each command and service did."""
    return "\n".join(f"- {d.name}: {d.outcome}" + (f"; {d.text}" if d.text else "") for d in tried)


WRITE_SERVICES = Tool("write_services", Manifest, run, seats=ORCHESTRATOR, repeatable=True)
