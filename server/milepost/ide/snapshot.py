"""A mission at one moment, with all that the views ask about it; never changed, only replaced by a newer one.

What several views need is worked out at the first question and kept, so that none of them searches.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, fields
from datetime import datetime, tzinfo
from functools import cached_property
from operator import attrgetter
from typing import Any

from milepost.domain.budget import Spent
from milepost.domain.contract import Assertion
from milepost.domain.mission import Item, Mission, Round
from milepost.domain.next import next_step
from milepost.domain.plan import Feature, Milestone
from milepost.ide.standing import Standing, standing
from milepost.ide.story import History

CONTRACT_SUFFIX = ".contract.md"
QUESTIONS_SUFFIX = ".questions.md"
QUOTED = re.compile(r"[^A-Za-z0-9._~/-]+")
"""What of a path is quoted in a URI."""


@dataclass(frozen=True, slots=True)
class Paths:
    """Where the things of a mission lie: absolute POSIX paths."""

    root: str
    """The mission's folder."""
    tree: str
    """Its work tree; in place, the user's own folder."""
    docs: str
    repository: str
    """The user's repository."""


@dataclass(frozen=True, slots=True)
class Doing:
    """The newest thing that an open attempt began."""

    attempt: str
    at: float
    tool: str
    """Empty while it thinks."""
    turn: int


@dataclass(frozen=True, slots=True)
class Account:
    """What one attempt spent on one model, so far."""

    attempt: str
    model: str
    spent: Spent


@dataclass(frozen=True, eq=False)
class Snapshot:
    """One mission, its story, and what goes on; compared by identity, so that what is made of it can be kept."""

    mission: Mission
    story: History
    running: bool
    """Whether a runner carries it now."""
    dollars: float
    """Spent so far, open attempts included."""
    activity: tuple[Doing, ...]
    """Newest first."""
    paths: Paths
    now: float
    """POSIX seconds."""
    accounts: tuple[Account, ...] = ()
    revision: int = 0
    """Number of the newest event that was read, turns included; 0 where only facts were."""
    zone: tzinfo | None = None
    """Where the person's clock stands; None: as this machine's."""

    @cached_property
    def word(self) -> str:
        """The one word shown: the mission's own, or `interrupted` where it could go on and nobody carries it."""
        mission = self.mission
        idle = mission.phase in ("draft", "running") and not mission.holds and not self.running
        return "interrupted" if idle and next_step(mission) is not None else mission.word

    @cached_property
    def number(self) -> int:
        """The revision: grows with everything that happens."""
        return max(self.revision, self.mission.seq)

    @property
    def milestone(self) -> str:
        """The milestone at work; empty while nobody works or all are sealed."""
        return self.mission.open_milestone or "" if self.mission.phase == "running" else ""

    @cached_property
    def agreed(self) -> Mapping[str, Assertion]:
        """Every assertion of the contract by its id, removed ones included."""
        return {a.id: a for a in self.mission.contract}

    @cached_property
    def planned(self) -> Mapping[str, Feature]:
        """Every feature by its id, cancelled ones included."""
        return {f.id: f for f in self.mission.plan.features} if self.mission.plan else {}

    @cached_property
    def milestones(self) -> Mapping[str, Milestone]:
        """Every milestone by its id."""
        return {m.id: m for m in self.mission.plan.milestones} if self.mission.plan else {}

    @cached_property
    def owners(self) -> Mapping[str, Feature]:
        """The feature that fulfills an assertion, by the assertion."""
        states = self.mission.features
        return {a: f for f in self.planned.values() if states[f.id].status != "cancelled" for a in f.fulfills}

    @cached_property
    def standings(self) -> Mapping[str, Standing]:
        """Where each assertion stands."""
        states, owners, story, before = self.mission.assertions, self.owners, self.story, self._stood
        last = {a: given[-1] for a, given in story.verdicts.items()}
        found = {
            i: standing(a, states[i], owners[i].id if i in owners else "", last.get(i), story.expired.get(i))
            for i, a in self.agreed.items()
        }
        # Those that stand as they stood are the same objects, by which views see it at a glance.
        return {i: old if (old := before.get(i)) == now else now for i, now in found.items()}

    @cached_property
    def _stood(self) -> Mapping[str, Standing]:
        return {}

    def stand(self, names: Iterable[str]) -> tuple[Standing | None, ...]:
        """Where some assertions stand; None for what the mission does not know."""
        return tuple(map(self.standings.get, names))

    @cached_property
    def rounds(self) -> Mapping[tuple[str, int], Round]:
        """Every round by milestone and number."""
        return {(r.milestone, r.number): r for r in self.mission.rounds}

    @cached_property
    def sources(self) -> Mapping[str, tuple[str, ...]]:
        """Ids of the items that came out of one handoff, round or audit, by `handoff:<attempt>`, `round:M1r2` …"""
        found: dict[str, list[str]] = {}
        for item, source in self.story.origins.found.items():
            found.setdefault(source, []).append(item)
        return {source: tuple(items) for source, items in found.items()}

    @cached_property
    def about(self) -> Mapping[str, tuple[Item, ...]]:
        """Items by what they are about, oldest first."""
        found: dict[str, list[Item]] = {}
        for item in self.mission.items.values():
            found.setdefault(item.opened.about, []).append(item)
        return {about: tuple(items) for about, items in found.items()}

    @cached_property
    def served(self) -> Mapping[str, tuple[str, ...]]:
        """The assertions that a feature makes true, by the feature: its own, or for a fix those its items are about."""
        return {f.id: tuple(dict.fromkeys([*f.fulfills, *self._restored(f)])) for f in self.planned.values()}

    @cached_property
    def serving(self) -> Mapping[str, tuple[str, ...]]:
        """The features that make an assertion true: its owner, then the fixes."""
        found: dict[str, list[str]] = {}
        for feature, assertions in self.served.items():
            for assertion in assertions:
                found.setdefault(assertion, []).append(feature)
        return {assertion: tuple(features) for assertion, features in found.items()}

    @cached_property
    def costs(self) -> Mapping[str, float]:
        """Dollars by attempt: of its turns so far, otherwise as its end recorded them."""
        counted: dict[str, float] = {}
        for account in self.accounts:
            counted[account.attempt] = counted.get(account.attempt, 0.0) + account.spent.dollars
        return {**{a: s.dollars for a, s in self.story.spent.items()}, **counted}

    @cached_property
    def sittings(self) -> Mapping[str, tuple[str, ...]]:
        """Attempts by what they were about: the feature that was built or read, and each assertion that was judged."""
        found: dict[str, list[str]] = {}
        for name, attempt in self.mission.attempts.items():
            started = attempt.started
            for subject in (started.subject, *started.assertions):
                found.setdefault(subject, []).append(name)
        return {subject: tuple(names) for subject, names in found.items()}

    @cached_property
    def feature_costs(self) -> Mapping[str, float]:
        """Dollars of the attempts that built and read a feature."""
        return {f: self.cost(self.sittings.get(f, ())) for f in self.planned}

    def following(self, before: "Snapshot | None") -> "Snapshot":
        """This one, with what was worked out for an earlier one and still holds."""
        known = vars(before) if before is not None else {}
        for name, rests_on in RESTS_ON.items():
            if name in known and all(of(self) is of(before) for of in rests_on):
                vars(self)[name] = known[name]
        if "standings" in known:
            vars(self)["_stood"] = known["standings"]
        return self

    def tells_as(self, before: "Snapshot | None") -> bool:
        """Whether the same facts stood then: nothing but turns came in between."""
        return before is not None and self.running == before.running and self.story is before.story and all(
            getattr(self.mission, name) is getattr(before.mission, name) for name in FACTS
        )

    def cost(self, attempts: Iterable[str]) -> float:
        """Dollars of some attempts together, each counted once."""
        return sum(self.costs.get(a, 0.0) for a in set(attempts))

    def clock(self, at: float) -> str:
        """A time as people read it: of today by the hour, otherwise by the day."""
        # A round gives its verdicts all at once, so that few times are asked for again and again.
        if at not in self._clocks:
            self._clocks[at] = self._read_clock(at)
        return self._clocks[at]

    @cached_property
    def _clocks(self) -> dict[float, str]:
        return {}

    def _read_clock(self, at: float) -> str:
        then, now = (datetime.fromtimestamp(t, self.zone) for t in (at, self.now))
        if then.date() == now.date():
            return f"{then:%H:%M}"
        return f"{then.day} {then:%b}" + (f" {then:%Y}" if then.year != now.year else "")

    def _restored(self, feature: Feature) -> list[str]:
        found: list[str] = []
        for about in (self.mission.items[i].opened.about for i in feature.fixes if i in self.mission.items):
            owner = self.planned.get(about)
            found += [about] if about in self.agreed else owner.fulfills if owner else []
        return found


CONTRACT, PLAN, FEATURES, ASSERTIONS, ITEMS = map(
    attrgetter, ("mission.contract", "mission.plan", "mission.features", "mission.assertions", "mission.items")
)
RESTS_ON: Mapping[str, tuple[Callable[[Any], object], ...]] = {
    "agreed": (CONTRACT,), "planned": (PLAN,), "milestones": (PLAN,), "owners": (PLAN, FEATURES),
    "standings": (
        CONTRACT, ASSERTIONS, PLAN, FEATURES, attrgetter("story.verdicts"), attrgetter("story.expired"),
    ),
    "rounds": (attrgetter("mission.rounds"),), "sources": (attrgetter("story.origins"),), "about": (ITEMS,),
    "served": (CONTRACT, PLAN, ITEMS), "serving": (CONTRACT, PLAN, ITEMS),
    "sittings": (attrgetter("mission.attempts"),),
}
"""What each of these is worked out from: while that is the same, so are they."""
FACTS = tuple(f.name for f in fields(Mission) if f.name != "seq")


# --- where its documents lie ---

def uri(path: str) -> str:
    """A path as a URI."""
    return "file://" + QUOTED.sub(lambda found: "".join(f"%{b:02X}" for b in found.group().encode()), path)


def contract_path(paths: Paths, mission: Mission) -> str:
    """The contract."""
    return f"{paths.docs}/{mission.slug}{CONTRACT_SUFFIX}"


def questions_path(paths: Paths, mission: Mission) -> str:
    """The open questions, to be answered in the file."""
    return f"{paths.docs}/{mission.slug}{QUESTIONS_SUFFIX}"


def handoff_path(paths: Paths, feature: str) -> str:
    """The newest handoff of a feature."""
    return f"{paths.docs}/handoffs/{feature}.md"


def plan_path(paths: Paths) -> str:
    """The plan."""
    return f"{paths.docs}/plan.md"


def brief_path(paths: Paths) -> str:
    """The brief."""
    return f"{paths.docs}/brief.md"


def report_path(paths: Paths) -> str:
    """The report."""
    return f"{paths.docs}/report.md"


def milestone_path(paths: Paths, milestone: str) -> str:
    """The page of a milestone."""
    return f"{paths.docs}/milestones/{milestone}.md"


def evidence_path(paths: Paths, attempt: str, evidence: str, kind: str = "") -> str:
    """A copy of one piece of evidence, that any program can open."""
    return f"{paths.docs}/evidence/{attempt}-{evidence}.{'png' if kind == 'screenshot' else 'txt'}"


def tree_path(paths: Paths, path: str) -> str:
    """A file of the work tree."""
    return f"{paths.tree}/{path}"
