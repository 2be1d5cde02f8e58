"""`submit_scrutiny`: the judgement of a milestone as a whole, and what it keeps and proposes."""

from collections.abc import Sequence

from milepost.agent.desk import Desk
from milepost.agent.tool import Shown, Tool
from milepost.agent.tools.submit_review import consistent, round_of
from milepost.domain.events import FactNoted, ItemOpened, ScrutinySubmitted
from milepost.domain.handoff import Proposal, Scrutiny
from milepost.domain.judge import proposal_item
from milepost.domain.mission import Mission
from milepost.domain.record import Fact

SCRUTINY = frozenset({"scrutiny"})


async def run(desk: Desk, args: Scrutiny) -> Shown:
    """Record the judgement."""
    consistent(args.outcome, args.findings)
    round = round_of(desk)
    if round.scrutiny is None:
        submitted = ScrutinySubmitted(milestone=round.milestone, round=round.number, scrutiny=args)

        def events(mission: Mission) -> Sequence[Fact]:
            items = [*proposed(args.proposals, round.milestone), *suggested(args.guidance, round.milestone)]
            return [submitted, *noted(args.facts, mission, desk.attempt), *numbered(mission, items)]

        await desk.log.decide(events, by=desk.attempt, attempt=desk.attempt)
    return Shown(f"{args.outcome}: {len(args.findings)} findings", ends=True)


def noted(facts: Sequence[str], mission: Mission, attempt: str) -> list[FactNoted]:
    """Facts the mission does not know yet."""
    return [FactNoted(text=f, source=attempt) for f in dict.fromkeys(facts) if f not in mission.facts]


def proposed(proposals: Sequence[Proposal], about: str) -> list[ItemOpened]:
    """An item for each proposal."""
    return [proposal_item(p, about) for p in proposals]


def suggested(guidance: Sequence[str], about: str) -> list[ItemOpened]:
    """Suggested standing orders wait for the orchestrator's next seating and hold nobody up."""
    return [
        ItemOpened(
            item="", type="proposal", about=about, blocks="none", severity="suggestion", text=f"guidance: {text}"
        )
        for text in guidance
    ]


def numbered(mission: Mission, items: Sequence[ItemOpened]) -> list[ItemOpened]:
    """The items with the next free ids."""
    return [i.model_copy(update={"item": mission.next_item(n)}) for n, i in enumerate(items)]


SUBMIT_SCRUTINY = Tool("submit_scrutiny", Scrutiny, run, seats=SCRUTINY, repeatable=True)
