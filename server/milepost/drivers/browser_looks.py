"""What can be looked at on a page besides its snapshot: console, network, layout, storage, and the picture itself."""

import json
from importlib import resources
from typing import Any

from milepost.drivers.browser_tab import Tab

PICTURE_HEIGHT = 4_000
"""Of a whole page's picture; what is further down is looked at by scrolling."""
_VALUE_CHARACTERS = 200
_LAYOUT_WORDS = {
    "outside": "outside of the viewport's width", "overlaps": "controls that overlap",
    "covered": "controls that something else covers", "empty": "controls without a size", "cut": "text that is cut off",
    "small": "controls smaller than 24x24", "broken": "pictures that did not load",
}
_STORED = """() => ({
  local: Object.entries(localStorage).slice(0, 100), session: Object.entries(sessionStorage).slice(0, 100),
})"""
_HUGE = """() => ({
  text: (document.body ? document.body.innerText : "").slice(0, 3000),
  controls: [...document.querySelectorAll("a[href],button,input,select,textarea")].slice(0, 60).map((e) =>
    `${e.tagName.toLowerCase()} ${JSON.stringify((e.innerText || e.name || e.placeholder || "").slice(0, 60))}`),
})"""


async def picture(tab: Tab, *, full_page: bool) -> bytes:
    """What it looks like, as PNG, animations at their end."""
    size = tab.page.viewport_size or {"width": 1280, "height": 800}
    if full_page:
        height = int(await tab.page.evaluate("document.documentElement.scrollHeight"))
        return await tab.page.screenshot(
            full_page=True, animations="disabled", scale="css", timeout=tab.patience.look * 1000,
            clip={"x": 0, "y": 0, "width": size["width"], "height": max(1, min(height, PICTURE_HEIGHT))},
        )
    return await tab.page.screenshot(animations="disabled", scale="css", timeout=tab.patience.look * 1000)


async def layout(tab: Tab) -> str:
    """What somebody without eyes must know."""
    script = resources.files("milepost.drivers").joinpath("_browser_layout.js").read_text("utf-8")
    seen: dict[str, Any] = await tab.page.evaluate(script)
    lines = [f"viewport {seen['viewport']}, page {seen['page']}, scrolled down by {seen['scrolled']}"]
    wider = int(seen["wider"])
    lines.append(f"the page is {wider} pixels wider than the viewport" if wider else "the page fits the width")
    for kind, words in _LAYOUT_WORDS.items():
        if seen[kind]:
            lines += [f"{words}:", *(f"  {line}" for line in seen[kind])]
    lines += [f"no {words}" for kind, words in _LAYOUT_WORDS.items() if not seen[kind]]
    return "\n".join(lines)


async def storage(tab: Tab) -> str:
    """Cookies of the address and what the page keeps; when something expires is told as whether it outlives the day."""
    lines = ["cookies:"]
    for cookie in await tab.page.context.cookies(tab.page.url):
        marks = [word for word, on in (("HttpOnly", cookie.get("httpOnly")), ("Secure", cookie.get("secure"))) if on]
        marks += [f"SameSite={cookie.get('sameSite')}", "kept" if cookie.get("expires", -1) > 0 else "for this visit"]
        value = str(cookie.get("value"))[:_VALUE_CHARACTERS]
        lines.append(f"  {cookie.get('name')}={value} on {cookie.get('path')} ({', '.join(marks)})")
    stored: dict[str, list[list[str]]] = await tab.page.evaluate(_STORED)
    for kind, pairs in stored.items():
        lines.append(f"{kind} storage:")
        lines += [f"  {name} = {json.dumps(value[:_VALUE_CHARACTERS], ensure_ascii=False)}" for name, value in pairs]
    return "\n".join(lines)


def network(tab: Tab) -> str:
    """Every request, and what scripts sent and were answered."""
    return "\n\n".join([tab.network.text("no request was made"), *tab.exchanges])


async def excerpt(tab: Tab, elements: int) -> str:
    """The beginning of a page that is too large for a snapshot."""
    seen: dict[str, Any] = await tab.page.evaluate(_HUGE)
    return "\n".join([
        f"[the page has {elements} elements, too many for a snapshot: point by role and name, or look at a target]",
        seen["text"], "[its first controls]", *seen["controls"],
    ])
