"""What the engine saw while an attempt was at work."""

from milepost.agent.watch import EDITS
from milepost.domain.receipt import Receipt
from milepost.domain.turns import ToolEnded
from milepost.runner.office import Office


async def seen(office: Office, attempt: str) -> tuple[list[tuple[str, Receipt]], int]:
    """The receipts of an attempt in order, and how many there were at its last edit."""
    receipts: list[tuple[str, Receipt]] = []
    edits = 0
    for event in (record.event for record in await office.log.turns(attempt)):
        if not isinstance(event, ToolEnded):
            continue
        if event.receipt is not None and event.receipt_id is not None:
            receipts.append((event.receipt_id, event.receipt))
        if event.name in EDITS and event.outcome == "ok":
            edits = len(receipts)
    return receipts, edits


async def last_runs(office: Office, attempt: str) -> list[tuple[str, Receipt]]:
    """Each command of an attempt as it ended the last time, with what to look it up by, in the order of those."""
    receipts, _ = await seen(office, attempt)
    last = {receipt.command: receipt for _, receipt in receipts}
    return [(f"{attempt}/{name}", receipt) for name, receipt in receipts if receipt is last[receipt.command]]
