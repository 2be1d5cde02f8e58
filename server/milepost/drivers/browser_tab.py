"""One page of the browser as a person has it open: what it printed, fetched and asked, all of it within limits."""

import asyncio
import contextlib
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

from playwright.async_api import ConsoleMessage, Dialog, Error, Page, Request, Response, WebSocket

from milepost.drivers.browser_snapshot import Names
from milepost.drivers.browser_words import Patience

KEPT = 500
"""Entries of each kind that are kept for a page, the first and the last; those between are counted."""
TEXT_CHARACTERS = 500
DIALOGS = 20
"""Questions that one action may bring up before the page is closed."""
BODY_BYTES, BODY_CHARACTERS = 100_000, 1_500
"""Of an answer to a script that is read, and that is kept."""
EXCHANGES = 20
"""Of one action, and that are kept: a page that fetches without end must not keep us busy."""
MOST_NAVIGATIONS = 8
"""Of one action: more than any way through logins takes."""
STREAM_S = 2.0
"""A request that takes longer is a stream, and nobody waits for it."""
Size = tuple[int, int]


@dataclass(slots=True)
class Entries:
    """Lines in the order in which they came."""

    first: list[str] = field(default_factory=list)
    last: deque[str] = field(default_factory=lambda: deque(maxlen=KEPT // 2))
    count: int = 0

    def add(self, line: str) -> None:
        self.count += 1
        if len(self.first) < KEPT // 2:
            self.first.append(shortened(line))
        else:
            self.last.append(shortened(line))

    def text(self, nothing: str) -> str:
        left_out = self.count - len(self.first) - len(self.last)
        between = [f"[… {left_out} more …]"] if left_out else []
        return "\n".join([*self.first, *between, *self.last]) or nothing


@dataclass(frozen=True, slots=True)
class Rule:
    """What is answered to questions of a page."""

    accept: bool = False
    text: str | None = None


class Tab:
    """A page under the name by which models call it."""

    def __init__(
        self, name: str, user: str, page: Page, patience: Patience, *, on_storm: Callable[["Tab"], None],
        on_popup: Callable[["Tab", Page], None],
    ) -> None:
        self.name = name
        self.user = user
        self.page = page
        self.patience = patience
        self.rule: Rule | None = None
        self.console = Entries()
        self.network = Entries()
        self.exchanges: deque[str] = deque(maxlen=EXCHANGES)
        """What scripts sent and were answered, the last of it."""
        self.news: list[str] = []
        """What happened since the last answer to the model."""
        self.documents = 0
        self.navigations = 0
        self.names = Names()
        self.named_document = 0
        """The document that the names belong to."""
        self.title = ""
        self.last = ""
        """The snapshot that was shown last."""
        self.gone = ""
        """Why it cannot be used any more."""
        self.stuck = False
        """Whether it answered nothing any more when it was acted on."""
        self._on_storm = on_storm
        self._on_popup = on_popup
        self._dialogs = 0
        self._read = 0
        self._under_way: dict[Request, float] = {}
        self._listen()

    def _listen(self) -> None:
        page = self.page
        page.on("console", self._printed)
        page.on("pageerror", lambda error: self._failed(f"uncaught {error}"))
        page.on("dialog", self._asked)
        page.on("popup", lambda popup: self._on_popup(self, popup))
        page.on("crash", lambda _: self._left("the page crashed"))
        page.on("close", lambda _: self._left("the page was closed"))
        page.on("request", self._began)
        page.on("requestfinished", self._finished)
        page.on("requestfailed", self._broke)
        page.on("response", self._answered)
        page.on("websocket", self._socket)
        page.on("domcontentloaded", lambda _: self._arrived())
        page.on("framenavigated", self._navigated)

    def begin(self) -> None:
        """An action begins: its own questions are counted."""
        self._dialogs = 0
        self._read = 0
        self.navigations = 0
        self.stuck = False

    @property
    def runaway(self) -> bool:
        """Whether it went from address to address by itself: it would leave a new one, too."""
        return self.navigations > MOST_NAVIGATIONS

    def taken_news(self) -> list[str]:
        """What happened since the last time, each once."""
        news, self.news = self.news, []
        return list(dict.fromkeys(news))

    def busy(self) -> bool:
        """Whether it waits for an answer that is expected to end."""
        now = asyncio.get_running_loop().time()
        return any(now - since < STREAM_S for since in self._under_way.values())

    def _left(self, why: str) -> None:
        self.gone = self.gone or why
        self._under_way.clear()

    def _arrived(self) -> None:
        self.documents += 1

    def _navigated(self, frame: object) -> None:
        if frame == self.page.main_frame:
            self.navigations += 1

    def _printed(self, message: ConsoleMessage) -> None:
        place = message.location.get("url") or ""
        line = f"{message.type}: {message.text}"
        self.console.add(f"{line} ({place}:{message.location.get('lineNumber', 0) + 1})" if place else line)
        # A failed request is told as such.
        if message.type == "error" and not message.text.startswith("Failed to load resource"):
            self._tell(f"console {line}")

    def _failed(self, line: str) -> None:
        self.console.add(line)
        self._tell(f"console {line}")

    def _tell(self, line: str) -> None:
        if len(self.news) < KEPT:
            self.news.append(shortened(line))

    async def _asked(self, dialog: Dialog) -> None:
        self._dialogs += 1
        if self._dialogs > DIALOGS:
            if not self.gone:
                self._left(f"it asked more than {DIALOGS} questions in a row and was closed")
                self._on_storm(self)
            return
        # Without a rule a page may be left, as its closing is what was asked for; nothing else is agreed to.
        rule = self.rule or Rule(accept=dialog.type == "beforeunload")
        answer = "accepted" if rule.accept else "dismissed"
        self._tell(f"dialog {dialog.type} {dialog.message!r}: {answer}")
        # It may be gone with its page before it is answered.
        with contextlib.suppress(Error):
            await (dialog.accept(rule.text or dialog.default_value) if rule.accept else dialog.dismiss())

    def _began(self, request: Request) -> None:
        if request.resource_type != "eventsource" and len(self._under_way) < KEPT:
            self._under_way[request] = asyncio.get_running_loop().time()

    def _answered(self, response: Response) -> None:
        request = response.request
        kind = response.headers.get("content-type", "").partition(";")[0]
        line = f"{request.method} {request.url} → {response.status} {request.resource_type} {kind}".rstrip()
        self.network.add(line)
        if response.status >= 400:
            self._tell(f"failed {line}")

    async def _finished(self, request: Request) -> None:
        self._under_way.pop(request, None)
        # Read at once: the browser forgets what it was answered when it goes to another page.
        if request.resource_type in ("xhr", "fetch") and self._read < EXCHANGES:
            self._read += 1
            with contextlib.suppress(Error):
                self.exchanges.append(await _exchange(request))

    def _broke(self, request: Request) -> None:
        self._under_way.pop(request, None)
        line = f"{request.method} {request.url} → {request.failure or 'no answer'} {request.resource_type}"
        self.network.add(line)
        # One that its own page gave up, by being left for one, is no failure of the program's.
        if "ERR_ABORTED" not in (request.failure or ""):
            self._tell(f"failed {line}")

    def _socket(self, socket: WebSocket) -> None:
        self.network.add(f"WebSocket {socket.url} opened")
        socket.on("framesent", lambda data: self.network.add(f"WebSocket {socket.url} > {_frame(data)}"))
        socket.on("framereceived", lambda data: self.network.add(f"WebSocket {socket.url} < {_frame(data)}"))
        socket.on("close", lambda _: self.network.add(f"WebSocket {socket.url} closed"))


async def _exchange(request: Request) -> str:
    response = await request.response()
    sent = (request.post_data_buffer or b"").decode("utf-8", "replace")
    lines = [f"{request.method} {request.url} → {response.status if response else 'no answer'}"]
    lines += [f"> {clipped(sent)}"] if sent else []
    size = (await request.sizes())["responseBodySize"]
    if response is not None and size <= BODY_BYTES:
        lines.append(f"< {clipped((await response.body()).decode('utf-8', 'replace'))}")
    else:
        lines.append(f"< [{size} bytes]")
    return "\n".join(lines)


def clipped(text: str) -> str:
    """The beginning of a body."""
    return text if len(text) <= BODY_CHARACTERS else f"{text[:BODY_CHARACTERS]}…"


def _frame(data: str | bytes) -> str:
    return data if isinstance(data, str) else f"[{len(data)} bytes]"


def shortened(text: str) -> str:
    """A line of what a page says: in one line, and not long."""
    line = " ".join(text[: 4 * TEXT_CHARACTERS].split())
    return line if len(line) <= TEXT_CHARACTERS else f"{line[:TEXT_CHARACTERS]}…"
