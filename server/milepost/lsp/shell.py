"""A command of an editor, given from a shell: the same dispatch, and then what came of it."""

from pathlib import Path
from typing import Any

from pydantic import ValidationError

from milepost.domain.errors import Refused
from milepost.lsp.commands import BY_NAME
from milepost.lsp.missions import Missions
from milepost.lsp.orders import Sender
from milepost.lsp.spoken import spoken
from milepost.lsp.switchboard import Switchboard
from milepost.lsp.wire import Accepted


async def execute(state_dir: Path, folder: Path, name: str, arguments: dict[str, Any]) -> Accepted:
    """Give a command for a mission of the repository around a folder, and wait until it was carried out.

    Raises Refused with the reason where it was not.
    """
    command = BY_NAME.get(name.removeprefix("milepost."))
    if command is None:
        raise Refused(f"there is no command {name!r}; expected one of {', '.join(BY_NAME)}")
    refused: list[str] = []

    async def tell(text: str) -> None:
        refused.append(text)

    async def inform(_: str) -> None:
        """Who waited for the end sees it."""

    missions = Missions(state_dir)
    missions.open([folder])
    await missions.find()
    board = Switchboard(missions, Sender(state_dir), tell, inform)
    try:
        answer = command.run(board, command.params.model_validate(spoken(command.name, arguments)))
        await board.errands_done()
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        place = ".".join(str(part) for part in first["loc"])
        raise Refused(f"{command.name}: {place}: {first['msg']}") from error
    finally:
        await missions.stop()
    if refused:
        raise Refused(refused[0])
    return answer
