"""The shapes of our own messages: what a client sends is closed, what it is sent is the views of `ide`."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

from milepost.ide.view import MissionStatus, MissionView, View


class Params(BaseModel):
    """What a client sends: camelCase, and nothing that is not known."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", alias_generator=to_camel, populate_by_name=True, use_attribute_docstrings=True,
    )


Name = Annotated[str, Field(min_length=1)]
Words = Annotated[str, Field(min_length=1, pattern=r"\S")]
"""Text with something in it."""


class Nothing(Params):
    """No parameters."""


# --- methods ---

class SnapshotParams(Params):
    mission: str | None = None
    """Only this one."""
    if_revision: int | None = None
    """What the client has: nothing is sent where that is still the newest."""


class Snapshot(View):
    revision: int
    """Sum of the missions' revisions: another one whenever anything happened."""
    unchanged: bool
    missions: list[MissionView]


class DocumentParams(Params):
    mission: Name
    document: Name
    """brief, contract, plan, questions, report, handoff:F1, milestone:M1, or evidence:<attempt>/E3."""


class Document(View):
    uri: str
    text: str


class DiffParams(Params):
    mission: Name
    feature: str | None = None
    milestone: str | None = None


class DiffFile(View):
    path: str
    before: str | None
    """None where the file is new, or is no text."""
    after: str | None
    """None where the file is gone, or is no text."""


class Diff(View):
    title: str
    files: list[DiffFile]


class DoctorFinding(View):
    ok: bool
    severity: str
    name: str
    message: str
    remedy: str


class Doctor(View):
    findings: list[DoctorFinding]


class Pong(View):
    revision: int
    uptime: float
    """Seconds."""


class KeysParams(Params):
    keys: dict[Annotated[str, Field(pattern=r"^[A-Z][A-Z0-9_]*$")], str]
    """Name of the environment variable to its value; they replace those that were sent before."""


class Keys(View):
    names: list[str]


class TrustParams(Params):
    trusted: bool


class EditorStateParams(Params):
    dirty: list[str]
    """URIs of documents with changes that are not saved."""


class StatusParams(View):
    revision: int
    quiescent: bool
    """Whether everything that is there was read. Once it was, one such status comes, also where there is no mission."""
    missions: list[MissionStatus]


class ChangedParams(View):
    mission: str
    revision: int
    what: list[Literal["contract", "plan", "items", "handoffs", "verdicts", "rounds", "activity", "money", "state"]]


# --- commands ---

class Accepted(View):
    accepted: bool
    id: str
    """Of the order, where it is one; the answer in the log carries it."""
    revision: int
    """Of the mission when it was given."""
    message: str
    """What happens now, for a person."""


class OfMission(Params):
    mission: Name


class NewMission(Params):
    goal: Words
    folder: Name
    """URI of a folder in the repository."""
    budget: Annotated[float, Field(ge=0)] | None = None
    in_place: bool = False
    model: str | None = None
    api_base: str | None = None
    name: str | None = None


class Demo(Params):
    folder: Name
    """URI of the folder in which the new repository goes."""


class AnswerItem(OfMission):
    item: Name
    text: Words
    """Words, the number of an option, yes or no."""


class Approve(OfMission):
    expected_revision: int | None = None
    """Refuse where the documents changed since then."""


class WithComment(OfMission):
    comment: Words


class WithReason(OfMission):
    reason: str = ""


class Because(OfMission):
    reason: Words


class Steer(OfMission):
    text: Words


class Waive(OfMission):
    assertion: Name
    reason: Words


class Recheck(OfMission):
    assertions: list[str] = []
    """Empty: all that were judged."""


class Resolve(OfMission):
    item: Name
    decision: Name
    reason: str = ""
    feature: str | None = None
    text: str | None = None


class Revert(OfMission):
    feature: Name


class Set(OfMission):
    key: Name
    value: Any = None


class Land(OfMission):
    unfinished: bool = False


class TrustFolder(Params):
    folder: Name


class Open(OfMission):
    document: Name
    """As in milepost/document."""
