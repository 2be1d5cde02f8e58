"""Compares a handoff with what the engine saw: every claim is a receipt, a path, or a test, or it is a mismatch."""

import re
from collections.abc import Collection, Iterator, Sequence

from milepost.domain.handoff import Claim, Handoff
from milepost.domain.receipt import Receipt, TestRun
from milepost.domain.services import Manifest
from milepost.gates.cases import candidates, named

NO_WORK = "no_work"
"""How the mismatch begins that says that nothing was changed."""

Receipts = Sequence[tuple[str, Receipt]]
"""Id and receipt of every command of the attempt, in the order they ran."""


def audit(
    handoff: Handoff, receipts: Receipts, *, manifest: Manifest, changed: Collection[str], paths: Collection[str],
    start_tree: str, end_tree: str, edits: int, collected: TestRun | None = None,
) -> list[str]:
    """What a handoff says that is not so, a sentence each.

    `paths` are all files of the end tree, `changed` those that differ from the start; `edits` is how many receipts
    there were when the attempt edited for the last time; `collected` are the cases of a suite run on the end tree.
    """
    return [
        *_work(handoff, start_tree, end_tree), *_outcome(handoff),
        *(mismatch for claim in handoff.commands for mismatch in _claim(claim, receipts)),
        *_due(handoff, receipts[edits:], manifest), *_tests(handoff, changed, paths, collected),
    ]


def _work(handoff: Handoff, start_tree: str, end_tree: str) -> Iterator[str]:
    stopped = handoff.outcome == "cannot" or (
        handoff.outcome == "partial" and any(proposal.blocking for proposal in handoff.proposals)
    )
    if start_tree == end_tree and not stopped:
        yield f"{NO_WORK}: the tree is the same at the end as at the start, and the outcome is {handoff.outcome!r}"


def _outcome(handoff: Handoff) -> Iterator[str]:
    if handoff.outcome == "done" and handoff.undone:
        yield f"the outcome is 'done', but {len(handoff.undone)} left undone: {handoff.undone[0].what!r}"


def _claim(claim: Claim, receipts: Receipts) -> Iterator[str]:
    command = _collapsed(claim.command)
    same = [(key, receipt) for key, receipt in receipts if _collapsed(receipt.command) == command]
    if not same:
        yield f"{claim.command!r} is claimed with exit code {claim.exit_code}, but was never run in this attempt"
    elif same[-1][1].exit_code != claim.exit_code:
        key, last = same[-1]
        said = f"{claim.command!r} is claimed with exit code {claim.exit_code}"
        yield f"{said}, but {_ending(last)} when it last ran ({key})"
    if claim.receipt and same and claim.receipt not in {key for key, _ in same}:
        there = dict(receipts).get(claim.receipt)
        found = f"is {there.command!r}" if there else "does not exist"
        yield f"{claim.command!r} names receipt {claim.receipt}, which {found}"


def _due(handoff: Handoff, later: Receipts, manifest: Manifest) -> Iterator[str]:
    if handoff.outcome == "cannot":
        return
    for name, command in manifest.gates():
        wanted = _pattern(command.run)
        if not any(wanted.fullmatch(_collapsed(receipt.command)) for _, receipt in later):
            yield f"the {name} command {command.run!r} was not run after the last edit"


def _tests(
    handoff: Handoff, changed: Collection[str], paths: Collection[str], collected: TestRun | None
) -> Iterator[str]:
    for test in handoff.tests:
        if test.file not in changed and test.file not in paths:
            yield f"the test file {test.file!r} is named, but is not in the tree"
    if collected is None or not collected.report:
        return
    ids = [*collected.passed, *collected.failed, *collected.skipped]
    for case in named(handoff.tests):
        if not candidates(case, ids):
            yield f"the test {str(case)!r} is named, but was not among the {len(ids)} cases that the test command ran"


def _ending(receipt: Receipt) -> str:
    return "it was stopped at its time limit" if receipt.timed_out else f"ended with {receipt.exit_code}"


def _collapsed(command: str) -> str:
    return " ".join(command.split())


def _pattern(run: str) -> re.Pattern[str]:
    """The command with anything, or nothing, in place of the word that holds `{report}`."""
    words = []
    for word in _collapsed(run).split(" "):
        plain = re.escape(word).replace(re.escape("{report}"), r"\S+")
        words.append(rf"(?: {plain})?" if "{report}" in word else f" {re.escape(word)}")
    return re.compile(f"^{''.join(words).removeprefix(' ')}$")
