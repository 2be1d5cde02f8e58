"""The report as a page: pictures and records to look at, in a single file in which nothing a model wrote is markup."""

import re
import struct
import zlib
from typing import Any

import pytest

from milepost.domain import events as e
from milepost.domain.handoff import SubmittedVerdict
from milepost.domain.receipt import Evidence
from milepost.domain.turn import Call, Reply, Usage
from milepost.domain.turns import ToolEnded, TurnEnded
from milepost.log.blobs import Blobs
from milepost.log.folder import MissionFolder
from milepost.report import html
from milepost.report.data import collect
from milepost.report.html_text import rendered
from milepost.report.markdown import render
from tests.report.story import Story, begun, draft, sha, tree


def png(width: int, height: int, shade: int) -> bytes:
    """A picture of one colour."""
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    rows = (b"\0" + bytes([shade]) * width) * height
    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


class Teller:
    """Tells rounds of a tester who looks at a page."""

    def __init__(self, story: Story, folder: MissionFolder) -> None:
        self.story = story
        self.blobs = Blobs(folder.blobs)

    async def round(
        self, number: int, judged: str, outcome: Any, pictures: list[tuple[str, bytes]], text: str = "GET / → 200"
    ) -> None:
        """A round in which one tester opens pages, takes pictures, and says how that was."""
        attempt = f"tester.M1r{number}.flow-1.1"
        await self.story.say(e.RoundStarted(
            milestone="M1", round=number, commit=tree(judged), tree=tree(judged), scope=["SHOP-002"]
        ))
        await self.story.sit(attempt, "flow-1", "other/two", milestone="M1", round=number, assertions=["SHOP-002"])
        seen = [
            Evidence(id=f"E{n}", kind="screenshot", blob=self.blobs.put(data), tree=tree(judged), service="app",
                     title=f"screenshot of {address} at 30x20")
            for n, (address, data) in enumerate(pictures, 1)
        ]
        seen.append(Evidence(
            id=f"E{len(seen) + 1}", kind="network", blob=self.blobs.put(text), tree=tree(judged), title="network <b>"
        ))
        calls = [Call(id=f"o{n}", name="browser_open", arguments={"url": f"http://app/{n}"}) for n in range(len(seen))]
        reply = Reply(content="", tool_calls=[*calls, Call(id="r", name="read_file", arguments={"path": "a"})])
        await self.story.say(
            TurnEnded(n=3, reply=reply, usage=Usage(), cost=0, model="other/two", ms=5),
            *(ToolEnded(n=3, call=f"o{n}", name="browser_open", outcome="ok", result="", evidence=[x])
              for n, x in enumerate(seen)),
            ToolEnded(n=3, call="r", name="read_file", outcome="ok", result=""),
            by=attempt, attempt=attempt,
        )
        said = SubmittedVerdict(
            assertion="SHOP-002", outcome=outcome, evidence=[x.id for x in seen], note="the page <script>"
        )
        await self.story.say(
            e.VerdictsSubmitted(milestone="M1", round=number, flow="flow-1", attempt=attempt, tree=tree(judged),
                                verdicts=[said], evidence=seen),
            e.VerdictGiven(
                assertion="SHOP-002", outcome=outcome, tree=tree(judged), note=said.note, milestone="M1", round=number,
                depends=e.Dependencies(assertion=sha("a")), evidence=[f"{attempt}/{x.id}" for x in seen],
            ),
            e.RoundEnded(milestone="M1", round=number, outcome="passed" if outcome == "passed" else "failed"),
        )
        await self.story.rise(attempt)


async def told(folder: MissionFolder, *rounds: tuple[Any, ...]) -> MissionFolder:
    """A mission with a page that was judged in these rounds."""
    story = await begun(folder.root)
    async with story.log:
        await draft(story)
        await story.say(e.ContractAmended(
            changes=[e.ContractChange(op="change", assertion="SHOP-002", text=(
                "### SHOP-002 The page shows the total\n- surface: browser\n- then: GET / shows 5\n"
                "- fails if: it shows anything else\n- evidence: screenshot, console\n"
            ))], reason="it is a page",
        ))
        teller = Teller(story, folder)
        for number, told_round in enumerate(rounds, start=1):
            await teller.round(number, *told_round)
    return folder


OLD, NEW, OTHER = png(30, 20, 60), png(30, 20, 200), png(30, 20, 120)


async def page(folder: MissionFolder) -> str:
    return html.page(await collect(folder), folder)


async def test_page_before_and_after_is_of_the_same_address_and_an_earlier_tree(folder: MissionFolder) -> None:
    await told(folder, ("old", "failed", [("http://app/", OLD), ("http://app/x", OTHER)]),
               ("new", "failed", [("http://app/", NEW)]), ("new", "passed", [("http://app/", NEW)]))
    (sight,) = (await collect(folder)).sights
    assert (sight.assertion, sight.because) == ("SHOP-002", "seen in round M1r1")
    assert sight.before is not None
    assert (sight.before.id, sight.before.tree) == ("tester.M1r1.flow-1.1/E1", tree("old"))
    assert (sight.after.id, sight.after.tree) == ("tester.M1r3.flow-1.1/E1", tree("new"))
    assert sight.before.at is not None and sight.after.at is not None and sight.before.at < sight.after.at


@pytest.mark.parametrize("earlier", [[("http://app/other", OLD)], []])
async def test_page_that_nobody_saw_before_has_no_picture_from_before(
    folder: MissionFolder, earlier: list[tuple[str, bytes]]
) -> None:
    await told(folder, ("old", "failed", earlier), ("new", "passed", [("http://app/", NEW)]))
    (sight,) = (await collect(folder)).sights
    assert (sight.before, sight.because) == (None, "nobody looked at http://app/ before round M1r2")
    assert "nobody looked at http://app/ before round M1r2" in await page(folder)


async def test_walkthrough_is_what_the_tester_did_up_to_the_last_evidence(folder: MissionFolder) -> None:
    await told(folder, ("new", "passed", [("http://app/", NEW)]))
    report = await collect(folder)
    (walk,) = report.walks
    assert [(s.said, [x.kind for x in s.evidence]) for s in walk.steps] == [
        ("Open http://app/0", ["screenshot"]), ("Open http://app/1", ["network"]),
    ]
    assert "1. Open http://app/0 → E1 screenshot" in render(report)


async def test_each_picture_is_in_the_page_once_however_often_it_is_shown(folder: MissionFolder) -> None:
    await told(folder, ("old", "failed", [("http://app/", OLD)]), ("new", "passed", [("http://app/", NEW)]))
    text = await page(folder)
    assert len(re.findall("data:image/png;base64,", text)) == 2
    after = sha_of(NEW, folder)
    assert text.count(f'<use href="#p-{after[:16]}"/>') == 3, "evidence, after, walkthrough"
    assert 'viewBox="0 0 30 20"' in text


def sha_of(data: bytes, folder: MissionFolder) -> str:
    return Blobs(folder.blobs).put(data)


async def test_S38_nothing_that_a_program_or_model_wrote_is_markup(folder: MissionFolder) -> None:
    evil = "</pre></details><script>alert(1)</script>\x1b[31m <img src=x onerror=alert(1)>"
    await told(folder, ("new", "passed", [("http://app/\"><svg/onload=alert(1)>", NEW)], evil))
    text = await page(folder)
    assert "&lt;script&gt;alert(1)" in text and "network &lt;b&gt;" in text and "the page &lt;script&gt;" in text
    assert not re.search(r"<script|<img|onerror=alert\(1\)>|<svg/onload|\x1b", text)
    assert "default-src 'none'" in text


async def test_evidence_that_is_gone_or_was_changed_is_told_and_not_shown(folder: MissionFolder) -> None:
    await told(folder, ("new", "passed", [("http://app/", NEW)]))
    blobs = Blobs(folder.blobs)
    blobs.path(blobs.put(NEW)).write_bytes(OLD)
    text = await page(folder)
    assert "data:image" not in text
    assert "gone, or changed since" in text


def test_our_markdown_becomes_html() -> None:
    table = ["| x | y |", "| --- | --- |", "| **1** | a \\| &lt;b> |"]
    lines = ["## A `b`", "", *table, "", "- one", "  - two", "1. do", "it"]
    assert rendered(lines).replace("\n", "") == (
        '<h2>A <code>b</code></h2><div class="wide"><table><thead><tr><th>x</th><th>y</th></tr></thead><tbody><tr>'
        "<td><strong>1</strong></td><td>a | &lt;b&gt;</td></tr></tbody></table></div>"
        '<ul><li>one</li><li class="inner">two</li></ul><ol><li>do</li></ol><p>it</p>'
    )
