"""The documents of a draft: `write_brief`, `write_contract`, `write_check`, `write_plan` and `write_skill`."""

import json
from collections.abc import Sequence
from typing import Annotated

from pydantic import ConfigDict, StringConstraints

from milepost.agent.desk import Desk
from milepost.agent.tool import Shown, Tool
from milepost.agent.tools.read_skill import skill_names
from milepost.agent.tools.seated import ORCHESTRATOR
from milepost.domain.contract_text import parse_area
from milepost.domain.decide import decide
from milepost.domain.errors import ConfigError, ToolError
from milepost.domain.events import DocumentKind, ItemOpened
from milepost.domain.lint import Lint, lint_assertion, lint_plan
from milepost.domain.orders import WriteDocument
from milepost.domain.plan import Plan
from milepost.domain.shape import AreaName, RelativePath, Shape, Text
from milepost.text.skills import parse_skill
from milepost.workspace.paths import is_control

SkillName = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=64)]


class WriteBrief(Shape):
    """Arguments of write_brief."""

    text: Text


class WriteContract(Shape):
    """Arguments of write_contract."""

    area: AreaName
    text: Text


class WriteCheck(Shape):
    """Arguments of write_check."""

    model_config = ConfigDict(str_strip_whitespace=False)

    path: RelativePath
    content: Text


class WriteSkill(Shape):
    """Arguments of write_skill."""

    name: SkillName
    description: Text
    """When to use it, in a sentence."""
    body: Text


async def write_brief(desk: Desk, args: WriteBrief) -> Shown:
    """Write the brief."""
    await written(desk, "brief", "brief", args.text)
    return Shown("the brief is written")


async def write_contract(desk: Desk, args: WriteContract) -> Shown:
    """Write one area; grammar and lint come back with their places."""
    parsed = parse_area(args.text, args.area)
    errors = [f"line {p.line}, column {p.column}: {p.message}" for p in parsed.problems if p.severity == "error"]
    placed = {(p.code, p.subject) for p in parsed.problems}
    lints = [(a, i) for a in parsed.area.assertions for i in lint_assertion(a) if (i.code, i.subject) not in placed]
    errors += [f"line {a.line}, column 1: {i.message}" for a, i in lints if i.severity == "error"]
    if errors:
        raise ToolError("the area was not written:\n" + "\n".join(errors[:20]))
    await written(desk, "contract", args.area, args.text)
    notes = [f"line {p.line}: {p.message}" for p in parsed.problems]
    said = f"{args.area} is written: {', '.join(a.id for a in parsed.area.assertions) or 'no assertion'}"
    return Shown("\n".join([said, *notes]))


async def write_check(desk: Desk, args: WriteCheck) -> Shown:
    """Write a check file, kept outside the tree."""
    if args.path == "." or args.path.endswith("/") or is_control(args.path):
        raise ToolError(f"{args.path!r} cannot be a check; expected a file of its own, such as checks/auth_001.py")
    order = document("check", args.path, args.content, desk.blobs.put(args.content))
    decide(desk.mission, order, by=desk.attempt)
    await desk.engine.write_check(args.path, args.content)
    await recorded(desk, order)
    users = [a.id for a in desk.mission.contract.live if args.path in a.check]
    return Shown(f"wrote the check {args.path}, run by {', '.join(users) or 'no assertion yet'}")


async def write_plan(desk: Desk, args: Plan) -> Shown:
    """Write the plan; refused with everything lint finds."""
    lints = lint_plan(args, desk.mission.contract, skill_names(desk), started=False)
    refuse(lints, "the plan was not written")
    await written(desk, "plan", "plan", args.model_dump_json())
    said = f"the plan is written: {len(args.milestones)} milestones, {len(args.features)} features"
    return Shown("\n".join([said, *(i.message for i in lints)]))


async def write_skill(desk: Desk, args: WriteSkill) -> Shown:
    """Write a procedure of this mission."""
    description = " ".join(args.description.split())
    text = f"---\nname: {args.name}\ndescription: {json.dumps(description, ensure_ascii=False)}\n---\n\n{args.body}\n"
    try:
        parse_skill(text, "mission")
    except ConfigError as error:
        raise ToolError(f"the skill was not written: {error}") from error
    await written(desk, "skill", args.name, text)
    return Shown(f"wrote the skill {args.name}")


def refuse(lints: Sequence[Lint], what: str) -> None:
    """Raise ToolError where a lint is an error."""
    errors = [f"- {i.code} {i.subject}: {i.message}" for i in lints if i.severity == "error"]
    if errors:
        raise ToolError(f"{what}:\n" + "\n".join(errors))


def document(kind: DocumentKind, name: str, text: str, sha: str) -> WriteDocument:
    """The order that writes a document."""
    return WriteDocument(document=kind, name=name, text=text, hash=sha)


async def written(desk: Desk, kind: DocumentKind, name: str, text: str) -> list[ItemOpened]:
    """Keep a document's text and record it; the items where it waits for the user's approval."""
    # Events trim their strings: hash and text stay of the same bytes.
    text = text.strip()
    return await recorded(desk, document(kind, name, text, desk.blobs.put(text)))


async def recorded(desk: Desk, order: WriteDocument) -> list[ItemOpened]:
    """Record a document once: after a crash the same text is there already."""
    key = order.document if order.name == order.document else f"{order.document}:{order.name}"
    if desk.mission.documents.get(key) == order.hash:
        decide(desk.mission, order, by=desk.attempt)
        return []
    records = await desk.log.decide(
        lambda m: decide(m, order, by=desk.attempt), by=desk.attempt, attempt=desk.attempt
    )
    return [r.event for r in records if isinstance(r.event, ItemOpened)]


WRITE_BRIEF = Tool("write_brief", WriteBrief, write_brief, seats=ORCHESTRATOR, repeatable=True)
WRITE_CONTRACT = Tool("write_contract", WriteContract, write_contract, seats=ORCHESTRATOR, repeatable=True)
WRITE_CHECK = Tool("write_check", WriteCheck, write_check, seats=ORCHESTRATOR, repeatable=True)
WRITE_PLAN = Tool("write_plan", Plan, write_plan, seats=ORCHESTRATOR, repeatable=True)
WRITE_SKILL = Tool("write_skill", WriteSkill, write_skill, seats=ORCHESTRATOR, repeatable=True)
