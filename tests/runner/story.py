"""A small mission told by a script: every seat's replies, on a small real repository."""

import shutil
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from milepost.domain.turn import Reply
from milepost.model.scripted import Step, call, calls

RUNNER = Path(__file__).with_name("junit_runner.py")
GOAL = "Add a discount to the shop's total, a command that prints a total, and a web page that answers one."
FILES = {
    "shop/__init__.py": '"""A small shop."""\n',
    "shop/price.py": (
        '"""What things cost."""\n\n\ndef total(prices):\n    """The sum of all prices."""\n    return sum(prices)\n'
    ),
    "tests/__init__.py": "",
    "tests/test_price.py": (
        "import unittest\n\nfrom shop.price import total\n\n\nclass PriceTest(unittest.TestCase):\n"
        "    def test_total_of_nothing_is_zero(self):\n        self.assertEqual(total([]), 0)\n\n"
        "    def test_total_adds_prices(self):\n        self.assertEqual(total([2, 3]), 5)\n"
    ),
    "README.md": "# Shop\n",
    ".gitignore": "__pycache__/\n",
}
TEST = "python3 run_tests.py {report}"
TYPED = "python3 run_tests.py .milepost/report.xml"

CONTRACT_DISC = """## DISC Discounts

### DISC-001 A discount lowers the total
- surface: library
- when: `total([10, 10], discount=10)` is called
- then: it returns 18
- fails if: the discount is ignored, or taken off each price after rounding
- evidence: receipt
- check: `python3 checks/disc_001.py`

### DISC-002 Without a discount nothing changes
- surface: library
- then: `total([2, 3])` returns 5
- fails if: the old call breaks
- evidence: receipt
- check: `python3 checks/disc_002.py`
- before: guard
"""
CONTRACT_CMD = """## CMD The command

### CMD-001 The command prints a total
- surface: command
- when: `python3 -m shop 2 3` is run
- then: it prints 5 and ends with 0
- fails if: it prints anything else
- evidence: receipt
"""
CONTRACT_WEB = """## WEB The page

### WEB-001 The page answers a total
- surface: http
- when: `/total?prices=2,3` is asked for
- then: the answer is 200 with the text 5
- fails if: a wrong price list is answered with 200
- evidence: request
"""
CHECK_1 = """import sys
sys.path.insert(0, ".")
try:
    from shop.price import total
    got = total([10, 10], discount=10)
except Exception as error:
    print("NOT MET: expected 18, got", repr(error)); sys.exit(1)
if got != 18:
    print("NOT MET: expected 18, got", got); sys.exit(1)
"""
CHECK_2 = """import sys
sys.path.insert(0, ".")
from shop.price import total
if total([2, 3]) != 5:
    print("NOT MET: expected 5"); sys.exit(1)
"""
SERVICES: dict[str, Any] = {
    "commands": {"test": {"run": TEST, "report": "junit"}},
    "services": [
        {
            "name": "web",
            "start": "python3 -m shop.web $PORT_WEB",
            "port": 8123,
            "ready": {"http": "/total?prices=1"},
            "timeout_s": 20,
        }
    ],
}
PLAN = {
    "milestones": [
        {"id": "M1", "title": "Discounts", "outcome": "A total with a discount, from Python and from a shell"},
        {"id": "M2", "title": "The page", "outcome": "A total from a browser"},
    ],
    "features": [
        {
            "id": "F1",
            "milestone": "M1",
            "title": "Discount",
            "description": "Give total a discount in percent.",
            "expected": ["total([10, 10], discount=10) is 18"],
            "fulfills": ["DISC-001", "DISC-002"],
        },
        {
            "id": "F2",
            "milestone": "M1",
            "title": "Command",
            "description": "A command that prints a total.",
            "expected": ["python3 -m shop 2 3 prints 5"],
            "fulfills": ["CMD-001"],
        },
        {
            "id": "F3",
            "milestone": "M2",
            "title": "Page",
            "description": "A web page that answers a total.",
            "expected": ["/total?prices=2,3 is 5"],
            "fulfills": ["WEB-001"],
        },
    ],
}
DISCOUNT = '''"""What things cost."""


def total(prices, discount=0):
    """The sum of all prices, less a discount in percent."""
    return sum(prices) * (100 - discount) // 100
'''
DISCOUNT_TEST = """import unittest

from shop.price import total


class DiscountTest(unittest.TestCase):
    def test_discount_lowers_the_total(self):
        self.assertEqual(total([10, 10], discount=10), 18)
"""
COMMAND = '''"""Prints the total of the prices it is given."""

import sys

from shop.price import total

print(total([int(price) for price in sys.argv[1:]]))
'''
COMMAND_TEST = """import subprocess
import sys
import unittest


class CommandTest(unittest.TestCase):
    def test_command_prints_the_total(self):
        done = subprocess.run([sys.executable, "-m", "shop", "2", "3"], capture_output=True, text=True)
        self.assertEqual(done.stdout, "5\\n")
"""
WEB = '''"""Answers totals over HTTP."""

import sys
from http.server import BaseHTTPRequestHandler, HTTPServer
from urllib.parse import parse_qs, urlsplit

from shop.price import total


def answer(path):
    """Status and text for a path."""
    query = parse_qs(urlsplit(path).query)
    try:
        return 200, str(total([int(p) for p in query["prices"][0].split(",")]))
    except (KeyError, ValueError):
        return BAD


BAD = (400, "prices must be whole numbers")


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        status, text = answer(self.path)
        body = text.encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


if __name__ == "__main__":
    HTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
'''
BROKEN_WEB = WEB.replace('BAD = (400, "prices must be whole numbers")', 'BAD = (200, "?")')
WEB_TEST = """import unittest

from shop.web import answer


class WebTest(unittest.TestCase):
    def test_page_answers_the_total(self):
        self.assertEqual(answer("/total?prices=2,3"), (200, "5"))
"""
WRONG_TEST = """import unittest

from shop.web import answer


class WrongPriceTest(unittest.TestCase):
    def test_wrong_prices_are_refused(self):
        self.assertEqual(answer("/total?prices=a")[0], 400)
"""


def make_repository(folder: Path) -> Path:
    """The shop, committed."""
    for name, text in FILES.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    shutil.copyfile(RUNNER, folder / "run_tests.py")
    for words in (["init", "-q", "-b", "main"], ["add", "-A"], ["commit", "-q", "-m", "A small shop"]):
        subprocess.run(["git", *words], cwd=folder, check=True, capture_output=True)
    return folder


def draft() -> list[Step]:
    """The orchestrator's first seating: everything written, then proposed."""
    return [
        calls(("list_files", {}), ("read_file", {"path": "shop/price.py"})),
        calls(
            ("write_brief", {"text": "1. A discount in percent.\n2. A command.\n3. A page."}),
            ("write_services", SERVICES),
        ),
        calls(
            ("write_contract", {"area": "DISC", "text": CONTRACT_DISC}),
            ("write_contract", {"area": "CMD", "text": CONTRACT_CMD}),
            ("write_contract", {"area": "WEB", "text": CONTRACT_WEB}),
            ("write_check", {"path": "checks/disc_001.py", "content": CHECK_1}),
            ("write_check", {"path": "checks/disc_002.py", "content": CHECK_2}),
            ("write_plan", PLAN),
        ),
        call("propose_mission", summary="A discount, a command and a page."),
    ]


def handoff(summary: str, tests: Sequence[tuple[str, str, str]], **changes: Any) -> Reply:
    """An honest handoff of finished work."""
    return call(
        "submit_handoff",
        **{
            "outcome": "done",
            "summary": summary,
            "implemented": [summary],
            "undone": [],
            "commands": [{"command": TYPED, "exit_code": 0, "observation": "all passed"}],
            "manual_checks": [],
            "tests": [{"file": f, "cases": [{"name": c, "verifies": v}]} for f, c, v in tests],
            "issues": [],
            "procedure": {"followed": True, "deviations": []},
            **changes,
        },
    )


def build(files: Mapping[str, str], summary: str, tests: Sequence[tuple[str, str, str]], **changes: Any) -> list[Step]:
    """A worker's attempt: write, run the tests, commit, hand off."""
    return [
        calls(
            *(("write_file", {"path": p, "content": t}) for p, t in files.items()), ("run_command", {"command": TYPED})
        ),
        call("commit", message=summary),
        handoff(summary, tests, **changes),
    ]


def passed_review(feature: str) -> list[Step]:
    """A reviewer who finds nothing."""
    return [call("submit_review", feature=feature, outcome="passed", findings=[])]


def flow_command(outcome: str = "passed") -> list[Step]:
    """A tester who runs the command."""
    verdict = {"assertion": "CMD-001", "outcome": outcome, "evidence": ["E1"], "note": "python3 -m shop 2 3 printed 5"}
    return [call("run_command", command="python3 -m shop 2 3"), call("submit_verdicts", verdicts=[verdict])]


def flow_page(outcome: str, note: str) -> list[Step]:
    """A tester who asks the page, and asks it wrongly."""
    verdict = {"assertion": "WEB-001", "outcome": outcome, "evidence": ["E1", "E2"], "note": note}
    return [
        call("start_service", name="web"),
        calls(
            ("http_request", {"method": "GET", "url": "http://web/total?prices=2,3", "assertion": "WEB-001"}),
            ("http_request", {"method": "GET", "url": "http://web/total?prices=a", "assertion": "WEB-001"}),
        ),
        call("submit_verdicts", verdicts=[verdict]),
    ]


FIX = {
    "reason": "wrong prices are answered with 200; one fix",
    "add": [
        {
            "id": "F4",
            "milestone": "M2",
            "title": "Refuse wrong prices",
            "description": "Answer 400 where prices are no numbers.",
            "expected": ["/total?prices=a is 400"],
            "fixes": ["I1"],
        }
    ],
}


def script() -> dict[str, list[Step]]:
    """The whole mission: the page is wrong at first, a tester sees it, a fix mends it."""
    return {
        "orchestrator.1": draft(),
        "worker.F1.*": build(
            {"shop/price.py": DISCOUNT, "tests/test_discount.py": DISCOUNT_TEST},
            "Take a discount off the total",
            [("tests/test_discount.py", "test_discount_lowers_the_total", "DISC-001")],
        ),
        "worker.F2.*": build(
            {"shop/__main__.py": COMMAND, "tests/test_command.py": COMMAND_TEST},
            "Print a total from a shell",
            [("tests/test_command.py", "test_command_prints_the_total", "CMD-001")],
        ),
        "worker.F3.*": build(
            {"shop/web.py": BROKEN_WEB, "tests/test_web.py": WEB_TEST},
            "Answer totals over HTTP",
            [("tests/test_web.py", "test_page_answers_the_total", "WEB-001")],
        ),
        "worker.F4.*": build(
            {"shop/web.py": WEB, "tests/test_wrong.py": WRONG_TEST},
            "Refuse wrong prices",
            [("tests/test_wrong.py", "test_wrong_prices_are_refused", "WEB-001")],
        ),
        "reviewer.F1.*": passed_review("F1"),
        "reviewer.F2.*": passed_review("F2"),
        "reviewer.F3.*": passed_review("F3"),
        "reviewer.F4.*": passed_review("F4"),
        "scrutiny.*": [call("submit_scrutiny", outcome="passed", findings=[])],
        "tester.M1r1.flow-1.*": flow_command(),
        "tester.M2r1.flow-1.*": flow_page("failed", "prices=a was answered with 200"),
        "tester.M2r2.flow-1.*": flow_page("passed", "2,3 is 5, a is refused with 400"),
        "tester.auditr1.flow-1.*": flow_command(),
        "orchestrator.2": [
            call("change_plan", **FIX),
            call(
                "resolve_item",
                item="I1",
                decision="feature",
                reason="the fix feature F4 mends exactly this",
                feature="F4",
            ),
            call("end_turn", summary="F4 will refuse wrong prices."),
        ],
        "auditor.*": [call("list_files"), call("submit_audit", outcome="passed", findings=[])],
    }
