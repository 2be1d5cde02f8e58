"""What an attempt may ask of the engine: dry runs, checks on the base, research, and the proposal."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from milepost.agent.calls import together
from milepost.agent.desk import DryRun
from milepost.agent.loop import Ending, Halted
from milepost.domain import estimate
from milepost.domain import events as e
from milepost.domain.contract import Assertion
from milepost.domain.decide import proposal_problems
from milepost.domain.errors import ToolError, WorkspaceError
from milepost.domain.lint import lint_contract, lint_manifest, lint_seats
from milepost.domain.mission import Mission
from milepost.domain.next import Sit
from milepost.domain.seat import Seat
from milepost.domain.services import Command, Environment, Manifest
from milepost.drivers.surfaces import observable
from milepost.gates.red import examine
from milepost.gates.suite import run_suite, why_red
from milepost.runner import counting
from milepost.runner.office import Office
from milepost.runner.workshop import Bench

ABSENT = (126, 127)
Sitter = Callable[..., Awaitable[Any]]


class Drafting:
    """The engine as one attempt sees it; `seat` seats a sub-attempt."""

    def __init__(self, office: Office, seat: Sitter) -> None:
        self.office = office
        self.seat = seat

    async def dry_run(self, manifest: Manifest) -> list[DryRun]:
        """Run every command and service of a manifest in a scratch checkout of the newest commit (D18c)."""
        mission, commands = self.office.mission, manifest.commands
        prepared = [await self.try_dependencies(manifest.env)] if manifest.env else []
        if any(p.outcome == "fails" for p in prepared):
            return prepared
        async with self.office.workshop.bench("dry-run", mission.head, manifest) as bench:
            named = {"install": commands.install, **dict(manifest.gates()), "coverage": commands.coverage}
            found = [await self.try_command(bench, n, c) for n, c in named.items() if c is not None]
            found += [await self.try_service(bench, s.name) for s in manifest.services]
        return prepared + found

    async def try_dependencies(self, env: Environment) -> DryRun:
        """The dependencies: without them nothing else need be tried."""
        shop = self.office.workshop
        try:
            await shop.dependencies.made(env, await shop.repository.tree_of(self.office.mission.head))
        except WorkspaceError as error:
            return DryRun("env", "fails", str(error))
        return DryRun("env", "works", f"made {', '.join(env.outputs)}")

    async def try_command(self, bench: Bench, name: str, command: Command) -> DryRun:
        """One command: it works, fails, or cannot work yet."""
        receipt, suite = await run_suite(bench.cell, command, keep=self.office.blobs.put, env={})
        why = why_red(command, receipt, suite)
        if receipt.exit_code == 0 and not why:
            cases = f"; {len(suite.passed)} tests passed" if command.report == "junit" else ""
            return DryRun(name, "works", f"exit code 0 in {receipt.ms} ms{cases}")
        empty = command.report == "junit" and not (suite.passed or suite.failed) and not receipt.timed_out
        outcome = "not yet" if empty or receipt.exit_code in ABSENT else "fails"
        return DryRun(name, outcome, f"{why or f'exit code {receipt.exit_code}'}\n{receipt.tail}".strip())

    async def try_service(self, bench: Bench, name: str) -> DryRun:
        """One service: started until it is ready, then stopped."""
        try:
            await bench.services.start(name)
        except WorkspaceError as error:
            return DryRun(name, "not yet", str(error))
        await bench.services.stop(name)
        return DryRun(name, "works", "started, was ready, was stopped")

    async def examine_base(self, assertions: Sequence[Assertion]) -> e.BaseExamined:
        """Run every check, and the suite, on the untouched base (D1)."""
        mission, shop = self.office.mission, self.office.workshop
        tree = await shop.repository.tree_of(mission.base)
        async with shop.bench("base", mission.base, mission.manifest) as bench:
            checks = []
            for assertion in assertions:
                result, receipt = await examine(bench.cell, assertion, keep=self.office.blobs.put, tree=tree)
                checks.append(e.CheckExamined(assertion=assertion.id, result=result, receipt=receipt))
            suite, measures = await counting.count(self.office, bench)
        return e.BaseExamined(checks=checks, suite=suite, measures=measures)

    async def write_check(self, path: str, content: str) -> None:
        """Lay a check file into the mission's own folder; refused where the base has that path."""
        repository, mission = self.office.workshop.repository, self.office.mission
        if await repository.read(mission.base, path) is not None:
            raise ToolError(f"{path!r} is in the repository already; a check needs a path of its own")
        target = self.office.folder.checks / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(content)
        target.chmod(0o644)

    async def research(self, parent: str, questions: Sequence[str]) -> list[str]:
        """Seat a researcher for each question, together; one that was answered before is not asked again."""
        sits = [self.researcher(parent, question, n) for n, question in enumerate(questions)]
        return await together(self.answer(parent, step) for step in sits)

    async def answer(self, parent: str, step: Sit) -> str:
        """What a researcher found out. Raises Halted where the attempt was left: whoever asks goes on later too."""
        sat = self.office.mission.attempts.get(step.attempt)
        if sat is None or sat.is_open:
            ending = await self.seat(self.office, step, question=step.subject, parent=parent)
            sat = self.office.mission.attempts[step.attempt]
            if sat.is_open:
                raise Halted(Ending("left", ending.reason))
        return sat.reason if sat.outcome == "submitted" else f"no answer: {sat.outcome}: {sat.reason}"

    def researcher(self, parent: str, question: str, n: int) -> Sit:
        """The sub-attempt for a question: the one that was begun, or a new one."""
        attempts = self.office.mission.attempts.values()
        mine = [a for a in attempts if a.started.parent == parent]
        same = next((a for a in mine if a.started.subject == question), None)
        number = len(mine) + n + 1
        attempt = same.started.attempt if same else f"researcher.{parent}.{number}"
        return Sit(attempt, "researcher", question)

    async def propose(self, summary: str, attempt: str) -> str:
        """Lint, examine and propose.

        Raises ToolError with everything that keeps the mission from being proposed.
        """
        mission = self.office.mission
        problems = proposal_problems(mission, self.office.skills().names(), observable(self.office.workshop.browser))
        problems += [f"{i.code} {i.subject}: {i.message}" for i in self.lints(mission) if i.severity == "error"]
        if problems:
            raise ToolError("the mission cannot be proposed yet:\n" + "\n".join(f"- {p}" for p in problems))
        examined = await self.examine_base([a for a in mission.contract.live if a.check])
        refused = [r for c in examined.checks if (r := base_problem(mission, c)) is not None]
        if refused:
            await self.office.log.record(examined, by=attempt, attempt=attempt)
            raise ToolError("the checks do not hold up on the untouched base:\n" + "\n".join(f"- {p}" for p in refused))
        proposed = e.MissionProposed(
            summary=summary, hashes=dict(mission.documents), estimate=self.estimate(mission),
            warnings=self.warnings(mission, examined),
        )
        await self.office.log.record(examined, proposed, by=attempt, attempt=attempt)
        return "proposed: the user will edit, return or approve it"

    def lints(self, mission: Mission) -> list[Any]:
        """What is wrong with manifest and seats."""
        priced = [m for s in mission.settings.seats.values() for m in (s.model, *s.fallbacks) if self.known(s, m)]
        manifest = lint_manifest(mission.manifest) if mission.manifest else []
        return [*manifest, *lint_seats(mission.settings, mission.contract, priced)]

    def known(self, seat: Seat, model: str) -> bool:
        """Whether a price is known for a model of this seat."""
        return self.office.price(seat.model_copy(update={"model": model})) is not None

    def warnings(self, mission: Mission, examined: e.BaseExamined) -> list[str]:
        """What the user should know before they approve."""
        tools = observable(self.office.workshop.browser)
        lints = [*lint_contract(mission.contract, mission.manifest, tools), *self.lints(mission)]
        found = [f"{i.code} {i.subject}: {i.message}" for i in lints if i.severity != "error"]
        crashed = [c.assertion for c in examined.checks if c.result == "error"]
        found += [f"the check of {a} crashed on the base: weakly red" for a in crashed]
        unproven = [a.id for a in mission.contract.live if not a.check]
        if unproven:
            found.append(f"no check of its own, a tester's word decides: {', '.join(unproven)}")
        if mission.manifest and mission.manifest.commands.test.report == "none":
            found.append("the test command writes no JUnit report: single tests cannot be followed")
        return found + list(self.office.skills().warnings)

    def estimate(self, mission: Mission) -> dict[str, float]:
        """What the mission may take."""
        assert mission.plan is not None
        prices = {n: p for n, s in mission.settings.seats.items() if (p := self.office.price(s)) is not None}
        guess = estimate.estimate(len(mission.plan.features), len(mission.plan.milestones), prices)
        return {name: float(value) for name, value in guess.as_dict().items()}


def base_problem(mission: Mission, examined: e.CheckExamined) -> str | None:
    """Why a check's behaviour on the base refuses the proposal, or None."""
    assertion = mission.contract.get(examined.assertion)
    guard = assertion is not None and assertion.is_guard
    tail = examined.receipt.tail if examined.receipt else ""
    name = examined.assertion
    match examined.result:
        case "absent":
            return f"{name}: its check cannot be found or started (write it with write_check): {tail}"
        case "timeout":
            return f"{name}: its check did not end in time: {tail}"
        case "green" if not guard:
            return f"{name}: its check passes on the base, so it proves nothing; sharpen it, or mark it `before: guard`"
        case "red" | "error" if guard:
            return f"{name}: it is a guard, but its check fails on the base: {tail}"
        case _:
            return None
