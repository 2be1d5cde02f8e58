"""`research`: questions to readers with a clean context, answered in parallel."""

from typing import Annotated

from pydantic import Field

from milepost.agent.desk import Desk
from milepost.agent.tool import Shown, Tool
from milepost.agent.tools.seated import ASKERS
from milepost.domain.shape import Shape, Text

HEADING = 120
"""Characters of a question above its answer: who asked knows the rest."""


class Research(Shape):
    """Arguments of research."""

    questions: Annotated[list[Text], Field(min_length=1, max_length=6)]


async def run(desk: Desk, args: Research) -> Shown:
    """Ask, and wait for every answer."""
    answers = await desk.engine.research(desk.attempt, args.questions)
    asked = (question.partition("\n")[0][:HEADING] for question in args.questions)
    parts = [f"# {n}. {q}\n{a}" for n, (q, a) in enumerate(zip(asked, answers, strict=True), start=1)]
    return Shown(answers[0] if len(answers) == 1 else "\n\n".join(parts))


RESEARCH = Tool("research", Research, run, seats=ASKERS, reads_only=True)
