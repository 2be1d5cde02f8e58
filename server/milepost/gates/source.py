"""The tests that a source file holds and how much each asserts, in the languages we can read."""

import re

from milepost.gates import python_source
from milepost.gates.marks import language
from milepost.gates.python_source import TestShape

_CASES = {
    "js": re.compile(r"^\s*(?:it|test|specify)(?:\.\w+)*(?:\([^()]*\))?\s*\(\s*(?P<q>['\"`])(?P<name>.+?)(?P=q)\s*,"),
    "go": re.compile(r"^func\s+(?P<name>(?:Test|Fuzz)\w*)\s*\("),
    "rust": re.compile(r"^\s*(?:pub\s+)?(?:async\s+)?fn\s+(?P<name>\w+)\s*\("),
    "jvm": re.compile(r"^\s*(?:public\s+|private\s+|protected\s+)?(?:void|fun)\s+(?P<name>\w+|`[^`]+`)\s*\("),
}
_ANNOUNCED = {
    "rust": re.compile(r"^\s*#\[(?:\w+::)?test\b"),
    "jvm": re.compile(r"^\s*@(?:Test|ParameterizedTest|RepeatedTest)\b"),
}
"""Where a test is told from another function by the line above it."""
_ASSERTIONS = {
    "js": re.compile(
        r"\bexpect(?:\.\w+)?\s*\(|\bassert(?:\.\w+)*\s*\(|\.should\b|\bt\.(?:is|deepEqual|throws|truthy)\("),
    "go": re.compile(r"\bt\.(?:Error|Fatal|Fail)\w*\(|\b(?:assert|require)\.\w+\("),
    "rust": re.compile(r"\bassert(?:_\w+)?!|\bpanic!|#\[should_panic"),
    "jvm": re.compile(r"\bassert\w*\s*[(.]|\bverify\s*\(|\bexpect\w*\s*\(|\bfail\("),
}


def tests_in(path: str, text: str) -> list[TestShape]:
    """The tests of one file in the order of its lines; empty for languages we do not read."""
    spoken = language(path)
    if spoken == "python":
        module = python_source.parse(text)
        return python_source.tests(module) if module else []
    return _by_lines(spoken, text) if spoken in _CASES else []


def _by_lines(spoken: str, text: str) -> list[TestShape]:
    found: list[TestShape] = []
    announced = spoken not in _ANNOUNCED
    assertion, mark = _ASSERTIONS[spoken], _ANNOUNCED.get(spoken)
    for number, line in enumerate(text.splitlines(), 1):
        case = _CASES[spoken].search(line)
        if case and announced:
            found.append(TestShape(case["name"], number, 0))
            announced = mark is None
        elif mark and mark.search(line):
            announced = True
        if found and not line.lstrip().startswith(("//", "*", "/*")):
            last = found[-1]
            found[-1] = TestShape(last.name, last.line, last.asserts + len(assertion.findall(line)))
    return found
