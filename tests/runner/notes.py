"""A small program with three surfaces, and testers who show what they saw: an API of notes, a command, a terminal."""

from collections.abc import Mapping, Sequence
from typing import Any

from milepost.app import App
from milepost.domain import events as e
from milepost.domain.decide import decide
from milepost.domain.orders import ApproveMission
from milepost.domain.plan import Plan
from milepost.domain.receipt import TestRun
from milepost.domain.record import Fact
from milepost.domain.services import Manifest
from milepost.log.blobs import Blobs
from milepost.log.folder import MissionFolder
from milepost.model.scripted import Step, call, calls
from tests.runner import quick, story

GOAL = "Keep notes."
API = '''"""Answers notes over HTTP; a new one gets an id nobody can guess."""

import json
import sys
import uuid
from datetime import datetime, timezone
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

NOTES = {}


class Handler(BaseHTTPRequestHandler):
    def do_POST(self):
        text = json.loads(self.rfile.read(int(self.headers["Content-Length"])))["text"]
        note = {"id": uuid.uuid4().hex, "text": text, "at": datetime.now(timezone.utc).isoformat()}
        NOTES[note["id"]] = note
        self.say(201, note)

    def do_GET(self):
        note = NOTES.get(self.path.rpartition("/")[2])
        self.say(200, note) if note else self.say(404, {"error": "no such note"})

    def do_DELETE(self):
        self.say(200, NOTES.pop(self.path.rpartition("/")[2]))

    def say(self, status, value):
        body = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *words):
        pass


if __name__ == "__main__":
    ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
'''
COUNT = '''"""Counts the words it is given."""

import sys

print("words:", len(sys.argv) - 1)
'''
MENU = '''"""A menu: + counts up, q leaves."""

import sys
import termios
import tty

before = termios.tcgetattr(0)
tty.setcbreak(0)
count = 0
try:
    while True:
        sys.stdout.write(f"\\x1b[2J\\x1b[HCounter\\r\\n\\r\\nNow: {count}\\r\\n")
        sys.stdout.flush()
        key = sys.stdin.read(1)
        if key == "q":
            break
        count += key == "+"
finally:
    termios.tcsetattr(0, termios.TCSADRAIN, before)
'''
TEST = """test "$(python3 count.py a b)" = "words: 2"
"""
FILES = {"notes.py": API, "count.py": COUNT, "menu.py": MENU, "tests/count.sh": TEST}
AREAS = {
    "NOTE": """## NOTE Notes

### NOTE-001 A note can be read
- surface: http
- when: a note is posted, and asked for by its id
- then: it is answered as it was written
- fails if: it is not found, or its text is another
- evidence: request

### NOTE-002 A note that is taken away is gone
- surface: http
- when: a note is deleted, and asked for again
- then: the answer is 404 and says so
- fails if: it is still answered
- evidence: request""",
    "CMD": """## CMD The command

### CMD-001 It counts words
- surface: command
- when: `python3 count.py a b` is run
- then: it prints the number of words
- fails if: the number is wrong
- evidence: receipt""",
    "MENU": """## MENU The menu

### MENU-001 It counts up
- surface: terminal
- when: + is pressed twice
- then: the screen shows 2
- fails if: the number stays
- evidence: screen""",
}
MANIFEST: dict[str, Any] = {
    "commands": {"test": {"run": quick.TEST, "report": "junit"}},
    "services": [
        {"name": "notes", "start": "python3 notes.py $PORT_NOTES", "port": 8140, "ready": {"tcp": True},
         "timeout_s": 20},
    ],
}


def plan(*later: dict[str, Any]) -> dict[str, Any]:
    """Notes in the first milestone, and a greeting in each later one."""
    notes = {
        "id": "F1", "milestone": "M1", "title": "Notes", "description": "Keep notes.", "expected": ["notes are kept"],
        "fulfills": ["NOTE-001", "NOTE-002", "CMD-001", "MENU-001"],
    }
    return quick.plan(notes, *(later or [quick.feature(2, "HELLO", "M2")]))


async def agree(
    app: App, folder: MissionFolder, agreed: dict[str, Any], manifest: dict[str, Any] = MANIFEST, *,
    checked: bool = True, areas: Mapping[str, str] = AREAS,
) -> None:
    """Write the documents into the log and approve them, as a draft and its user would have done."""
    blobs = Blobs(folder.blobs)
    words = [f["fulfills"][0].partition("-")[0] for f in agreed["features"][1:]]
    areas = {**areas, **{a: quick.area(a, checked=checked).strip() for a in words}}
    texts = [("brief", "brief", "1. Keep notes."), ("services", "services", quick.shaped(Manifest, manifest))]
    texts += [("contract", area, text) for area, text in areas.items()]
    for word in words if checked else ():
        path = f"checks/{quick.WORDS[word]}.sh"
        text = quick.CHECK.format(word=quick.WORDS[word])
        texts.append(("check", path, text.strip()))
        (folder.checks / path).parent.mkdir(parents=True, exist_ok=True)
        (folder.checks / path).write_text(text)
    texts.append(("plan", "plan", quick.shaped(Plan, agreed)))
    facts: list[Fact] = [
        e.DocumentWritten.model_validate(
            {"document": kind, "name": name, "hash": blobs.put(text), "text": "" if kind == "check" else text}
        )
        for kind, name, text in texts
    ]
    async with await app.log(folder) as log:
        await log.record(*facts, e.BaseExamined(checks=[], suite=TestRun(passed=["tests.there::test_there"])))
        assert log.mission is not None
        await log.record(e.MissionProposed(summary="Notes.", hashes=dict(log.mission.documents), estimate={}))
        await log.decide(lambda m: decide(m, ApproveMission()), by="user")


# --- what seats say ---

def build(files: Mapping[str, str] = FILES) -> list[Step]:
    """A worker's whole attempt at the notes."""
    wrote = [("write_file", {"path": p, "content": t}) for p, t in files.items()]
    tests = [("tests/count.sh", "test_count", "CMD-001")]
    command = {"command": quick.TYPED, "exit_code": 0, "observation": "all passed"}
    return [
        calls(*wrote, ("run_command", {"command": quick.TYPED})), call("commit", message="Keep notes"),
        story.handoff("Keep notes", tests, commands=[command]),
    ]


def verdict(assertion: str, evidence: Sequence[str], shows: Mapping[str, str], **more: Any) -> dict[str, Any]:
    """A passed verdict that names the words which show it."""
    said = [{"evidence": e, "text": t} for e, t in shows.items()]
    return {"assertion": assertion, "outcome": "passed", "evidence": list(evidence), "note": "I saw it",
            **({"shows": said} if said else {}), **more}


def asks(method: str, path: str, **more: Any) -> Step:
    """A request to the notes."""
    return call("http_request", method=method, url=f"http://notes{path}", **more)


def submits(*verdicts: dict[str, Any]) -> Step:
    """The end of a flow."""
    return call("submit_verdicts", verdicts=list(verdicts))


def later(make: Any) -> Step:
    """A step that needs what was answered before: the id of the note that was posted last."""
    def step(request: Any) -> Any:
        texts = [m.content for m in request.messages if '"id": "' in m.content]
        reply = make(texts[-1].rpartition('"id": "')[2].partition('"')[0])
        return reply(request) if callable(reply) else reply

    return step


def notes_flow(*, shows: bool = True) -> list[Step]:
    """A tester who posts a note, reads it, takes it away and looks again."""
    one = {"E2": '"text": "milk"'} if shows else {}
    two = {"E4": "no such note"} if shows else {}
    return [
        call("start_service", name="notes"),
        asks("POST", "/notes", body='{"text": "milk"}'),
        later(lambda id: asks("GET", f"/notes/{id}")),
        later(lambda id: asks("DELETE", f"/notes/{id}")),
        later(lambda id: asks("GET", f"/notes/{id}")),
        submits(verdict("NOTE-001", ["E1", "E2"], one), verdict("NOTE-002", ["E3", "E4"], two)),
    ]


def command_flow(*, shows: bool = True) -> list[Step]:
    """A tester who counts words."""
    said = {"E1": "words: 2"} if shows else {}
    return [call("run_command", command="python3 count.py a b"), submits(verdict("CMD-001", ["E1"], said))]


def menu_flow(*, shows: bool = True) -> list[Step]:
    """A tester who presses keys."""
    said = {"E2": "Now: 2"} if shows else {}
    return [
        call("terminal_open", command="python3 menu.py", until="Now: 0"),
        call("terminal_send", keys=["text:+", "text:+"], until="Now: 2"),
        call("terminal_send", keys=["text:q"]),
        submits(verdict("MENU-001", ["E2"], said)),
    ]


def script(agreed: dict[str, Any] | None = None, *, shows: bool = True, **others: Sequence[Step]) -> dict[str, Any]:
    """Honest seats; testers sit only in the first round, unless others are named."""
    whole = agreed or plan()
    made: dict[str, Sequence[Step]] = {name.replace("_", ".").replace("..", "*"): s for name, s in others.items()}
    made |= {
        "worker.F1.*": build(), "reviewer.F1.*": story.passed_review("F1"),
        "tester.M1r1.flow-1.*": command_flow(shows=shows), "tester.M1r1.flow-2.*": menu_flow(shows=shows),
        "tester.M1r1.flow-3.*": notes_flow(shows=shows),
    }
    for one in whole["features"][1:]:
        made[f"worker.{one['id']}.*"] = quick.build(one["fulfills"][0].partition("-")[0])
        made[f"reviewer.{one['id']}.*"] = story.passed_review(one["id"])
    made["auditor.*"] = [call("submit_audit", outcome="passed", findings=[])]
    return {**made, "orchestrator.*": [quick.end()]}
