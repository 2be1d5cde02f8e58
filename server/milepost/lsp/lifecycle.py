"""What a client may ask when, and how the process ends: the order of things that LSP prescribes (defects 8 and 10)."""

from enum import Enum

from milepost.lsp.envelope import INVALID_REQUEST, NOT_INITIALIZED

INITIALIZE, SHUTDOWN, EXIT = "initialize", "shutdown", "exit"


class Phase(Enum):
    """Where the conversation with the client stands."""

    NEW = "new"
    OPENING = "opening"
    OPEN = "open"
    SHUT = "shut"


class Lifecycle:
    """Starts new; `initialize` opens it, `shutdown` shuts it, whatever their handlers bring."""

    def __init__(self) -> None:
        self.phase = Phase.NEW

    def refusal(self, method: str) -> tuple[int, str] | None:
        """Code and words for a request that may not be asked now."""
        if self.phase is Phase.SHUT:
            return INVALID_REQUEST, "the server is shut down: only exit may follow"
        if self.phase is Phase.NEW and method != INITIALIZE:
            return NOT_INITIALIZED, "the server waits for initialize"
        if self.phase is not Phase.NEW and method == INITIALIZE:
            return INVALID_REQUEST, "the server is initialized already"
        return None

    def hears(self, method: str) -> bool:
        """Whether a notification counts now."""
        return self.phase is Phase.OPEN or method == EXIT

    def asked(self, method: str) -> None:
        """A request was let through."""
        if method == INITIALIZE:
            self.phase = Phase.OPENING
        elif method == SHUTDOWN:
            self.phase = Phase.SHUT

    def opened(self, well: bool) -> None:
        """`initialize` was answered."""
        if self.phase is Phase.OPENING:
            self.phase = Phase.OPEN if well else Phase.NEW

    @property
    def speaks(self) -> bool:
        """Whether the server may say anything unasked."""
        return self.phase in (Phase.OPEN, Phase.SHUT)

    @property
    def exit_code(self) -> int:
        return 0 if self.phase is Phase.SHUT else 1
