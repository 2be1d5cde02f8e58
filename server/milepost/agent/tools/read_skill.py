"""`read_skill`: a procedure by its name, the mission's own first."""

from milepost.agent.desk import Desk
from milepost.agent.tool import Shown, Tool
from milepost.agent.tools.seated import ALL
from milepost.domain.errors import ToolError
from milepost.domain.shape import Shape, Text
from milepost.text.skills import parse_skill


class ReadSkill(Shape):
    """Arguments of read_skill."""

    name: Text
    file: Text | None = None


async def run(desk: Desk, args: ReadSkill) -> Shown:
    """Show a skill's text, or one of its files."""
    written = desk.mission.documents.get(f"skill:{args.name}")
    if written is not None and args.file is None:
        return Shown(parse_skill(desk.blobs.get(written).decode(), "mission").body)
    if written is not None:
        raise ToolError(f"skill {args.name!r} has no files beside its text")
    skill = desk.skills.get(args.name)
    return Shown(skill.body if args.file is None else skill.read(args.file))


def skill_names(desk: Desk) -> list[str]:
    """Every skill there is, those written in this mission included."""
    written = {k.removeprefix("skill:") for k in desk.mission.documents if k.startswith("skill:")}
    return sorted({*desk.skills.names(), *written})


READ_SKILL = Tool("read_skill", ReadSkill, run, seats=ALL, reads_only=True)
