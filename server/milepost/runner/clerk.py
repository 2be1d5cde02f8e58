"""Takes orders out of the inbox, decides on each once, and answers in the log (D19)."""

from collections.abc import Sequence

from pydantic import ValidationError

from milepost.domain import events as e
from milepost.domain.decide import decide
from milepost.domain.errors import Refused
from milepost.domain.mission import Mission
from milepost.domain.orders import ORDER, ApproveMission
from milepost.domain.record import Fact
from milepost.log import inbox
from milepost.log.folder import MissionFolder
from milepost.log.inbox import OrderFile
from milepost.runner.logbook import Logbook


async def drain(log: Logbook, folder: MissionFolder) -> int:
    """Decide on every order that waits; how many there were."""
    waiting = inbox.pending(folder.root)
    for path, order in waiting:
        if isinstance(order, OrderFile):
            await apply(log, order)
            inbox.done(path)
    return len(waiting)


async def apply(log: Logbook, order: OrderFile) -> None:
    """One order: its events, or `order_refused`; one that was answered before is skipped."""
    if await log.answered(order.id):
        return

    def rule(mission: Mission) -> Sequence[Fact]:
        try:
            arguments = dict(order.arguments)
            if order.seen and order.order == ApproveMission.model_fields["order"].default:
                arguments["seen"] = order.seen
            asked = ORDER.validate_python({"order": order.order, **arguments})
            return decide(mission, asked, by="user")
        except ValidationError as error:
            return [e.OrderRefused(reason=f"{order.order} does not fit: {error}")]
        except Refused as error:
            return [e.OrderRefused(reason=str(error))]

    await log.decide(rule, by="user", order=order.id)
