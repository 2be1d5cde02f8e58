"""What may be written when: the documents of a draft, those that are agreed, and the manifest that may be mended."""

from collections.abc import Sequence

from milepost.domain import events as e
from milepost.domain import orders as o
from milepost.domain.contract_text import parse
from milepost.domain.errors import Refused
from milepost.domain.lint import lint_contract, lint_plan
from milepost.domain.mission import Item, Mission
from milepost.domain.plan import Plan
from milepost.domain.record import Fact
from milepost.domain.services import Manifest

CHANGED_BY = {
    "contract": "it is changed with amend_contract", "check": "it is changed with amend_contract",
    "plan": "it is changed with change_plan", "brief": "it stays; what the user says later stands in their messages",
}
SHOWN = 20
"""Problems named at once."""


def write_document(mission: Mission, order: o.WriteDocument, by: str) -> list[Fact]:
    """The document written; or, where the orchestrator would change how the work is judged, a question to the user."""
    refuse_overwriting(mission, order)
    refuse_misfit(order)
    if mission.phase == "running":
        if order.document not in ("services", "skill") and not joins(mission, order):
            raise Refused(f"the {order.document} is agreed: after approval {CHANGED_BY[order.document]}")
        if by != "user" and order.document == "services" and commands_changed(mission, order.text):
            text = "The orchestrator asks to change the commands that judge the work; the payload is the new manifest"
            return [approval(mission, text, order)]
    text = order.text if order.document in ("brief", "contract", "plan", "services") else ""
    written = e.DocumentWritten(
        document=order.document, name=order.name, hash=order.hash, text=text, base_hash=order.base_hash
    )
    return [written, *mended(mission, order)]


def refuse_overwriting(mission: Mission, order: o.WriteDocument) -> None:
    """Raise Refused where the document is another than its writer read."""
    key = order.document if order.name == order.document else f"{order.document}:{order.name}"
    now = mission.documents.get(key)
    if order.base_hash is not None and now is not None and order.base_hash != now:
        raise Refused(
            f"{key} changed since it was read (expected {order.base_hash[:12]}, found {now[:12]}); "
            "read it again and merge"
        )


def refuse_misfit(order: o.WriteDocument) -> None:
    """Raise Refused where the text is not of the document's shape."""
    if order.document == "contract":
        refuse_problems(order.text)
        areas = [a.name for a in parse(order.text).contract.areas]
        if order.name != "contract" and areas not in ([], [order.name]):
            raise Refused(f"the text has {', '.join(areas)}; expected the area {order.name!r} and no other")
    elif order.document == "plan":
        fits(Plan, order.text)
    elif order.document == "services":
        fits(Manifest, order.text)


def refuse_problems(text: str) -> None:
    """Raise Refused where the text of a contract has errors, with line and column of each."""
    errors = [p for p in parse(text).problems if p.severity == "error"]
    if errors:
        lines = "\n".join(f"line {p.line}, column {p.column}: {p.message}" for p in errors[:SHOWN])
        raise Refused(f"the contract does not parse:\n{lines}")


def fits(shape: type[Plan] | type[Manifest], text: str) -> None:
    """Raise Refused where a JSON text is not of that shape."""
    try:
        shape.model_validate_json(text)
    except ValueError as error:
        raise Refused(f"this is not a {shape.__name__.lower()}: {error}") from error


def commands_changed(mission: Mission, text: str) -> bool:
    """Whether a new manifest judges otherwise: other commands, or other test and inert paths (D4b)."""
    new, old = Manifest.model_validate_json(text), mission.manifest
    return old is None or (new.commands, new.paths) != (old.commands, old.paths)


def mended(mission: Mission, order: o.WriteDocument) -> list[Fact]:
    """A manifest that is another than before answers what the environment blocked, and proposals of what it now has."""
    if mission.phase != "running" or order.document != "services":
        return []
    manifest = Manifest.model_validate_json(order.text)
    if manifest == mission.manifest:
        return []
    return [
        e.ItemResolved(item=i.id, decision="mended", reason="the services manifest was mended")
        for i in mission.open_items if by_environment(mission, i) or about_changed(mission, i, manifest)
    ]


def about_changed(mission: Mission, item: Item, manifest: Manifest) -> bool:
    """Whether an item proposes a service that is another than before."""
    name = item.opened.payload.get("service", {}).get("name", "") if item.opened.type == "proposal" else ""
    old = mission.manifest.service(name) if mission.manifest else None
    return bool(name) and manifest.service(name) != old


def by_environment(mission: Mission, item: Item) -> bool:
    """Whether an item is a verdict that the environment blocked."""
    state = mission.assertions.get(item.opened.about) if item.opened.type == "verdict" else None
    return state is not None and state.verdict is not None and state.verdict.reason_class == "environment"


def approval(mission: Mission, text: str, order: o.Order) -> e.ItemOpened:
    """The item that asks the user to approve an order of the orchestrator's."""
    return e.ItemOpened(
        item=mission.next_item(), type="approval", owner="user", blocks="none", text=text,
        payload=order.model_dump(mode="json"),
    )


def proposal_problems(mission: Mission, skills: Sequence[str], tools: frozenset[str]) -> list[str]:
    """Everything that keeps a mission from being proposed, in words; an empty list lets it pass."""
    missing = [n for n in ("brief", "services") if n not in mission.documents]
    problems = [f"there is no {n} yet: call write_{n}" for n in missing]
    if not mission.contract.live:
        problems.append("the contract is empty: call write_contract for each area")
    if mission.plan is None:
        return [*problems, "there is no plan yet: call write_plan"]
    lints = [
        *lint_contract(mission.contract, mission.manifest, tools),
        *lint_plan(mission.plan, mission.contract, skills, started=False),
    ]
    return problems + [f"{i.code} {i.subject}: {i.message}" for i in lints if i.severity == "error"]


def approve_mission(mission: Mission, order: o.ApproveMission, by: str) -> list[Fact]:
    """The mission runs, on the documents that were looked at."""
    changed = [k for k, h in order.seen.items() if mission.documents.get(k) != h]
    if changed:
        raise Refused(f"{', '.join(sorted(changed))} changed since it was looked at; look again and approve")
    waiting = [i.id for i in mission.attention if i.opened.blocks != "none"]
    if waiting:
        raise Refused(f"{', '.join(waiting)} must be answered first: `milepost answer`")
    if mission.plan is None or mission.manifest is None or not mission.contract.live:
        raise Refused("there is no contract, plan or services manifest to approve; return it with a comment")
    return [e.MissionApproved(hashes=dict(mission.documents), base_commit=mission.base)]


def joins(mission: Mission, order: o.WriteDocument) -> bool:
    """Whether this is the check of an assertion that was added after approval: one more check weakens nothing (D4b)."""
    named = any(order.name in assertion.check for assertion in mission.contract.live)
    return order.document == "check" and named and f"check:{order.name}" not in mission.documents
