"""From a seat to the model that sits on it: a recording, a script, or the one live gateway."""

from collections.abc import Mapping
from pathlib import Path

from milepost.domain.errors import ConfigError
from milepost.domain.seat import Seat
from milepost.model.cassette import CassetteModel
from milepost.model.gateway import Gateway
from milepost.model.messages import Completion, Model, Request
from milepost.model.prices import is_live
from milepost.model.scripted import Script, ScriptedModel


class Router:
    """Every model of a process: it answers each request with the model of the request's seat."""

    def __init__(self, keys: Mapping[str, str], *, scripts: Mapping[str, Script] | None = None) -> None:
        """`keys` by the names of environment variables; `scripts` by the NAME of `scripted:NAME`."""
        self.gateway = Gateway(keys)
        self._scripts = scripts or {}
        self._played: dict[str, CassetteModel | ScriptedModel] = {}

    def connect(self, seat: Seat) -> Model:
        """The seat's model. Raises ConfigError for a recording or script that is not there."""
        if is_live(seat):
            return self.gateway
        if seat.model not in self._played:
            self._played[seat.model] = self._play(seat.model)
        return self._played[seat.model]

    def _play(self, model: str) -> CassetteModel | ScriptedModel:
        kind, _, name = model.partition(":")
        if kind == "cassette":
            return CassetteModel(Path(name))
        if name not in self._scripts:
            known = ", ".join(sorted(self._scripts)) or "none"
            raise ConfigError(f"model {model!r}: there is no script {name!r}; expected one of: {known}")
        return ScriptedModel(self._scripts[name])

    @property
    def differing(self) -> int:
        """Requests to recordings that were not what had been recorded."""
        return sum(model.differing for model in self._played.values() if isinstance(model, CassetteModel))

    async def complete(self, request: Request) -> Completion:
        """Answer one request. Raises ModelError."""
        return await self.connect(request.seat).complete(request)

    async def warm(self) -> None:
        """Import what live models need; recordings need nothing."""
        await self.gateway.warm()

    async def close(self) -> None:
        """Let go of connections."""
        await self.gateway.close()
