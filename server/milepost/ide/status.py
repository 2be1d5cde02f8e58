"""One mission in a line, for status bars and lists."""

from milepost.domain.mission import FINAL_ROUND, Mission
from milepost.domain.quantities import length
from milepost.ide.prose import cut, title_of
from milepost.ide.snapshot import Doing, Snapshot, uri
from milepost.ide.view import Health, MissionStatus

LONGEST = 300


def status(snapshot: Snapshot) -> MissionStatus:
    """The whole small state of a mission."""
    mission = snapshot.mission
    seat, doing, subject = at_work(snapshot)
    settled, live = len(mission.settled), len(mission.live)
    return MissionStatus(
        mission=mission.id, title=title_of(mission.goal), repository=uri(snapshot.paths.repository),
        revision=snapshot.number, word=snapshot.word, phase=mission.phase, health=health(snapshot),
        message=cut(message(snapshot), LONGEST), running=snapshot.running, completion=settled / live if live else 0.0,
        settled=settled, assertions=live, dollars=snapshot.dollars, budget=mission.settings.budget.dollars,
        milestone=snapshot.milestone, seat=seat, doing=doing, subject=subject,
        attention=attention(mission), landed=bool(mission.landed),
    )


def attention(mission: Mission) -> int:
    """How many things wait for the user: their open items, and a proposal."""
    return 0 if mission.ended else len(mission.attention) + (mission.phase == "proposed")


def health(snapshot: Snapshot) -> Health:
    """error: it failed, or is held by what somebody must mend; warning: it waits, for somebody or for a time."""
    mission, word = snapshot.mission, snapshot.word
    if word == "failed" or (word == "blocked" and not mission.attention):
        return "error"
    waits = word in ("blocked", "parked", "interrupted") or attention(mission)
    return "warning" if waits else "ok"


def message(snapshot: Snapshot) -> str:
    """Why it does not go on, or how it ended; empty while all is well."""
    mission, word = snapshot.mission, snapshot.word
    hold = mission.holds.get(word)
    if hold is not None:
        again = f"; goes on by itself in {length(hold.until - snapshot.now)}" if hold.until else ""
        return f"{hold.reason}{again}"
    if word == "interrupted":
        return "nobody carries it; run it to go on"
    if mission.ended:
        return ending(mission)
    if word == "proposed":
        return "the proposal waits for your approval"
    waiting = mission.attention
    return f"{waiting[0].id} waits for you: {waiting[0].opened.text}" if waiting else ""


def ending(mission: Mission) -> str:
    """How it ended, and where the work is."""
    if mission.landed:
        return f"landed as {mission.landed[:8]}"
    if mission.phase == "completed":
        return f"everything is settled; land {mission.branch} when you like"
    return mission.reason


def at_work(snapshot: Snapshot) -> tuple[str, str, str]:
    """Seat, what it is doing, and on what; the engine's own work has no seat."""
    if not snapshot.running or snapshot.mission.ended:
        return "", "", ""
    if snapshot.activity:
        newest = snapshot.activity[0]
        return seat_of(newest), newest.tool or "thinking", subject_of(newest, snapshot.mission)
    return "", *engine_at_work(snapshot.mission)


def seat_of(doing: Doing) -> str:
    """The seat, which an attempt's id begins with."""
    return doing.attempt.partition(".")[0]


def subject_of(doing: Doing, mission: Mission) -> str:
    """What an attempt works on: a feature, a milestone, a flow."""
    attempt = mission.attempts.get(doing.attempt)
    if attempt is None:
        return ""
    started = attempt.started
    return started.milestone or "" if started.subject == "mission" else started.subject


def engine_at_work(mission: Mission) -> tuple[str, str]:
    """What the engine does while nobody sits, as far as the state tells."""
    judged = mission.round
    if mission.phase == "running" and not mission.holds:
        handed = next((f for f, s in mission.features.items() if s.handoff is not None and not s.audited), None)
        if handed is not None:
            return "auditing", handed
        if judged is not None and judged.outcome is None:
            return "judging", "" if judged.milestone == FINAL_ROUND else judged.milestone
    return "", ""
