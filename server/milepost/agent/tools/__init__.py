"""Every tool there is, and which seat has which, in a fixed order: schemas are the beginning of every prompt."""

from milepost.agent.tool import Tool
from milepost.agent.tools.amend_contract import AMEND_CONTRACT
from milepost.agent.tools.ask_user import ASK_USER
from milepost.agent.tools.background import COMMAND_OUTPUT, STOP_COMMAND
from milepost.agent.tools.browser import BROWSER_ACT, BROWSER_LOOK, BROWSER_OPEN
from milepost.agent.tools.change_plan import CHANGE_PLAN
from milepost.agent.tools.commit import COMMIT
from milepost.agent.tools.documents import WRITE_BRIEF, WRITE_CHECK, WRITE_CONTRACT, WRITE_PLAN, WRITE_SKILL
from milepost.agent.tools.end_turn import END_TURN
from milepost.agent.tools.give_guidance import GIVE_GUIDANCE
from milepost.agent.tools.http_request import HTTP_LISTEN, HTTP_REQUEST
from milepost.agent.tools.list_files import LIST_FILES
from milepost.agent.tools.propose_mission import PROPOSE_MISSION
from milepost.agent.tools.read_file import READ_FILE
from milepost.agent.tools.read_record import READ_RECORD
from milepost.agent.tools.read_skill import READ_SKILL
from milepost.agent.tools.research import RESEARCH
from milepost.agent.tools.resolve_item import ANSWER_PROPOSAL, RESOLVE_ITEM
from milepost.agent.tools.run_command import RUN_COMMAND
from milepost.agent.tools.search_text import SEARCH_TEXT
from milepost.agent.tools.services import START_SERVICE, STOP_SERVICE
from milepost.agent.tools.show_diff import SHOW_COMMIT, SHOW_DIFF
from milepost.agent.tools.show_file import SHOW_FILE, USE_LIBRARY
from milepost.agent.tools.submit_audit import SUBMIT_AUDIT
from milepost.agent.tools.submit_handoff import SUBMIT_HANDOFF
from milepost.agent.tools.submit_review import SUBMIT_REVIEW
from milepost.agent.tools.submit_scrutiny import SUBMIT_SCRUTINY
from milepost.agent.tools.submit_verdicts import SUBMIT_VERDICTS
from milepost.agent.tools.terminal import TERMINAL_LOOK, TERMINAL_OPEN, TERMINAL_SEND
from milepost.agent.tools.write_file import EDIT_FILE, WRITE_FILE
from milepost.agent.tools.write_services import WRITE_SERVICES

TOOLS: dict[str, Tool] = {
    tool.name: tool
    for tool in (
        READ_FILE, LIST_FILES, SEARCH_TEXT, READ_SKILL, READ_RECORD, SHOW_DIFF, SHOW_COMMIT, RESEARCH,
        WRITE_FILE, EDIT_FILE, RUN_COMMAND, COMMAND_OUTPUT, STOP_COMMAND, START_SERVICE, STOP_SERVICE, COMMIT,
        HTTP_REQUEST, HTTP_LISTEN, USE_LIBRARY, SHOW_FILE, TERMINAL_OPEN, TERMINAL_SEND, TERMINAL_LOOK,
        BROWSER_OPEN, BROWSER_ACT, BROWSER_LOOK,
        ASK_USER, WRITE_BRIEF, WRITE_SERVICES, WRITE_CONTRACT, WRITE_CHECK, WRITE_SKILL, WRITE_PLAN, PROPOSE_MISSION,
        RESOLVE_ITEM, ANSWER_PROPOSAL, CHANGE_PLAN, AMEND_CONTRACT, GIVE_GUIDANCE, END_TURN,
        SUBMIT_HANDOFF, SUBMIT_REVIEW, SUBMIT_SCRUTINY, SUBMIT_VERDICTS, SUBMIT_AUDIT,
    )
}


def for_seat(seat: str) -> list[Tool]:
    """The tools of a seat, always in the same order."""
    return [tool for tool in TOOLS.values() if seat in tool.seats]
