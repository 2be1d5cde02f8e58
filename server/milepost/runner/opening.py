"""How an attempt is opened: what its seat is told, kept as a blob so that a resumed attempt reads the same bytes."""

import json
import platform
import shutil
from collections.abc import Sequence
from dataclasses import dataclass

from milepost.domain.mission import Mission
from milepost.domain.next import Sit
from milepost.domain.plan import Feature
from milepost.domain.seat import Seat
from milepost.domain.services import Manifest
from milepost.domain.settings import Settings
from milepost.drivers.surfaces import observable
from milepost.runner import assignments, digest
from milepost.runner.office import Office
from milepost.runner.receipts import last_runs
from milepost.runner.workshop import REPORT_FOLDER
from milepost.text import prompts

PROGRAMS = (
    "python3", "pytest", "mypy", "ruff", "node", "npm", "go", "cargo", "java", "make", "git", "rg", "curl", "sqlite3",
    "uv",
)
SURFACES = ("command", "http", "terminal", "library", "file")
DIFF_CHARACTERS = 24_000
RECEIPTS = 30
"""Commands of the worker's that a reviewer is told of."""


@dataclass(frozen=True, slots=True)
class Opening:
    """The system prompt and the parts of the first message."""

    system: str
    parts: tuple[str, ...]

    def to_json(self) -> str:
        """As it is kept."""
        return json.dumps({"system": self.system, "parts": self.parts}, ensure_ascii=False)

    @classmethod
    def from_json(cls, text: str) -> "Opening":
        """As it was kept."""
        data = json.loads(text)
        return cls(data["system"], tuple(data["parts"]))


async def compose(office: Office, sit: Sit, seat: Seat, commit: str, question: str = "") -> Opening:
    """What this seat is told at the start of this attempt."""
    mission = office.mission
    values = await assignment(office, sit, seat, commit, question)
    return Opening(
        prompts.render(f"{sit.seat}/system"),
        (card(office, mission, sit), prompts.render(f"{sit.seat}/assignment", **values)),
    )


def card(office: Office, mission: Mission, sit: Sit) -> str:
    """The environment card: machine, programs, commands, services, skills, facts, guidance."""
    manifest = mission.manifest
    feature = mission.feature(sit.subject)
    blind = sit.seat in ("orchestrator", "auditor")
    orders = assignments.guidance_for(
        mission, milestone=sit.milestone, feature=sit.subject, skill=feature.skill if feature else None
    )
    commands = [{"name": n, "run": typed(c.run)} for n, c in manifest.gates()] if manifest else []
    return prompts.render(
        "environment", platform=f"{platform.system()} {platform.machine()}",
        network=reaches_out(mission.settings), programs=[p for p in PROGRAMS if shutil.which(p)],
        surfaces=[*SURFACES, *observable(office.workshop.browser)], commands=commands,
        services=manifest.services if manifest else [],
        tests=manifest.paths.tests if manifest else [],
        skills="" if sit.seat == "auditor" else office.skills().catalogue(),
        facts=[] if blind else [*prepared(manifest), *mission.facts], guidance=[] if blind else orders,
    )


def reaches_out(settings: Settings) -> bool:
    """Whether commands have a network: those in the sandbox never do."""
    return settings.grants.get("network", False) and not settings.sandbox


def prepared(manifest: Manifest | None) -> list[str]:
    """What is to be known of the dependencies that lie in the tree."""
    env = manifest.env if manifest else None
    if env is None:
        return []
    made, of = ", ".join(env.outputs), ", ".join(env.key_files)
    return [f"{made}: made by `{env.prepare}` and read-only; made anew for the next attempt where {of} changed"]


def typed(run: str) -> str:
    """A command as a person types it: the report goes into an ignored folder."""
    return run.replace("{report}", f"{REPORT_FOLDER}/report.xml")


async def assignment(office: Office, sit: Sit, seat: Seat, commit: str, question: str) -> dict[str, object]:
    """The values of the seat's assignment."""
    mission = office.mission
    match sit.seat:
        case "orchestrator":
            told = prompts.render("digest", **digest.values(mission, summaries(mission)))
            return {"phase": mission.phase, "reasons": digest.reasons(mission), "digest": told}
        case "worker":
            feature = mission.feature(sit.subject)
            assert feature is not None
            skill = office.skills().get(feature.skill).body if feature.skill else ""
            return assignments.worker(mission, feature, skill, seat.max_turns, seat.max_minutes)
        case "reviewer":
            return await review(office, sit, commit)
        case "scrutiny":
            start = milestone_start(mission, sit.subject)
            paths = await office.workshop.repository.changed_paths(start, commit)
            return assignments.scrutiny(mission, sit.subject, paths)
        case "tester":
            return assignments.tester(mission, sit.subject, sit.assertions, seat.max_turns, seat.max_minutes)
        case "auditor":
            return assignments.auditor(mission)
        case _:
            return {"question": question}


async def review(office: Office, sit: Sit, commit: str) -> dict[str, object]:
    """The assignment of a reviewer; of a disputed item, the feature its finding is about."""
    mission = office.mission
    item = mission.items.get(sit.subject)
    feature = mission.feature(item.opened.about if item else sit.subject) or last_built(mission)
    state = mission.features[feature.id]
    repository = office.workshop.repository
    paths = await repository.changed_paths(state.start, state.end or commit) if state.start else []
    diff = await repository.diff(state.start, state.end or commit, max_bytes=DIFF_CHARACTERS) if state.start else ""
    receipts = await last_runs(office, state.handoff_attempt) if state.handoff_attempt else []
    return assignments.reviewer(mission, feature, paths, diff, item, receipts[-RECEIPTS:])


def last_built(mission: Mission) -> Feature:
    """The feature that was built last: what a finding about a whole milestone is read against."""
    assert mission.plan is not None
    built = [f for f in mission.plan.features if mission.features[f.id].end]
    return built[-1] if built else mission.plan.features[0]


def milestone_start(mission: Mission, milestone: str) -> str:
    """The commit a milestone began at: the seal of the one before, or the base."""
    start = mission.base
    for name, state in mission.milestones.items():
        if name == milestone:
            break
        start = state.commit or start
    return start


def summaries(mission: Mission) -> Sequence[str]:
    """What orchestrators wrote at the end of their last turns."""
    found = []
    for attempt in mission.attempts.values():
        if attempt.started.seat == "orchestrator" and attempt.outcome == "submitted" and attempt.reason:
            found.append(attempt.reason)
    return found[-digest.RECENT:]
