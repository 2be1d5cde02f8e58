"""The drivers of a seat that uses the program: made at first use, kept on its desk, writing into one notebook."""

from collections.abc import Mapping

from milepost.agent.desk import Desk
from milepost.agent.tool import Shown
from milepost.domain.errors import ToolError
from milepost.domain.receipt import Evidence
from milepost.drivers.browser_words import Browsing
from milepost.drivers.command import Commands
from milepost.drivers.http import Http
from milepost.drivers.notebook import Notebook, Seen
from milepost.drivers.terminal import Terminal
from milepost.workspace.output import cap, decode, strip
from milepost.workspace.services import Services

LOG_CHARACTERS = 200_000
"""Of a service's log that is kept as evidence, its beginning and its end."""


async def judged_tree(desk: Desk) -> str:
    """The tree this attempt judges: that of the commit it began at, whatever the program has written since."""
    return (await notebook(desk)).tree


async def notebook(desk: Desk) -> Notebook:
    """Where everything this attempt observes is written down."""
    if "notebook" not in desk.drivers:
        tree = await desk.repository.tree_of(desk.start)
        # Calls that only read run at once: the first of them makes it for all.
        desk.drivers.setdefault("notebook", Notebook(desk.blobs.put, tree, taken=len(desk.evidence)))
    found: Notebook = desk.drivers["notebook"]
    return found


async def commands(desk: Desk) -> Commands:
    """The command driver."""
    notes = await notebook(desk)
    return Commands(desk.cell, notes, desk.blobs.put, env=environment(desk), redact=lambda text: masked(desk, text))


async def http(desk: Desk) -> Http:
    """The HTTP driver, which keeps cookies from request to request."""
    if "http" not in desk.drivers:
        notes = await notebook(desk)
        desk.drivers["http"] = Http(desk.cell, services_of(desk), notes, redact=desk.cell.show)
    found: Http = desk.drivers["http"]
    return found


async def terminal(desk: Desk) -> Terminal:
    """The terminal driver, which keeps a program open from call to call."""
    if "terminal" not in desk.drivers:
        notes = await notebook(desk)
        desk.drivers["terminal"] = Terminal(
            # A picture cannot be searched for secrets once it is drawn.
            desk.cell, notes, env=environment(desk), redact=lambda text: desk.blobs.hide(masked(desk, text))
        )
    found: Terminal = desk.drivers["terminal"]
    return found


async def printed(desk: Desk) -> list[Evidence]:
    """What each service printed, as it is kept with the verdicts of a flow; nothing of those that never ran."""
    manifest, services = desk.mission.manifest, desk.services
    if manifest is None or services is None:
        return []
    notes = await notebook(desk)
    logs = {s.name: data for s in manifest.services if (data := services.printed(s.name))}
    return [log_of(desk, notes, name, data) for name, data in logs.items()]


def log_of(desk: Desk, notes: Notebook, service: str, data: bytes, assertion: str | None = None) -> Evidence:
    """The log of a service as evidence."""
    text = cap(masked(desk, strip(decode(data))), LOG_CHARACTERS)
    return notes.add("transcript", text.encode(), f"log of {service}", assertion, service)


async def browser(desk: Desk) -> Browsing:
    """The browser driver, which keeps the browser and its pages from call to call.

    Raises ToolError where Playwright is not installed, which only missions with a web application need.
    """
    if "browser" not in desk.drivers:
        services, notes = services_of(desk), await notebook(desk)
        try:
            from milepost.drivers.browser import Browser
        except ModuleNotFoundError as error:
            raise ToolError(f"no browser can be driven, {error}: pip install 'milepost[browser]'") from error
        desk.drivers["browser"] = Browser(
            desk.cell, services, notes, ports=[int(port) for port in services.env().values()], program=desk.browser,
            redact=lambda text: masked(desk, text),
        )
    found: Browsing = desk.drivers["browser"]
    return found


def services_of(desk: Desk) -> Services:
    """The services of the manifest.

    Raises ToolError where there are none.
    """
    manifest = desk.mission.manifest
    if desk.services is None or manifest is None or not manifest.services:
        raise ToolError("the manifest of this mission names no service, so there is none to start or to reach")
    return desk.services


def environment(desk: Desk) -> Mapping[str, str]:
    """What commands find in their environment beside the cell's own: the ports of services (D9b)."""
    return desk.services.env() if desk.services is not None else {}


def masked(desk: Desk, text: str) -> str:
    """A text without ports and paths of this machine (D9b)."""
    return desk.cell.show(desk.services.mask(text) if desk.services is not None else text)


def noted(desk: Desk, seen: Seen) -> Shown:
    """What a driver saw, as the model is shown it; it goes onto the desk as evidence."""
    desk.evidence.extend(seen.evidence)
    if seen.receipt is not None:
        desk.receipts.append((f"R{len(desk.receipts) + 1}", seen.receipt))
    pictures = tuple(entry.blob for entry in seen.evidence if entry.kind == "screenshot")
    return Shown(seen.text, receipt=seen.receipt, evidence=seen.evidence, images=pictures)
