"""A mission in an editor, over the wire: what is shown of it, and how a person acts on it."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from milepost.domain.errors import Refused
from milepost.log.lease import Lease
from milepost.lsp.shell import execute
from milepost.model.scripted import call
from tests.lsp.desktop import GATED, PLAIN, editor, line_of, trust
from tests.lsp.wire import Refusal
from tests.runner import quick
from tests.runner.conftest import Stage
from tests.runner.test_drafting import draft, drafted

Begin = Callable[..., Any]
Stages = Callable[..., Stage]


async def proposed(stages: Stages) -> Stage:
    """A proposed mission whose documents were written."""
    made = await drafted(stages, draft())
    assert await made.app.clerk(made.place)
    trust(made)
    return made


async def completed(stages: Stages) -> Stage:
    """A mission that was carried to its end."""
    made = await proposed(stages)
    mission = await made.read()
    made.script |= quick.script()
    await made.app.send(made.place, "approve_mission", seen=mission.documents)
    assert (await made.carry()).phase == "completed"
    return made


async def test_everything_about_an_assertion_is_shown_where_it_stands(stage: Stages) -> None:
    made = await completed(stage)
    async with editor(made) as desk:
        status = await desk.heard("milepost/status", lambda p: p["missions"])
        assert [m["word"] for m in status["missions"]] == ["completed"] and status["quiescent"]
        contract, line = desk.contract, line_of(desk.contract, "### HELLO-001")
        hover = (await desk.at("textDocument/hover", contract, line, 6))["contents"]["value"]
        assert "passed" in hover and "F1" in hover and "Say hello" in hover
        [area] = await desk.ask("textDocument/documentSymbol", {"textDocument": {"uri": contract.as_uri()}})
        assert area["name"].startswith("HELLO")
        lenses = await desk.ask("textDocument/codeLens", {"textDocument": {"uri": contract.as_uri()}})
        assert any("passed" in lens["command"]["title"] for lens in lenses)
        places = await desk.at("textDocument/definition", contract, line, 6)
        assert places and any("plan.md" in p["uri"] or "handoffs" in p["uri"] for p in places)
        found = await desk.ask("workspace/symbol", {"query": "hello"})
        assert {s["name"].split()[0] for s in found} >= {"HELLO-001", "F1"}


async def test_code_that_a_mission_wrote_says_what_it_serves(stage: Stages) -> None:
    made = await completed(stage)
    async with editor(made) as desk:
        written = made.place.tree / "hello.sh"
        [lens] = await desk.ask("textDocument/codeLens", {"textDocument": {"uri": written.as_uri()}})
        assert "F1" in lens["command"]["title"] and "HELLO-001" in lens["command"]["title"]
        hover = (await desk.at("textDocument/hover", written, 0, 1))["contents"]["value"]
        assert "F1" in hover and "HELLO-001" in hover
        own = made.repository / "hello.sh"
        own.write_text(written.read_text())
        assert await desk.ask("textDocument/codeLens", {"textDocument": {"uri": own.as_uri()}})
        own.write_text("echo goodbye\n")
        assert await desk.ask("textDocument/codeLens", {"textDocument": {"uri": own.as_uri()}}) == []


async def test_references_of_an_assertion_are_found_in_plan_handoff_and_code(stage: Stages) -> None:
    made = await completed(stage)
    async with editor(made) as desk:
        line = line_of(desk.contract, "### HELLO-001")
        found = await desk.at(
            "textDocument/references", desk.contract, line, 6, context={"includeDeclaration": True}
        )
        names = {Path(place["uri"]).name for place in found}
        assert "plan.md" in names and any(name.endswith(".contract.md") for name in names)


async def test_documents_of_a_mission_are_read_by_their_kind(stage: Stages) -> None:
    made = await completed(stage)
    async with editor(made) as desk:
        await desk.heard("milepost/status", lambda p: p["missions"])
        for name, expected in (
            ("brief", "Say hello"), ("plan", "F1"), ("report", "HELLO-001"), ("handoff:F1", "Handoff of F1"),
            ("milestone:M1", "Round 1: passed"), ("contract", "### HELLO-001"),
        ):
            found = await desk.ask("milepost/document", {"mission": made.place.mission, "document": name})
            assert expected in found["text"], name
        for wrong in ("handoff:F9", "secret", "evidence:../../x/E1"):
            with pytest.raises(Refusal, match="is no document"):
                await desk.ask("milepost/document", {"mission": made.place.mission, "document": wrong})
        diff = await desk.ask("milepost/diff", {"mission": made.place.mission, "feature": "F1"})
        assert {f["path"]: f["before"] for f in diff["files"]}["hello.sh"] is None
        same = await desk.ask("milepost/diff", {"mission": made.place.mission, "milestone": "M1"})
        assert [f["path"] for f in same["files"]] == [f["path"] for f in diff["files"]]


async def test_snapshot_is_sent_once_for_each_revision(stage: Stages) -> None:
    made = await completed(stage)
    async with editor(made) as desk:
        await desk.heard("milepost/status", lambda p: p["missions"])
        first = await desk.ask("milepost/snapshot", {})
        [mission] = first["missions"]
        assert mission["status"]["completion"] == 1.0 and mission["handoffs"][0]["feature"] == "F1"
        again = await desk.ask("milepost/snapshot", {"ifRevision": first["revision"]})
        assert again == {"revision": first["revision"], "unchanged": True, "missions": []}


async def test_proposal_is_approved_from_the_contract_and_the_work_begins(stage: Stages) -> None:
    made = await proposed(stage)
    made.script |= quick.script()
    async with made.carried(), editor(made) as desk:
        await desk.diagnoses(desk.contract, lambda rows: any(r["code"] == "MISSION-APPROVE" for r in rows))
        action = (await desk.actions(desk.contract, 0))["Approve the proposal"]
        answer = await desk.ask("workspace/executeCommand", {
            "command": action["command"]["command"], "arguments": action["command"]["arguments"],
        })
        assert answer["accepted"] and answer["id"]
        await desk.until(lambda m: m.phase == "completed")
        await desk.heard("$/progress", lambda p: p["value"]["kind"] == "begin")
        await desk.heard("milepost/status", lambda p: p["missions"] and p["missions"][0]["word"] == "completed")


async def test_proposal_that_changed_since_it_was_looked_at_is_not_approved(stage: Stages) -> None:
    made = await proposed(stage)
    async with editor(made) as desk:
        await desk.heard("milepost/status", lambda p: p["missions"])
        with pytest.raises(Refusal, match="changed since you looked"):
            await desk.command("approve", expectedRevision=1)
    assert (await made.read()).phase == "proposed"


async def test_refusal_that_comes_later_is_told(stage: Stages) -> None:
    made = await completed(stage)
    async with editor(made) as desk:
        await desk.heard("milepost/status", lambda p: p["missions"])
        assert (await desk.command("pause"))["accepted"]
        said = await desk.heard("window/showMessage")
        assert "pause_mission is not possible while the mission is completed" in said["message"]


async def test_saved_contract_of_a_draft_becomes_the_missions(stage: Stages) -> None:
    made = await proposed(stage)
    async with editor(made) as desk:
        await desk.heard("milepost/status", lambda p: p["missions"])
        text = desk.contract.read_text().replace("it prints hello", "it prints hello, once")
        desk.wire.open(desk.contract.as_uri(), desk.contract.read_text(), "milepost-contract")
        desk.contract.write_text(text)
        desk.wire.notify("textDocument/didChange", {
            "textDocument": {"uri": desk.contract.as_uri(), "version": 2}, "contentChanges": [{"text": text}],
        })
        desk.wire.notify("textDocument/didSave", {"textDocument": {"uri": desk.contract.as_uri()}})
        mission = await desk.until(lambda m: m.phase == "draft")
    assert mission.contract.live[0].then == "it prints hello, once"


async def test_edit_of_an_agreed_contract_is_offered_as_an_amendment(begun: Begin) -> None:
    made = await begun()
    trust(made)
    await made.app.send(made.place, "pause_mission")
    async with editor(made) as desk:
        text = desk.contract.read_text().replace("it prints hello", "it prints hello, loudly")
        desk.wire.open(desk.contract.as_uri(), text, "milepost-contract", version=7)
        shown = await desk.heard(
            "textDocument/publishDiagnostics", lambda p: any(r["code"] == "MISSION-AMEND" for r in p["diagnostics"])
        )
        assert shown["version"] == 7 and shown["uri"] == desk.contract.as_uri()
        desk.contract.write_text(text)
        line = line_of(desk.contract, "### HELLO-001")
        action = next(a for title, a in (await desk.actions(desk.contract, line)).items() if "Amend" in title)
        await desk.ask("workspace/executeCommand", {
            "command": action["command"]["command"], "arguments": action["command"]["arguments"],
        })
        mission = await desk.until(lambda m: m.contract.live[0].then.endswith("loudly"))
    assert mission.phase == "running"


ASK = call("ask_user", questions=[{"topic": "tone", "question": "Which tone?", "options": ["warm", "cold"]}])


async def asked(stages: Stages) -> Stage:
    """A draft that waits for an answer."""
    made = stages({"orchestrator.1": [ASK, *draft()]}, repository=quick.make_repository)
    await made.create()
    await made.carry(lambda m: bool(m.attention))
    trust(made)
    return made


async def test_question_is_a_message_with_buttons_for_clients_without_dialogs_of_ours(stage: Stages) -> None:
    made = await asked(stage)
    buttons: list[str] = []

    def choose(params: Any) -> Any:
        buttons.extend(action["title"] for action in params["actions"])
        return {"title": "cold"}

    async with made.carried(), editor(made, PLAIN, answers={"window/showMessageRequest": choose}) as desk:
        mission = await desk.until(lambda m: m.phase == "proposed")
        sent = {m["method"] for m in desk.wire.messages if "method" in m}
    assert mission.items["I1"].text == "cold" and buttons[:3] == ["warm", "cold", "Later"]
    assert not any(method.startswith("milepost/") for method in sent)


async def test_what_was_put_off_is_not_asked_again_by_the_next_editor(stage: Stages) -> None:
    made = await asked(stage)
    await put_off(made, "Which tone?", None)
    assert await boxes(made) == []
    await made.app.send(made.place, "resolve_item", item="I1", decision="answer", text="warm")
    await made.carry(lambda m: m.phase == "proposed")
    await put_off(made, "proposes", {"title": "Later"})
    assert await boxes(made) == []
    assert (await made.read()).phase == "proposed"


async def test_interrupted_mission_that_was_left_lying_is_left_in_peace(begun: Begin) -> None:
    made = await begun()
    trust(made)
    await put_off(made, "was interrupted", {"title": "Later"})
    assert await boxes(made) == []


async def put_off(made: Stage, what: str, answer: Any) -> None:
    """Open an editor in which a person would rather not now."""
    async with editor(made, PLAIN, answers={"window/showMessageRequest": answer}) as desk:
        await desk.heard("window/showMessageRequest", lambda p: what in p["message"])
        await desk.ask("milepost/ping", {})


async def test_what_nobody_looked_at_is_asked_by_each_editor(stage: Stages) -> None:
    made = await asked(stage)
    for _ in range(2):
        async with editor(made, PLAIN) as desk:
            await desk.heard("window/showMessageRequest", lambda p: "Which tone?" in p["message"])


async def boxes(made: Stage) -> list[str]:
    """What an editor that is opened once more asks, once it has read the mission."""
    async with editor(made, PLAIN) as desk:
        assert await desk.ask("workspace/symbol", {"query": "hello"}) is not None
        await desk.ask("milepost/ping", {})
        sent = [m for m in desk.wire.messages if m.get("method") == "window/showMessageRequest"]
    return [m["params"]["message"] for m in sent]


async def test_gated_client_is_asked_nothing_and_answers_by_command(stage: Stages) -> None:
    made = await asked(stage)
    async with made.carried(), editor(made, GATED) as desk:
        status = await desk.heard("milepost/status", lambda p: p["missions"] and p["missions"][0]["attention"])
        assert status["missions"][0]["attention"] == 1
        with pytest.raises(Refusal, match="has no option 9"):
            await desk.command("answer", item="I1", text="9")
        await desk.command("answer", item="I1", text="1")
        mission = await desk.until(lambda m: m.phase == "proposed")
        assert not [m for m in desk.wire.messages if m.get("method") == "window/showMessageRequest"]
    assert mission.items["I1"].text == "warm"


async def test_action_that_needs_words_says_how_to_give_them(begun: Begin) -> None:
    made = await begun()
    trust(made)
    await made.app.send(made.place, "pause_mission")
    async with editor(made, PLAIN) as desk:
        line = line_of(desk.contract, "### HELLO-001")
        waive = (await desk.actions(desk.contract, line))["Waive HELLO-001…"]["command"]
        with pytest.raises(Refusal, match="milepost waive HELLO-001"):
            await desk.ask("workspace/executeCommand", {"command": waive["command"], "arguments": waive["arguments"]})
        given = [{**waive["arguments"][0], "reason": "nobody is there to greet"}]
        await desk.ask("workspace/executeCommand", {"command": waive["command"], "arguments": given})
        mission = await desk.until(lambda m: m.assertions["HELLO-001"].status == "waived")
    assert mission.assertions["HELLO-001"].waived_because == "nobody is there to greet"


@pytest.mark.parametrize(("given", "kept"), [({"reason": "wrong way"}, "wrong way"), ({}, "interrupted by the user")])
async def test_interruption_takes_a_reason_that_may_be_left_out(begun: Begin, given: Any, kept: str) -> None:
    made = await begun()
    trust(made)
    async with editor(made) as desk:
        await desk.heard("milepost/status", lambda p: p["missions"])
        await desk.command("interrupt", **given)
        mission = await desk.until(lambda m: bool(m.holds))
    assert mission.holds["paused"].reason == kept


async def test_S01_nothing_is_ordered_in_a_repository_that_is_not_trusted(stage: Stages) -> None:
    made = await drafted(stage, draft())
    assert await made.app.clerk(made.place)
    before = len(await made.records())
    async with editor(made, trusted=False) as desk:
        await desk.heard("milepost/status", lambda p: p["missions"])
        for name, arguments in (("approve", {}), ("steer", {"text": "x"}), ("run", {}), ("land", {})):
            with pytest.raises(Refusal, match="is not trusted"):
                await desk.command(name, **arguments)
        with pytest.raises(Refusal, match="is not trusted"):
            await desk.ask("workspace/executeCommand", {"command": "milepost.newMission", "arguments": [
                {"goal": "x", "folder": made.repository.as_uri()}
            ]})
        await desk.ask("workspace/executeCommand", {"command": "milepost.trustFolder", "arguments": [
            {"folder": made.repository.as_uri()}
        ]})
        assert (await desk.command("steer", text="softly"))["accepted"]
        await desk.until(lambda m: bool(m.messages))
    assert len(await made.records()) > before


async def test_document_of_a_mission_names_it_where_no_folder_does(stage: Stages) -> None:
    made = await proposed(stage)
    async with editor(made, PLAIN, folders=[]) as desk:
        desk.wire.open(desk.contract.as_uri(), desk.contract.read_text(), "markdown")
        await desk.diagnoses(desk.contract, lambda rows: any(r["code"] == "MISSION-APPROVE" for r in rows))


async def test_log_that_is_replaced_is_read_anew_and_one_that_is_damaged_keeps_the_last_picture(stage: Stages) -> None:
    made = await completed(stage)
    database = made.place.database
    whole = database.read_bytes()
    async with editor(made) as desk:
        await desk.heard("milepost/status", lambda p: p["missions"])
        database.with_suffix(".part").write_bytes(b"not a database at all" * 400)
        database.with_suffix(".part").replace(database)
        said = await desk.heard("window/showMessage")
        assert "cannot be read" in said["message"] and "last picture" in said["message"]
        assert (await desk.ask("milepost/snapshot", {}))["missions"][0]["status"]["word"] == "completed"
        database.with_suffix(".part").write_bytes(whole)
        database.with_suffix(".part").replace(database)
        await desk.at("textDocument/hover", desk.contract, line_of(desk.contract, "### HELLO-001"), 6)


async def test_mission_that_appears_while_the_editor_is_open_is_seen(stage: Stages) -> None:
    made = stage(quick.script(), repository=quick.make_repository)
    async with editor(made) as desk:
        assert (await desk.ask("milepost/snapshot", {}))["missions"] == []
        await made.create()
        found = await desk.heard("milepost/status", lambda p: p["missions"])
        assert found["missions"][0]["mission"] == made.place.mission
        assert not Lease(made.place.root).held_by_other()


async def test_status_says_that_there_is_no_mission(stage: Stages) -> None:
    made = stage({}, repository=quick.make_repository)
    async with editor(made) as desk:
        told = await desk.heard("milepost/status")
    assert told == {"revision": 0, "quiescent": True, "missions": []}


async def test_nothing_is_shown_of_a_mission_that_went(stage: Stages) -> None:
    made = await proposed(stage)
    async with editor(made) as desk:
        await desk.diagnoses(desk.contract, lambda rows: bool(rows))
        await desk.heard("milepost/status", lambda p: p["missions"] and p["quiescent"])
        since, contract = len(desk.wire.messages), desk.contract
        made.place.root.rename(made.place.root.parent.parent / "put-away")
        told = await desk.heard("milepost/status", lambda p: not p["missions"], since=since)
        assert told["quiescent"]
        await desk.heard(
            "textDocument/publishDiagnostics",
            lambda p: p["uri"] == contract.as_uri() and not p["diagnostics"], since=since,
        )


async def test_client_without_the_gate_gets_no_message_of_ours(stage: Stages) -> None:
    made = await proposed(stage)
    async with editor(made, PLAIN, answers={"window/showMessageRequest": None}) as desk:
        with pytest.raises(Refusal, match="did not ask for"):
            await desk.ask("milepost/snapshot", {})
        await desk.ask("milepost/ping", {})


async def test_keys_are_held_in_memory_and_named_but_never_shown(stage: Stages) -> None:
    made = await proposed(stage)
    async with editor(made) as desk:
        answer = await desk.ask("milepost/keys", {"keys": {"ANTHROPIC_API_KEY": "sk-very-secret"}})
        assert answer == {"names": ["ANTHROPIC_API_KEY"]}
        with pytest.raises(Refusal) as refused:
            await desk.ask("milepost/keys", {"keys": {"lower case": "sk-very-secret"}})
        assert "sk-very-secret" not in str(refused.value)
    logged = "".join(p.read_text() for p in (made.app.config.state_dir.parent / "home").rglob("*.log*"))
    assert logged and "sk-very-secret" not in logged


async def test_doctor_says_what_a_terminal_would(stage: Stages) -> None:
    made = await proposed(stage)
    async with editor(made) as desk:
        found = await desk.ask("milepost/doctor", {})
        assert {"python", "git"} <= {row["name"] for row in found["findings"]}


async def test_landing_waits_for_what_is_not_saved(stage: Stages) -> None:
    made = await completed(stage)
    async with editor(made) as desk:
        await desk.heard("milepost/status", lambda p: p["missions"])
        desk.wire.notify("milepost/editorState", {"dirty": [(made.repository / "README.md").as_uri()]})
        with pytest.raises(Refusal, match=r"not saved yet: README\.md"):
            await desk.command("land")
        desk.wire.notify("milepost/editorState", {"dirty": []})
        await desk.command("land")
        await desk.until(lambda m: bool(m.landed))
    assert (made.repository / "hello.sh").exists()


async def test_shell_gives_the_same_commands(stage: Stages) -> None:
    made = await completed(stage)
    with pytest.raises(Refused, match="there is no command 'dance'"):
        await execute(made.app.config.state_dir, made.repository, "dance", {})
    with pytest.raises(Refused, match="not possible while the mission is completed"):
        await execute(made.app.config.state_dir, made.repository, "pause", {"mission": made.place.mission})
