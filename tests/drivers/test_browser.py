"""A real Chromium on a small shop: opened, used and looked at as a person would."""

import re
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from milepost.domain.errors import ToolError
from milepost.drivers.browser_words import Patience
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
    patience = Patience(ready=2.5)
    async with visit(tmp_path_factory.mktemp("shop"), PAGES, sandbox=False, patience=patience) as opened:
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


async def test_element_is_pointed_at_as_a_person_calls_it(shop: Visit) -> None:
    await shop.browser.open("http://web/")
    seen = await shop.browser.act("type", 'label "Email"', "a@b")
    assert 'textbox "Email"' in seen.text and ": a@b" in seen.text
    assert "[checked]" in (await shop.browser.act("check", 'checkbox "Gift"')).text
    assert 'option "Large" [selected]' in (await shop.browser.act("select", 'combobox "Size"', "Large")).text
    assert "ordered a@b" in (await shop.browser.act("press", 'textbox "Email"', "Enter")).text
    assert "F2" in (await shop.browser.act("press", 'textbox "Keys"', "F2")).text
    await shop.browser.open("http://web/other")
    with pytest.raises(ToolError, match=r'2 elements are button "A"; use the e-number of one, or button "A" #2'):
        await shop.browser.act("click", 'button "A"')
    await shop.browser.act("click", 'button "A" #2')
    seen = await shop.browser.look("snapshot")
    second = re.findall(r'button "A" \[(e\d+)]', seen.text)[1]
    assert shop.browser.lasting(second) == 'button "A" #2'
    assert f'{second} is button "A" #2' in (await shop.browser.act("click", second)).text


async def test_element_that_is_not_there_or_not_ready_is_told(shop: Visit) -> None:
    await shop.browser.open("http://web/")
    told = r'click button "Later": not done\n<page>\nit was not ready in time.*not enabled'
    with pytest.raises(ToolError, match=told):
        await shop.browser.act("click", 'button "Later"')
    with pytest.raises(ToolError, match="it was not ready in time"):
        await shop.browser.act("click", 'button "Nowhere"')


@pytest.mark.parametrize(
    ("action", "target", "value", "says"),
    [
        ("jump", None, None, "unknown action 'jump'; expected one of click"),
        ("click", None, None, "click needs a target; expected an element of the last snapshot"),
        ("fill", "e1", None, "fill needs a value: the text"),
        ("click", "the big button", None, "points at nothing; expected an element"),
        ("click", "label", None, "does not say which label"),
        ("dialog", None, "maybe", "'maybe' answers no question"),
        ("resize", None, "huge", "'huge' is no size"),
        ("scroll", None, "sideways", "cannot scroll to 'sideways'"),
        ("wait", None, None, "wait needs a target to appear"),
        ("upload", 'button "Photo"', "../none", "'../none' cannot be uploaded"),
    ],
)
async def test_action_that_cannot_be_meant_so_is_refused(
    action: str, target: str | None, value: str | None, says: str, shop: Visit
) -> None:
    await shop.browser.open("http://web/")
    with pytest.raises(ToolError, match=says):
        await shop.browser.act(action, target, value)


async def test_questions_are_dismissed_unless_a_rule_says_otherwise(shop: Visit) -> None:
    await shop.browser.open("http://web/", page="asking")
    seen = await shop.browser.act("click", 'button "Delete"')
    assert "dialog confirm 'Delete all?': dismissed" in seen.text
    assert '"false"' in seen.text
    await shop.browser.act("dialog", value="accept: Ada")
    assert "Ada" in (await shop.browser.act("click", 'button "Name"')).text
    assert "accepted" in (await shop.browser.act("click", 'button "Delete"')).text
    await shop.browser.act("close")


async def test_failed_request_and_broken_script_are_told_and_recorded(shop: Visit) -> None:
    await shop.browser.open("http://web/", page="broken")
    seen = await shop.browser.act("click", 'button "Save"', assertion="SHOP-002")
    assert "failed POST http://web/api → 500 fetch application/json" in seen.text
    assert "console error: it broke" in seen.text
    assert "console uncaught nowhere is not defined" in (await shop.browser.act("click", 'button "Crash"')).text
    network = await shop.browser.look("network", assertion="SHOP-002")
    assert 'POST http://web/api → 500\n> bad\n< {"got": 3}' in network.text
    console = await shop.browser.look("console")
    assert [network.evidence[0].kind, console.evidence[0].kind] == ["network", "console"]
    assert "uncaught nowhere is not defined" in shop.record(console.evidence[0].id)
    await shop.browser.act("close")


async def test_picture_is_kept_and_shown_as_one(shop: Visit) -> None:
    await shop.browser.open("http://web/wide")
    seen = await shop.browser.look("screenshot", full_page=True, assertion="SHOP-003")
    [evidence] = seen.evidence
    assert (evidence.kind, evidence.service, evidence.assertion) == ("screenshot", "web", "SHOP-003")
    assert shop.shelf[evidence.blob].startswith(b"\x89PNG")
    assert seen.text == f"[{evidence.id}] screenshot of page main at 1280x800"


async def test_layout_tells_what_somebody_without_eyes_must_know(shop: Visit) -> None:
    await shop.browser.open("http://web/wide", size="mobile", page="small")
    seen = await shop.browser.look("layout")
    assert "viewport 390x844" in seen.text
    assert "pixels wider than the viewport" in seen.text
    assert 'outside of the viewport\'s width:\n  div "broad"' in seen.text
    assert 'button "One" and button "Two"' in seen.text
    assert "controls without a size:\n  button at" in seen.text
    assert 'pictures that did not load:\n  img "Logo"' in seen.text
    await shop.browser.act("resize", value="1400x900")
    assert "the page fits the width" in (await shop.browser.look("layout")).text
    await shop.browser.act("close")


async def test_users_have_cookies_of_their_own_and_pages_share_them(shop: Visit) -> None:
    await shop.browser.open("http://web/login?ada", user="ada")
    await shop.browser.open("http://web/login?bob", user="bob")
    assert "who=ada" in (await shop.browser.open("http://web/whoami", page="second", user="ada")).text
    assert "who=bob" in (await shop.browser.open("http://web/whoami", page="bob")).text
    assert "nobody" in (await shop.browser.open("http://web/whoami", page="main")).text
    storage = await shop.browser.look("storage", page="ada")
    assert "who=ada on / (HttpOnly, SameSite=Lax, for this visit)" in storage.text
    with pytest.raises(ToolError, match="page 'bob' is of user 'bob'"):
        await shop.browser.open("http://web/", page="bob", user="ada")
    for name in ("ada", "bob", "second"):
        await shop.browser.act("close", page=name)
    with pytest.raises(ToolError, match="no page 'bob' is open"):
        await shop.browser.look("console", page="bob")


async def test_download_and_upload_go_through_the_cell(shop: Visit) -> None:
    await shop.browser.open("http://web/")
    seen = await shop.browser.act("click", 'link "Report"')
    [_, file] = seen.evidence
    assert (file.kind, shop.record(file.id)) == ("file", "a,b\n1,2\n")
    (shop.cell.host_tree / "photo.png").write_bytes(b"12345")
    assert "photo.png 5" in (await shop.browser.act("upload", 'button "Photo"', "photo.png")).text


async def test_page_beside_and_history(shop: Visit) -> None:
    await shop.browser.open("http://web/", page="main")
    assert "a new page opened, named main-2" in (await shop.browser.act("click", 'link "Beside"')).text
    assert "Elsewhere" in (await shop.browser.look("snapshot", page="main-2")).text
    await shop.browser.act("close", page="main-2")
    await shop.browser.act("click", 'link "Other"', page="main")
    assert "Items" in (await shop.browser.act("back")).text
    assert "Elsewhere" in (await shop.browser.act("forward")).text
    assert "Elsewhere" in (await shop.browser.act("reload")).text


async def test_page_that_is_not_there_says_so(shop: Visit) -> None:
    seen = await shop.browser.open("http://web/missing")
    assert "→ 404" in seen.text.splitlines()[0]
    assert "Not here" in seen.text
