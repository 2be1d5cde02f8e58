"""The base of every stored or spoken shape: frozen, closed, trimmed; and the ids they speak of."""

from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, StringConstraints


class Shape(BaseModel):
    """A frozen record that refuses unknown fields; a string under a field is its description for a model."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True, use_attribute_docstrings=True)


Text = Annotated[str, StringConstraints(min_length=1)]
"""A string with something in it."""
Reason = Annotated[str, StringConstraints(min_length=20)]
"""A reason of at least 20 characters: short ones explain nothing."""
FeatureId = Annotated[str, StringConstraints(pattern=r"^F\d+$")]
MilestoneId = Annotated[str, StringConstraints(pattern=r"^M\d+$")]
AssertionId = Annotated[str, StringConstraints(pattern=r"^[A-Z][A-Z0-9]{1,9}-\d{3,4}$")]
ItemId = Annotated[str, StringConstraints(pattern=r"^I\d+$")]
EvidenceId = Annotated[str, StringConstraints(pattern=r"^E\d+$")]
ReceiptId = Annotated[str, StringConstraints(pattern=r"^R\d+$")]
AreaName = Annotated[str, StringConstraints(pattern=r"^[A-Z][A-Z0-9]{1,9}$")]
AttemptId = str
"""`worker.F2.1`, `reviewer.F2.M1r2.1`, `tester.M1r1.flow-2.1`, `orchestrator.7`, `auditor.1`."""


def _inside(path: str) -> str:
    if path.startswith("/") or ".." in path.split("/") or "\0" in path:
        raise ValueError(f"{path!r} is not a path inside the tree: expected a relative path with no '..' in it")
    return path.removeprefix("./") or "."


RelativePath = Annotated[str, StringConstraints(min_length=1), AfterValidator(_inside)]
"""A path inside the tree: not absolute, with no `..` in it."""
