"""A page's snapshot once the page has come to rest, and what there is where it does not."""

import asyncio

from playwright.async_api import Error, Locator

from milepost.drivers import browser_looks
from milepost.drivers.browser_snapshot import Names
from milepost.drivers.browser_tab import Tab

QUIET_S = 0.1
MOST_ELEMENTS = 5_000
"""Of a page whose snapshot is taken: the time it takes grows faster than their number."""
_COUNT = "[document.getElementsByTagName('*').length, String(document.title).slice(0, 200)]"
_TURN_S = 0.02


async def settle(tab: Tab) -> bool:
    """Waits until nothing is fetched and the snapshot stays the same; False where that does not come to be."""
    loop = asyncio.get_running_loop()
    until = loop.time() + tab.patience.settle
    before, still = "", loop.time()
    while loop.time() < until and not tab.gone:
        await asyncio.sleep(_TURN_S if tab.busy() else QUIET_S)
        if tab.busy():
            still = loop.time()
            continue
        now = await glance(tab, until - loop.time())
        if now is not None and now == before and loop.time() - still >= QUIET_S:
            return True
        before = now or ""
    return bool(tab.gone)


async def glance(tab: Tab, within_s: float) -> str | None:
    """The snapshot as it is at this moment; the number of elements where there are too many; None where none comes."""
    try:
        async with asyncio.timeout(max(within_s, _TURN_S)):
            elements, tab.title = await tab.page.evaluate(_COUNT)
            if elements > MOST_ELEMENTS:
                return str(elements)
            return await tab.page.aria_snapshot(mode="ai", timeout=within_s * 1000)
    except (TimeoutError, Error):
        return None


async def whole(tab: Tab) -> str | None:
    """The snapshot in our names, which are those of this document from now on; None where the page gives none."""
    seen = await glance(tab, tab.patience.look)
    _name_anew(tab)
    if seen is None:
        return None
    if seen.isdigit():
        tab.names.shown = {}
        return await browser_looks.excerpt(tab, int(seen))
    return tab.names.rename(seen)


async def part(tab: Tab, of: Locator) -> str:
    """The snapshot of one element; what was named before keeps its name, and can still be acted on."""
    seen = await of.aria_snapshot(mode="ai", timeout=tab.patience.look * 1000)
    _name_anew(tab)
    before = dict(tab.names.shown)
    shown = tab.names.rename(seen)
    tab.names.shown = before | tab.names.shown
    # Playwright finds what its last snapshot had, and that was of a part.
    await glance(tab, tab.patience.look)
    return shown


def _name_anew(tab: Tab) -> None:
    """Another document has names of its own."""
    if tab.named_document != tab.documents:
        tab.names, tab.named_document, tab.last = Names(), tab.documents, ""
