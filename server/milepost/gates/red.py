"""Runs an assertion's check and tells red from absent: a check that cannot start has not said no (D1)."""

import re
import shlex
from collections.abc import Mapping

from milepost.domain.contract import Assertion
from milepost.domain.receipt import CheckResult, Receipt
from milepost.gates.command_words import Needs, needs
from milepost.gates.receipts import Keep, observe
from milepost.workspace.cell import Cell
from milepost.workspace.output import decode

NOT_MET = "NOT MET:"
"""How the last line of a check begins that ran and says no."""
PROBE_S = 20.0

_NO_TESTS = re.compile(
    r"^=*\s*(?:\x1b\[\d+m)*no tests ran\b|^Ran 0 tests in |^NO TESTS RAN|^(?:#|\u2139) tests 0$"
    r"|^No test(?:s| files) found"
    r"|^=*\s*(?:\x1b\[[\d;]*m)*\d+ deselected(?:, \d+ warnings?)? in ", re.M,
)
_ONLY_SKIPPED = re.compile(r"^=*\s*(?:\d+ (?:skipped|xfailed|deselected|warnings?)(?:, )?)+ in [\d.]+s", re.M)
_UNITTEST = re.compile(r"^Ran (\d+) tests? in .*?^OK \(skipped=(\d+)", re.M | re.S)
_CARGO = re.compile(r"^test result: \w+\. (\d+) passed; (\d+) failed", re.M)
_GO = re.compile(r"^(?:ok|\?)\s+\S+\s+.*$", re.M)
_NODE_NONE = re.compile(r"^(?:#|\u2139) pass 0$.*^(?:#|\u2139) fail 0$", re.M | re.S)
_NO_MODULE = re.compile(
    r"^\S*python[\d.]*(?:\.exe)?: (?:No module named|Error while finding module specification for)", re.M
)
_NO_TARGET = re.compile(r"No rule to make target ['`\"\u2018]([^'`\"\u2019]+)['\"\u2019](?P<needed>, needed by)?")
_NO_SCRIPT = re.compile(
    r"^npm (?:ERR!|error) Missing script|No targets specified and no makefile found|^error: Script not found", re.M
)


async def examine(
    cell: Cell, assertion: Assertion, *, keep: Keep, timeout_s: float = 120, env: Mapping[str, str] | None = None,
    tree: str = "",
) -> tuple[CheckResult, Receipt]:
    """Runs the check at the root of the cell's tree and says what it showed, with the receipt."""
    held: dict[str, bytes] = {}

    def keep_and_hold(data: bytes) -> str:
        key = keep(data)
        held[key] = data
        return key

    receipt = await observe(
        cell, assertion.check, timeout_s=timeout_s, env=env or {}, keep=keep_and_hold, tree=tree
    )
    output = decode(held[receipt.output])
    result = _said(receipt, output)
    if result == "error" and _announces_absence(assertion.check, output):
        return "absent", receipt
    if result == "error" and await _cannot_start(cell, assertion.check, env):
        return "absent", receipt
    return result, receipt


def _said(receipt: Receipt, output: str) -> CheckResult:
    if receipt.timed_out:
        return "timeout"
    says_no = _last_line(output).startswith(NOT_MET)
    if receipt.exit_code == 0:
        # A check that says no and ends with 0 contradicts itself; one that ran no test has shown nothing.
        return "error" if says_no or _shows_nothing(output) else "green"
    return "red" if says_no else "error"


def _last_line(output: str) -> str:
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    return lines[-1] if lines else ""


def _shows_nothing(output: str) -> bool:
    """Whether a test runner says in its own words that no test was run, or that none but skipped ones were."""
    unittest = _UNITTEST.search(output)
    cargo, go = _CARGO.findall(output), _GO.findall(output)
    return bool(
        _NO_TESTS.search(output) or _ONLY_SKIPPED.search(output) or _NODE_NONE.search(output)
        or (unittest and unittest[1] == unittest[2])
        or (cargo and all(counts == ("0", "0") for counts in cargo))
        or (go and all("[no test files]" in line or "[no tests to run]" in line for line in go))
    )


def _announces_absence(command: str, output: str) -> bool:
    """Whether the output says that there was nothing of its own to run."""
    missing_target = _NO_TARGET.search(output)
    if missing_target and not missing_target["needed"]:
        return missing_target[1] in needs(command).targets
    return bool(_NO_TESTS.search(output) or _NO_MODULE.search(output) or _NO_SCRIPT.search(output))


async def _cannot_start(cell: Cell, command: str, env: Mapping[str, str] | None) -> bool:
    """Whether a program or file that the command itself names is not there, as the cell sees it."""
    wanted = needs(command)
    if wanted == Needs():
        return False
    finished = await cell.run(_probe(wanted), timeout_s=PROBE_S, env=env or {})
    return b"absent" in finished.output


def _probe(wanted: Needs) -> str:
    lines = [f"command -v {shlex.quote(program)} >/dev/null 2>&1 || echo absent" for program in wanted.programs]
    for spellings in wanted.files:
        there = " || ".join(f"[ -e {shlex.quote(spelling)} ]" for spelling in spellings)
        lines.append(f"{there} || echo absent")
    return "\n".join(lines)
