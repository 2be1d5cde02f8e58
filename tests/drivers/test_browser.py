"""A real Chromium on a small shop: opened, used and looked at as a person would."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from milepost.domain.errors import ToolError
from tests.drivers.site import Visit, visit

pytestmark = [pytest.mark.needs("chromium"), pytest.mark.asyncio(loop_scope="module")]

PAGES = r'''
PAGES["/"] = """<title>Shop</title><h1>Items</h1>
<form onsubmit="event.preventDefault(); said.textContent = 'ordered ' + email.value">
<label>Email <input id=email type=email required></label>
<select aria-label=Size><option>Small<option>Large</select>
<label><input type=checkbox> Gift</label>
<button>Order</button></form>
<p id=said>nothing yet</p>
<button onclick="said.textContent = confirm('Delete all?')">Delete</button>
<button onclick="said.textContent = prompt('Your name?')">Name</button>
<button onclick="fetch('/api', {method: 'POST', body: 'bad'}).then(r => r.text()).then(t => {
  said.textContent = t; console.error('it broke', t) })">Save</button>
<button onclick="nowhere()">Crash</button>
<button>Dead</button>
<button disabled>Later</button>
<a href=/other>Other</a> <a href=/other target=_blank>Beside</a> <a href=/report download=report.csv>Report</a>
<input type=file aria-label=Photo onchange="said.textContent = this.files[0].name + ' ' + this.files[0].size">
<p onkeydown="said.textContent = event.key" tabindex=0 aria-label=Keys role=textbox>keys</p>
"""
PAGES["/other"] = "<title>Other</title><h2>Elsewhere</h2><a href=/>home</a><button>A</button><button>A</button>"
PAGES["/report"] = "a,b\n1,2\n"
PAGES["/wide"] = """<meta name=viewport content='width=device-width'><title>Wide</title>
<div style='width:900px'>broad</div><button style='position:absolute;left:10px;top:100px'>One</button>
<button style='position:absolute;left:20px;top:105px'>Two</button><button style='width:0;height:0;padding:0;border:0'>
</button><img src=/none.png alt=Logo>"""
'''


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def shop(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Visit]:
    async with visit(tmp_path_factory.mktemp("shop"), PAGES, sandbox=False) as opened:
        yield opened


async def test_page_is_shown_with_names_that_can_be_acted_on(shop: Visit) -> None:
    seen = await shop.browser.open("http://web/", assertion="SHOP-001")
    assert seen.text.startswith("[E1] open http://web/ in page main → 200\n<page>\npage main is at http://web/")
    assert '- heading "Items" [level=1] [e2]' in seen.text
    [evidence] = seen.evidence
    assert (evidence.kind, evidence.service, evidence.assertion) == ("transcript", "web", "SHOP-001")
    assert "127.0.0.1" not in seen.text + shop.record(evidence.id)


async def test_names_of_a_page_are_the_same_each_time(shop: Visit) -> None:
    first = await shop.browser.open("http://web/")
    await shop.browser.act("click", 'link "Other"')
    again = await shop.browser.open("http://web/")
    assert first.text.partition("\n")[2] == again.text.partition("\n")[2]


async def test_only_what_changed_is_told(shop: Visit) -> None:
    await shop.browser.open("http://web/")
    await shop.browser.act("fill", 'textbox "Email"', "ada@example.com")
    seen = await shop.browser.act("click", 'button "Order"')
    assert "ordered ada@example.com" in seen.text
    assert "Elsewhere" not in seen.text
    assert "heading" not in seen.text


async def test_button_that_does_nothing_is_seen_to_do_nothing(shop: Visit) -> None:
    await shop.browser.open("http://web/")
    assert "[the page shows what it showed before]" in (await shop.browser.act("click", 'button "Dead"')).text


async def test_element_of_a_page_that_was_left_is_not_acted_on(shop: Visit) -> None:
    await shop.browser.open("http://web/")
    await shop.browser.act("click", 'link "Other"')
    with pytest.raises(ToolError, match="e12 is not on the page"):
        await shop.browser.act("click", "e12")
