"""`submit_handoff`: how a worker's attempt ends; what it claims is compared with receipts and git afterwards."""

from milepost.agent.desk import Desk
from milepost.agent.tool import Shown, Tool
from milepost.agent.tools.commit import tree_of, unrecorded
from milepost.agent.tools.seated import WORKER
from milepost.domain.errors import ToolError
from milepost.domain.events import HandoffSubmitted
from milepost.domain.handoff import Handoff


async def run(desk: Desk, args: Handoff) -> Shown:
    """Record the handoff of a clean tree."""
    state = desk.mission.features[desk.subject]
    if state.handoff is None or state.handoff_attempt != desk.attempt:
        await refuse(desk, args)
        done = HandoffSubmitted(feature=desk.subject, handoff=args)
        await desk.log.record(done, by=desk.attempt, attempt=desk.attempt)
    return Shown(args.summary, ends=True)


async def refuse(desk: Desk, handoff: Handoff) -> None:
    """Raise ToolError for a handoff that contradicts itself or leaves changes behind (D6)."""
    if handoff.outcome == "done" and handoff.undone:
        raise ToolError(f"`done` with {len(handoff.undone)} undone: finish it, or hand off `partial`")
    if handoff.outcome == "done" and any(p.blocking for p in handoff.proposals):
        raise ToolError("`done` with a blocking proposal: work that waits for an answer is handed off `partial`")
    worktree = tree_of(desk)
    if await unrecorded(desk, worktree) is not None:
        raise ToolError("the last commit was not recorded; call commit once more, then hand off")
    changes = await worktree.changes()
    if changes:
        more = f"\nand {len(changes) - 30} more" if len(changes) > 30 else ""
        raise ToolError(
            "the tree has changes that are not committed; commit them or take them back, then hand off:\n"
            + "\n".join(changes[:30]) + more
        )


SUBMIT_HANDOFF = Tool("submit_handoff", Handoff, run, seats=WORKER, repeatable=True)
