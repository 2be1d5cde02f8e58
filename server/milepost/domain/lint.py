"""What is wrong with a contract, a plan, the seats or a manifest, by code; `contract_text` has the grammar's codes."""

import re
import shlex
from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from milepost.domain.contract import EVIDENCE_KINDS, MINIMUM_EVIDENCE, SURFACES, Assertion, Contract
from milepost.domain.contract_grammar import ASSERTION, Severity, missing_parts
from milepost.domain.plan import Feature, Plan
from milepost.domain.seat import VALIDATORS, Seat, family
from milepost.domain.services import Command, HttpReady, Manifest, TcpReady
from milepost.domain.settings import Settings

LINTS: dict[str, str] = {
    "CONTRACT-001": "an id is used twice",
    "CONTRACT-002": "an assertion has no surface",
    "CONTRACT-003": "an assertion has no `then`",
    "CONTRACT-004": "an assertion has no `fails if`",
    "CONTRACT-005": "an assertion has no evidence",
    "CONTRACT-006": "the surface is none of those there are",
    "CONTRACT-007": "a kind of evidence is none of those there are",
    "CONTRACT-008": "the evidence listed is less than the minimum of its surface",
    "CONTRACT-009": "this machine has no tool for the surface of an assertion that needs a tester",
    "CONTRACT-010": "`before` without a check",
    "CONTRACT-011": "`before` is neither red nor guard",
    "CONTRACT-012": "an id that is not like AUTH-003",
    "CONTRACT-013": "three areas or more and no flow that crosses them (warning)",
    "CONTRACT-014": "an assertion on http or browser, and no service with a port (browser: warning)",
    "PLAN-001": "an assertion is owned by no feature",
    "PLAN-002": "an assertion is owned more than once",
    "PLAN-003": "a feature has neither `fulfills` nor `fixes`",
    "PLAN-004": "a feature fulfills an assertion that the contract does not have",
    "PLAN-005": "a feature names a skill that does not exist",
    "PLAN-006": "an outline in the first milestone",
    "PLAN-007": "a full feature without a description",
    "PLAN-008": "a full feature that expects nothing",
    "PLAN-009": "a milestone without a feature",
    "PLAN-010": "a feature of a milestone that does not exist",
    "PLAN-011": "a feature stands before one of an earlier milestone",
    "PLAN-012": "a feature or milestone id is used twice",
    "SEAT-001": "a model without a price",
    "SEAT-002": "a validator of the worker's family (warning, or refused on the user's word)",
    "SEAT-003": "screenshots are evidence, and the tester's model cannot see (warning)",
    "SEAT-004": "a model that cannot call tools",
    "SEAT-005": "a window with no room for work beside the longest reply",
    "MANIFEST-001": "a command or service that does nothing",
    "MANIFEST-002": "a command whose failure is thrown away",
    "MANIFEST-003": "a test command without a JUnit report (warning)",
    "MANIFEST-004": "a report is promised and `{report}` is not in the command",
    "MANIFEST-005": "a service depends on one that does not exist",
    "MANIFEST-006": "services that wait for each other in a circle",
    "MANIFEST-007": "two services of one name",
    "MANIFEST-008": "a service that is ready by http or tcp, without a port",
}
"""What each code means."""

ALWAYS_OBSERVABLE: frozenset[str] = frozenset({"command", "library", "file", "http", "terminal"})
"""Surfaces whose drivers come with every installation."""

WHERE_FOUND: frozenset[str] = frozenset({"browser"})
"""Surfaces whose drivers need a program of the user's: who knows the machine says whether it is there."""

MENDERS = {
    "browser": "there is no browser, or nothing to drive it: `milepost doctor` says how the user comes by both, "
    "or the orchestrator words it for http or terminal",
}
"""For a surface without a tool: who can mend it, and how."""

NO_OPS: frozenset[str] = frozenset({"true", "/bin/true", "/usr/bin/true", ":", "echo", "printf", "exit 0", "sleep"})
FREE_MODELS = ("cassette:", "scripted:")
"""Beginnings of model names that cost nothing and have no family."""
WORKING_SHARE = 0.7
"""Of a seat's window, what it fills before it hands off (D17)."""


@dataclass(frozen=True, slots=True)
class Lint:
    """One rule that does not hold; an error keeps a mission from being proposed."""

    code: str
    subject: str
    """The assertion, feature, milestone, seat, command or service it is about."""
    message: str
    severity: Severity = "error"


# --- contract ---

def lint_contract(contract: Contract, manifest: Manifest | None, tools: frozenset[str]) -> list[Lint]:
    """What keeps a contract from being judged; `tools` names surfaces observable beside ALWAYS_OBSERVABLE."""
    counted = Counter(a.id for a in contract)
    found = [Lint("CONTRACT-001", i, f"{i!r} is used {n} times; ids are unique") for i, n in counted.items() if n > 1]
    for assertion in contract.live:
        found += [*lint_assertion(assertion), *_observable(assertion, manifest, tools)]
    return [*found, *_crossing(contract)]


def lint_assertion(assertion: Assertion) -> list[Lint]:
    """What is wrong with one assertion, wherever it stands; nothing for one that was removed."""
    if assertion.removed:
        return []
    found = [Lint(code, assertion.id, message) for code, message in missing_parts(assertion)]
    if not ASSERTION.fullmatch(assertion.id):
        message = f"{assertion.id!r} is no id; expected letters, a dash and 3 or 4 digits, such as AUTH-003"
        found.append(Lint("CONTRACT-012", assertion.id, message))
    if assertion.surface and assertion.surface not in SURFACES:
        message = f"unknown surface {assertion.surface!r}; expected one of {', '.join(SURFACES)}"
        found.append(Lint("CONTRACT-006", assertion.id, message))
    return [*found, *_evidence(assertion), *_before(assertion)]


def _evidence(assertion: Assertion) -> Iterator[Lint]:
    unknown = [k for k in assertion.evidence if k not in EVIDENCE_KINDS]
    if unknown:
        message = f"unknown evidence {', '.join(map(repr, unknown))}; expected some of {', '.join(EVIDENCE_KINDS)}"
        yield Lint("CONTRACT-007", assertion.id, message)
    for group in MINIMUM_EVIDENCE.get(assertion.surface, ()):
        if assertion.evidence and not group & set(assertion.evidence):
            wanted = " or ".join(sorted(group))
            message = f"surface {assertion.surface!r} is shown by {wanted} at least; add it to `- evidence:`"
            yield Lint("CONTRACT-008", assertion.id, message)


def _before(assertion: Assertion) -> Iterator[Lint]:
    if assertion.before and not assertion.check:
        message = f"`before: {assertion.before}` speaks of a check and there is none; add a check or drop the line"
        yield Lint("CONTRACT-010", assertion.id, message)
    if assertion.before not in ("", "red", "guard"):
        message = f"`before` is {assertion.before!r}; expected red (fails on the base) or guard (holds there too)"
        yield Lint("CONTRACT-011", assertion.id, message)


def _observable(assertion: Assertion, manifest: Manifest | None, tools: frozenset[str]) -> Iterator[Lint]:
    surface = assertion.surface
    if surface in SURFACES and assertion.needs_tester and surface not in ALWAYS_OBSERVABLE | tools:
        mend = MENDERS.get(surface, "`milepost doctor` says what to install")
        yield Lint("CONTRACT-009", assertion.id, f"nothing on this machine can observe surface {surface!r}; {mend}")
    ports = manifest is None or any(s.port is not None for s in manifest.services)
    if surface in ("http", "browser") and not ports:
        message = f"surface {surface!r} is reached at http://<service>/ and no service of the manifest has a port"
        yield Lint("CONTRACT-014", assertion.id, message, "error" if surface == "http" else "warning")


def _crossing(contract: Contract) -> Iterator[Lint]:
    areas = {area.name for area in contract.areas if any(not a.removed for a in area.assertions)}
    if len(areas) >= 3 and "CROSS" not in areas:
        message = f"{len(areas)} areas and no area CROSS; consider assertions for flows that pass through several"
        yield Lint("CONTRACT-013", "CROSS", message, "warning")


# --- plan ---

def lint_plan(
    plan: Plan, contract: Contract, skills: Collection[str] | None, *, started: bool, cancelled: Collection[str] = ()
) -> list[Lint]:
    """What keeps a plan from being worked on; `skills` None leaves skills unchecked, `started` allows outlines."""
    milestones = [m.id for m in plan.milestones]
    found = [*_doubles(milestones + [f.id for f in plan.features]), *_coverage(plan, contract, cancelled)]
    known = {a.id for a in contract}
    for feature in plan.features:
        if feature.id not in cancelled:
            found += [*_feature(feature, known, skills), *_placed(feature, milestones, started)]
    empty = set(milestones) - {f.milestone for f in plan.features}
    found += [Lint("PLAN-009", m, f"milestone {m} has no feature") for m in milestones if m in empty]
    return [*found, *_order(plan)]


def _doubles(ids: list[str]) -> list[Lint]:
    return [Lint("PLAN-012", i, f"{i} is used {n} times; ids are unique") for i, n in Counter(ids).items() if n > 1]


def _coverage(plan: Plan, contract: Contract, cancelled: Collection[str]) -> Iterator[Lint]:
    owners: dict[str, list[str]] = {}
    dropped: set[str] = set()
    for feature in plan.features:
        for assertion in feature.fulfills:
            if feature.id in cancelled:
                dropped.add(assertion)
            else:
                owners.setdefault(assertion, []).append(feature.id)
    for live in contract.live:
        # A cancelled owner is one that was let go with its assertion waived: that is no gap.
        if live.id not in owners and live.id not in dropped:
            yield Lint("PLAN-001", live.id, f"no feature fulfills {live.id}; put it into exactly one")
    for assertion, by in owners.items():
        if len(by) > 1:
            yield Lint("PLAN-002", assertion, f"{assertion} is fulfilled by {', '.join(by)}; exactly one may own it")


def _feature(feature: Feature, known: Collection[str], skills: Collection[str] | None) -> Iterator[Lint]:
    name = feature.id
    if not feature.fulfills and not feature.fixes:
        yield Lint("PLAN-003", name, f"{name} fulfills no assertion and fixes no item; give it one, or drop it")
    unknown = [a for a in feature.fulfills if a not in known]
    if unknown:
        yield Lint("PLAN-004", name, f"{name} fulfills {', '.join(unknown)}, not in the contract")
    if skills is not None and feature.skill is not None and feature.skill not in skills:
        listed = ", ".join(sorted(skills)) or "none"
        yield Lint("PLAN-005", name, f"{name} names skill {feature.skill!r}, which does not exist; there are: {listed}")
    if feature.detail == "full" and not feature.description:
        yield Lint("PLAN-007", name, f"{name} is full and has no description; write one, or make it an outline")
    if feature.detail == "full" and not feature.expected:
        yield Lint("PLAN-008", name, f"{name} is full and expects nothing; list what can be seen when it is done")


def _placed(feature: Feature, milestones: list[str], started: bool) -> Iterator[Lint]:
    if feature.milestone not in milestones:
        message = f"{feature.id} belongs to {feature.milestone}, which is none of {', '.join(milestones)}"
        yield Lint("PLAN-010", feature.id, message)
    elif feature.detail == "outline" and feature.milestone == milestones[0] and not started:
        message = f"{feature.id} is an outline in the first milestone; describe it in full"
        yield Lint("PLAN-006", feature.id, message)


def _order(plan: Plan) -> Iterator[Lint]:
    ranks = {m.id: n for n, m in enumerate(plan.milestones)}
    highest = 0
    for feature in plan.features:
        rank = ranks.get(feature.milestone, highest)
        if rank < highest:
            message = f"{feature.id} of {feature.milestone} stands after a feature of a later milestone; move it up"
            yield Lint("PLAN-011", feature.id, message)
        highest = max(highest, rank)


# --- seats ---

def lint_seats(settings: Settings, contract: Contract, priced: Collection[str] = ()) -> list[Lint]:
    """What is wrong with who sits where; `priced` names the models that the price table knows."""
    found = [i for name, seat in settings.seats.items() for i in _seat(name, seat, priced)]
    found += _families(settings)
    tester = settings.seats.get("tester")
    looked = [a.id for a in contract.live if a.surface == "browser" and "screenshot" in a.evidence]
    if looked and tester is not None and not tester.vision:
        message = f"{', '.join(looked)}: nobody looks at the screenshots, as {tester.model!r} has `vision = false`"
        found.append(Lint("SEAT-003", "tester", message, "warning"))
    return found


def _seat(name: str, seat: Seat, priced: Collection[str]) -> Iterator[Lint]:
    costly = [m for m in (seat.model, *seat.fallbacks) if not m.startswith(FREE_MODELS) and m not in priced]
    if costly and seat.price is None:
        message = f"no price is known for {', '.join(costly)}; give one as seat.{name}.price (0 is allowed)"
        yield Lint("SEAT-001", name, message)
    if not seat.tools:
        yield Lint("SEAT-004", name, f"{seat.model!r} cannot call tools and every seat works by them; choose another")
    if seat.context * WORKING_SHARE <= seat.max_output:
        message = f"a window of {seat.context} leaves no room beside replies of {seat.max_output}; lower max_output"
        yield Lint("SEAT-005", name, message)


def _families(settings: Settings) -> Iterator[Lint]:
    worker = settings.seats.get("worker")
    if worker is None or worker.model.startswith(FREE_MODELS):
        return
    for name in sorted(VALIDATORS & settings.seats.keys()):
        seat = settings.seats[name]
        if not seat.model.startswith(FREE_MODELS) and family(seat) == family(worker):
            message = f"{seat.model!r} is of the worker's family ({family(worker)}) and shares its blind spots"
            yield Lint("SEAT-002", name, message, "error" if settings.distinct_families else "warning")


# --- manifest ---

def lint_manifest(manifest: Manifest) -> list[Lint]:
    """What keeps a manifest from showing anything, before it is dry-run."""
    named = [(n, getattr(manifest.commands, n)) for n in type(manifest.commands).model_fields]
    commands: list[tuple[str, Command]] = [(n, c) for n, c in named if c is not None]
    found = [i for name, command in commands for i in _command(name, command)]
    for service in manifest.services:
        if does_nothing(service.start):
            found.append(Lint("MANIFEST-001", service.name, f"{service.start!r} starts nothing; name the program"))
        if isinstance(service.ready, HttpReady | TcpReady) and service.port is None:
            message = f"service {service.name!r} is to be ready on a port and has none; add `port`"
            found.append(Lint("MANIFEST-008", service.name, message))
    return [*found, *_dependencies(manifest)]


def _command(name: str, command: Command) -> Iterator[Lint]:
    if does_nothing(command.run):
        yield Lint("MANIFEST-001", name, f"{command.run!r} does nothing; give the real command, or leave {name} out")
    elif forgives(command.run):
        yield Lint("MANIFEST-002", name, f"{command.run!r} succeeds whatever happens; let it fail when it fails")
    if name == "test" and command.report == "none":
        message = "without `report: junit` no single test can be followed; let it write JUnit XML to {report} if it can"
        yield Lint("MANIFEST-003", name, message, "warning")
    if command.report == "junit" and "{report}" not in command.run:
        yield Lint("MANIFEST-004", name, f"{command.run!r} must write its report to {{report}}; put that into it")


def _dependencies(manifest: Manifest) -> Iterator[Lint]:
    needs = {s.name: s.depends_on for s in manifest.services}
    for name, count in Counter(s.name for s in manifest.services).items():
        if count > 1:
            yield Lint("MANIFEST-007", name, f"{count} services are named {name!r}; names are unique")
    for name, others in needs.items():
        unknown = [o for o in others if o not in needs]
        if unknown:
            message = f"{name!r} depends on {', '.join(unknown)}; there are {', '.join(needs)}"
            yield Lint("MANIFEST-005", name, message)
        if name in _reachable(needs, name):
            yield Lint("MANIFEST-006", name, f"{name!r} waits for itself, through {', '.join(others)}")


def _reachable(needs: dict[str, list[str]], name: str) -> set[str]:
    """Every service that must be up before this one."""
    seen: set[str] = set()
    waiting = list(needs[name])
    while waiting:
        other = waiting.pop()
        if other not in seen:
            seen.add(other)
            waiting += needs.get(other, [])
    return seen


def does_nothing(command: str) -> bool:
    """Whether a shell command is made of nothing but `true`, `:`, `echo …` and the like."""
    parts = [words for words, _ in _parts(command)]
    return bool(parts) and all(_is_no_op(words) for words in parts)


def forgives(command: str) -> bool:
    """Whether a shell command ends in `|| true` or `; exit 0`, so that it cannot fail."""
    parts = _parts(command)
    return len(parts) > 1 and parts[-1][1] in ("||", ";") and _is_no_op(parts[-1][0])


def _is_no_op(words: list[str]) -> bool:
    if len(words) == 3 and words[0] in ("sh", "bash") and words[1] == "-c":
        return does_nothing(words[2])
    acts = any(">" in w or "$(" in w or "`" in w for w in words)
    return not acts and (words[0] in NO_OPS or " ".join(words) in NO_OPS)


def _parts(command: str) -> list[tuple[list[str], str]]:
    """The simple commands of a line, each with the operator before it; none where the quotes do not match."""
    lexer = shlex.shlex(command.replace("\n", " ; "), posix=True, punctuation_chars=";&|")
    lexer.whitespace_split = True
    lexer.commenters = ""
    parts: list[tuple[list[str], str]] = []
    words: list[str] = []
    before = ""
    try:
        tokens = [*lexer, ";"]
    except ValueError:
        return []
    for token in tokens:
        if not re.fullmatch(r"[;&|]+", token):
            words.append(token)
            continue
        if words:
            parts.append((words, before))
        words, before = [], token
    return parts
