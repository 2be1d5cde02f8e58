"""What an exit code says: one table, and one function that reads it off a mission (D26)."""

from milepost.domain.errors import ConfigError, MilepostError, Refused, ToolError, WorkspaceError
from milepost.domain.mission import Mission

DONE, FAULT, INPUT, NEEDS_USER, BUDGET, FAILED, HELD, PARKED, NO_WORK = range(9)
INTERRUPTED = 130
"""Ctrl-C; the mission goes on without whoever watched."""

TABLE = {
    DONE: "completed, or done as asked",
    FAULT: "a fault of ours; a file says what happened",
    INPUT: "wrong usage or input, or refused",
    NEEDS_USER: "blocked or proposed: it needs you",
    BUDGET: "a budget is spent",
    FAILED: "failed: the contract is not met",
    HELD: "paused, interrupted or cancelled",
    PARKED: "parked on a provider's limit; it resumes by itself",
    NO_WORK: "ended without one commit since the approval",
}


def exit_code(mission: Mission, *, running: bool) -> int:
    """The code of the state a mission is in when a command that followed it returns; the first row that fits."""
    if mission.ended and not any(state.commits for state in mission.features.values()):
        return NO_WORK
    if mission.phase in ("completed", "failed"):
        return DONE if mission.phase == "completed" else FAILED
    if blocked := mission.holds.get("blocked"):
        return BUDGET if blocked.reason.startswith("budget") else NEEDS_USER
    if mission.phase == "proposed" or (mission.phase == "draft" and mission.attention):
        return NEEDS_USER
    if "parked" in mission.holds:
        return PARKED
    return HELD if mission.holds or mission.ended or not running else DONE


def code_of(error: MilepostError) -> int:
    """The code of an error that ended a command."""
    return INPUT if isinstance(error, Refused | ConfigError | WorkspaceError | ToolError) else FAULT
