"""A window with several folders: the missions of each are shown, and those of a folder that is put away are not."""

from pathlib import Path
from typing import Any

from tests.lsp.desktop import Desktop, editor
from tests.lsp.test_mission import Stages, completed
from tests.runner import quick

MOVED = "workspace/didChangeWorkspaceFolders"


def folder(path: Path) -> dict[str, str]:
    """A folder as a client names it."""
    return {"uri": path.as_uri(), "name": path.name}


async def shown(desk: Desktop, missions: set[str], since: int = 0) -> int:
    """Wait for a status with just these missions; how many messages had come by then."""
    def fits(params: Any) -> bool:
        return params["quiescent"] and {m["mission"] for m in params["missions"]} == missions

    await desk.heard("milepost/status", fits, since=since)
    return len(desk.wire.messages)


async def test_every_folder_has_its_missions_and_takes_them_along(stage: Stages, tmp_path: Path) -> None:
    made = await completed(stage)
    other = quick.make_repository(tmp_path / "other")
    second = await made.app.create("Greet people in the other house.", other, made.settings)
    await made.app.send(second, "cancel_mission")
    assert await made.app.clerk(second)
    first, both = {made.place.mission}, {made.place.mission, second.mission}
    assert len(both) == 2
    async with editor(made, folders=[made.repository, other]) as desk:
        seen = await shown(desk, both)
        desk.wire.notify(MOVED, {"event": {"added": [], "removed": [folder(other)]}})
        seen = await shown(desk, first, seen)
        uri = {"textDocument": {"uri": desk.contract.as_uri()}}
        assert await desk.ask("textDocument/codeLens", uri)
        desk.wire.notify(MOVED, {"event": {"added": [folder(other)], "removed": [folder(made.repository)]}})
        seen = await shown(desk, {second.mission}, seen)
        desk.wire.notify(MOVED, {"event": {"added": [folder(made.repository)], "removed": []}})
        await shown(desk, both, seen)
