"""What becomes of a contract that a person saved, while the mission may have changed it too (D21)."""

from dataclasses import dataclass, replace

from milepost.domain.contract import Contract
from milepost.domain.contract_format import format_assertion, format_contract
from milepost.domain.contract_grammar import Problem
from milepost.domain.contract_merge import merge
from milepost.domain.contract_text import parse
from milepost.domain.events import ContractChange


@dataclass(frozen=True, slots=True)
class Saved:
    """A saved text, read: exactly one of the three is told, or none where it says nothing new."""

    text: str = ""
    """The contract with the person's changes in it, to be written."""
    marked: str = ""
    """The same with markers around each assertion that both sides changed: the person has to choose."""
    problems: tuple[Problem, ...] = ()
    """Why it cannot be read."""


def read_saved(contract: Contract, written: str, saved: str) -> Saved:
    """What a person changed in the text that was `written` for them, on top of what the contract has become.

    A heading or a note that both sides changed is the person's.
    """
    parsed = parse(saved)
    errors = tuple(p for p in parsed.problems if p.severity == "error")
    if errors:
        return Saved(problems=errors)
    merged = merge(parse(written).contract, parsed.contract, contract)
    fought_over = [name for name in merged.conflicts if contract.get(name) or merged.contract.get(name)]
    if fought_over:
        return Saved(marked=marked(merged.contract, contract, fought_over))
    text = format_contract(merged.contract)
    return Saved(text=text if text != format_contract(contract) else "")


def marked(mine: Contract, theirs: Contract, names: list[str]) -> str:
    """The contract with both versions of the assertions that are named, between the markers of a merge."""
    text = format_contract(mine)
    for name in names:
        ours, other = mine.get(name), theirs.get(name)
        left = format_assertion(ours).rstrip("\n") if ours else ""
        right = format_assertion(other).rstrip("\n") if other else ""
        text = text.replace(left, f"<<<<<<< yours\n{left}\n=======\n{right}\n>>>>>>> the mission's", 1)
    return text


def amendment(agreed: Contract, edited: Contract) -> list[ContractChange]:
    """What an edited text would change in a contract that was agreed; a removed assertion says why, if only so."""
    new = {a.id: a for a in edited}
    changes = [
        ContractChange(op="remove", assertion=old.id, text="taken out in the document")
        for old in agreed.live if old.id not in new
    ]
    for found in new.values():
        old = agreed.get(found.id)
        if old == found or (old is not None and old.removed):
            continue
        if found.removed:
            changes.append(ContractChange(op="remove", assertion=found.id, text=found.removed))
        else:
            op = "change" if old else "add"
            changes.append(ContractChange(op=op, assertion=found.id, text=format_assertion(replace(found, line=0))))
    return changes
