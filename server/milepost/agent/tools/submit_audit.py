"""`submit_audit`: the last blind look at the finished tree."""

from milepost.agent.desk import Desk
from milepost.agent.tool import Shown, Tool
from milepost.agent.tools.submit_review import consistent
from milepost.domain.events import AuditSubmitted
from milepost.domain.handoff import Audit

AUDITOR = frozenset({"auditor"})


async def run(desk: Desk, args: Audit) -> Shown:
    """Record the audit of the commit this attempt looked at."""
    consistent(args.outcome, args.findings)
    last = desk.mission.last_audit
    if last is None or last[0] != desk.attempt:
        done = AuditSubmitted(audit=args, tree=await desk.repository.tree_of(desk.start))
        await desk.log.record(done, by=desk.attempt, attempt=desk.attempt)
    return Shown(f"{args.outcome}: {len(args.findings)} findings", ends=True)


SUBMIT_AUDIT = Tool("submit_audit", Audit, run, seats=AUDITOR, repeatable=True)
