"""Caps for life: attempts count along splits, folds and chains of fixes, so that none starts anew (D3, L10)."""

from collections.abc import Mapping
from dataclasses import replace

from milepost.domain.mission import FeatureState, Mission
from milepost.domain.plan import Feature, PlanChange

LONGEST_CHAIN = 8
"""Fixes of fixes that are followed."""


def bequeathed(features: Mapping[str, FeatureState], change: PlanChange) -> dict[str, FeatureState]:
    """The states after splits and folds: attempts, and what lies in the tree, go with the work."""
    after = dict(features)
    for split in change.split:
        old = after[split.feature]
        for n, part in enumerate(split.into):
            after[part.id] = heir(after[part.id], old, takes_work=n == 0)
        after[split.feature] = replace(old, commits=(), start="", end="")
    for fold in change.fold:
        old = after[fold.feature]
        after[fold.into] = heir(after[fold.into], old, takes_work=True)
        after[fold.feature] = replace(old, commits=(), start="", end="")
    return after


def heir(new: FeatureState, old: FeatureState, *, takes_work: bool) -> FeatureState:
    """A feature that goes on with the work of another; its range begins where the earlier one began."""
    new = replace(new, inherited=max(new.inherited, old.tries - new.attempts))
    if not takes_work or not old.start:
        return new
    left = "\n".join(why for why in (new.reopened, old.reopened) if why)
    if new.start and new.started_seq < old.started_seq:
        return replace(new, commits=(*new.commits, *old.commits), reopened=left)
    return replace(
        new, start=old.start, started_seq=old.started_seq, commits=(*old.commits, *new.commits), reopened=left
    )


def attempts_at(mission: Mission, feature: Feature) -> int:
    """Attempts at the feature this one mends, all its fixes included, so that fix chains do not escape the cap (D3)."""
    states = [mission.features[i] for i in family(mission, feature)]
    return sum(s.attempts for s in states) + max(s.inherited for s in states)


def family(mission: Mission, feature: Feature) -> list[str]:
    """The feature, what it mends, and whatever else mends the same."""
    roots = roots_of(mission, feature)
    features = mission.plan.features if mission.plan else []
    return [f.id for f in features if roots & roots_of(mission, f)]


def roots_of(mission: Mission, feature: Feature, depth: int = LONGEST_CHAIN) -> set[str]:
    """The features that fulfil what this one mends; itself where it fulfils something."""
    if feature.fulfills or not depth:
        return {feature.id}
    found: set[str] = set()
    for item in feature.fixes:
        about = mission.items[item].opened.about if item in mission.items else ""
        source = mission.feature(about) or mission.owner(about)
        if source is not None and source.id != feature.id:
            found |= roots_of(mission, source, depth - 1)
    return found or {feature.id}


def allowance(mission: Mission, cap: int, *about: str) -> int:
    """A cap, once more for each time the user was asked about one of these and let it go on."""
    granted = sum(
        1 for i in mission.items.values() if i.opened.type == "stuck" and i.opened.about in about and not i.is_open
    )
    return cap * (1 + granted)
