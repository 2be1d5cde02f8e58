"""What pages download: into a folder of the cell, within limits, and kept as evidence."""

import asyncio
import contextlib
import re
import shlex
from collections.abc import Awaitable
from dataclasses import dataclass
from typing import Any

from playwright.async_api import Browser as Window
from playwright.async_api import CDPSession, Error, Page

from milepost.domain.errors import ToolError
from milepost.workspace.cell import Cell

FOLDER = "downloads"
"""Below the cell's folder for temporary files."""
MOST_BYTES = 50_000_000
"""Of one file."""
MOST_FILES = 20
"""In one attempt."""
KEPT_BYTES = 5_000_000
"""Of a file's beginning, as evidence."""
UPLOAD_BYTES = 20_000_000
WAIT_S = 5.0
ON_ITS_WAY = "on its way"
_COPY_S = 20.0


@dataclass(slots=True)
class Download:
    """One file on its way, or there."""

    guid: str
    name: str
    received: int = 0
    awaited: bool = False
    state: str = ON_ITS_WAY

    @property
    def slow(self) -> bool:
        """Whether it is worth waiting for."""
        return self.state == ON_ITS_WAY and not self.awaited


@dataclass(frozen=True, slots=True)
class Arrived:
    """What is told of a download, and its beginning where it came."""

    line: str
    title: str = ""
    data: bytes | None = None


class Downloads:
    """Every download of one browser.

    Playwright would look for the files outside, where the browser's own folder is not; so the browser is asked itself.
    """

    def __init__(self, cell: Cell, channel: CDPSession) -> None:
        self._cell = cell
        self._channel = channel
        self._folder = f"{cell.environment()['TMPDIR']}/{FOLDER}"
        self._all: dict[str, Download] = {}
        self._news: list[Download] = []
        self._names: set[str] = set()
        self._stirred = asyncio.Event()
        self._stopping: set[asyncio.Task[Any]] = set()
        channel.on("Browser.downloadWillBegin", self._begins)
        channel.on("Browser.downloadProgress", self._goes_on)
        self._contexts: set[str] = set()
        """Users, by the browser's own numbers."""

    @classmethod
    async def of(cls, window: Window, cell: Cell) -> "Downloads":
        """The downloads of a browser that was just started."""
        return cls(cell, await window.new_browser_cdp_session())

    async def watch(self, page: Page) -> None:
        """Has the downloads of a page's context come here."""
        own = await page.context.new_cdp_session(page)
        info = (await own.send("Target.getTargetInfo"))["targetInfo"]
        await own.detach()
        context = info["browserContextId"]
        if context not in self._contexts:
            self._contexts.add(context)
            await self._channel.send("Browser.setDownloadBehavior", {
                "behavior": "allowAndName", "browserContextId": context, "downloadPath": self._folder,
                "eventsEnabled": True,
            })

    async def take(self) -> list[Arrived]:
        """What came since the last time, after a while for what is still on its way."""
        loop = asyncio.get_running_loop()
        until = loop.time() + WAIT_S
        while any(each.slow for each in self._news) and (left := until - loop.time()) > 0:
            self._stirred.clear()
            try:
                async with asyncio.timeout(left):
                    await self._stirred.wait()
            except TimeoutError:
                break
        news, self._news = self._news, []
        self._news = [each for each in news if each.state == ON_ITS_WAY]
        for each in self._news:
            # It is told when it is there; the next action does not wait for it again.
            each.awaited = True
        told = [await self._told(each) for each in news]
        return told[: MOST_FILES + 1]

    async def _told(self, download: Download) -> Arrived:
        if download.state != "completed":
            return Arrived(f"download {download.name!r}: {download.state}")
        place = f"{self._folder}/{self._unique(download.name)}"
        moved = await self._cell.run(
            f"mv -- {shlex.quote(f'{self._folder}/{download.guid}')} {shlex.quote(place)} && "
            f"head -c {KEPT_BYTES} -- {shlex.quote(place)}", timeout_s=_COPY_S, max_output=KEPT_BYTES,
        )
        if moved.exit_code != 0:
            return Arrived(f"download {download.name!r}: it could not be kept")
        title = f"download {download.name}, {download.received} bytes"
        return Arrived(f"{title}, is at {self._cell.show(place)}", title, moved.output)

    def _unique(self, name: str) -> str:
        """A name of a file that is none of ours yet, and says no more than a name."""
        plain = re.sub(r"[^\w.-]", "_", name).lstrip(".")[-100:] or "file"
        stem, dot, end = plain.partition(".")
        tries = (plain, *(f"{stem}-{n}{dot}{end}" for n in range(2, MOST_FILES + 2)))
        found = next(each for each in tries if each not in self._names)
        self._names.add(found)
        return found

    def _begins(self, event: dict[str, Any]) -> None:
        download = Download(event["guid"], event.get("suggestedFilename") or "file")
        if len(self._all) > MOST_FILES:
            self._stop(download.guid)
            return
        self._all[download.guid] = download
        self._news.append(download)
        if len(self._all) > MOST_FILES:
            download.state = f"stopped, as this attempt has {MOST_FILES} of them; later ones are not told"
            self._stop(download.guid)

    def _goes_on(self, event: dict[str, Any]) -> None:
        download = self._all.get(event["guid"])
        if download is None or download.state != ON_ITS_WAY:
            return
        download.received = int(event["receivedBytes"])
        if event["state"] == "completed" and download.received <= MOST_BYTES:
            download.state = "completed"
        elif event["state"] == "canceled":
            download.state = "broken off"
        elif max(download.received, int(event["totalBytes"])) > MOST_BYTES:
            download.state = f"stopped, as it is larger than {MOST_BYTES} bytes"
            self._stop(download.guid)
        self._stirred.set()

    def _stop(self, guid: str) -> None:
        for context in self._contexts:
            ask = self._channel.send("Browser.cancelDownload", {"guid": guid, "browserContextId": context})
            stopping = asyncio.ensure_future(_unheard(ask))
            self._stopping.add(stopping)
            stopping.add_done_callback(self._stopping.discard)


async def _unheard(ask: Awaitable[Any]) -> None:
    """Asked of every context, as a download does not tell its own: all but one refuse."""
    with contextlib.suppress(Error):
        await ask


async def read_for_upload(cell: Cell, path: str) -> bytes:
    """A file as commands of the cell can read it: no link leads further than they come.

    Raises:
        ToolError: it cannot be read, or is too large.
    """
    # One byte more than fits tells a file that is too large.
    read = await cell.run(
        f"head -c {UPLOAD_BYTES + 1} -- {shlex.quote(path)}", timeout_s=_COPY_S, max_output=UPLOAD_BYTES + 1
    )
    if read.exit_code != 0:
        said = read.output.decode("utf-8", "replace").strip()[-200:]
        raise ToolError(f"{path!r} cannot be uploaded: {said}; expected a file of the tree or below $TMPDIR")
    if len(read.output) > UPLOAD_BYTES:
        raise ToolError(f"{path!r} has more than {UPLOAD_BYTES} bytes; expected a smaller file")
    return read.output
