"""The words in which a browser is used: what can be done to a page, what can be looked at, and who does it."""

from dataclasses import dataclass
from typing import Literal, Protocol

from milepost.drivers.notebook import Seen

Action = Literal[
    "click", "double_click", "hover", "type", "fill", "clear", "press", "select", "check", "uncheck", "upload", "drag",
    "scroll", "back", "forward", "reload", "resize", "dialog", "close", "wait",
]
What = Literal["snapshot", "screenshot", "console", "network", "layout", "storage"]


@dataclass(frozen=True, slots=True)
class Patience:
    """How long a page is waited for, in seconds."""

    act: float = 10.0
    """For one action, or an address."""
    ready: float = 5.0
    """For an element to be there and ready."""
    settle: float = 3.0
    """For a page to come to rest, before it is looked at as it is."""
    look: float = 4.0
    """For a snapshot or a picture."""
    answer: float = 3.0
    """For a sign of life; a busy machine alone is not as slow."""


class Browsing(Protocol):
    """The browser driver, for those who must not import it before it is used: it needs an extra."""

    async def open(
        self, url: str, *, page: str | None = None, user: str | None = None, size: str | None = None,
        assertion: str | None = None,
    ) -> Seen:
        """Opens an address."""

    async def act(
        self, action: str, target: str | None = None, value: str | None = None, *, page: str | None = None,
        assertion: str | None = None,
    ) -> Seen:
        """Does one thing to a page."""

    async def look(
        self, what: What = "snapshot", *, page: str | None = None, target: str | None = None, full_page: bool = False,
        assertion: str | None = None,
    ) -> Seen:
        """Shows one side of a page."""

    def lasting(self, target: str, *, page: str | None = None) -> str:
        """A target as it can be found again on another day."""

    async def close(self) -> None:
        """Ends the browser."""
