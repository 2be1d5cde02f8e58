"""`end_turn`: the orchestrator's seating ends with what its successor should know."""

from milepost.agent.desk import Desk
from milepost.agent.tool import Shown, Tool
from milepost.agent.tools.seated import ORCHESTRATOR
from milepost.domain.shape import Shape, Text


class EndTurn(Shape):
    """Arguments of end_turn."""

    summary: Text


async def run(desk: Desk, args: EndTurn) -> Shown:
    """End the seating; the loop records the summary."""
    return Shown(args.summary, ends=True)


END_TURN = Tool("end_turn", EndTurn, run, seats=ORCHESTRATOR, repeatable=True)
