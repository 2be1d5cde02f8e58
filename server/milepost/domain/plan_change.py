"""Changing a running plan: part by part in the treaty's order, then linted whole, all or nothing."""

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from milepost.domain.contract import Contract
from milepost.domain.errors import Refused
from milepost.domain.lint import lint_plan
from milepost.domain.plan import (
    AddedFeature,
    Cancellation,
    Detail,
    Feature,
    Fold,
    Milestone,
    NewMilestone,
    Plan,
    PlanChange,
    Split,
)

CHANGEABLE = ("outline", "ready")
"""States of a feature nobody has worked on."""


@dataclass(frozen=True, slots=True)
class Changed:
    """The plan after a change; no feature ever leaves it."""

    plan: Plan
    cancelled: frozenset[str]
    """Features that this change cancelled, split and folded ones included."""
    detailed: frozenset[str]
    """Outlines that this change filled."""
    added: tuple[str, ...]
    """Features that this change brought, the parts of split ones included."""


def apply(
    plan: Plan,
    change: PlanChange,
    *,
    status: Mapping[str, str],
    sealed: frozenset[str],
    contract: Contract,
    skills: Collection[str] | None = None,
    waived: frozenset[str] = frozenset(),
) -> Changed:
    """The plan with a change applied whole.

    `status` holds the state of each feature; `skills` None leaves skills unchecked; `waived` names assertions whose
    owner may be cancelled. Raises Refused where any part of the change is not possible.
    """
    parts = (change.milestones, change.add, change.detail, change.split, change.fold, change.cancel, change.order)
    if not any(parts):
        raise Refused("the change is empty; expected one of milestones, add, detail, split, fold, cancel, order")
    draft = _Draft(plan, status, sealed)
    for milestone in change.milestones:
        draft.insert(milestone)
    for added in change.add:
        draft.add(added)
    for detail in change.detail:
        draft.detail(detail)
    for split in change.split:
        draft.split(split)
    for fold in change.fold:
        draft.fold(fold)
    for cancellation in change.cancel:
        draft.cancel(cancellation, {a.id for a in contract.live} - waived)
    draft.order(change.order)
    return draft.changed(contract, skills)


class _Draft:
    """A plan that is being changed."""

    def __init__(self, plan: Plan, status: Mapping[str, str], sealed: frozenset[str]) -> None:
        self._milestones = list(plan.milestones)
        self._features = list(plan.features)
        self._status = {f.id: status.get(f.id, _fresh(f)) for f in plan.features}
        self._sealed = sealed
        self._cancelled: set[str] = set()
        self._detailed: set[str] = set()
        self._added: list[str] = []

    def insert(self, new: NewMilestone) -> None:
        """A new milestone, after the one it names or at the end."""
        ids = [m.id for m in self._milestones]
        if new.id in ids:
            raise Refused(f"milestone {new.id} exists already; choose an id that was never used")
        if new.after is not None and new.after not in ids:
            raise Refused(f"{new.id} is to follow {new.after}, which does not exist; there are {', '.join(ids)}")
        at = ids.index(new.after) + 1 if new.after is not None else len(ids)
        late = [m for m in ids[at:] if m in self._sealed]
        if late:
            raise Refused(f"{new.id} would stand before {late[-1]}, which is sealed; put it after {late[-1]}")
        self._milestones.insert(at, Milestone(id=new.id, title=new.title, outcome=new.outcome))

    def add(self, new: AddedFeature) -> None:
        """A new feature, in front of the one it names or at the end of its milestone."""
        feature = Feature.model_validate(new.model_dump(exclude={"before"}))
        self._check_new(feature)
        at = self._end(feature.milestone)
        if new.before is not None:
            if self._changeable(new.before).milestone != new.milestone:
                raise Refused(f"{new.id} is to stand before {new.before}, which is not in {new.milestone}")
            at = self._index(new.before)
        self._put(at, feature)

    def detail(self, detail: Detail) -> None:
        """An outline filled in, or a full feature described anew; what is left out stays as it was."""
        old = self._changeable(detail.feature)
        self._replace(
            old, detail="full", description=detail.description, expected=detail.expected,
            preconditions=detail.preconditions or old.preconditions, skill=detail.skill or old.skill,
        )
        self._status[old.id] = "ready"
        self._detailed.add(old.id)

    def split(self, split: Split) -> None:
        """A feature taken apart; the parts together own exactly what it owned."""
        old = self._changeable(split.feature)
        owned = Counter(a for part in split.into for a in part.fulfills)
        if owned != Counter(old.fulfills):
            raise Refused(f"the parts of {old.id} own {_listed(owned)}; expected exactly {_listed(old.fulfills)}")
        fixed = {i for part in split.into for i in part.fixes}
        if fixed != set(old.fixes):
            raise Refused(f"the parts of {old.id} fix {_listed(fixed)}; expected {_listed(old.fixes)}")
        last = old.id
        for part in split.into:
            self._check_new(part)
            if part.milestone == old.milestone:
                self._put(self._index(last) + 1, part)
                last = part.id
            else:
                self._put(self._end(part.milestone), part)
        self._drop(old)

    def fold(self, fold: Fold) -> None:
        """A feature given up to another, which then owns both shares."""
        old, into = self._changeable(fold.feature), self._changeable(fold.into)
        if old.id == into.id:
            raise Refused(f"{old.id} cannot be folded into itself; name another feature")
        self._replace(
            into, fulfills=[*into.fulfills, *(a for a in old.fulfills if a not in into.fulfills)],
            fixes=[*into.fixes, *(i for i in old.fixes if i not in into.fixes)],
        )
        self._drop(old)

    def cancel(self, cancellation: Cancellation, live: set[str]) -> None:
        """A feature no longer wanted; it stays the owner of what was removed or waived."""
        old = self._changeable(cancellation.feature)
        owned = [a for a in old.fulfills if a in live]
        if owned:
            raise Refused(
                f"{old.id} owns {', '.join(owned)}; fold or split it, or have them removed or waived first"
            )
        self._cancelled.add(old.id)

    def order(self, order: list[str]) -> None:
        """The features of one milestone that nobody started, in a new order."""
        if not order:
            return
        milestone = self._changeable(order[0]).milestone
        here = [n for n, f in enumerate(self._features) if f.milestone == milestone]
        slots = [n for n in here if self._state(self._features[n].id) in CHANGEABLE]
        waiting = {self._features[n].id: self._features[n] for n in slots}
        if sorted(order) != sorted(waiting):
            raise Refused(
                f"the order names {', '.join(order)}; expected the features of {milestone} that have not started, "
                f"once each: {', '.join(waiting)}"
            )
        for slot, name in zip(slots, order, strict=True):
            self._features[slot] = waiting[name]

    def changed(self, contract: Contract, skills: Collection[str] | None) -> Changed:
        """The finished plan. Raises Refused where it does not lint."""
        plan = Plan(milestones=self._milestones, features=self._features)
        gone = {i for i in self._status if self._state(i) == "cancelled"}
        lints = lint_plan(plan, contract, skills, started=True, cancelled=gone)
        errors = [f"{i.code} {i.subject}: {i.message}" for i in lints if i.severity == "error"]
        if errors:
            raise Refused("the plan would not hold: " + "; ".join(errors))
        return Changed(plan, frozenset(self._cancelled), frozenset(self._detailed), tuple(self._added))

    def _state(self, feature: str) -> str:
        return "cancelled" if feature in self._cancelled else self._status[feature]

    def _changeable(self, feature: str) -> Feature:
        found = next((f for f in self._features if f.id == feature), None)
        if found is None:
            raise Refused(f"there is no feature {feature!r}; there are {', '.join(self._status)}")
        if self._state(feature) not in CHANGEABLE:
            raise Refused(f"{feature} is {self._state(feature)}; only features in outline or ready can be changed")
        return found

    def _check_new(self, feature: Feature) -> None:
        if feature.id in self._status:
            raise Refused(f"feature {feature.id} exists already; choose an id that was never used")
        if feature.milestone in self._sealed:
            raise Refused(
                f"{feature.milestone} is sealed and takes no more work; open a follow-up milestone for {feature.id}"
            )
        if feature.milestone not in [m.id for m in self._milestones]:
            raise Refused(f"{feature.id} belongs to {feature.milestone}, which does not exist; add it to `milestones`")

    def _put(self, at: int, feature: Feature) -> None:
        self._features.insert(at, feature)
        self._status[feature.id] = _fresh(feature)
        self._added.append(feature.id)

    def _drop(self, feature: Feature) -> None:
        # Ownership moved: a cancelled feature that still named it would own it a second time.
        self._replace(feature, fulfills=[], fixes=[])
        self._cancelled.add(feature.id)

    def _replace(self, feature: Feature, **values: object) -> None:
        self._features[self._index(feature.id)] = feature.model_copy(update=values)

    def _index(self, feature: str) -> int:
        return next(n for n, f in enumerate(self._features) if f.id == feature)

    def _end(self, milestone: str) -> int:
        """Where a milestone's features end: before the first one of a later milestone."""
        ranks = {m.id: n for n, m in enumerate(self._milestones)}
        later = (n for n, f in enumerate(self._features) if ranks[f.milestone] > ranks[milestone])
        return next(later, len(self._features))


def _fresh(feature: Feature) -> str:
    return "outline" if feature.detail == "outline" else "ready"


def _listed(ids: Collection[str]) -> str:
    return ", ".join(sorted(ids)) or "nothing"
