"""Uses a library as its caller would: a snippet in the project's own interpreter, from the root of the tree."""

import shlex
from typing import Literal

from milepost.drivers.command import TIMEOUT_S, Commands
from milepost.drivers.notebook import Seen

Language = Literal["python", "node"]

_INTERPRETERS = {
    # The project's own environment first: that is where its dependencies are.
    "python": "for p in .venv/bin/python venv/bin/python python3 python; do "
              "command -v \"$p\" >/dev/null 2>&1 && break; done; "
              "exec \"$p\" -c {code}",
    "node": "exec node --input-type={kind} -e {code}",
}


class Library:
    """The library driver of one attempt; what it runs is evidence as any command is."""

    def __init__(self, commands: Commands) -> None:
        self._commands = commands

    async def use(
        self, language: Language, code: str, *, timeout_s: float = TIMEOUT_S, assertion: str | None = None
    ) -> Seen:
        """Runs a snippet of Python or JavaScript and shows what it printed."""
        kind = "module" if "import " in code and "require(" not in code else "commonjs"
        command = _INTERPRETERS[language].format(code=shlex.quote(code), kind=kind)
        called = f"{language}: {code}"
        return await self._commands.run(command, timeout_s=timeout_s, assertion=assertion, called=called)
