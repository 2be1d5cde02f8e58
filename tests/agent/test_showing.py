"""Words that show an assertion are in the evidence they are said to be in, or the verdict is refused."""

import pytest

from milepost.domain.errors import ToolError
from milepost.domain.receipt import Evidence
from milepost.domain.turn import Call, Reply, Usage
from milepost.domain.turns import ToolEnded, TurnEnded
from tests.agent.scene import Scene, call

RECORD = "$ show total=18\nThe total is 18\n[exit code 0, 12 ms]\nno file was touched\n"


@pytest.fixture
async def tester(running: Scene):
    await running.round()
    desk = await running.desk("tester", "flow-1", milestone="M1", round=1, assertions=("SHOP-001",))
    tree, blob = running.mission.round.tree, running.blobs.put(RECORD)
    desk.evidence = [
        Evidence(id="E1", kind="receipt", blob=blob, tree=tree),
        Evidence(id="E2", kind="screenshot", blob=running.blobs.put(b"\x89PNG\xff"), tree=tree),
    ]
    return desk


async def submit(desk, *shows: tuple[str, str]):
    said = [{"evidence": e, "text": t} for e, t in shows]
    verdict = {"assertion": "SHOP-001", "outcome": "passed", "evidence": ["E1"], "note": "18 as agreed", "shows": said}
    return await call(desk, "submit_verdicts", verdicts=[verdict])


async def test_words_that_are_there_are_kept(tester):
    assert (await submit(tester, ("E1", "The  total\nis 18"))).ends
    (given,) = tester.mission.round.flows["flow-1"].verdicts
    assert [w.evidence for w in given.shows] == ["E1"]


@pytest.mark.parametrize(("shows", "message"), [
    (("E1", "The total is 20"), "E1 does not show 'The total is 20'; copy words just as it has them: 'The total is 18"),
    # What the tester typed is no word of the program's.
    (("E1", "total=18"), "E1 does not show 'total=18'"),
    (("E1", "⟨…⟩"), "E1 does not show"),
    (("E2", "The total is 18"), "`shows` names E2, which is not in its `evidence`"),
    (("E9", "The total is 18"), "`shows` names E9, which is not in its `evidence`"),
])
async def test_words_that_nobody_saw_are_refused(tester, shows, message):
    with pytest.raises(ToolError, match="nothing was submitted") as refused:
        await submit(tester, shows)
    assert message in str(refused.value) and not tester.mission.round.flows


async def test_picture_shows_what_its_call_showed(tester, running):
    picture = tester.evidence[1].model_copy(update={"id": "E1"})
    tester.evidence = [picture.model_copy(update={"kind": "receipt"})]
    asked = Call(id="c1", name="browser_look", arguments={"what": "snapshot"})
    await running.record(
        TurnEnded(n=1, reply=Reply(tool_calls=[asked]), usage=Usage(), cost=0, model="m"),
        ToolEnded(n=1, call="c1", name="browser_look", outcome="ok", result="[E1] a page\nheading 'Shop'",
                  evidence=[picture]),
        by=tester.attempt, attempt=tester.attempt,
    )
    assert (await submit(tester, ("E1", "heading 'Shop'"))).ends
