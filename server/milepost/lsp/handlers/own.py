"""Our own methods, for clients that asked for them, and the commands, for every client."""

import json
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from lsprotocol import types as lsp
from pydantic import BaseModel

from milepost.domain.errors import Refused
from milepost.ide.board import view
from milepost.ide.snapshot import (
    Snapshot,
    brief_path,
    contract_path,
    evidence_path,
    handoff_path,
    milestone_path,
    plan_path,
    questions_path,
    report_path,
)
from milepost.lsp import wire
from milepost.lsp.clones import Clones
from milepost.lsp.commands import COMMANDS, Command
from milepost.lsp.loading import Workshop
from milepost.lsp.server import Server
from milepost.lsp.spoken import spoken
from milepost.lsp.switchboard import Switchboard
from milepost.lsp.uris import uri_of
from milepost.lsp.window import Window

Own = tuple[str, type[BaseModel], Callable[[Any], Any]]
NEEDS_USER = 3
"""Exit code of `milepost doctor` where something has to be mended."""
DIRECT: dict[str, Callable[[Snapshot], str]] = {
    "brief": lambda s: brief_path(s.paths), "plan": lambda s: plan_path(s.paths),
    "contract": lambda s: contract_path(s.paths, s.mission), "questions": lambda s: questions_path(s.paths, s.mission),
    "report": lambda s: report_path(s.paths),
}


def register(workshop: Workshop, window: Window, board: Switchboard, clones: Clones) -> None:
    """Answer our own methods and commands."""
    for name, shape, handler in (*looking(window, board, clones), *telling(window, board)):
        workshop.register(name, shape, handler)
    for command in COMMANDS:
        workshop.register_command(command.name, None, dispatched(workshop.server, command, board))
    workshop.register_command("open", wire.Open, opening(window, board))


def looking(window: Window, board: Switchboard, clones: Clones) -> list[Own]:
    """What a client asks about missions and this machine."""

    def snapshot(params: wire.SnapshotParams) -> wire.Snapshot:
        window.expect_gate()
        chosen = [board.snapshot(params.mission)] if params.mission else window.missions.snapshots
        revision = sum(s.number for s in chosen)
        unchanged = params.if_revision == revision
        return wire.Snapshot(
            revision=revision, unchanged=unchanged, missions=[] if unchanged else [view(s) for s in chosen]
        )

    async def document(params: wire.DocumentParams) -> wire.Document:
        window.expect_gate()
        path = await path_for(board, params.mission, params.document)
        return wire.Document(uri=uri_of(path), text=path.read_text(encoding="utf-8", errors="replace"))

    async def diff(params: wire.DiffParams) -> wire.Diff:
        window.expect_gate()
        now = board.snapshot(params.mission)
        title, before, after = ends_of(now, params)
        return wire.Diff(title=title, files=await clones.of(now).difference(before, after))

    async def doctor(params: wire.Nothing) -> wire.Doctor:
        window.expect_gate()
        where = next(iter(sorted(window.missions.folders)), window.missions.state_dir)
        told = json.loads(await board.sender.run("doctor", "--json", "-C", str(where), codes=(0, NEEDS_USER)))
        return wire.Doctor(findings=[
            wire.DoctorFinding(
                ok=row["state"] == "ok", severity=row["state"], name=row["name"], message=row["text"],
                remedy=row["mend"],
            )
            for row in told
        ])

    return [
        ("snapshot", wire.SnapshotParams, snapshot), ("document", wire.DocumentParams, document),
        ("diff", wire.DiffParams, diff), ("doctor", wire.Nothing, doctor),
    ]


def telling(window: Window, board: Switchboard) -> list[Own]:
    """What a client says of itself and its user."""
    began = time.monotonic()

    def ping(params: wire.Nothing) -> wire.Pong:
        return wire.Pong(
            revision=sum(s.number for s in window.missions.snapshots), uptime=time.monotonic() - began
        )

    def keys(params: wire.KeysParams) -> wire.Keys:
        window.expect_gate()
        board.sender.keys = dict(params.keys)
        return wire.Keys(names=sorted(params.keys))

    def trust(params: wire.TrustParams) -> None:
        board.trusted = params.trusted

    def editor_state(params: wire.EditorStateParams) -> None:
        board.dirty = tuple(params.dirty)

    return [
        ("ping", wire.Nothing, ping), ("keys", wire.KeysParams, keys), ("trust", wire.TrustParams, trust),
        ("editorState", wire.EditorStateParams, editor_state),
    ]


def dispatched(server: Server, command: Command, board: Switchboard) -> Callable[[dict[str, Any]], wire.Accepted]:
    """A command as its handler."""

    def run(given: dict[str, Any]) -> wire.Accepted:
        arguments = spoken(command.name, dict(given))
        return command.run(board, server.protocol.values.model(command.params, arguments))

    return run


def opening(window: Window, board: Switchboard) -> Callable[[wire.Open], Any]:
    """Show a document in the client, where it can; its URI is in the answer for one that cannot."""

    async def open_(params: wire.Open) -> wire.Accepted:
        path = await path_for(board, params.mission, params.document)
        can = window.can.window
        if can is not None and can.show_document is not None and can.show_document.support:
            shown = lsp.ShowDocumentParams(uri=uri_of(path), take_focus=True)
            await window.server.ask(lsp.WINDOW_SHOW_DOCUMENT, shown)
        return board.accepted(board.follower(params.mission), "", uri_of(path))

    return open_


async def path_for(board: Switchboard, mission: str, document: str) -> Path:
    """Where a document of a mission lies. Raises Refused where there is none of that name, or it is not there yet."""
    now = board.snapshot(mission)
    kind, _, name = document.partition(":")
    if kind == "report":
        await written_report(board, now)
    path = Path(direct(now, kind, name))
    return there(path, f"{mission} has no {document} yet")


def there(path: Path, otherwise: str) -> Path:
    """A file. Raises Refused where there is none."""
    if not path.is_file():
        raise Refused(otherwise)
    return path


def direct(now: Snapshot, kind: str, name: str) -> str:
    """The path of a document by its kind. Raises Refused for a kind that there is not."""
    if kind in DIRECT and not name:
        return DIRECT[kind](now)
    if kind == "handoff" and name in now.planned:
        return handoff_path(now.paths, name)
    if kind == "milestone" and name in now.milestones:
        return milestone_path(now.paths, name)
    attempt, slash, evidence = name.rpartition("/")
    if kind == "evidence" and slash and f"{attempt}/{evidence}" in now.story.evidence:
        return evidence_path(now.paths, attempt, evidence)
    raise Refused(
        f"{kind + ':' + name if name else kind!r} is no document: expected {', '.join(DIRECT)}, handoff:F1, "
        "milestone:M1 or evidence:ATTEMPT/E1"
    )


async def written_report(board: Switchboard, now: Snapshot) -> None:
    """Have the report written anew: it is of this moment."""
    text = await board.sender.run("report", "-m", now.mission.id, "-C", now.paths.repository)
    replace(Path(report_path(now.paths)), text)


def replace(path: Path, text: str) -> None:
    """Write a file whole: a reader sees the old text or the new one."""
    part = path.with_name(f".{path.name}.{os.getpid()}")
    part.write_text(text, encoding="utf-8")
    part.replace(path)


def ends_of(now: Snapshot, params: wire.DiffParams) -> tuple[str, str, str]:
    """Title and both ends of what a feature or a milestone changed. Raises Refused where nothing was changed yet."""
    features = now.mission.features
    if params.feature is not None and params.feature in features:
        state, planned = features[params.feature], now.planned[params.feature]
        before, after, title = state.start, state.end or (state.commits or ("",))[-1], f"{planned.id} {planned.title}"
    elif params.milestone is not None and params.milestone in now.milestones:
        states = [features[f.id] for f in now.planned.values() if f.milestone == params.milestone]
        begun = sorted((s for s in states if s.start), key=lambda s: s.started_seq)
        before = begun[0].start if begun else ""
        ends = [s.end or (s.commits or ("",))[-1] for s in begun]
        after = now.mission.milestones[params.milestone].commit or next((e for e in reversed(ends) if e), "")
        title = f"{params.milestone} {now.milestones[params.milestone].title}"
    else:
        raise Refused(f"{now.mission.id} has no {params.feature or params.milestone or 'feature that was named'}")
    if not before or not after:
        raise Refused(f"{title} has changed nothing yet")
    return title, before, after
