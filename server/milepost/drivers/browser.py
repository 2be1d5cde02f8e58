"""Uses a web application as a person does: opens pages, acts on what they show, looks; all of it is evidence."""

import asyncio
from collections.abc import Collection
from pathlib import Path
from typing import get_args
from urllib.parse import urlsplit

from playwright.async_api import Error

from milepost.domain.errors import ToolError, WorkspaceError
from milepost.domain.receipt import Evidence
from milepost.drivers import browser_actions as actions
from milepost.drivers import browser_looks as looks
from milepost.drivers import browser_program, browser_sight
from milepost.drivers.browser_downloads import Downloads
from milepost.drivers.browser_launch import Chromium
from milepost.drivers.browser_pages import Pages, answers
from milepost.drivers.browser_snapshot import LOOKED_CHARACTERS, SHOWN_CHARACTERS, changes, cut
from milepost.drivers.browser_tab import Tab
from milepost.drivers.browser_words import Patience, What
from milepost.drivers.http import Directory
from milepost.drivers.notebook import EvidenceKind, Notebook, Redact, Seen
from milepost.workspace.cell import Cell

PAGE_S = 30.0
"""For a page of ours to be there, empty."""
TOLD = 12
"""Events of one action that are told; the rest is in the console and the network."""
RECORDED_CHARACTERS = 200_000
_KINDS: dict[What, EvidenceKind] = {
    "snapshot": "transcript", "screenshot": "screenshot", "console": "console", "network": "network",
    "layout": "transcript", "storage": "transcript",
}


class Browser:
    """The browser driver of one attempt; the browser is started with the first page and kept till `close`."""

    def __init__(
        self, cell: Cell, services: Directory, notebook: Notebook, *, ports: Collection[int] = (),
        program: Path | None = None, redact: Redact = str, patience: Patience | None = None,
    ) -> None:
        self._cell = cell
        self._services = services
        self._notebook = notebook
        self._ports = ports
        self._program = program
        self._redact = redact
        self._patience = patience or Patience()
        self._pages: Pages | None = None

    async def open(
        self, url: str, *, page: str | None = None, user: str | None = None, size: str | None = None,
        assertion: str | None = None,
    ) -> Seen:
        """Opens an address of a service, in the page of that name, and shows what it became.

        Raises:
            ToolError: it is no address of a service, or there can be no such page.
            WorkspaceError: there is no browser, or it does not start.
        """
        address = self._services.resolve(url)
        pages, tab = await self._page(page, user, size)
        tab.begin()
        tab.title = ""
        did = f"open {url} in page {tab.name}"
        try:
            async with asyncio.timeout(self._patience.act):
                await pages.turn_to(tab)
                response = await tab.page.goto(address, wait_until="commit")
            outcome = "" if response is None else f" → {response.status}"
        except TimeoutError:
            outcome = f" → no answer within {self._patience.act:g} s"
        except Error as error:
            outcome = "" if "Download is starting" in error.message else f" → {_net(error.message)}"
        return await self._became(tab, did + outcome, assertion)

    async def act(
        self, action: str, target: str | None = None, value: str | None = None, *, page: str | None = None,
        assertion: str | None = None,
    ) -> Seen:
        """Does one thing that a person can do to a page, and shows what changed.

        Raises:
            ToolError: it cannot be meant so, or the page does not let it; the message says why.
        """
        actions.check(action, target, value)
        pages = self._opened()
        tab = pages.found(page)
        tab.begin()
        called = ""
        try:
            async with asyncio.timeout(self._patience.act):
                await pages.turn_to(tab)
                locator, called = await actions.located(tab, target) if target else (None, "")
                await actions.do(action, actions.Doing(pages, self._cell, tab, locator, value or ""))
        except (TimeoutError, Error) as error:
            if not tab.gone and await answers(tab):
                tab.taken_news()
                raise ToolError(f"{action} {target or ''}: not done\n{self._shown(actions.why(error))}") from error
            tab.stuck = True
        return await self._became(tab, _done(action, called, value, tab), assertion)

    async def look(
        self, what: What = "snapshot", *, page: str | None = None, target: str | None = None, full_page: bool = False,
        assertion: str | None = None,
    ) -> Seen:
        """Shows one side of a page and records it.

        Raises:
            ToolError: there is no such side, or no such page, or the page does not answer.
        """
        if what not in get_args(What):
            raise ToolError(f"cannot look at {what!r}; expected one of {', '.join(get_args(What))}")
        pages = self._opened()
        tab = pages.found(page)
        try:
            if what == "screenshot":
                await pages.turn_to(tab)
                return await self._pictured(tab, full_page, assertion)
            text = await self._looked(tab, what, target)
        except (TimeoutError, Error) as error:
            raise ToolError(f"no {what} of page {tab.name}\n{self._shown(actions.why(error))}") from error
        evidence = self._note(_KINDS[what], text, f"{what} of {tab.page.url}", assertion, tab)
        return Seen(f"[{evidence.id}] {what} of page {tab.name}\n{self._shown(text, LOOKED_CHARACTERS)}", (evidence,))

    def lasting(self, target: str, *, page: str | None = None) -> str:
        """A target as it can be found again on another day; one that is no e-number of the page stays as it is."""
        tab = self._opened().found(page)
        return tab.names.lasting(target) if target in tab.names.shown else target

    async def close(self) -> None:
        """Ends the browser, if one was started."""
        pages, self._pages = self._pages, None
        if pages is not None:
            await pages.chromium.close()

    async def _page(self, name: str | None, user: str | None, size: str | None) -> tuple[Pages, Tab]:
        """The page of that name; in another browser where this one ended without a word."""
        pages = await self._ready()
        try:
            async with asyncio.timeout(PAGE_S):
                return pages, await pages.ready(name, user, size)
        except (TimeoutError, Error):
            await self.close()
        pages = await self._ready()
        try:
            async with asyncio.timeout(PAGE_S):
                return pages, await pages.ready(name, user, size)
        except (TimeoutError, Error) as error:
            raise WorkspaceError(f"the browser opens no page, twice: {actions.why(error)}") from error

    async def _ready(self) -> Pages:
        if self._pages is not None and not self._pages.alive:
            await self.close()
        if self._pages is None:
            program = browser_program.find(self._program)
            chromium = await Chromium.start(self._cell, program, self._ports)
            self._pages = Pages(chromium, await Downloads.of(chromium.window, self._cell), self._patience)
        return self._pages

    def _opened(self) -> Pages:
        if self._pages is None:
            raise ToolError("no page is open: open one with browser_open")
        if not self._pages.alive:
            raise ToolError("the browser ended: open the page again with browser_open")
        return self._pages

    async def _became(self, tab: Tab, did: str, assertion: str | None) -> Seen:
        """What a page is like after something was done, as the model is told and as it is kept."""
        settled = tab.stuck or await browser_sight.settle(tab)
        arrived = [] if self._pages is None else await self._pages.downloads.take()
        snapshot = None if tab.gone or tab.stuck else await browser_sight.whole(tab)
        before = tab.last
        lines = self._news(tab, settled, snapshot is not None) + [each.line for each in arrived]
        whole = "\n".join([*lines, snapshot or ""])
        evidence = [self._note("transcript", f"{did}\n{whole}", did, assertion, tab)]
        evidence += [
            self._notebook.add("file", each.data, self._clean(each.title), assertion, self._service(tab))
            for each in arrived if each.data is not None
        ]
        if snapshot is not None:
            tab.last = snapshot
            lines.append((before and changes(before, snapshot)) or snapshot)
        ids, told = ", ".join(each.id for each in evidence), "\n".join(lines)
        return Seen(f"[{ids}] {self._clean(did)}\n{self._shown(told)}", tuple(evidence))

    def _news(self, tab: Tab, settled: bool, answered: bool) -> list[str]:
        """Where the page is, and what happened meanwhile."""
        news = tab.taken_news()
        if self._pages is not None and self._pages.refused:
            news.append(f"{self._pages.refused} more pages wanted to open; as many as there may be are open")
            self._pages.refused = 0
        lines = news if len(news) <= TOLD else [*news[:TOLD], f"[… {len(news) - TOLD} more; look at the console]"]
        if tab.gone:
            return [*lines, f"page {tab.name} is gone: {tab.gone}"]
        head = f"page {tab.name} is at {tab.page.url}, titled {tab.title!r}"
        if tab.stuck:
            return [head, *lines, "[the page does not answer any more: it is busy without end; open it again]"]
        if not answered:
            return [head, *lines, "[the page does not answer, or goes elsewhere again and again: no snapshot]"]
        return [head, *lines, *([] if settled else ["[still loading or changing]"])]

    async def _looked(self, tab: Tab, what: What, target: str | None) -> str:
        if what == "console":
            return tab.console.text("the console is empty")
        if what == "network":
            return looks.network(tab)
        async with asyncio.timeout(self._patience.act):
            if what == "layout":
                return await looks.layout(tab)
            if what == "storage":
                return await looks.storage(tab)
            if target:
                return await browser_sight.part(tab, (await actions.located(tab, target))[0])
            snapshot = await browser_sight.whole(tab)
        if snapshot is None:
            raise ToolError(f"no snapshot: page {tab.name!r} does not answer; open it again with browser_open")
        tab.last = snapshot
        return snapshot

    async def _pictured(self, tab: Tab, full_page: bool, assertion: str | None) -> Seen:
        async with asyncio.timeout(self._patience.act):
            picture = await looks.picture(tab, full_page=full_page)
        size = tab.page.viewport_size or {"width": 0, "height": 0}
        pixels = f"{size['width']}x{size['height']}"
        title = f"screenshot of {self._clean(tab.page.url)} at {pixels}"
        evidence = self._notebook.add("screenshot", picture, title, assertion, self._service(tab))
        return Seen(f"[{evidence.id}] screenshot of page {tab.name} at {pixels}", (evidence,))

    def _note(self, kind: EvidenceKind, text: str, title: str, assertion: str | None, tab: Tab) -> Evidence:
        record = self._clean(text)[:RECORDED_CHARACTERS]
        return self._notebook.add(kind, record.encode(), self._clean(title), assertion, self._service(tab))

    def _service(self, tab: Tab) -> str | None:
        """The service that a page is of: its address is one of ours exactly where masking changes it."""
        address = tab.page.url
        masked = self._services.mask(address)
        return urlsplit(masked).hostname if masked != address else None

    def _shown(self, text: str, limit: int = SHOWN_CHARACTERS) -> str:
        """Between marks that a page cannot write, for nothing that it says is meant for whoever reads it."""
        inside = cut(self._clean(text), limit).replace("<page>", "(page)").replace("</page>", "(/page)")
        return f"<page>\n{inside}\n</page>"

    def _clean(self, text: str) -> str:
        return self._redact(self._services.mask(text))


def _done(action: str, called: str, value: str | None, tab: Tab) -> str:
    said = "" if value is None else f" {value!r}"
    return f"{action}{f' {called}' if called else ''}{said} on page {tab.name}"


def _net(message: str) -> str:
    """Why an address did not come."""
    first = message.splitlines()[0].partition(": ")[2] or message
    return first.partition(" at http")[0]
