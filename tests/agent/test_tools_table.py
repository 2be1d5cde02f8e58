"""The table of tools: who has what, in an order that never changes, told in few words."""

import json

import pytest

from milepost.agent.tool import Shown, schema
from milepost.agent.tools import TOOLS, for_seat
from milepost.domain.seat import SEATS
from milepost.model.tokens import count_tokens
from milepost.text import assets, prompts

READ = "read_file list_files search_text read_skill"
RUN = "run_command command_output stop_command start_service stop_service"
DRIVE = (
    "http_request http_listen use_library show_file terminal_open terminal_send terminal_look "
    "browser_open browser_act browser_look"
)
EXPECTED = {
    "orchestrator": f"{READ} read_record show_diff show_commit research ask_user write_brief write_services "
    "write_contract write_check write_skill write_plan propose_mission resolve_item answer_proposal change_plan "
    "amend_contract give_guidance end_turn",
    "worker": f"{READ} read_record research write_file edit_file {RUN} commit submit_handoff",
    "scrutiny": f"{READ} read_record show_diff show_commit research submit_scrutiny",
    "reviewer": f"{READ} read_record show_diff show_commit submit_review",
    "tester": f"{READ} read_record show_diff show_commit {RUN} {DRIVE} submit_verdicts",
    "auditor": f"{READ} {RUN} {DRIVE} submit_audit",
    "researcher": READ,
}
CHANGES_AGAIN = {"run_command", *DRIVE.split()}
"""What may be unknown after a crash; everything else is settled by hash, tree or log (D22b)."""


@pytest.mark.parametrize("seat", SEATS)
def test_seat_has_its_tools_in_order(seat):
    assert [t.name for t in for_seat(seat)] == EXPECTED[seat].split()


def test_only_the_worker_writes_the_tree():
    writers = {name for name in ("write_file", "edit_file", "commit") if TOOLS[name].seats != {"worker"}}
    assert not writers


def test_every_tool_is_described():
    described = {p.stem for p in (assets.shipped("prompts") / "tools").glob("*.md")}
    assert described == set(TOOLS)
    assert all(prompts.tool_description(name) for name in TOOLS)


def test_only_what_touches_the_world_can_be_unknown():
    assert {n for n, t in TOOLS.items() if not t.reads_only and not t.repeatable} == CHANGES_AGAIN


def test_read_only_tools_are_those_that_change_nothing():
    assert {n for n, t in TOOLS.items() if t.reads_only} == {
        *READ.split(), "read_record", "show_diff", "show_commit", "research", "command_output",
    }


@pytest.mark.parametrize("name", TOOLS)
def test_schema_is_closed_and_bare(name):
    def nodes(node):
        yield from [node] if isinstance(node, dict) else []
        for inner in node.values() if isinstance(node, dict) else node if isinstance(node, list) else []:
            yield from nodes(inner)

    built = schema(TOOLS[name])
    assert built["type"] == "object"
    for node in nodes(built):
        assert "$ref" not in node
        assert "$defs" not in node
        if node.get("type") == "object" and "properties" in node:
            assert node["additionalProperties"] is False


def test_field_named_like_a_keyword_is_kept():
    fields = schema(TOOLS["write_plan"])["properties"]["features"]["items"]["properties"]
    assert fields["title"] == {"maxLength": 80, "type": "string"}
    assert fields["skill"]["description"].startswith("The procedure to follow")


def test_S24_no_tool_can_leave_the_sandbox():
    words = json.dumps([schema(t) for t in TOOLS.values()]).lower()
    assert not [w for w in ("sandbox", "unsafe", "privileged", "sudo", "cwd", "bypass") if w in words]


def test_tools_of_the_worker_are_told_in_few_words():
    told = "".join(
        json.dumps({"name": t.name, "description": prompts.tool_description(t.name), "parameters": schema(t)})
        for t in for_seat("worker")
    )
    assert count_tokens(told) <= 2_500
    assert count_tokens(told + prompts.render("worker/system")) <= 4_000


def test_what_is_shown_is_trimmed_as_the_log_trims():
    assert Shown("\n a \x1f").text == "a"
