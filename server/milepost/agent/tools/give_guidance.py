"""`give_guidance`: a standing order for later attempts."""

from collections.abc import Sequence

from milepost.agent.desk import Desk
from milepost.agent.tool import Shown, Tool
from milepost.agent.tools.read_skill import skill_names
from milepost.agent.tools.seated import ORCHESTRATOR
from milepost.domain.errors import ToolError
from milepost.domain.events import GuidanceGiven
from milepost.domain.mission import Mission
from milepost.domain.record import Fact
from milepost.domain.shape import Shape, Text


class GiveGuidance(Shape):
    """Arguments of give_guidance."""

    text: Text
    scope: Text = "mission"


async def run(desk: Desk, args: GiveGuidance) -> Shown:
    """Record the order, once."""
    scopes = {"mission", *desk.mission.milestones, *desk.mission.features, *(f"skill:{n}" for n in skill_names(desk))}
    if args.scope not in scopes:
        raise ToolError(f"unknown scope {args.scope!r}; expected mission, a milestone, a feature or skill:<name>")

    def events(mission: Mission) -> Sequence[Fact]:
        given = any((g.text, g.scope) == (args.text, args.scope) for g in mission.guidance)
        return [] if given else [GuidanceGiven(text=args.text, scope=args.scope)]

    await desk.log.decide(events, by=desk.attempt, attempt=desk.attempt)
    return Shown(f"in force for {args.scope}, from the next attempt on")


GIVE_GUIDANCE = Tool("give_guidance", GiveGuidance, run, seats=ORCHESTRATOR, repeatable=True)
