"""What a person saves in the documents of a mission, in any editor: a draft's contract, answers to questions (D21)."""

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest

from milepost.domain.contract_format import format_contract
from milepost.domain.mission import Mission
from milepost.model.scripted import call
from tests.runner import quick
from tests.runner.conftest import Stage
from tests.runner.test_drafting import Stages, draft, drafted

Seen = Callable[[Mission], bool]


def contract_of(stage: Stage) -> Path:
    """The document of the contract."""
    return next(stage.place.docs.glob("*.contract.md"))


def questions_of(stage: Stage) -> Path:
    """The document of the open questions."""
    return next(stage.place.docs.glob("*.questions.md"))


async def noticed(stage: Stage) -> Mission:
    """The mission after somebody looked who holds the lease for a moment."""
    assert await stage.app.clerk(stage.place)
    return await stage.read()


@pytest.fixture
async def proposed(stage: Stages) -> AsyncIterator[Stage]:
    """A proposed mission with its documents."""
    made = await drafted(stage, draft())
    await noticed(made)
    yield made


async def test_saved_contract_of_a_draft_is_taken_as_the_users_edit(proposed: Stage) -> None:
    place = contract_of(proposed)
    place.write_text(place.read_text().replace("- then: it prints hello", "- then: it prints hello at once"))
    assert "at once" in place.read_text()
    mission = await noticed(proposed)
    assert mission.phase == "draft" and mission.contract.live[0].then == "it prints hello at once"
    [written] = [r for r in await proposed.records("document_written") if r.by == "user"]
    assert written.event.name == "contract"
    assert place.read_text() == format_contract(mission.contract)
    await noticed(proposed)
    assert len([r for r in await proposed.records("document_written") if r.by == "user"]) == 1


async def test_saved_contract_that_says_the_same_is_put_in_order_and_changes_nothing(proposed: Stage) -> None:
    place = contract_of(proposed)
    whole = place.read_text()
    place.write_text(whole.replace("\n\n", "\n\n\n"))
    mission = await noticed(proposed)
    assert mission.phase == "proposed" and place.read_text() == whole


async def test_contract_that_cannot_be_read_stays_as_it_was_saved(proposed: Stage) -> None:
    place = contract_of(proposed)
    broken = place.read_text() + "\n### NOT AN ID\n"
    place.write_text(broken)
    mission = await noticed(proposed)
    assert mission.phase == "proposed" and place.read_text() == broken


async def test_both_sides_change_one_assertion_and_the_person_chooses(proposed: Stage) -> None:
    place = contract_of(proposed)
    mine = place.read_text().replace("it prints hello", "it prints hello loudly")
    theirs = place.read_text().replace("it prints hello", "it prints hello softly")
    place.write_text(mine)
    await proposed.send("write_document", document="contract", name="contract", text=theirs, hash="0" * 64)
    mission = await proposed.read()
    marked = place.read_text()
    assert "<<<<<<< yours" in marked and "loudly" in marked and "softly" in marked and ">>>>>>> the mission's" in marked
    assert "softly" in format_contract(mission.contract)
    place.write_text(mine)
    assert "loudly" in format_contract((await noticed(proposed)).contract)


async def test_edit_of_another_assertion_joins_what_the_mission_changed(proposed: Stage) -> None:
    place = contract_of(proposed)
    added = quick.area("BYE").replace("## ", "\n## ", 1)
    theirs = place.read_text() + added
    place.write_text(place.read_text().replace("it prints hello", "it prints hello once"))
    await proposed.send("write_document", document="contract", name="contract", text=theirs, hash="0" * 64)
    mission = await proposed.read()
    assert {a.id for a in mission.contract.live} == {"HELLO-001", "BYE-001"}
    assert mission.contract.live[0].then.endswith("once")


async def test_agreed_contract_keeps_what_a_person_saved_and_is_not_changed_by_it(proposed: Stage) -> None:
    mission = await proposed.read()
    await proposed.send("approve_mission", seen=mission.documents)
    place = contract_of(proposed)
    edited = place.read_text().replace("it prints hello", "it sings")
    place.write_text(edited)
    mission = await noticed(proposed)
    assert "sings" not in format_contract(mission.contract) and place.read_text() == edited


async def test_agreed_contract_is_in_order_again_once_the_edit_was_amended(proposed: Stage) -> None:
    mission = await proposed.read()
    await proposed.send("approve_mission", seen=mission.documents)
    place = contract_of(proposed)
    edited = place.read_text().replace("it prints hello", "it prints hello twice")
    place.write_text(edited.replace("\n\n", "\n\n\n"))
    change = {"op": "change", "assertion": "HELLO-001", "text": edited[edited.index("### HELLO-001"):]}
    await proposed.send("amend_contract", changes=[change], reason="Once is not enough for a greeting.")
    assert place.read_text() == edited
    later = {**change, "text": change["text"].replace("twice", "three times")}
    await proposed.send("amend_contract", changes=[later], reason="Twice is not enough for a greeting.")
    assert "three times" in place.read_text()


ASK = call("ask_user", questions=[{"topic": "tone", "question": "Which tone?", "options": ["warm", "cold"]}])


async def asked(stage: Stages) -> Stage:
    """A draft that waits for an answer."""
    made = stage({"orchestrator.1": [ASK, *draft()]}, repository=quick.make_repository)
    await made.create()
    await made.carry(lambda m: bool(m.attention))
    await noticed(made)
    return made


async def test_answer_is_written_below_its_question_and_saved(stage: Stages) -> None:
    made = await asked(stage)
    place = questions_of(made)
    assert "tone: Which tone?" in place.read_text() and "1. warm" in place.read_text()
    place.write_text(place.read_text().replace("Answer:", "Answer: 2"))
    mission = await noticed(made)
    assert mission.items["I1"].text == "cold" and not mission.attention
    assert "Nothing waits for an answer." in place.read_text()


async def test_answer_that_no_option_has_is_refused_and_the_question_stays(stage: Stages) -> None:
    made = await asked(stage)
    place = questions_of(made)
    place.write_text(place.read_text().replace("Answer:", "Answer: 7"))
    mission = await noticed(made)
    assert [i.id for i in mission.attention] == ["I1"] and "Answer: \n" in place.read_text()
    [refused] = await made.records("order_refused")
    assert "has no option 7" in refused.event.reason


async def test_runner_notices_an_answer_by_itself(stage: Stages) -> None:
    made = await asked(stage)
    async with made.carried():
        place = questions_of(made)
        place.write_text(place.read_text().replace("Answer:", "Answer: a mix\nof both"))
        await until(made, lambda m: m.phase == "proposed")
    assert (await made.read()).items["I1"].text == "a mix\nof both"


async def until(stage: Stage, seen: Seen) -> Any:
    """Wait for the state of the mission."""
    async with await stage.app.log(stage.place, write=False) as log:
        async with asyncio.timeout(30):
            async for now in stage.app.follow(stage.place):
                if now.mission is not None and seen(now.mission):
                    return await log.refresh()
