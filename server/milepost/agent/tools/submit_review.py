"""`submit_review`: a reviewer's judgement of one feature, or of one disputed finding."""

from milepost.agent.desk import Desk
from milepost.agent.tool import Shown, Tool
from milepost.domain.errors import ToolError
from milepost.domain.events import FactNoted, ItemOpened, ReviewSubmitted
from milepost.domain.handoff import Finding, Review
from milepost.domain.mission import Item, Mission, Round
from milepost.domain.record import Fact

REVIEWER = frozenset({"reviewer"})


async def run(desk: Desk, args: Review) -> Shown:
    """Record the review."""
    consistent(args.outcome, args.findings)
    disputed = desk.mission.items.get(desk.subject)
    await (review(desk, args) if disputed is None else settle(desk, args, disputed))
    return Shown(f"{args.outcome}: {len(args.findings)} findings", ends=True)


def consistent(outcome: str, findings: list[Finding]) -> None:
    """Raise ToolError unless the outcome is `failed` exactly when a finding is blocking."""
    blocking = [f for f in findings if f.severity == "blocking"]
    if outcome == "failed" and not blocking:
        raise ToolError("`failed` without a blocking finding: name what blocks, or submit `passed`")
    if outcome == "passed" and blocking:
        raise ToolError(f"`passed` with {len(blocking)} blocking findings: submit `failed`, or lower their severity")


def round_of(desk: Desk) -> Round:
    """The round this attempt judges in.

    Raises ToolError where there is none.
    """
    found = desk.mission.round
    if found is None or (found.milestone, found.number) != (desk.milestone, desk.round):
        raise ToolError(f"round {desk.round} of {desk.milestone} is over; there is nothing left to judge in it")
    return found


async def review(desk: Desk, args: Review) -> None:
    """The review of the assigned feature, in its round."""
    if args.feature != desk.subject:
        raise ToolError(f"you review {desk.subject}, not {args.feature}")
    round = round_of(desk)
    if args.feature not in round.reviews:
        done = ReviewSubmitted(milestone=round.milestone, round=round.number, review=args)
        await desk.log.record(done, by=desk.attempt, attempt=desk.attempt)


async def settle(desk: Desk, args: Review, item: Item) -> None:
    """Uphold a disputed finding by opening it again, or withdraw it (D14)."""
    expected = feature_of(desk.mission, item)
    if expected is not None and args.feature != expected:
        raise ToolError(f"{item.id} is about {expected}, not {args.feature}")
    if args.feature not in desk.mission.features:
        raise ToolError(f"there is no feature {args.feature!r}")
    if not settled(desk, item):
        await desk.log.decide(lambda m: [judged(m, item, args, desk.attempt)], by=desk.attempt, attempt=desk.attempt)


def feature_of(mission: Mission, item: Item) -> str | None:
    """The feature a finding is about; None where it is about a milestone or the whole."""
    about = item.opened.about
    if about in mission.features:
        return about
    owner = mission.owner(about)
    return owner.id if owner else None


def settled(desk: Desk, item: Item) -> bool:
    """Whether this attempt has judged the dispute already."""
    mine = (i for i in desk.mission.items.values() if i.by == desk.attempt)
    opened = any(i.opened.payload.get("disputes") == item.id for i in mine)
    return opened or any(f.startswith(withdrawal(item)) for f in desk.mission.facts)


def withdrawal(item: Item) -> str:
    """How a withdrawn finding is noted."""
    return f"finding {item.id} was withdrawn by a fresh reader"


def judged(mission: Mission, item: Item, args: Review, attempt: str) -> Fact:
    """The finding again, which now cannot be disputed; or what stays of one that a fresh reader does not share."""
    if args.outcome == "passed":
        return FactNoted(text=f"{withdrawal(item)}: {item.opened.text}", source=attempt)
    found = next(f for f in args.findings if f.severity == "blocking")
    return ItemOpened(
        item=mission.next_item(), type=item.opened.type, about=item.opened.about, text=item.opened.text,
        severity="blocking", payload={"upheld": True, "disputes": item.id}, finding=found.model_dump(mode="json"),
    )


SUBMIT_REVIEW = Tool("submit_review", Review, run, seats=REVIEWER, repeatable=True)
