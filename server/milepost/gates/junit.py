"""Reads JUnit XML as pytest, vitest, jest-junit, gotestsum, ctest and maven write it, trusting none of it."""

from typing import Literal
from xml.parsers import expat

from milepost.domain.receipt import TestRun

MAX_REPORT = 64_000_000
"""Bytes of one report that are read at most; a larger one counts as no report."""

Outcome = Literal["passed", "failed", "skipped"]

_FAILED_TAGS = frozenset({"failure", "error", "rerunFailure", "rerunError", "flakyFailure", "flakyError"})
_SKIPPED_TAGS = frozenset({"skipped", "disabled", "ignored"})
_FAILED_STATES = frozenset({"fail", "failed", "failure", "error"})
_SKIPPED_STATES = frozenset({"notrun", "disabled", "skipped", "ignored", "pending", "todo", "suppressed"})
_WORST: dict[Outcome, int] = {"passed": 0, "skipped": 1, "failed": 2}


class _Distrusted(Exception):
    """The document is XML, but none that a test framework writes."""


class _Suite:
    """One `<testsuite>` while it is open."""

    def __init__(self, attributes: dict[str, str]) -> None:
        self.name = attributes.get("name", "")
        self.declared = _number(attributes.get("failures")) + _number(attributes.get("errors"))
        self.failed = 0


class _Reader:
    """Collects the cases of a report, event by event; an id seen twice keeps its worst outcome."""

    def __init__(self) -> None:
        self.cases: dict[str, Outcome] = {}
        self._suites: list[_Suite] = []
        self._case = ""
        self._outcome: Outcome = "passed"
        self._depth = 0

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        self._depth += 1
        if self._depth == 1 and tag not in ("testsuites", "testsuite"):
            raise _Distrusted(f"the root is {tag!r}; expected 'testsuites' or 'testsuite'")
        if tag == "testsuite":
            self._suites.append(_Suite(attributes))
        elif tag == "testcase":
            self._open_case(attributes)
        elif self._case and tag in _FAILED_TAGS:
            self._outcome = "failed"
        elif self._case and tag in _SKIPPED_TAGS and self._outcome == "passed":
            self._outcome = "skipped"

    def end(self, tag: str) -> None:
        self._depth -= 1
        if tag == "testcase":
            self._keep(self._case, self._outcome)
            self._case = ""
        elif tag == "testsuite":
            suite = self._suites.pop()
            if suite.declared and not suite.failed:
                # A suite that failed as a whole, such as a package that does not build, names no case.
                self._keep(f"{suite.name}::<suite>", "failed")
            if self._suites:
                self._suites[-1].failed += suite.failed

    def _open_case(self, attributes: dict[str, str]) -> None:
        place = attributes.get("classname") or (self._suites[-1].name if self._suites else "")
        self._case = f"{place}::{attributes.get('name', '')}"
        states = {attributes.get("status", "").lower(), attributes.get("result", "").lower()}
        self._outcome = "failed" if states & _FAILED_STATES else "skipped" if states & _SKIPPED_STATES else "passed"

    def _keep(self, case: str, outcome: Outcome) -> None:
        if outcome == "failed" and self._suites:
            self._suites[-1].failed += 1
        if _WORST[outcome] >= _WORST[self.cases.get(case, "passed")]:
            self.cases[case] = outcome


def read(data: bytes) -> TestRun:
    """The cases of a report; `report=False` where it is empty, torn, too large, or not JUnit XML."""
    reader = _Reader()
    parser = expat.ParserCreate()
    parser.StartElementHandler = reader.start
    parser.EndElementHandler = reader.end
    parser.StartDoctypeDeclHandler = _refuse_doctype
    try:
        if len(data) > MAX_REPORT:
            raise _Distrusted(f"the report has {len(data)} bytes; at most {MAX_REPORT} are read")
        parser.Parse(data, True)
    except (_Distrusted, expat.ExpatError):
        return TestRun(report=False)
    return _run(reader.cases)


def merge(runs: list[TestRun]) -> TestRun:
    """Several reports of one suite as one; a torn one among them spoils the whole."""
    cases: dict[str, Outcome] = {}
    for run in runs:
        named: tuple[tuple[Outcome, list[str]], ...] = (
            ("passed", run.passed), ("skipped", run.skipped), ("failed", run.failed),
        )
        for outcome, ids in named:
            for case in ids:
                if _WORST[outcome] >= _WORST[cases.get(case, "passed")]:
                    cases[case] = outcome
    whole = bool(runs) and all(run.report for run in runs)
    return _run(cases) if whole else TestRun(report=False)


def _run(cases: dict[str, Outcome]) -> TestRun:
    return TestRun(
        passed=[c for c, o in cases.items() if o == "passed"],
        failed=[c for c, o in cases.items() if o == "failed"],
        skipped=[c for c, o in cases.items() if o == "skipped"],
    )


def _refuse_doctype(*_: object) -> None:
    # A document type is where entities come from: files read, or a page grown to gigabytes.
    raise _Distrusted("the report declares a document type; test frameworks never do")


def _number(text: str | None) -> int:
    return int(text) if text and text.isdigit() else 0
