"""What a person does to a page: each action by its name, on the element that is pointed at."""

import contextlib
import mimetypes
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Literal, get_args

from playwright.async_api import FilePayload, Locator
from playwright.async_api import TimeoutError as TooLong

from milepost.domain.errors import ToolError
from milepost.drivers import browser_target
from milepost.drivers.browser_downloads import read_for_upload
from milepost.drivers.browser_pages import Pages
from milepost.drivers.browser_tab import Rule, Tab
from milepost.drivers.browser_target import Target
from milepost.drivers.browser_words import Action
from milepost.workspace.cell import Cell

LEAVING_MS = 1_000
_NEEDS_TARGET = frozenset({
    "click", "double_click", "hover", "fill", "clear", "select", "check", "uncheck", "upload", "drag",
})
_NEEDS_VALUE = {
    "type": "the text", "fill": "the text", "press": "the key, such as Enter or Control+A",
    "select": "the option's text, one a line", "upload": "the file's path in the tree", "drag": "where to, as a target",
    "resize": "desktop, mobile or a size such as 800x600", "dialog": "accept, dismiss, or accept: and a text",
}
_SCROLLS = {"down": (0, 600), "up": (0, -600), "right": (600, 0), "left": (-600, 0)}
_ENDS = {"top": "scrollTo(0, 0)", "bottom": "scrollTo(0, document.documentElement.scrollHeight)"}


@dataclass(frozen=True, slots=True)
class Doing:
    """One action, ready to be done."""

    pages: Pages
    cell: Cell
    tab: Tab
    locator: Locator | None
    value: str

    @property
    def patience_ms(self) -> float:
        """How long an element may take to be ready, as Playwright counts."""
        return 1000 * self.tab.patience.ready

    @property
    def on(self) -> Locator:
        """The element, of an action that was checked to have one."""
        assert self.locator is not None, "checked before"
        return self.locator


def check(action: str, target: str | None, value: str | None) -> None:
    """Whether an action can be meant so.

    Raises:
        ToolError: it cannot; the message says what is missing.
    """
    if action not in get_args(Action):
        raise ToolError(f"unknown action {action!r}; expected one of {', '.join(get_args(Action))}")
    if action in _NEEDS_TARGET and not target:
        raise ToolError(f"{action} needs a target; expected {browser_target.EXPECTED}")
    if action in _NEEDS_VALUE and value is None:
        raise ToolError(f"{action} needs a value: {_NEEDS_VALUE[action]}")


async def do(action: str, doing: Doing) -> None:
    """Does it. Raises Playwright's Error where the page does not let it."""
    await _DEEDS[action](doing)


async def located(tab: Tab, text: str) -> tuple[Locator, str]:
    """The element pointed at, and what it is called; an exact name goes before a name that holds it.

    Raises:
        ToolError: it is not there, or is one of several.
    """
    target = browser_target.read(text)
    if target.kind == "ref":
        return _by_ref(tab, target.word)
    for exact in (True, False):
        found = _by_name(tab, target, exact=exact)
        count = await found.count()
        if count and target.nth:
            return found.nth(target.nth - 1), text
        if count == 1 or (count and target.name is None and target.nth == 1):
            return found, text
        if count > 1:
            raise ToolError(f"{count} elements are {text}; use the e-number of one, or {text} #2 for the second")
    # It may be about to appear: whoever acts on it waits for it.
    return _by_name(tab, target, exact=False).first, text


def _by_ref(tab: Tab, ref: str) -> tuple[Locator, str]:
    element = tab.names.shown.get(ref)
    if element is None or tab.named_document != tab.documents:
        raise ToolError(f"{ref} is not on the page as it is now; take a new snapshot with browser_look")
    # What it is called is the page's word, and told as such.
    tab.news.append(f"{ref} is {tab.names.lasting(ref)}")
    return tab.page.locator(f"aria-ref={element.ref}"), f"{ref} ({element.role})"


def _by_name(tab: Tab, target: Target, *, exact: bool) -> Locator:
    page, name = tab.page, target.name or ""
    if target.kind == "text":
        return page.get_by_text(name, exact=exact)
    if target.kind == "label":
        return page.get_by_label(name, exact=exact)
    if target.kind == "placeholder":
        return page.get_by_placeholder(name, exact=exact)
    if target.kind == "testid":
        return page.get_by_test_id(name)
    if target.name is None:
        return page.get_by_role(target.word)  # type: ignore[arg-type]  # an unknown role finds nothing
    return page.get_by_role(target.word, name=name, exact=exact)  # type: ignore[arg-type]


async def _click(d: Doing) -> None:
    await d.on.click(timeout=d.patience_ms)


async def _double_click(d: Doing) -> None:
    await d.on.dblclick(timeout=d.patience_ms)


async def _hover(d: Doing) -> None:
    await d.on.hover(timeout=d.patience_ms)


async def _type(d: Doing) -> None:
    if d.locator is not None:
        await d.on.press_sequentially(d.value, timeout=d.patience_ms)
    else:
        await d.tab.page.keyboard.type(d.value)


async def _fill(d: Doing) -> None:
    await d.on.fill(d.value, timeout=d.patience_ms)


async def _clear(d: Doing) -> None:
    await d.on.clear(timeout=d.patience_ms)


async def _press(d: Doing) -> None:
    if d.locator is not None:
        await d.on.press(d.value, timeout=d.patience_ms)
    else:
        await d.tab.page.keyboard.press(d.value)


async def _select(d: Doing) -> None:
    await d.on.select_option(d.value.split("\n"), timeout=d.patience_ms)


async def _check(d: Doing) -> None:
    await d.on.check(timeout=d.patience_ms)


async def _uncheck(d: Doing) -> None:
    await d.on.uncheck(timeout=d.patience_ms)


async def _upload(d: Doing) -> None:
    files = [
        FilePayload(
            name=PurePosixPath(path).name, mimeType=mimetypes.guess_type(path)[0] or "application/octet-stream",
            buffer=await read_for_upload(d.cell, path),
        )
        for path in d.value.split("\n")
    ]
    is_input = await d.on.evaluate("e => e.tagName === 'INPUT' && e.type === 'file'", timeout=d.patience_ms)
    if is_input:
        await d.on.set_input_files(files, timeout=d.patience_ms)
        return
    async with d.tab.page.expect_file_chooser(timeout=d.patience_ms) as choosing:
        await d.on.click(timeout=d.patience_ms)
    await (await choosing.value).set_files(files, timeout=d.patience_ms)


async def _drag(d: Doing) -> None:
    to, _ = await located(d.tab, d.value)
    await d.on.drag_to(to, timeout=d.patience_ms)


async def _scroll(d: Doing) -> None:
    if d.locator is not None and not d.value:
        await d.on.scroll_into_view_if_needed(timeout=d.patience_ms)
        return
    if d.locator is not None:
        await d.on.hover(timeout=d.patience_ms)
    if d.value in _ENDS:
        await d.tab.page.evaluate(_ENDS[d.value])
    elif d.value in _SCROLLS:
        await d.tab.page.mouse.wheel(*_SCROLLS[d.value])
    else:
        raise ToolError(f"cannot scroll to {d.value!r}; expected a target, or {', '.join((*_SCROLLS, *_ENDS))}")


async def _back(d: Doing) -> None:
    if await d.tab.page.go_back(timeout=d.patience_ms, wait_until="commit") is None and d.tab.navigations == 0:
        raise ToolError("there is no page before this one")


async def _forward(d: Doing) -> None:
    if await d.tab.page.go_forward(timeout=d.patience_ms, wait_until="commit") is None and d.tab.navigations == 0:
        raise ToolError("there is no page after this one")


async def _reload(d: Doing) -> None:
    await d.tab.page.reload(timeout=d.patience_ms, wait_until="commit")


async def _resize(d: Doing) -> None:
    await d.pages.resize(d.tab, d.value)


async def _dialog(d: Doing) -> None:
    word, colon, text = d.value.partition(":")
    if word.strip() not in ("accept", "dismiss") or (colon and word.strip() != "accept"):
        raise ToolError(f"{d.value!r} answers no question; expected {_NEEDS_VALUE['dialog']}")
    d.tab.rule = Rule(accept=word.strip() == "accept", text=text.strip() if colon else None)


async def _close(d: Doing) -> None:
    if d.tab.rule is not None and not d.tab.rule.accept:
        await d.tab.page.close(run_before_unload=True)
        # A page that asks whether it may be left stays.
        if not d.tab.gone:
            with contextlib.suppress(TooLong):
                await d.tab.page.wait_for_event("close", timeout=LEAVING_MS)
    else:
        await d.pages.close(d.tab)


async def _wait(d: Doing) -> None:
    if d.locator is not None:
        state: Literal["hidden", "visible"] = "hidden" if d.value == "gone" else "visible"
        await d.on.wait_for(state=state, timeout=d.patience_ms)
    elif d.value:
        await d.tab.page.get_by_text(d.value).first.wait_for(state="visible", timeout=d.patience_ms)
    else:
        raise ToolError("wait needs a target to appear (with the value gone, to go), or a text to appear as value")


_DEEDS: dict[str, Callable[[Doing], Awaitable[None]]] = {
    "click": _click, "double_click": _double_click, "hover": _hover, "type": _type, "fill": _fill, "clear": _clear,
    "press": _press, "select": _select, "check": _check, "uncheck": _uncheck, "upload": _upload, "drag": _drag,
    "scroll": _scroll, "back": _back, "forward": _forward, "reload": _reload, "resize": _resize, "dialog": _dialog,
    "close": _close, "wait": _wait,
}


def why(error: Exception) -> str:
    """What kept an action back, in the words of whoever watched it, without its codes."""
    lines = [line.strip(" -") for line in str(error).splitlines() if line.strip()] or ["no answer in time"]
    told = [line for line in lines if any(word in line for word in _TELLING)]
    first = "it was not ready in time" if isinstance(error, TooLong) else lines[0].partition(": ")[2] or lines[0]
    return "; ".join(dict.fromkeys([first, *told[-2:]]))[:500]


_TELLING = ("intercepts pointer", "not visible", "not enabled", "not stable", "outside of the viewport", "not editable",
            "did not find", "waiting for", "resolved to")
