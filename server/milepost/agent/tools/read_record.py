"""`read_record`: what the mission's log knows of an id."""

import re
from typing import Annotated

from pydantic import Field

from milepost.agent.desk import Desk
from milepost.agent.tool import Shown, Tool
from milepost.agent.tools import record_text as say
from milepost.agent.tools.seated import BLIND, READERS, WORKER
from milepost.domain.errors import ToolError
from milepost.domain.mission import Mission
from milepost.domain.receipt import Evidence, Receipt
from milepost.domain.record import Record
from milepost.domain.shape import Shape, Text
from milepost.domain.turns import ToolEnded

PAGE = 16_000
PIECE = re.compile(r"(?:(?P<attempt>.+)/)?(?P<piece>[ER]\d+)$")


class ReadRecord(Shape):
    """Arguments of read_record."""

    id: Text
    offset: Annotated[int, Field(ge=0)] = 0
    """Characters to skip."""


async def run(desk: Desk, args: ReadRecord) -> Shown:
    """Show a record, a page at a time."""
    return Shown(paged(await looked_up(desk, args.id), args.offset))


async def looked_up(desk: Desk, name: str) -> str:
    """The text of a record.

    Raises ToolError where nothing has that id.
    """
    mission, blind = desk.mission, desk.seat in BLIND
    piece = PIECE.match(name)
    if piece:
        return await piece_text(desk, piece["attempt"] or desk.attempt, piece["piece"])
    if name in mission.items:
        return say.item(mission.items[name], blind=blind)
    if name in mission.features:
        return say.feature(mission, name, blind=blind)
    if name in mission.milestones:
        return say.milestone(mission, name)
    if name in mission.assertions:
        return say.assertion(mission, name)
    if name in mission.attempts:
        return say.attempt(mission.attempts[name], await desk.log.turns(name), blind=blind)
    raise ToolError(f"nothing has the id {name!r}; {known(mission)}")


def known(mission: Mission) -> str:
    """Ids a reader may have meant."""
    latest = list(mission.attempts)[-5:]
    kinds = (("items", mission.items), ("features", mission.features), ("milestones", mission.milestones))
    counted = [f"{kind} {next(iter(ids))} to {list(ids)[-1]}" for kind, ids in kinds if ids]
    return f"there are {', '.join([*counted, 'assertions by their ids'])}, and attempts such as {', '.join(latest)}"


async def piece_text(desk: Desk, attempt: str, piece: str) -> str:
    """Evidence or the whole output of a command.

    Raises ToolError where the attempt has none of that id.
    """
    if attempt == desk.attempt:
        receipts, evidence = dict(desk.receipts), {e.id: e for e in desk.evidence}
    else:
        receipts, evidence = recorded(await desk.log.turns(attempt) if attempt in desk.mission.attempts else [])
    if piece in receipts:
        receipt = receipts[piece]
        return f"{say.command(piece, receipt)}\n{text(desk, receipt.output)}"
    if piece in evidence:
        found = evidence[piece]
        return f"{say.evidence(found)}\n{text(desk, found.blob)}"
    listed = ", ".join([*receipts, *evidence])
    raise ToolError(f"{attempt!r} has no {piece}; it has {listed or 'neither receipts nor evidence'}")


def recorded(turns: list[Record]) -> tuple[dict[str, Receipt], dict[str, Evidence]]:
    """The receipts and evidence of an attempt, by id."""
    receipts: dict[str, Receipt] = {}
    evidence: dict[str, Evidence] = {}
    for ended in (r.event for r in turns if isinstance(r.event, ToolEnded)):
        if ended.receipt is not None and ended.receipt_id is not None:
            receipts[ended.receipt_id] = ended.receipt
        evidence |= {e.id: e for e in ended.evidence}
    return receipts, evidence


def text(desk: Desk, sha: str) -> str:
    """A blob as text."""
    data = desk.blobs.get(sha)
    return f"[{len(data)} bytes that are no text]" if b"\0" in data[:8192] else data.decode("utf-8", "replace")


def paged(whole: str, offset: int) -> str:
    """One page of a text, and how to go on."""
    if offset and offset >= len(whole):
        raise ToolError(f"the record has {len(whole)} characters; offset {offset} is beyond its end")
    end = offset + PAGE
    more = f"\n[characters {offset}-{end} of {len(whole)}; go on with offset={end}]" if end < len(whole) else ""
    return whole[offset:end] + more


READ_RECORD = Tool("read_record", ReadRecord, run, seats=READERS | WORKER, reads_only=True)
