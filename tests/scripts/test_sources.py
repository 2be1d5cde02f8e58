"""Scripts as source: Python that can be compiled, says what is demanded, and leaves to Milepost what it must."""

from typing import Any

import pytest

from milepost.scripts.playwright_source import can_say, locator
from milepost.scripts.pytest_source import literal, module, stands_alone
from milepost.scripts.script import Capture, Move
from tests.scripts.sights import script


def written(*moves: Move, **lasts: int) -> str:
    """The source of one flow; it must be Python."""
    text = module("A title", "shop", [(script(*moves, **lasts), "a.flow.json")])
    compile(text, "test_a.py", "exec")
    return text


def test_demands_are_named_by_what_they_show():
    text = written(
        Move(tool="start_service", arguments={"name": "web"}, outcome="ok"),
        Move(tool="http_request", arguments={"method": "POST", "url": "http://web/x", "body": '{"a": "{b}"}',
                                             "headers": {"X-A": "1"}, "assertion": "A-001"},
             outcome="status 201", captures=[Capture(name="v1", place="json", path=["id"])]),
        Move(tool="http_request", arguments={"method": "GET", "url": "http://web/x/⟨v1⟩"}, outcome="status 200",
             cites=["A-001"], shows={"A-001": ["it's \"on\""]}, lines=["a", "b = ⟨…⟩"], gaps=True),
        A_1=2,
    )
    assert """seen = program.request('POST', 'http://web/x', headers={'X-A': '1'}, body='{"a": "{b}"}')""" in text
    assert "v1 = seen.value('v1', 'json', path=['id'])" in text and "f'http://web/x/{v1}'" in text
    assert "seen.ends('status 200')" in text and "gaps=True," in text and "'b = ⟨…⟩'," in text


def test_braces_and_quotes_of_a_command_stay_its_own():
    text = literal("echo '{\"id\": \"⟨v1⟩\"}' > \\x\n")
    assert eval(text, {"v1": "ab12"}) == "echo '{\"id\": \"ab12\"}' > \\x\n"


@pytest.mark.parametrize(("tool", "arguments"), [
    ("terminal_open", {"command": "x"}), ("run_command", {"command": "x", "background": True}),
    ("http_request", {"method": "GET", "url": "http://web/", "user": "ann"}), ("http_listen", {"url": "ws://web/"}),
    ("browser_act", {"action": "click", "target": "e5"}), ("browser_act", {"action": "upload", "target": 'label "F"'}),
    ("browser_open", {"url": "http://web/", "size": "mobile"}), ("browser_look", {"what": "network"}),
])
def test_what_only_our_drivers_do_is_played_by_them(tool: str, arguments: dict[str, Any]):
    move = Move(tool=tool, arguments=arguments, outcome="status 200")
    assert not stands_alone(script(move, A_1=0))
    assert "played(Path(__file__).with_name('a.flow.json'), root)" in written(move, A_1=0)


def test_page_is_used_by_what_a_person_calls_its_parts():
    acts = [{"action": "fill", "target": 'label "Na\\"me"', "value": "Ann"},
            {"action": "click", "target": "button 'Save' #2"}, {"action": "press", "value": "Enter"},
            {"action": "select", "target": 'combobox "Size"', "value": "L"}, {"action": "reload"}]
    moves = [Move(tool="browser_act", arguments=a, outcome="ok") for a in acts]
    assert all(can_say(move) for move in moves)
    text = written(
        Move(tool="browser_open", arguments={"url": "http://web/"}, outcome="status 200"), *moves,
        Move(tool="browser_look", arguments={"what": "console"}, outcome="a clean console", cites=["A-001"]), A_1=6,
    )
    for line in ("page.get_by_label('Na\"me', exact=True).fill('Ann')", "page.keyboard.press('Enter')",
                 "page.get_by_role('button', name='Save', exact=True).nth(1).click()", "page.reload()",
                 "page.get_by_role('combobox', name='Size', exact=True).select_option(label='L')",
                 "assert answer is not None and answer.status == 200", "assert not program.errors,"):
        assert line in text, text


@pytest.mark.parametrize(("target", "found"), [
    ("e12", None), ("???", None), ("list", "page.get_by_role('list')"), ("testid 'x'", "page.get_by_test_id('x')"),
    ("text 'Hi' #1", "page.get_by_text('Hi', exact=True).nth(0)"),
])
def test_target_becomes_a_locator(target, found):
    assert locator(target) == found
