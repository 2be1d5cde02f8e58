"""`propose_mission`: the draft goes to the user, if nothing keeps it back."""

from milepost.agent.desk import Desk
from milepost.agent.tool import Shown, Tool
from milepost.agent.tools.seated import ORCHESTRATOR
from milepost.domain.errors import ToolError
from milepost.domain.shape import Shape, Text


class ProposeMission(Shape):
    """Arguments of propose_mission."""

    summary: Text


async def run(desk: Desk, args: ProposeMission) -> Shown:
    """Propose; refused with everything that is wrong."""
    phase = desk.mission.phase
    if phase == "proposed" or desk.mission.proposed_by == desk.attempt:
        return Shown("proposed already: the user will edit, return or approve it", ends=True)
    if phase != "draft":
        raise ToolError(f"the mission is {phase}; only a draft is proposed")
    return Shown(await desk.engine.propose(args.summary, desk.attempt), ends=True)


PROPOSE_MISSION = Tool("propose_mission", ProposeMission, run, seats=ORCHESTRATOR, repeatable=True)
