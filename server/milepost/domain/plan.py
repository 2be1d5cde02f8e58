"""The plan: milestones and the features that fulfil the contract, in the order of work."""

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from milepost.domain.shape import AssertionId, FeatureId, ItemId, MilestoneId, Reason, Shape, Text

Title = Annotated[str, StringConstraints(min_length=1, max_length=80)]


class Milestone(Shape):
    """Features validated together; it leaves the product testable and coherent."""

    id: MilestoneId
    title: Title
    outcome: Text
    """What a person can see once this milestone is sealed."""


class NewMilestone(Milestone):
    """A milestone added to a running plan; never before a sealed one."""

    after: MilestoneId | None = None
    """The milestone it follows; absent: at the end."""


class Feature(Shape):
    """Work for one worker."""

    id: FeatureId
    milestone: MilestoneId
    title: Title
    detail: Literal["full", "outline"] = "full"
    """`outline` only in later milestones; it must be detailed before its milestone starts."""
    description: str = ""
    """What to build, for a reader who knows only this, the contract and the tree; required when full."""
    skill: str | None = None
    """The procedure to follow: the name of an existing skill."""
    preconditions: list[Text] = []
    expected: list[Text] = []
    """Behaviour to expect when it is done; at least one when full."""
    fulfills: list[AssertionId] = []
    """The assertions this feature owns: each assertion has exactly one owner."""
    fixes: list[ItemId] = []
    """The items a fix feature mends; a feature needs `fulfills` or `fixes`."""


class AddedFeature(Feature):
    """A feature added to a running plan."""

    before: FeatureId | None = None
    """The not yet started feature to put it in front of; absent: at the end of its milestone."""


class Plan(Shape):
    """Milestones in order, and features in the order of work."""

    milestones: Annotated[list[Milestone], Field(min_length=1)]
    features: Annotated[list[Feature], Field(min_length=1)]


class Detail(Shape):
    """What turns an outline into work."""

    feature: FeatureId
    description: Text
    expected: Annotated[list[Text], Field(min_length=1)]
    preconditions: list[Text] = []
    skill: str | None = None


class Split(Shape):
    """One feature into several that together own what it owned."""

    feature: FeatureId
    into: Annotated[list[Feature], Field(min_length=2)]


class Fold(Shape):
    """One feature into another, which takes over what it owned."""

    feature: FeatureId
    into: FeatureId


class Cancellation(Shape):
    """A feature that is no longer wanted; refused while it owns a live assertion."""

    feature: FeatureId
    reason: Reason


class PlanChange(Shape):
    """A change of plan: applied in this order, then linted whole, all or nothing."""

    reason: Reason
    milestones: list[NewMilestone] = []
    add: list[AddedFeature] = []
    detail: list[Detail] = []
    split: list[Split] = []
    fold: list[Fold] = []
    cancel: list[Cancellation] = []
    order: list[FeatureId] = []
    """All features of one milestone that have not started, once each."""
