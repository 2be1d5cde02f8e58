"""What lies in the mission's tree and is not in the log: a worker's leftovers, the user's edits, a lost commit."""

from milepost.domain import events as e
from milepost.domain.mission import Mission
from milepost.runner.office import Office

SUBJECT = "Edits of the user"
USER = ("User", "user@localhost")


def at_work(mission: Mission) -> bool:
    """Whether a worker's attempt is open: what lies in the tree is then its own."""
    return any(a.started.seat == "worker" for a in mission.open_attempts)


async def notice_edits(office: Office) -> bool:
    """Have the tree stand on the log's newest commit, with what the user changed in it committed as theirs (D7).

    Whether that moved the newest commit.
    """
    before = office.mission.head
    if at_work(office.mission):
        return False
    await clear_leftovers(office)
    await settle_head(office)
    worktree = office.workshop.worktree
    paths = await worktree.changes()
    if paths:
        made = await worktree.commit(
            SUBJECT, trailers(office), parent=office.mission.head, at=office.clock(), paths=paths, approved=paths,
            author=USER,
        )
        await office.log.record(e.EditNoticed(paths=list(made.paths), commit=made.commit))
    return office.mission.head != before


async def clear_leftovers(office: Office) -> None:
    """Keep what the last worker did not hand off under a ref of its own, once, and clear the tree of it (D6)."""
    mission, shop = office.mission, office.workshop
    cut = cut_short(mission)
    if cut is None or await shop.repository.resolve(ref_of(cut)):
        return
    await set_aside(office, cut)


def cut_short(mission: Mission) -> str | None:
    """The newest worker's attempt, where it ended without a handoff of its own."""
    sat = [a for a in mission.attempts.values() if a.started.seat == "worker"]
    last = max(sat, key=lambda a: a.seq, default=None)
    return last.started.attempt if last is not None and last.outcome not in (None, "submitted") else None


async def settle_head(office: Office) -> None:
    """A commit the log does not know: an edit of the user that was noticed is recorded, anything else set aside."""
    mission, shop = office.mission, office.workshop
    head = shop.worktree.head
    if head == mission.head:
        return
    made = await shop.repository.commit_info(head) if head else None
    mine = made is not None and (made.parent, made.subject) == (mission.head, SUBJECT)
    if made is not None and mine and made.trailers.get("Mission") == [mission.id]:
        await office.log.record(e.EditNoticed(paths=list(made.paths), commit=made.commit))
    else:
        await set_aside(office, f"stray-{(head or 'tree')[:12]}")


async def set_aside(office: Office, name: str) -> None:
    """Keep the tree as it is under a ref, then make it that of the log's newest commit again."""
    worktree, head = office.workshop.worktree, office.mission.head
    changed = await worktree.changes()
    if changed or worktree.head != head:
        await worktree.save_attempt(ref_of(name), f"Left by {name}", at=office.clock())
        await worktree.checkout(head)
    else:
        await office.workshop.repository.set_ref(ref_of(name), head)


def ref_of(name: str) -> str:
    """Where leftovers are kept in the private repository."""
    return f"refs/attempts/{name}"


def trailers(office: Office, **more: str | list[str]) -> dict[str, str | list[str]]:
    """What a commit of the engine's says of the mission and the log (D24)."""
    seq, tip = office.log.tip()
    return {"Mission": office.mission.id, **more, "Milepost-Log": f"{seq}:{tip}"}
