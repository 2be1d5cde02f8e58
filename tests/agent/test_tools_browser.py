"""A tester's browser: its pictures reach a model that can see, and it ends with the desk."""

import pytest

from milepost.domain.errors import ToolError
from tests.agent.scene import Scene, call

pytestmark = [pytest.mark.needs("chromium")]


@pytest.fixture
async def tester(running: Scene):
    await running.round()
    desk = await running.desk("tester", "flow-1", milestone="M1", round=1, assertions=["SHOP-001"])
    yield desk
    await desk.close()


async def test_page_is_opened_acted_on_and_seen(tester):
    await call(tester, "start_service", name="app")
    opened = await call(tester, "browser_open", url="http://app/", assertion="SHOP-001")
    assert opened.text.startswith("[E1] open http://app/ in page main → 200\n<page>")
    assert "link" in opened.text
    clicked = await call(tester, "browser_act", action="click", target='link "README.md"')
    seen = await call(tester, "browser_look", what="screenshot")
    [picture] = seen.evidence
    assert seen.images == (picture.blob,)
    assert tester.blobs.get(picture.blob).startswith(b"\x89PNG")
    assert opened.images == clicked.images == ()
    console = await call(tester, "browser_look", what="console")
    assert [entry.kind for entry in tester.evidence][-2:] == ["screenshot", "console"]
    assert console.evidence[0].tree == tester.drivers["notebook"].tree
    await tester.close()
    assert "browser" not in tester.drivers


async def test_browser_reaches_services_only(tester):
    with pytest.raises(ToolError, match="names no service"):
        await call(tester, "browser_open", url="http://example.com/")
    with pytest.raises(ToolError, match="no page is open: open one with browser_open"):
        await call(tester, "browser_look", what="console")
