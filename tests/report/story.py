"""A whole small mission as hand-made facts in a real log: a question, a failed round, a fix, a waiver, a dismissal."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from milepost.domain import events as e
from milepost.domain.budget import Budget, Spent
from milepost.domain.contract_text import parse
from milepost.domain.handoff import Audit, Finding, Handoff, Issue, Procedure, Review, SubmittedVerdict
from milepost.domain.hashes import text_hash
from milepost.domain.mission import Mission
from milepost.domain.plan import AddedFeature, Feature, Milestone, Plan, PlanChange
from milepost.domain.receipt import Evidence, Receipt
from milepost.domain.record import Event, Record
from milepost.domain.seat import Seat
from milepost.domain.services import Command, Commands, HttpReady, Manifest, Service
from milepost.domain.settings import Settings
from milepost.domain.turn import Call, Reply, Usage
from milepost.domain.turns import NudgeGiven, ToolEnded, TurnEnded, TurnFailed, TurnStarted
from milepost.log.folder import MissionFolder
from milepost.log.mission_log import MissionLog

MISSION = "shop"
CONTRACT = """# Contract: shop

## SHOP The shop

### SHOP-001 Prices are added up
- surface: command
- then: `python -m shop 2 3` prints 5
- fails if: anything else is printed
- evidence: receipt
- check: `python checks/total.py`

### SHOP-002 The page shows the total
- surface: http
- then: GET / shows 5
- fails if: it shows anything else
- evidence: request

### SHOP-003 The readme stays
- surface: file
- then: README.md has a title
- fails if: it has none
- evidence: receipt
- check: `grep -q Shop README.md`
- before: guard

### SHOP-004 The page is fast
- surface: http
- then: GET / answers within 10 ms
- fails if: it takes longer
- evidence: request
"""
PLAN = Plan(
    milestones=[Milestone(id="M1", title="A page with a total", outcome="A page shows the total")],
    features=[
        Feature(
            id="F1", milestone="M1", title="Add prices", description="Add them", expected=["A sum"],
            fulfills=["SHOP-001", "SHOP-003"],
        ),
        Feature(
            id="F2", milestone="M1", title="Show the total", description="Show it", expected=["A page"],
            fulfills=["SHOP-002", "SHOP-004"],
        ),
    ],
)
MANIFEST = Manifest(
    commands=Commands(test=Command(run="pytest --junitxml={report}", report="junit")),
    services=[Service(name="app", start="python -m shop", port=8000, ready=HttpReady(http="/"))],
)


def sha(word: str) -> str:
    """A hash that looks like one and is the same each time."""
    return hashlib.sha256(word.encode()).hexdigest()


def tree(word: str) -> str:
    """A git tree or commit id."""
    return sha(word)[:40]


def receipt(command: str, code: int = 0, ms: int = 120) -> Receipt:
    """What the engine saw of one command."""
    return Receipt(command=command, exit_code=code, output=sha(f"{command} {code}"), tree=tree("t"), ms=ms)


def handoff(summary: str, **more: Any) -> Handoff:
    """A handoff with nothing undone."""
    lists = ("implemented", "undone", "commands", "manual_checks", "tests", "issues")
    empty: dict[str, Any] = {name: [] for name in lists}
    given = {**empty, "outcome": "done", "summary": summary, "procedure": Procedure(followed=True), **more}
    return Handoff.model_validate(given)


@dataclass
class Story:
    """Tells a mission to its log, minute by minute."""

    log: MissionLog
    now: list[float]
    orders: int = 0
    heads: dict[str, str] = field(default_factory=dict)

    @property
    def mission(self) -> Mission:
        """The mission so far."""
        assert self.log.mission is not None
        return self.log.mission

    async def say(self, *events: Event, by: str = "engine", attempt: str | None = None, minutes: float = 1) -> None:
        """Record events some minutes later."""
        self.now[0] += minutes * 60
        await self.log.record(*events, by=by, attempt=attempt)

    async def order(self, *events: Event, minutes: float = 1) -> None:
        """Record what an order of the user's led to."""
        self.now[0] += minutes * 60
        self.orders += 1
        await self.log.record(*events, by="user", order=f"o{self.orders}")

    async def item(self, **fields: Any) -> str:
        """An item with the next id, opened at once."""
        by, attempt = fields.pop("by", "engine"), fields.pop("attempt", None)
        opened = e.ItemOpened.model_validate({"item": self.mission.next_item(), **fields})
        await self.say(opened, by=by, attempt=attempt, minutes=0)
        return opened.item

    async def turn(self, attempt: str, n: int, model: str, cost: float, *more: Event, content: str = "") -> None:
        """One turn of an attempt that answers in two seconds, and what follows it."""
        usage = Usage(fresh=1000, cached=3000, out=200)
        reply = Reply(content=content or f"{attempt} {n}", tool_calls=[Call(id=f"c{n}", name="commit", arguments={})])
        ended = TurnEnded(n=n, reply=reply, usage=usage, cost=cost, model=model, ms=2000)
        await self.say(TurnStarted(n=n, reserved=cost), ended, *more, by=attempt, attempt=attempt, minutes=0.5)

    async def sit(self, attempt: str, subject: str, model: str, *before: Event, **more: Any) -> None:
        """An attempt begins and has one turn."""
        seat = attempt.partition(".")[0]
        started = e.AttemptStarted(attempt=attempt, seat=seat, subject=subject, model=model, prompt=sha("p"), **more)
        await self.say(*before, started, attempt=attempt)
        await self.turn(attempt, 1, model, 0.25)

    async def rise(self, attempt: str, outcome: Any = "submitted", reason: str = "", dollars: float = 0.25) -> None:
        """An attempt ends."""
        ended = e.AttemptEnded(attempt=attempt, outcome=outcome, reason=reason, spent=Spent(dollars=dollars, turns=1))
        await self.say(ended, attempt=attempt, minutes=5)

    async def built(self, feature: str, attempt: str, left: Handoff, mismatches: Sequence[str] = ()) -> None:
        """A worker's attempt from its start to its audited handoff."""
        head = self.mission.head
        await self.sit(attempt, feature, "maker/one", e.FeatureStarted(feature=feature, start=head), start=head)
        commit = tree(f"commit {attempt}")
        await self.say(
            e.CommitMade(feature=feature, commit=commit, tree=tree(f"tree {attempt}"), parent=head, paths=["shop.py"]),
            e.HandoffSubmitted(feature=feature, handoff=left), by=attempt, attempt=attempt, minutes=10,
        )
        await self.rise(attempt)
        await self.say(
            e.GateFinished(gate="test", outcome="green", receipt=receipt("pytest", ms=900), feature=feature),
            e.HandoffAudited(feature=feature, end=commit, mismatches=list(mismatches)),
        )

    async def proved(self, feature: str, *, provable: bool = True) -> None:
        """Vacuity was run."""
        await self.say(e.GateFinished(gate="vacuity", outcome="green", feature=feature, provable=provable))

    async def verdict(self, assertion: str, outcome: Any, evidence: str, number: int, note: str) -> None:
        """A verdict of round `number` of M1."""
        await self.say(
            e.VerdictGiven(
                assertion=assertion, outcome=outcome, tree=tree("t"), evidence=[evidence], note=note, milestone="M1",
                depends=e.Dependencies(assertion=sha(assertion)), round=number,
            ),
            minutes=0,
        )


async def draft(story: Story) -> None:
    """From the goal to the approval, with one question."""
    seats = {"worker": Seat(model="maker/one"), "tester": Seat(model="other/two")}
    await story.order(
        e.MissionCreated(
            mission=MISSION, goal="A shop that adds up its prices and shows them on a page", slug=MISSION,
            repository="/home/ada/shop", base=tree("base"), settings=Settings(seats=seats, budget=Budget(dollars=10)),
        )
    )
    await story.say(e.RunnerStarted(epoch=1, version="0.1"))
    await story.sit("orchestrator.1", "mission", "maker/big")
    question = await story.item(type="question", owner="user", text="page: Is one page enough?", by="orchestrator.1")
    await story.say(e.HoldPlaced(hold="blocked", reason="page: Is one page enough?", items=[question]), minutes=0)
    await story.order(
        e.ItemResolved(item=question, decision="answer", text="Yes, one page"), e.HoldLifted(hold="blocked"), minutes=30
    )
    texts = {
        "brief": "A shop with one page", "contract": CONTRACT, "plan": PLAN.model_dump_json(),
        "services": MANIFEST.model_dump_json(),
    }
    assert parse(CONTRACT).problems == ()
    written = [
        e.DocumentWritten.model_validate({"document": k, "name": k, "hash": text_hash(t), "text": t})
        for k, t in texts.items()
    ]
    await story.say(*written, by="orchestrator.1", attempt="orchestrator.1")
    await story.say(
        e.BaseExamined(
            checks=[
                e.CheckExamined(assertion="SHOP-001", result="red", receipt=receipt("python checks/total.py", 1)),
                e.CheckExamined(assertion="SHOP-003", result="green", receipt=receipt("grep -q Shop README.md")),
            ],
            measures={"suppressions": 3, "tests": 2, "duplicated_lines": 8, "coverage": 71},
        ),
        e.MissionProposed(
            summary="One page", hashes={}, estimate={}, warnings=["SHOP-004 depends on this machine's speed."]
        ),
        by="orchestrator.1", attempt="orchestrator.1",
    )
    await story.rise("orchestrator.1")
    await story.order(e.MissionApproved(hashes={}, base_commit=tree("base")), minutes=20)


async def first_round(story: Story) -> None:
    """Two features, the second of which claims too much, and a round that fails."""
    await story.built("F1", "worker.F1.1", handoff("Prices are added up.", issues=[
        Issue(severity="non_blocking", description="The readme is short"),
    ]))
    issue = await story.item(type="issue", about="F1", severity="non_blocking", text="F1: The readme is short")
    await story.proved("F1")
    await story.sit("orchestrator.2", "mission", "maker/big")
    await story.say(
        e.ItemResolved(item=issue, decision="dismiss", reason="a short readme is what the user asked for"),
        by="orchestrator.2", attempt="orchestrator.2",
    )
    await story.rise("orchestrator.2")
    await story.built("F2", "worker.F2.1", handoff("The page shows the total."), ["`pytest` exited 1, not 0"])
    mismatch = await story.item(type="mismatch", about="F2", text="F2: `pytest` exited 1, not 0")
    await story.say(
        e.ItemResolved(item=mismatch, decision="reopen", reason="run the tests and say what they said"),
        by="orchestrator.3",
    )
    await story.built("F2", "worker.F2.2", handoff("The page shows the total; the tests pass."))
    await story.proved("F2", provable=False)
    await story.say(
        e.RoundStarted(
            milestone="M1", round=1, commit=story.mission.head, tree=tree("t"),
            scope=["SHOP-001", "SHOP-002", "SHOP-003", "SHOP-004"],
        )
    )
    for gate, command in (("check:SHOP-001", "python checks/total.py"), ("check:SHOP-003", "grep -q Shop README.md")):
        await story.say(e.GateFinished(gate=gate, outcome="green", receipt=receipt(command), milestone="M1", round=1))
    await story.sit("reviewer.F2.M1r1.1", "F2", "other/two", milestone="M1", round=1)
    finding = Finding(
        file="shop.py", line=12, severity="non_blocking", problem="A <b>magic</b> number", why="Nobody knows | it"
    )
    await story.say(
        e.ReviewSubmitted(milestone="M1", round=1, review=Review(feature="F2", outcome="passed", findings=[finding])),
        by="reviewer.F2.M1r1.1", attempt="reviewer.F2.M1r1.1",
    )
    await story.rise("reviewer.F2.M1r1.1")
    await tested(story, 1, "SHOP-002", "failed", "the page shows 6, expected 5")
    await story.verdict("SHOP-001", "passed", sha("python checks/total.py 0"), 1, "its check is green")
    await story.verdict("SHOP-003", "passed", sha("grep -q Shop README.md 0"), 1, "its check is green")
    await story.verdict("SHOP-002", "failed", "tester.M1r1.flow-1.1/E1", 1, "the page shows 6, expected 5")
    await story.item(type="verdict", about="SHOP-002", text="SHOP-002 failed: the page shows 6")
    await story.item(
        type="finding", about="F2", severity="non_blocking", text="A <b>magic</b> number — Nobody knows | it",
        finding=finding.model_dump(mode="json"),
    )
    await story.say(e.RoundEnded(milestone="M1", round=1, outcome="failed", reason="SHOP-002 failed: the page shows 6"))


async def tested(story: Story, number: int, assertion: str, outcome: Any, note: str) -> None:
    """One tester's attempt at one assertion."""
    attempt = f"tester.M1r{number}.flow-1.1"
    await story.sit(attempt, "flow-1", "other/two", milestone="M1", round=number, assertions=[assertion])
    await story.turn(attempt, 2, "other/two", 0.5, NudgeGiven(n=2, detector="repeats", text="You said that"))
    seen = Evidence(id="E1", kind="request", blob=sha(note), tree=tree("t"), title="GET http://app/ → 200")
    said = SubmittedVerdict(assertion=assertion, outcome=outcome, evidence=["E1"], note=note)
    await story.say(
        e.VerdictsSubmitted(
            milestone="M1", round=number, flow="flow-1", attempt=attempt, tree=tree("t"), verdicts=[said],
            evidence=[seen],
        ),
        by=attempt, attempt=attempt,
    )
    await story.rise(attempt, dollars=0.75)


async def second_round(story: Story) -> None:
    """A fix, a waiver, a pause, and a round that passes."""
    await story.sit("orchestrator.4", "mission", "maker/big")
    fix = AddedFeature(
        id="F3", milestone="M1", title="Show the right total", description="Add up once", expected=["5"], fixes=["I4"]
    )
    change = PlanChange(reason="SHOP-002 failed in round 1", add=[fix])
    await story.say(
        e.PlanChanged(change=change, reason="SHOP-002 failed in round 1"),
        e.ItemResolved(item="I4", decision="feature", reason="the total is added up twice", feature="F3"),
        e.ItemResolved(item="I5", decision="fold", reason="named while the total is mended", feature="F3"),
        by="orchestrator.4", attempt="orchestrator.4",
    )
    await story.rise("orchestrator.4")
    await story.order(e.AssertionWaived(assertion="SHOP-004", reason="This machine is too slow to tell"))
    await story.order(e.HoldPlaced(hold="paused", reason="lunch"))
    await story.order(e.HoldLifted(hold="paused"), minutes=60)
    await story.built("F3", "worker.F3.1", handoff("The total is right."))
    await story.proved("F3")
    await story.say(
        e.RoundStarted(
            milestone="M1", round=2, commit=story.mission.head, tree=tree("t"),
            scope=["SHOP-001", "SHOP-002", "SHOP-003"]
        )
    )
    for gate, command in (("check:SHOP-001", "python checks/total.py"), ("check:SHOP-003", "grep -q Shop README.md")):
        await story.say(e.GateFinished(gate=gate, outcome="green", receipt=receipt(command), milestone="M1", round=2))
    await story.say(
        e.GateFinished(gate="stubs", outcome="noted", milestone="M1", round=2, text="suggestion shop.py:3 a bare pass"),
    )
    await tested(story, 2, "SHOP-002", "passed", "the page shows 5")
    await story.verdict("SHOP-001", "passed", sha("python checks/total.py 0"), 2, "its check is green")
    await story.verdict("SHOP-003", "passed", sha("grep -q Shop README.md 0"), 2, "its check is green")
    await story.verdict("SHOP-002", "passed", "tester.M1r2.flow-1.1/E1", 2, "the page shows 5")
    await story.say(e.RoundEnded(milestone="M1", round=2, outcome="passed"))
    await story.say(e.MilestoneSealed(milestone="M1", commit=story.mission.head))


async def closing(story: Story) -> None:
    """A blind audit with a remark, the measures, and the end."""
    await story.sit("auditor.1", "mission", "other/two")
    remark = Finding(severity="non_blocking", problem="The page has no title", why="A tab without one is hard to find")
    await story.say(
        e.AuditSubmitted(audit=Audit(outcome="passed", findings=[remark]), tree=tree("t")),
        by="auditor.1", attempt="auditor.1",
    )
    await story.item(type="audit", about="audit", severity="non_blocking", blocks="none", text="The page has no title")
    await story.rise("auditor.1")
    await story.say(
        e.GateFinished(
            gate="measures", outcome="noted", milestone="audit",
            text='{"suppressions": 1, "tests": 5, "coverage": 90}',
        ),
        e.MissionCompleted(),
    )


async def begun(folder: Path) -> Story:
    """An empty log in a mission's folder, to tell a story to."""
    now = [1_780_000_000.0]
    log = await MissionLog.open(MissionFolder(folder).make().root, folder.name, clock=lambda: now[0])
    return Story(log, now)


async def whole(folder: Path) -> list[Record]:
    """The whole mission, its log closed; what is in it."""
    story = await begun(folder)
    async with story.log:
        for part in (draft, first_round, second_round, closing):
            await part(story)
        return await story.log.events.records()


def unanswered(n: int, cost: float = 0.1) -> TurnFailed:
    """A call that brought no reply."""
    return TurnFailed(n=n, reason="cut", cost=cost)


def unknown(n: int) -> ToolEnded:
    """A call whose effect nobody knows."""
    return ToolEnded(n=n, call=f"c{n}", name="run_command", outcome="unknown", result="it may have taken effect")
