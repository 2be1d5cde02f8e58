"""The pages that one attempt has open, by name, each user with cookies and storage of their own."""

import asyncio
import contextlib
from collections.abc import Coroutine
from typing import Any

from playwright.async_api import BrowserContext, CDPSession, Error, Page

from milepost.domain.errors import ToolError
from milepost.drivers.browser_downloads import Downloads
from milepost.drivers.browser_launch import Chromium
from milepost.drivers.browser_tab import Size, Tab
from milepost.drivers.browser_words import Patience

MOST_PAGES = 8
MOST_USERS = 6
SIZES: dict[str, Size] = {"desktop": (1280, 800), "mobile": (390, 844)}
DEFAULT = "main"
_CLOSE_S = 5.0
_AGENT = (
    "Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/{version} Mobile "
    "Safari/537.36"
)


class Pages:
    """Every page of one browser."""

    def __init__(self, chromium: Chromium, downloads: Downloads, patience: Patience) -> None:
        self.chromium = chromium
        self.downloads = downloads
        self._patience = patience
        self.refused = 0
        """Pages that pages wanted to open beyond the most there may be."""
        self._users: dict[str, BrowserContext] = {}
        self._tabs: dict[str, Tab] = {}
        self._phones: dict[str, CDPSession] = {}
        self._latest = ""
        self._front: Tab | None = None
        self._aside: set[asyncio.Task[Any]] = set()

    @property
    def alive(self) -> bool:
        """Whether the browser still runs."""
        return self.chromium.alive

    def found(self, name: str | None) -> Tab:
        """The page of that name, or the one that was used last.

        Raises:
            ToolError: there is none, or it is gone.
        """
        tab = self._tabs.get(name or self._latest)
        if tab is None:
            known = ", ".join(sorted(self._tabs)) or "none: open one with browser_open"
            raise ToolError(f"no page {name or DEFAULT!r} is open; expected one of {known}")
        if tab.gone:
            raise ToolError(f"page {tab.name!r} is gone: {tab.gone}; open it again with browser_open")
        self._latest = tab.name
        return tab

    async def ready(self, name: str | None, user: str | None, size: str | None) -> Tab:
        """The page of that name, opened where it is not, and made anew where it does not answer any more.

        Raises:
            ToolError: it is another user's, or there are too many.
        """
        name = name or user or self._latest or DEFAULT
        tab = self._tabs.get(name)
        if tab is not None and user not in (None, tab.user):
            raise ToolError(f"page {name!r} is of user {tab.user!r}; give the page of {user!r} another name")
        stuck = tab is not None and (tab.runaway or not await answers(tab))
        if tab is not None and stuck:
            await self.close(tab)
            user = tab.user
        if tab is None or stuck:
            tab = await self._new(name, user or DEFAULT)
            tab.news += ["the page could not be used any more, so this is a new one"] if stuck else []
        self._latest = name
        if size is not None:
            await self.resize(tab, size)
        return tab

    async def turn_to(self, tab: Tab) -> None:
        """Brings a page to the front, as a person does: one behind others draws a frame a second."""
        if self._front is not tab:
            await tab.page.bring_to_front()
            self._front = tab

    async def resize(self, tab: Tab, size: str) -> None:
        """Gives a page the size of a phone or of a desktop, or any number of pixels.

        Raises:
            ToolError: it is no size.
        """
        width, height = read_size(size)
        phone = self._phones.pop(tab.name, None)
        if phone is not None:
            await phone.detach()
        await tab.page.set_viewport_size({"width": width, "height": height})
        if size == "mobile":
            # Playwright makes phones of whole users; a person's phone and desktop may share an account.
            self._phones[tab.name] = await _phone(tab.page, (width, height), self.chromium.window.version)

    async def close(self, tab: Tab) -> None:
        """Closes a page."""
        self._tabs.pop(tab.name, None)
        self._phones.pop(tab.name, None)
        if self._latest == tab.name:
            self._latest = next(reversed(self._tabs), "")
        with contextlib.suppress(Error, TimeoutError):
            async with asyncio.timeout(_CLOSE_S):
                await tab.page.close()

    async def _new(self, name: str, user: str) -> Tab:
        if len(self._tabs) >= MOST_PAGES:
            raise ToolError(f"{MOST_PAGES} pages are open, the most there may be; close one with browser_act")
        context = self._users.get(user)
        if context is None:
            context = await self._new_user(user)
        page = await context.new_page()
        await self.downloads.watch(page)
        return self._kept(name, user, page)

    async def _new_user(self, user: str) -> BrowserContext:
        if len(self._users) >= MOST_USERS:
            raise ToolError(f"there are {MOST_USERS} users, the most there may be: {', '.join(self._users)}")
        width, height = SIZES["desktop"]
        context = await self.chromium.window.new_context(
            viewport={"width": width, "height": height}, locale="en-US", timezone_id="UTC",
            permissions=["clipboard-read", "clipboard-write"],
        )
        self._users[user] = context
        return context

    def _came(self, opener: Tab, page: Page) -> None:
        """A page that a page opened."""
        if len(self._tabs) >= MOST_PAGES:
            self.refused += 1
            self._later(page.close())
            return
        name = next(f"{opener.name}-{n}" for n in range(2, MOST_PAGES + 3) if f"{opener.name}-{n}" not in self._tabs)
        self._kept(name, opener.user, page)
        self._front = None
        opener.news.append(f"a new page opened, named {name}")

    def _kept(self, name: str, user: str, page: Page) -> Tab:
        tab = Tab(name, user, page, self._patience, on_storm=self._storm, on_popup=self._came)
        self._tabs[name] = tab
        page.on("close", lambda _: self._forget(tab))
        return tab

    def _forget(self, tab: Tab) -> None:
        if self._tabs.get(tab.name) is tab:
            del self._tabs[tab.name]

    def _storm(self, tab: Tab) -> None:
        self._later(tab.page.close())

    def _later(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.ensure_future(_quietly(work))
        self._aside.add(task)
        task.add_done_callback(self._aside.discard)


def read_size(size: str) -> Size:
    """Width and height.

    Raises:
        ToolError: it is no size.
    """
    parts = size.split("x")
    if size in SIZES:
        return SIZES[size]
    if len(parts) == 2 and all(part.isdigit() and 100 <= int(part) <= 4000 for part in parts):
        return int(parts[0]), int(parts[1])
    raise ToolError(f"{size!r} is no size; expected desktop, mobile, or width and height such as 800x600")


async def answers(tab: Tab) -> bool:
    """Whether a page can still be used: one that is busy for ever, or asks and asks, cannot."""
    if tab.gone:
        return False
    try:
        async with asyncio.timeout(tab.patience.answer):
            await tab.page.evaluate("1")
    except TimeoutError:
        return False
    except Error:
        # It went elsewhere meanwhile: it lives.
        return not tab.gone
    return True


async def _phone(page: Page, size: Size, version: str) -> CDPSession:
    """Makes a page believe that it is on a phone for as long as the channel is held."""
    width, height = size
    channel = await page.context.new_cdp_session(page)
    await channel.send("Emulation.setDeviceMetricsOverride", {
        "width": width, "height": height, "deviceScaleFactor": 1, "mobile": True,
        "screenOrientation": {"type": "portraitPrimary", "angle": 0},
    })
    await channel.send("Emulation.setTouchEmulationEnabled", {"enabled": True})
    await channel.send("Emulation.setUserAgentOverride", {"userAgent": _AGENT.format(version=version)})
    return channel


async def _quietly(work: Coroutine[Any, Any, None]) -> None:
    with contextlib.suppress(Error):
        await work
