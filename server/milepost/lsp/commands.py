"""The commands of an editor, each declared once: from here come dispatch, schema, documentation and `lsp exec`."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from milepost.domain.answering import understood
from milepost.domain.contract_edit import amendment
from milepost.domain.contract_text import parse
from milepost.domain.errors import Refused
from milepost.ide.snapshot import contract_path
from milepost.lsp import wire
from milepost.lsp.folders import key_of
from milepost.lsp.switchboard import Switchboard
from milepost.lsp.uris import is_file, path_of
from milepost.lsp.wire import Accepted, Params


@dataclass(frozen=True, slots=True)
class Command:
    """One command: `run` answers at once, and what came of it arrives as a change of state."""

    name: str
    params: type[Params]
    title: str
    """As a menu says it; the first line of its documentation."""
    run: Callable[[Switchboard, Any], Accepted]


def new_mission(board: Switchboard, asked: wire.NewMission) -> Accepted:
    folder = path_of(asked.folder)
    if board.trusted:
        board.trust(folder)
    board.expect_trust(key_of(folder))
    words = ["new", asked.goal, "--detach", "--json", "-C", str(folder)]
    words += ["--budget", f"{asked.budget:g}"] if asked.budget is not None else []
    words += ["--in-place"] if asked.in_place else []
    words += ["--model", asked.model] if asked.model else []
    words += ["--api-base", asked.api_base] if asked.api_base else []
    words += ["-m", asked.name] if asked.name else []
    board.missions.open([folder])
    board.errand("new mission", board.sender.run(*words))
    return board.accepted(None, "", "The mission begins: it reads the repository and asks what is unclear.")


def demo(board: Switchboard, asked: wire.Demo) -> Accepted:
    folder = path_of(asked.folder)
    board.missions.open([folder])
    board.errand("demo", played(board, folder))
    return board.accepted(None, "", f"The recorded mission is played in {folder}.")


async def played(board: Switchboard, folder: Path) -> None:
    """Play the demonstration; it goes on where the editor is closed. Who watches is told where it lies."""
    await board.sender.run("demo", "--dir", str(folder))
    await board.inform(f"The recorded mission was played to its end. Its repository is {folder}")


def answer(board: Switchboard, asked: wire.AnswerItem) -> Accepted:
    item = board.snapshot(asked.mission).mission.items.get(asked.item)
    if item is None or not item.is_open:
        raise Refused(f"{asked.item} is not open (any more); nothing was answered")
    given = understood(item, asked.text)
    arguments = {"item": item.id, "decision": given.decision, "text": given.text, "reason": given.reason}
    return board.order(asked.mission, "resolve_item", arguments, f"{item.id}: {given.text or given.decision}")


def approve(board: Switchboard, asked: wire.Approve) -> Accepted:
    snapshot = board.snapshot(asked.mission)
    if snapshot.mission.phase != "proposed":
        raise Refused(f"{snapshot.mission.id} proposes nothing now: it is {snapshot.word}")
    if asked.expected_revision is not None and board.follower(asked.mission).written > asked.expected_revision:
        raise Refused("the proposal changed since you looked at it: look again, then approve")
    seen = snapshot.mission.documents
    return board.order(asked.mission, "approve_mission", {}, "Approved: the work begins.", seen)


def amend(board: Switchboard, asked: wire.OfMission) -> Accepted:
    snapshot = board.snapshot(asked.mission)
    path = Path(contract_path(snapshot.paths, snapshot.mission))
    parsed = parse(path.read_text(encoding="utf-8", errors="replace"))
    if errors := [p for p in parsed.problems if p.severity == "error"]:
        raise Refused(f"the contract does not parse: line {errors[0].line}: {errors[0].message}")
    changes = amendment(snapshot.mission.contract, parsed.contract)
    if not changes:
        raise Refused("the saved contract says what was agreed: there is nothing to amend")
    arguments = {
        "changes": [c.model_dump() for c in changes], "reason": "Edited by the user in the contract's document."
    }
    named = ", ".join(c.assertion for c in changes)
    return board.order(asked.mission, "amend_contract", arguments, f"Amended: {named}.")


def set_(board: Switchboard, asked: wire.Set) -> Accepted:
    arguments = {"key": asked.key, "value": asked.value}
    return board.order(asked.mission, "change_setting", arguments, f"{asked.key} is changed.")


def trust_folder(board: Switchboard, asked: wire.TrustFolder) -> Accepted:
    return board.accepted(None, "", f"Trusted: {board.trust(path_of(asked.folder))}.")


def land(board: Switchboard, asked: wire.Land) -> Accepted:
    own = board.snapshot(asked.mission).paths.repository
    unsaved = [path for path in map(path_of, filter(is_file, board.dirty)) if path.is_relative_to(own)]
    if unsaved:
        listed = ", ".join(str(path.relative_to(own)) for path in unsaved[:5])
        raise Refused(f"not saved yet: {listed}. Save or undo these, then land: a merge would be written below them")
    words = ["land", "--json", *(["--unfinished"] if asked.unfinished else [])]
    return board.command(asked.mission, *words, message="Landing: the merged tree is judged first.")


def ordering(order: str, message: str) -> Callable[[Switchboard, Any], Accepted]:
    """A command that is an order of the same arguments."""

    def run(board: Switchboard, asked: Any) -> Accepted:
        arguments = asked.model_dump(exclude={"mission"}, exclude_defaults=True)
        return board.order(asked.mission, order, arguments, message)

    return run


def shelling(message: str, *words: str) -> Callable[[Switchboard, Any], Accepted]:
    """A command that is one of the command line's; `{feature}` is filled in."""

    def run(board: Switchboard, asked: Any) -> Accepted:
        return board.command(asked.mission, *(w.format(**asked.model_dump()) for w in words), message=message)

    return run


COMMANDS = (
    Command("newMission", wire.NewMission, "Start a mission: it asks what is unclear, and proposes", new_mission),
    Command("demo", wire.Demo, "Play the recorded demonstration in a new repository", demo),
    Command("answer", wire.AnswerItem, "Answer a question, or say yes or no to what waits for it", answer),
    Command("propose", wire.OfMission, "Stop asking, and propose now",
            ordering("request_proposal", "It decides what is open itself, and proposes.")),
    Command("approve", wire.Approve, "Approve what is proposed: the work begins", approve),
    Command("returnMission", wire.WithComment, "Return the proposal with a comment",
            ordering("return_mission", "Returned to the orchestrator.")),
    Command("run", wire.OfMission, "Let a runner carry it on",
            shelling("A runner carries it on.", "run", "--detach", "--json")),
    Command("pause", wire.OfMission, "Pause after the turn at hand",
            ordering("pause_mission", "Paused after the turn at hand.")),
    Command("interrupt", wire.WithReason, "Stop what is being done now, and pause",
            ordering("interrupt_mission", "Interrupted.")),
    Command("resume", wire.OfMission, "Let a held mission go on", ordering("resume_mission", "It goes on.")),
    Command("steer", wire.Steer, "Tell the orchestrator something",
            ordering("steer_mission", "The orchestrator reads this before the next attempt.")),
    Command("cancel", wire.WithReason, "End it for good; its branch and record stay",
            ordering("cancel_mission", "Cancelled.")),
    Command("waive", wire.Waive, "Accept an assertion as it is, with a reason",
            ordering("waive_assertion", "Waived.")),
    Command("recheck", wire.Recheck, "Judge assertions again",
            ordering("recheck_assertions", "They are judged again.")),
    Command("resolve", wire.Resolve, "Decide on an item", ordering("resolve_item", "Resolved.")),
    Command("amend", wire.OfMission, "Make the saved contract the agreed one", amend),
    Command("revert", wire.Revert, "Take back everything a feature changed",
            shelling("It is taken back.", "revert", "{feature}", "--json")),
    Command("set", wire.Set, "Change a setting of a mission: seat, budget, cap or grant", set_),
    Command("reopen", wire.Because, "Take up a mission that has ended",
            ordering("reopen_mission", "Reopened, and paused.")),
    Command("land", wire.Land, "Merge its result into your branch", land),
    Command("publish", wire.OfMission, "Lay its branch into your repository",
            shelling("Published.", "publish", "--json")),
    Command("trustFolder", wire.TrustFolder, "Trust the repository of a folder: missions may run its code",
            trust_folder),
)
"""`open` is beside these: it shows a document, which only a connection can."""
BY_NAME = {command.name: command for command in COMMANDS}
