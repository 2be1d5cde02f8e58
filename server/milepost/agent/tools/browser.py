"""`browser_open`, `browser_act` and `browser_look`: a web application as a person uses it."""

from typing import Annotated

from pydantic import ConfigDict, StringConstraints

from milepost.agent.desk import Desk
from milepost.agent.tool import Shown, Tool
from milepost.agent.tools.observing import browser, noted
from milepost.agent.tools.seated import USERS
from milepost.domain.shape import AssertionId, Shape, Text
from milepost.drivers.browser_words import Action, What

PageName = Annotated[str, StringConstraints(pattern=r"^[\w-]{1,30}$")]


class BrowserOpen(Shape):
    """Arguments of browser_open."""

    url: Text
    page: PageName | None = None
    """A name, to have several pages."""
    user: PageName | None = None
    """A name, to be somebody else, with cookies of their own."""
    size: Text | None = None
    """desktop, mobile, or as in 800x600."""
    assertion: AssertionId | None = None


class BrowserAct(Shape):
    """Arguments of browser_act."""

    model_config = ConfigDict(str_strip_whitespace=False)

    action: Action
    target: str | None = None
    """`e12` of the last snapshot, or what a person calls it: `button "Save"`, `label "Email"`, `link "Edit" #2`."""
    value: str | None = None
    """What to type, the key, the option, the file in the tree, where to drag, `accept`, `dismiss` or `accept: text`."""
    page: PageName | None = None
    assertion: AssertionId | None = None


class BrowserLook(Shape):
    """Arguments of browser_look."""

    what: What
    target: Text | None = None
    """The element to take the snapshot of."""
    page: PageName | None = None
    full_page: bool = False
    assertion: AssertionId | None = None


async def browser_open(desk: Desk, args: BrowserOpen) -> Shown:
    """Open an address."""
    driver = await browser(desk)
    seen = await driver.open(args.url, page=args.page, user=args.user, size=args.size, assertion=args.assertion)
    return noted(desk, seen)


async def browser_act(desk: Desk, args: BrowserAct) -> Shown:
    """Do something to a page."""
    driver = await browser(desk)
    seen = await driver.act(args.action, args.target, args.value, page=args.page, assertion=args.assertion)
    return noted(desk, seen)


async def browser_look(desk: Desk, args: BrowserLook) -> Shown:
    """Look at a page and record it."""
    driver = await browser(desk)
    seen = await driver.look(
        args.what, page=args.page, target=args.target, full_page=args.full_page, assertion=args.assertion
    )
    return noted(desk, seen)


BROWSER_OPEN = Tool("browser_open", BrowserOpen, browser_open, seats=USERS)
BROWSER_ACT = Tool("browser_act", BrowserAct, browser_act, seats=USERS)
BROWSER_LOOK = Tool("browser_look", BrowserLook, browser_look, seats=USERS)
