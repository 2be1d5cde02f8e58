"""What the person set in their editor: asked of the client where it can be asked, taken from it where it tells."""

import logging
from collections.abc import Callable
from typing import Any

from lsprotocol import types as lsp
from pygls.exceptions import JsonRpcException

from milepost.lsp.server import Server

SECTION = "milepost"
log = logging.getLogger(__name__)


class Preferences:
    """What is shown between and behind the lines; everything, until the client says otherwise."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self.lenses = True
        self.hints = True
        self.changed: Callable[[], None] = lambda: None
        """Called where something else is to be shown from now on."""

    async def follow(self) -> None:
        """Ask what is set, and to be told when it changes: LSP sends changes only to who registered for them."""
        changes = self._can.did_change_configuration
        if changes is not None and changes.dynamic_registration:
            registration = lsp.Registration(
                SECTION, lsp.WORKSPACE_DID_CHANGE_CONFIGURATION, lsp.DidChangeConfigurationRegistrationOptions(SECTION)
            )
            await self._ask(lsp.CLIENT_REGISTER_CAPABILITY, lsp.RegistrationParams([registration]))
        await self.pull()

    async def told(self, settings: Any) -> None:
        """Something was changed: ask what it is now, or take what came along where the client cannot be asked."""
        if self._can.configuration:
            await self.pull()
        elif isinstance(settings, dict):
            self.take(settings.get(SECTION))

    async def pull(self) -> None:
        """Ask what is set, where the client can be asked."""
        if self._can.configuration:
            wanted = lsp.ConfigurationParams([lsp.ConfigurationItem(section=SECTION)])
            answer = await self._ask(lsp.WORKSPACE_CONFIGURATION, wanted)
            self.take(answer[0] if isinstance(answer, list | tuple) and answer else None)

    def take(self, settings: Any) -> None:
        """The section as a client has it, nested or not at all; what is no truth value is left as it was."""
        before = (self.lenses, self.hints)
        self.lenses = enabled(settings, "codeLens", self.lenses)
        self.hints = enabled(settings, "inlayHints", self.hints)
        if before != (self.lenses, self.hints):
            self.changed()

    @property
    def _can(self) -> lsp.WorkspaceClientCapabilities:
        return self.server.protocol.client_capabilities.workspace or lsp.WorkspaceClientCapabilities()

    async def _ask(self, method: str, params: Any) -> Any:
        """The client's answer; None where it has none."""
        try:
            return await self.server.ask(method, params)
        except JsonRpcException as error:
            log.info("%s: %s", method, error)
            return None


def enabled(settings: Any, name: str, before: bool) -> bool:
    """`milepost.<name>.enabled`."""
    part = settings.get(name) if isinstance(settings, dict) else None
    value = part.get("enabled") if isinstance(part, dict) else None
    return value if isinstance(value, bool) else before
