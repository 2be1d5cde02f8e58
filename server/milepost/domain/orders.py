"""Orders: what a person, an editor or the orchestrator asks of a mission. Each is decided on once (D19)."""

from typing import Annotated, Any, Literal

from pydantic import Field, TypeAdapter

from milepost.domain.events import ContractChange, DocumentKind
from milepost.domain.plan import PlanChange
from milepost.domain.settings import Settings
from milepost.domain.shape import Shape, Text


class CreateMission(Shape):
    order: Literal["create_mission"] = "create_mission"
    mission: Text
    goal: Text
    repository: Text
    base: Text
    mode: Literal["worktree", "in_place"] = "worktree"
    slug: Text
    settings: Settings


class WriteDocument(Shape):
    order: Literal["write_document"] = "write_document"
    document: DocumentKind
    name: Text
    text: str
    hash: Text
    base_hash: str | None = None


class RequestProposal(Shape):
    order: Literal["request_proposal"] = "request_proposal"


class ReturnMission(Shape):
    order: Literal["return_mission"] = "return_mission"
    comment: Text


class ApproveMission(Shape):
    order: Literal["approve_mission"] = "approve_mission"
    seen: dict[str, str] = {}
    """Hashes of the documents that were looked at; a different one refuses the approval."""


class PauseMission(Shape):
    order: Literal["pause_mission"] = "pause_mission"
    reason: str = "paused by the user"


class InterruptMission(Shape):
    order: Literal["interrupt_mission"] = "interrupt_mission"
    reason: str = "interrupted by the user"


class ResumeMission(Shape):
    order: Literal["resume_mission"] = "resume_mission"


class SteerMission(Shape):
    order: Literal["steer_mission"] = "steer_mission"
    text: Text


class CancelMission(Shape):
    order: Literal["cancel_mission"] = "cancel_mission"
    reason: str = ""


class FailMission(Shape):
    order: Literal["fail_mission"] = "fail_mission"
    reason: Text


class ReopenMission(Shape):
    order: Literal["reopen_mission"] = "reopen_mission"
    reason: Text


class LandMission(Shape):
    order: Literal["land_mission"] = "land_mission"
    how: Literal["merge", "push"] = "merge"
    commit: Text
    unfinished: bool = False


class ResolveItem(Shape):
    order: Literal["resolve_item"] = "resolve_item"
    item: Text
    decision: Literal[
        "feature", "fold", "reopen", "dismiss", "dispute", "accept", "reject", "counter", "answer", "approve", "deny"
    ]
    reason: str = ""
    text: str | None = None
    feature: str | None = None


class AmendContract(Shape):
    order: Literal["amend_contract"] = "amend_contract"
    changes: Annotated[list[ContractChange], Field(min_length=1)]
    reason: Text


class WaiveAssertion(Shape):
    order: Literal["waive_assertion"] = "waive_assertion"
    assertion: Text
    reason: Text


class RecheckAssertions(Shape):
    order: Literal["recheck_assertions"] = "recheck_assertions"
    assertions: list[str] = []
    """Empty: all that were judged."""


class ChangePlan(Shape):
    order: Literal["change_plan"] = "change_plan"
    change: PlanChange
    skills: list[str] | None = None
    """The skills there are, where whoever asks knows them; a feature that names another is refused."""


class RevertFeature(Shape):
    order: Literal["revert_feature"] = "revert_feature"
    feature: Text
    commit: Text
    """The commit that takes the feature's range back."""
    tree: Text
    parent: Text
    paths: list[str] = []


class ChangeSetting(Shape):
    order: Literal["change_setting"] = "change_setting"
    key: Text
    value: Any = None


Order = (
    CreateMission | WriteDocument | RequestProposal | ReturnMission | ApproveMission | PauseMission | InterruptMission
    | ResumeMission | SteerMission | CancelMission | FailMission | ReopenMission | LandMission | ResolveItem
    | AmendContract | WaiveAssertion | RecheckAssertions | ChangePlan | RevertFeature | ChangeSetting
)
ORDER: TypeAdapter[Order] = TypeAdapter(Annotated[Order, Field(discriminator="order")])
