"""What a tester does to a page is a script as any other: elements by role and name, words of the page, new pictures."""

from pathlib import Path
from typing import Any

import pytest

from milepost.model.scripted import Step, call
from milepost.scripts.script import Script
from tests.runner import notes, quick
from tests.runner.conftest import Stage
from tests.runner.test_replaying import git, outcomes, pytest_

pytestmark = pytest.mark.needs("chromium")
LIST = '''"""A shopping list in a page."""

import json
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

PAGE = """<!doctype html><title>List</title><h1>Shopping</h1><label>Thing <input id=thing></label>
<button>Add</button><ul></ul><script>
const show = (things) => {
  document.querySelector("ul").innerHTML = things.map((t) => `<li>${t}</li>`).join("");
};
document.querySelector("button").onclick = async () => {
  const body = JSON.stringify(document.querySelector("#thing").value);
  show(await (await fetch("/things", {method: "POST", body})).json());
};
</script>"""
THINGS = []


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        self.say("text/html", PAGE)

    def do_POST(self):
        THINGS.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
        self.say("application/json", json.dumps(THINGS))

    def say(self, kind, text):
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.end_headers()
        self.wfile.write(text.encode())

    def log_message(self, *words):
        pass


if __name__ == "__main__":
    ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
'''
AREA = """## LIST The list

### LIST-001 A thing is added
- surface: browser
- when: a thing is written and Add is clicked
- then: it stands in the list
- fails if: the list stays empty
- evidence: screenshot, console"""
MANIFEST: dict[str, Any] = {
    "commands": notes.MANIFEST["commands"],
    "services": [{"name": "list", "start": "python3 list.py $PORT_LIST", "port": 8150, "ready": {"tcp": True}}],
}
FILES = {"list.py": LIST, "tests/count.sh": "grep -q Shopping list.py\n"}


def flow() -> list[Step]:
    """A tester who adds milk and looks at the page."""
    said = notes.verdict("LIST-001", ["E2", "E3", "E4", "E5"], {"E3": "listitem [e7]: milk", "E5": "console is empty"})
    return [
        call("start_service", name="list"),
        call("browser_open", url="http://list/"),
        call("browser_act", action="fill", target='label "Thing"', value="milk"),
        call("browser_act", action="click", target="e5"),
        call("browser_look", what="screenshot"),
        call("browser_look", what="console"),
        notes.submits(said),
    ]


async def test_flow_in_a_browser_is_compiled_and_holds(tmp_path: Path) -> None:
    plan = quick.plan({
        "id": "F1", "milestone": "M1", "title": "List", "description": "A list.", "expected": ["it is kept"],
        "fulfills": ["LIST-001"],
    })
    script = {**notes.script(plan), "worker.F1.*": notes.build(FILES), "tester.M1r1.flow-1.*": flow()}
    stage = Stage(tmp_path, script, repository=quick.make_repository, goal=notes.GOAL, sandbox=True)
    await notes.agree(stage.app, await stage.create(), plan, MANIFEST, areas={"LIST": AREA})
    mission = await stage.carry()
    assert mission.phase == "completed", "\n".join(await stage.results("tester.M1r1.flow-1.1"))
    (compiled,) = [r.event for r in await stage.records("script_compiled")]
    assert (list(compiled.assertions), compiled.flaky) == (["LIST-001"], []), compiled
    async with stage.app.office(stage.place) as office:
        made = Script.model_validate_json(office.blobs.get(compiled.script))
    click = made.moves[3]
    # The number of an element is one snapshot's own; what a person calls it is not.
    assert click.arguments["target"] == 'button "Add"' and click.shows == {"LIST-001": ["listitem: milk"]}
    assert made.moves[1].outcome == "status 200" and made.moves[5].outcome == "a clean console"
    assert (await stage.app.bystander.replay_flows(stage.place)).holds
    await as_playwright(stage, tmp_path)


async def as_playwright(stage: Stage, tmp_path: Path) -> None:
    """The exported test passes on the program by Playwright alone, and fails on one whose button is dead."""
    repository = tmp_path / "theirs"
    git(tmp_path, "clone", "-q", str(stage.place.repository), str(repository))
    git(repository, "checkout", "-q", "-B", "main", (await stage.read()).head)
    folder = repository / "tests" / "flows"
    await stage.app.bystander.export_flows(stage.place, folder)
    text = (folder / "test_list.py").read_text()
    assert "page.get_by_label('Thing', exact=True).fill('milk')" in text and "from playwright.sync_api" in text
    assert "page.get_by_role('button', name='Add', exact=True).click()" in text and not list(folder.glob("*.json"))
    good = pytest_(folder, repository, tmp_path)
    assert outcomes(good) == {"test_list_001": "PASSED"}, good.stdout + good.stderr
    (repository / "list.py").write_text(LIST.replace(".onclick", ".onlick"))
    bad = pytest_(folder, repository, tmp_path)
    assert outcomes(bad) == {"test_list_001": "FAILED"} and "LIST-001: 'listitem: milk' was not seen" in bad.stdout
