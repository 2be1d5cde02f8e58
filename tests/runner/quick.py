"""A mission in milliseconds: a repository of shell scripts, agreed upon without a draft, one greeting a feature."""

import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from milepost.app import App
from milepost.domain import events as e
from milepost.domain.decide import decide
from milepost.domain.orders import ApproveMission
from milepost.domain.plan import Plan
from milepost.domain.receipt import TestRun
from milepost.domain.record import Fact
from milepost.domain.services import Manifest
from milepost.domain.turn import Reply
from milepost.log.blobs import Blobs
from milepost.log.folder import MissionFolder
from milepost.model.scripted import Step, call, calls, say
from tests.runner import story

GOAL = "Greet people."
SUITE = """# Runs every test and writes JUnit.
rows=; failed=0
for file in tests/*.sh; do
    name=$(basename "$file" .sh)
    if sh "$file"; then inner=; else inner='<failure message="no"/>'; failed=1; fi
    rows="$rows<testcase classname='tests.$name' name='test_$name' time='0'>$inner</testcase>"
done
echo "<testsuites><testsuite name='sh'>$rows</testsuite></testsuites>" > "$1"
exit $failed
"""
FILES = {
    "suite.sh": SUITE, "tests/there.sh": "test -f suite.sh\n", "README.md": "# Greetings\n", ".gitignore": "*.tmp\n",
}
TEST = "sh suite.sh {report}"
TYPED = "sh suite.sh .milepost/report.xml"
MANIFEST: dict[str, Any] = {"commands": {"test": {"run": TEST, "report": "junit"}}}
WORDS = {"HELLO": "hello", "BYE": "bye", "THANKS": "thanks", "SORRY": "sorry"}
AREA = """## {area} Saying {word}

### {area}-001 It says {word}
- surface: command
- when: `sh {word}.sh` is run
- then: it prints {word}
- fails if: it prints anything else
- evidence: receipt
{check}"""
CHECK = "test \"$(sh {word}.sh)\" = {word} || {{ echo 'NOT MET: expected {word}'; exit 1; }}\n"


def area(name: str, *, checked: bool = True) -> str:
    """The contract of one greeting; without a check a tester's word decides."""
    check = f"- check: `sh checks/{WORDS[name]}.sh`\n" if checked else ""
    return AREA.format(area=name, word=WORDS[name], check=check)


def feature(number: int, name: str, milestone: str = "M1", **more: Any) -> dict[str, Any]:
    """A feature that says one word."""
    word = WORDS[name]
    return {
        "id": f"F{number}", "milestone": milestone, "title": f"Say {word}", "description": f"Print {word}.",
        "expected": [f"sh {word}.sh prints {word}"], "fulfills": [f"{name}-001"], **more,
    }


def plan(*features: dict[str, Any]) -> dict[str, Any]:
    """A plan of these features; one where none is named."""
    chosen = list(features) or [feature(1, "HELLO")]
    names = dict.fromkeys(f["milestone"] for f in chosen)
    return {
        "milestones": [{"id": m, "title": f"Words {m}", "outcome": "A word can be said"} for m in names],
        "features": chosen,
    }


def make_repository(folder: Path) -> Path:
    """The repository, committed."""
    for name, text in FILES.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    for words in (["init", "-q", "-b", "main"], ["add", "-A"], ["commit", "-q", "-m", "An empty house"]):
        subprocess.run(["git", *words], cwd=folder, check=True, capture_output=True)
    return folder


async def agree(
    app: App, folder: MissionFolder, agreed: dict[str, Any], manifest: dict[str, Any], *, unchecked: Sequence[str] = (),
    contract: Mapping[str, str] | None = None,
) -> None:
    """Write the documents into the log and approve them, as a draft and its user would have done.

    `contract` has the text of areas that are no greetings; they have no checks.
    """
    own = contract or {}
    unchecked = [*unchecked, *own]
    blobs = Blobs(folder.blobs)
    texts = [("brief", "brief", "1. Greet people."), ("services", "services", shaped(Manifest, manifest))]
    areas = [i.partition("-")[0] for f in agreed["features"] for i in f.get("fulfills", [])]
    texts += [("contract", a, (own.get(a) or area(a, checked=a not in unchecked)).strip()) for a in areas]
    checks = [(f"checks/{WORDS[a]}.sh", CHECK.format(word=WORDS[a])) for a in areas if a not in unchecked]
    texts += [("check", path, text.strip()) for path, text in checks]
    texts.append(("plan", "plan", shaped(Plan, agreed)))
    for path, text in checks:
        (folder.checks / path).parent.mkdir(parents=True, exist_ok=True)
        (folder.checks / path).write_text(text)
    facts: list[Fact] = [
        e.DocumentWritten.model_validate(
            {"document": kind, "name": name, "hash": blobs.put(text), "text": "" if kind == "check" else text}
        )
        for kind, name, text in texts
    ]
    async with await app.log(folder) as log:
        suite = TestRun(passed=["tests.there::test_there"])
        await log.record(*facts, e.BaseExamined(checks=[], suite=suite))
        assert log.mission is not None
        await log.record(e.MissionProposed(summary="Words.", hashes=dict(log.mission.documents), estimate={}))
        await log.decide(lambda m: decide(m, ApproveMission()), by="user")


def shaped(shape: type[Plan] | type[Manifest], value: dict[str, Any]) -> str:
    """A document as it is written down."""
    return shape.model_validate(value).model_dump_json()


# --- what seats say ---

def files(name: str = "HELLO") -> dict[str, str]:
    """The product and the test of one greeting."""
    word = WORDS[name]
    return {f"{word}.sh": f"echo {word}\n", f"tests/{word}.sh": f"test \"$(sh {word}.sh)\" = {word}\n"}


def written(name: str = "HELLO", *more: tuple[str, dict[str, Any]]) -> Reply:
    """Write the files of a greeting, run the tests, and whatever else."""
    wrote = [("write_file", {"path": p, "content": t}) for p, t in files(name).items()]
    return calls(*wrote, ("run_command", {"command": TYPED}), *more)


def handoff(name: str = "HELLO", **changes: Any) -> Reply:
    """An honest handoff of one greeting."""
    word = WORDS[name]
    command = {"command": TYPED, "exit_code": 0, "observation": "all passed"}
    tests = [(f"tests/{word}.sh", f"test_{word}", f"{name}-001")]
    summary = changes.pop("summary", f"Say {word}")
    return story.handoff(summary, tests, **{"commands": [command], **changes})


def build(name: str = "HELLO", **changes: Any) -> list[Step]:
    """A worker's whole attempt."""
    return [written(name), call("commit", message=f"Say {WORDS[name]}"), handoff(name, **changes)]


def end(summary: str = "Nothing is left to do.") -> Reply:
    """The orchestrator rises."""
    return call("end_turn", summary=summary)


def resolve(item: str, decision: str, reason: str = "this is what has to be done next", **more: Any) -> Reply:
    """The orchestrator resolves an item and rises."""
    order = {"item": item, "decision": decision, "reason": reason, **more}
    return calls(("resolve_item", order), ("end_turn", {"summary": f"{item}: {decision}"}))


def tester(name: str = "HELLO", outcome: str = "passed") -> list[Step]:
    """A tester who runs the greeting."""
    verdict = {"assertion": f"{name}-001", "outcome": outcome, "evidence": ["E1"], "note": "it was run"}
    return [call("run_command", command=f"sh {WORDS[name]}.sh"), call("submit_verdicts", verdicts=[verdict])]


def script(agreed: dict[str, Any] | None = None, **others: Sequence[Step]) -> dict[str, Sequence[Step]]:
    """Honest seats for a plan; `worker_F1_1` stands for `worker.F1.1` and comes first."""
    honest: dict[str, Sequence[Step]] = {}
    for one in (agreed or plan())["features"]:
        for name in {i.partition("-")[0] for i in one["fulfills"]}:
            honest[f"worker.{one['id']}.*"] = build(name)
        honest[f"reviewer.{one['id']}.*"] = story.passed_review(one["id"])
    honest["scrutiny.*"] = [call("submit_scrutiny", outcome="passed", findings=[])]
    honest["auditor.*"] = [call("submit_audit", outcome="passed", findings=[])]
    named = {name.replace("_", ".").replace("..", "*"): steps for name, steps in others.items()}
    return {**named, **honest, "orchestrator.*": [end()]}


# --- a whole one, with all that can happen ---

WHOLE = plan(feature(1, "HELLO"), feature(2, "BYE", "M2"))
UNCHECKED = ("BYE",)
FIX = {
    "reason": "the farewell is not thankful enough; one fix",
    "add": [
        {"id": "F3", "milestone": "M2", "title": "Be thankful", "description": "Say thanks too.",
         "expected": ["sh thanks.sh prints thanks"], "fixes": ["I1"]}
    ],
}


def whole() -> dict[str, Sequence[Step]]:
    """A mission in which readers are asked, a tester fails what was built, and a fix mends it."""
    return {
        "researcher.worker.F1.1.1": [call("read_file", path="README.md"), say("It is # Greetings.")],
        "researcher.worker.F1.1.2": [say("It is suite.sh.")],
        "tester.M2r1.*": tester("BYE", "failed"), "tester.*": tester("BYE"),
        "reviewer.F3.*": story.passed_review("F3"), "worker.F3.*": build("THANKS"),
        **script(
            WHOLE, worker_F1__=[call("research", questions=["The title?", "The suite?"]), *build("HELLO")],
            orchestrator_1=[
                call("change_plan", **FIX), resolve("I1", "feature", "F3 mends exactly what is missing", feature="F3"),
            ],
        ),
    }
