"""A mission whose one milestone is judged by several flows over HTTP: a small program that keeps notes."""

import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from milepost.model.scripted import Step, call, calls
from tests.runner import quick, story

APP = '''"""Keeps notes in a file."""

import json
import os
import sys
from http.server import BaseHTTPRequestHandler, HTTPServer


class Notes(BaseHTTPRequestHandler):
    def kept(self):
        return open("notes.tmp").read().split("\\n")[:-1] if os.path.exists("notes.tmp") else []

    def answer(self, status, value):
        body = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        self.answer(200, self.kept())

    def do_POST(self):
        text = self.rfile.read(int(self.headers["Content-Length"])).decode()
        with open("notes.tmp", "a") as kept:
            kept.write(text + "\\n")
        self.answer(201, text)


if __name__ == "__main__":
    print("notes are served", flush=True)
    HTTPServer(("127.0.0.1", int(sys.argv[1])), Notes).serve_forever()
'''
SERVICE: dict[str, Any] = {
    "name": "web", "start": "python3 notes.py $PORT_WEB", "port": 8123, "ready": {"http": "/"}, "data": ["notes.tmp"],
    "timeout_s": 20,
}
AREAS = ("ONE", "TWO", "RED", "OUT")
"""Two that hold, one that does not, and one that nobody could look at."""
ASSERTION = """## {area} Notes

### {area}-001 A note is kept
- surface: http
- when: a note is posted
- then: it is listed alone
- fails if: others are listed too
- evidence: request
"""


def manifest(**limits: int) -> dict[str, Any]:
    """How the program is tested and served."""
    return {**quick.MANIFEST, "services": [SERVICE], "limits": limits}


def plan(areas: Sequence[str] = AREAS) -> dict[str, Any]:
    """One feature that owes every assertion."""
    return {
        "milestones": [{"id": "M1", "title": "Notes", "outcome": "Notes are kept"}],
        "features": [{
            "id": "F1", "milestone": "M1", "title": "Keep notes", "description": "Serve notes.", "expected": ["notes"],
            "fulfills": [f"{area}-001" for area in areas],
        }],
    }


def make_repository(folder: Path) -> Path:
    """The repository with the program in it: what is judged is there from the start."""
    quick.make_repository(folder)
    (folder / "notes.py").write_text(APP)
    for words in (["add", "-A"], ["commit", "-q", "-m", "Notes"]):
        subprocess.run(["git", *words], cwd=folder, check=True, capture_output=True)
    return folder


def worker() -> list[Step]:
    """Says in the readme what is there."""
    return [
        calls(("write_file", {"path": "hello.sh", "content": "echo hello\n"}),
              ("write_file", {"path": "tests/hello.sh", "content": 'test "$(sh hello.sh)" = hello\n'}),
              ("run_command", {"command": quick.TYPED})),
        call("commit", message="Say what it does"),
        quick.handoff(),
    ]


def tester(area: str, outcome: str = "passed", **more: Any) -> list[Step]:
    """Posts a note of its own, lists all, and says how that was."""
    said = {"assertion": f"{area}-001", "outcome": outcome, "evidence": ["E1", "E2"], "note": f"{area} is listed"}
    if outcome == "blocked":
        said |= {"evidence": [], "reason_class": "credential", "needs": "a key"}
    asked = {"url": "http://web/", "assertion": f"{area}-001"}
    return [
        call("start_service", name="web"),
        call("http_request", method="POST", body=area, **asked),
        call("http_request", method="GET", **asked),
        call("submit_verdicts", verdicts=[said], **more),
    ]


def script(**others: list[Step]) -> Mapping[str, Sequence[Step]]:
    """Every seat; the flows are numbered as their areas are sorted: ONE, OUT, RED, TWO."""
    finding = {"severity": "non_blocking", "problem": "Notes have no date", "why": "Nobody knows when"}
    return {
        "worker.F1.*": worker(),
        "reviewer.F1.*": story.passed_review("F1"),
        "tester.M1r1.flow-1.*": tester("ONE", findings=[finding]),
        "tester.M1r1.flow-2.*": tester("OUT", "blocked"),
        "tester.M1r1.flow-3.*": tester("RED", "failed", findings=[finding]),
        "tester.M1r1.flow-4.*": tester("TWO", proposals=[{"about": "contract", "text": "dates", "gain": "order"}]),
        "orchestrator.*": [quick.end()],
        **others,
    }
