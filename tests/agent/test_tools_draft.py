"""The orchestrator's documents: written whole or refused with what is wrong, and settled after a crash."""

import copy

import pytest

from milepost.agent.desk import DryRun
from milepost.agent.tool import explain, parse
from milepost.agent.tools import TOOLS
from milepost.domain import events as e
from milepost.domain.errors import Refused, ToolError
from milepost.text.skills import parse_skill
from tests.agent.scene import BRIEF, CONTRACT, MANIFEST, PLAN, Scene, call


@pytest.fixture
async def author(draft: Scene):
    return await draft.desk("orchestrator")


async def test_brief_is_written_once(author):
    await call(author, "write_brief", text=f"  {BRIEF}\n")
    assert author.mission.brief == BRIEF
    assert author.blobs.get(author.mission.documents["brief"]).decode() == BRIEF
    seq = author.mission.seq
    await call(author, "write_brief", text=BRIEF)
    assert author.mission.seq == seq


async def test_brief_is_agreed_after_approval(running):
    desk = await running.desk("orchestrator")
    with pytest.raises(Refused, match="agreed"):
        await call(desk, "write_brief", text="another goal")


async def test_contract_is_written_area_by_area(author):
    shown = await call(author, "write_contract", area="SHOP", text=CONTRACT)
    assert shown.text.startswith("SHOP is written: SHOP-001, SHOP-002, SHOP-003")
    assert author.mission.live == ["SHOP-001", "SHOP-002", "SHOP-003"]
    await call(author, "write_contract", area="SHOP", text=CONTRACT.split("### SHOP-003")[0])
    assert author.mission.live == ["SHOP-001", "SHOP-002"]


async def test_errors_of_a_contract_have_their_places(author):
    text = (
        "## SHOP The shop\n\n### SHOP-001 A total\n- surface: telepathy\n- colour: red\n- then: x\n- fails if: y\n"
        "- evidence: vibes\n"
    )
    with pytest.raises(ToolError) as refused:
        await call(author, "write_contract", area="SHOP", text=text)
    said = str(refused.value).splitlines()
    assert said[0] == "the area was not written:"
    assert any(line.startswith("line 5, column 1: unknown field 'colour'") for line in said)
    assert any("telepathy" in line for line in said)
    assert any("vibes" in line for line in said)
    assert not author.mission.live


async def test_contract_says_a_missing_part_once(author):
    text = "## SHOP S\n\n### SHOP-001 T\n- surface: file\n- then: x\n- evidence: file\n"
    with pytest.raises(ToolError) as refused:
        await call(author, "write_contract", area="SHOP", text=text)
    assert str(refused.value).count("fails if") == 1


async def test_contract_of_another_area_is_refused(author):
    with pytest.raises(ToolError, match=r"expected exactly one area, headed `## CART Title`.*found SHOP"):
        await call(author, "write_contract", area="CART", text=CONTRACT)


async def test_contract_tells_of_doubtful_lines(author):
    text = CONTRACT + "a stray line\n"
    assert "line 24: this reads as a note" in (await call(author, "write_contract", area="SHOP", text=text)).text


async def test_check_is_kept_outside_the_tree(author):
    await call(author, "write_contract", area="SHOP", text=CONTRACT)
    shown = await call(author, "write_check", path="checks/shop_001.py", content="\nprint('ok')\n\n")
    assert shown.text == "wrote the check checks/shop_001.py, run by SHOP-001"
    assert (author.checks / "checks/shop_001.py").read_text() == "\nprint('ok')\n\n"
    sha = author.mission.documents["check:checks/shop_001.py"]
    assert author.blobs.get(sha) == b"\nprint('ok')\n\n"
    assert not (author.tree / "checks").exists()
    seq = author.mission.seq
    await call(author, "write_check", path="checks/shop_001.py", content="\nprint('ok')\n\n")
    assert author.mission.seq == seq
    assert "run by no assertion yet" in (await call(author, "write_check", path="checks/b.py", content="x")).text


async def test_check_may_not_stand_on_the_base_or_outside(author):
    with pytest.raises(ToolError, match="already"):
        await call(author, "write_check", path="tests/test_price.py", content="x")
    for path in (".", "checks/", ".github/workflows/ci.yml", ".git/hooks/x"):
        with pytest.raises(ToolError, match="cannot be a check"):
            await call(author, "write_check", path=path, content="x")
    with pytest.raises(ToolError, match="not a path inside the tree"):
        await call(author, "write_check", path="../x", content="x")
    assert not [k for k in author.mission.documents if k.startswith("check:")]


async def test_check_that_no_assertion_names_is_refused_after_approval(running):
    desk = await running.desk("orchestrator")
    with pytest.raises(Refused, match="amend_contract"):
        await call(desk, "write_check", path="checks/new.py", content="x")
    assert not running.checks.exists()


async def test_plan_is_linted_whole(author):
    await call(author, "write_contract", area="SHOP", text=CONTRACT)
    plan = copy.deepcopy(PLAN)
    plan["features"][0]["fulfills"] = ["SHOP-002"]
    plan["features"][2]["skill"] = "magic"
    with pytest.raises(ToolError) as refused:
        await call(author, "write_plan", **plan)
    for code in ("PLAN-001 SHOP-001", "PLAN-002 SHOP-002", "PLAN-005 F3"):
        assert code in str(refused.value)
    assert author.mission.plan is None
    assert (await call(author, "write_plan", **PLAN)).text == "the plan is written: 2 milestones, 3 features"
    assert list(author.mission.features) == ["F1", "F2", "F3"]


async def test_skill_is_written_found_and_planned_with(author):
    when = 'Use it: when "porting"'
    await call(author, "write_skill", name="port-a-module", description=when, body="1. Read.\n2. Port.")
    text = author.blobs.get(author.mission.documents["skill:port-a-module"]).decode()
    assert parse_skill(text, "mission").description == when
    assert (await call(author, "read_skill", name="port-a-module")).text == "1. Read.\n2. Port."
    with pytest.raises(ToolError, match="no files beside"):
        await call(author, "read_skill", name="port-a-module", file="x")
    assert (await call(author, "read_skill", name="build")).text == "Build well."
    with pytest.raises(ToolError, match="no files beside"):
        await call(author, "read_skill", name="build", file="x")
    with pytest.raises(ToolError, match="no skill 'nope'"):
        await call(author, "read_skill", name="nope")
    await call(author, "write_contract", area="SHOP", text=CONTRACT)
    plan = copy.deepcopy(PLAN)
    plan["features"][0]["skill"] = "port-a-module"
    assert (await call(author, "write_plan", **plan)).text.startswith("the plan is written")


async def test_skill_is_well_formed(author):
    for wrong in ({"name": "Bad Name"}, {"description": ""}, {"body": " "}):
        with pytest.raises(ToolError, match="do not fit"):
            await call(author, "write_skill", **{"name": "a", "description": "b", "body": "c", **wrong})
    with pytest.raises(ToolError, match="the skill was not written"):
        await call(author, "write_skill", name="a", description="a\x7fb", body="c")


# --- services ---

async def test_manifest_is_tried_and_written(author):
    author.engine.runs = [DryRun("test", "not yet", "no tests\nran"), DryRun("app", "works", "")]
    shown = await call(author, "write_services", **MANIFEST)
    said = ["the manifest is written", "- test: not yet; no tests", "ran", "- app: works"]
    assert shown.text.splitlines()[:4] == said
    assert author.mission.manifest.services[0].name == "app"


async def test_manifest_that_shows_nothing_is_refused_untried(author):
    with pytest.raises(ToolError, match="MANIFEST-001 test"):
        await call(author, "write_services", commands={"test": {"run": "true"}})
    assert author.engine.dry_runs == 0


async def test_manifest_may_fail_in_the_draft_but_not_later(author, draft):
    author.engine.runs = [DryRun("test", "fails", "boom")]
    assert "- test: fails; boom" in (await call(author, "write_services", **MANIFEST)).text
    await draft.approve()
    mended = {**MANIFEST, "limits": {"http": 1}}
    with pytest.raises(ToolError, match="since test fails"):
        await call(author, "write_services", **mended)
    author.engine.runs = []
    assert (await call(author, "write_services", **mended)).text.startswith("the manifest is written")
    assert author.mission.manifest.limits.http == 1


async def test_service_that_still_does_not_start_mends_nothing_that_the_environment_blocked(running):
    desk = await running.desk("orchestrator")
    desk.engine.runs = [DryRun("app", "not yet", "no luck")]
    mended = {**MANIFEST, "services": [{**MANIFEST["services"][0], "port": 8001}]}
    blocked = e.VerdictGiven(
        assertion="SHOP-002", outcome="blocked", tree="t", depends=e.Dependencies(assertion="a"),
        reason_class="environment", needs="a start that works", milestone="M1", round=1,
    )
    await running.record(blocked, e.ItemOpened(item="I1", type="verdict", about="SHOP-002", text="it does not start"))
    with pytest.raises(ToolError, match="since app fails"):
        await call(desk, "write_services", **mended)
    assert running.mission.items["I1"].is_open
    # What was not changed is of a milestone that is still to come.
    other = {**MANIFEST, "services": [*MANIFEST["services"], {**MANIFEST["services"][0], "name": "db", "port": 8002}]}
    desk.engine.runs = [DryRun("app", "not yet", "no luck"), DryRun("db", "works", "")]
    await call(desk, "write_services", **other)
    assert running.mission.items["I1"].decision == "mended"


async def test_command_changed_after_approval_waits_for_the_user(running):
    desk = await running.desk("orchestrator")
    changed = {**MANIFEST, "commands": {"test": {"run": "make test {report}", "report": "junit"}}}
    for _ in range(2):
        assert (await call(desk, "write_services", **changed)).text.startswith("waits for the user's approval as I1")
    assert running.mission.items["I1"].opened.type == "approval"
    assert len(running.mission.items) == 1
    assert running.mission.manifest.commands.test.run.startswith("python3")


# --- proposal, research ---

async def test_proposal_ends_the_draft(author):
    shown = await call(author, "propose_mission", summary="all of it")
    assert (shown.ends, shown.text) == (True, "proposed: all of it")


async def test_proposal_with_problems_goes_back(author):
    author.engine.problems = ["no brief"]
    with pytest.raises(ToolError, match="no brief"):
        await call(author, "propose_mission", summary="all of it")


async def test_F03_proposal_is_made_once(author, draft):
    await draft.record(e.MissionProposed(summary="s", hashes={}, estimate={}))
    author.engine.problems = ["asked twice"]
    assert (await call(author, "propose_mission", summary="all of it")).ends


async def test_running_mission_is_not_proposed(running):
    desk = await running.desk("orchestrator")
    with pytest.raises(ToolError, match="only a draft is proposed"):
        await call(desk, "propose_mission", summary="again")


async def test_research_answers_each_question(author):
    one = await call(author, "research", questions=["where?"])
    assert one.text == "orchestrator.1 was told about where?"
    two = await call(author, "research", questions=["where?", "why?"])
    assert two.text.startswith("# 1. where?\norchestrator.1 was told about where?\n\n# 2. why?")
    for wrong in ([], ["x"] * 7):
        with pytest.raises(ToolError, match="do not fit"):
            await call(author, "research", questions=wrong)


def test_mistakes_are_named_by_path():
    with pytest.raises(ToolError) as refused:
        parse(TOOLS["ask_user"], {"questions": [{"topic": "x" * 41, "colour": 1}]})
    said = str(refused.value)
    assert "- questions.0.topic:" in said
    assert "- questions.0.question: Field required" in said
    assert "- questions.0.colour: Extra inputs are not permitted; found '1'" in said
    with pytest.raises(ToolError, match="not a JSON object"):
        parse(TOOLS["ask_user"], "{")
    assert callable(explain)
