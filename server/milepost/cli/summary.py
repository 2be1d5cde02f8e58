"""A mission in one page: where it stands, what it did, what it costs, what waits for the user."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from milepost.app import Activity, App, MissionFolder, Views
from milepost.cli.here import Here, run, word_of
from milepost.cli.items import as_data, how_to
from milepost.cli.words import short
from milepost.domain.mission import Mission
from milepost.domain.quantities import count, length, money


@dataclass(frozen=True, slots=True)
class Summary:
    """What is known of a mission at one moment."""

    folder: MissionFolder
    mission: Mission
    running: bool
    dollars: float
    activity: Sequence[Activity]

    @property
    def word(self) -> str:
        """The one word shown."""
        return word_of(self.mission, running=self.running)


async def dollars_of(views: Views) -> float:
    """What was spent so far, open attempts included."""
    return sum(spent.dollars for spent in (await views.spent_by_attempt()).values())


async def summarise(app: App, folder: MissionFolder) -> Summary:
    """Look at a mission now."""
    mission = await app.read(folder)
    async with await app.bystander.views(folder) as views:
        return Summary(folder, mission, app.is_running(folder), await dollars_of(views), await views.activity())


def of(here: Here) -> Summary:
    """Look at a mission now."""
    return run(summarise(here.app, here.folder))


def as_data_of(summary: Summary) -> dict[str, Any]:
    """The page for programs."""
    mission = summary.mission
    return {
        "mission": mission.id, "goal": mission.goal, "state": summary.word, "phase": mission.phase,
        "holds": {k: h.model_dump(mode="json", exclude={"kind"}) for k, h in mission.holds.items()},
        "running": summary.running, "repository": mission.repository, "branch": mission.branch, "mode": mission.mode,
        "base": mission.base, "head": mission.head, "landed": mission.landed, "reason": mission.reason,
        "completion": round(mission.completion, 4), "settled": len(mission.settled), "assertions": len(mission.live),
        "dollars": round(summary.dollars, 6), "budget": mission.settings.budget.model_dump(),
        "milestones": [milestone_data(mission, m) for m in mission.milestones],
        "assertion_states": {a: {"status": s.status, "stale": s.stale} for a, s in mission.assertions.items()},
        "attention": [as_data(i) for i in mission.attention],
        "activity": [{"attempt": a.attempt, "doing": a.tool or "thinking", "since": a.at} for a in summary.activity],
        "folder": str(summary.folder.root),
    }


def milestone_data(mission: Mission, milestone: str) -> dict[str, Any]:
    """A milestone with its features, for programs."""
    state = mission.milestones[milestone]
    titles = {m.id: m.title for m in mission.plan.milestones} if mission.plan else {}
    features = [
        {"id": f.id, "title": f.title, "status": mission.features[f.id].status,
         "attempts": mission.features[f.id].attempts, "fulfills": f.fulfills, "fixes": f.fixes}
        for f in mission.features_of(milestone)
    ]
    return {"id": milestone, "title": titles.get(milestone, ""), "status": state.status, "rounds": state.rounds,
            "features": features}


def headline(summary: Summary) -> str:
    """Name, state, completion and money in a line."""
    mission = summary.mission
    share = f"{mission.completion:.0%} ({len(mission.settled)} of {count(len(mission.live), 'assertion')})"
    cost = money(summary.dollars, mission.settings.budget.dollars)
    return f"{mission.id}  {summary.word}  {share if mission.live else 'no contract yet'}  {cost}"


def why_held(mission: Mission) -> str:
    """Why it does not go on, where it is held or has ended."""
    hold = mission.holds.get(mission.word)
    if hold is None:
        return mission.reason
    wait = f"; goes on in {length(hold.until - time.time())} by itself" if hold.until else ""
    return f"{hold.reason}{wait}"


def plan_lines(mission: Mission) -> list[str]:
    """Milestones and features with how many of their assertions are settled."""
    lines = []
    for data in (milestone_data(mission, m) for m in mission.milestones):
        rounds = f", {count(data['rounds'], 'round')}" if data["rounds"] else ""
        lines.append(f"{data['id']} {data['title']}  {data['status']}{rounds}")
        for feature in data["features"]:
            owned = feature["fulfills"]
            passed = sum(a in mission.settled for a in owned)
            share = f"{passed} of {len(owned)} settled" if owned else f"mends {', '.join(feature['fixes'])}"
            lines.append(f"  {feature['id']} {feature['title']}  {feature['status']}, {share}")
    return lines


def unsettled_lines(mission: Mission) -> list[str]:
    """Assertions that were judged and do not stand."""
    shown = []
    for name in mission.live:
        state = mission.assertions[name]
        if state.status in ("failed", "blocked") or state.stale:
            note = short(state.verdict.note, 120) if state.verdict else ""
            shown.append(f"  {name} {state.status}{', stale' if state.stale else ''}: {note}")
    return shown


def activity_lines(summary: Summary, now: float) -> list[str]:
    """Who is at work on what."""
    return [
        f"  {a.attempt}: {a.tool or 'thinking'}, turn {a.turn}, for {length(now - a.at)}" for a in summary.activity
        if summary.running
    ]


def attention_lines(mission: Mission) -> list[str]:
    """What waits for the user, and the command for each."""
    found = []
    for item in mission.attention:
        found += [f"  {item.id} {item.opened.type}: {short(item.opened.text, 200)}", f"    {how_to(item)}"]
    if mission.phase == "proposed":
        found.append("  the proposal: `milepost approve` shows it and asks")
    return found


def page(summary: Summary, now: float) -> list[str]:
    """The whole page in lines."""
    mission = summary.mission
    lines = [headline(summary), short(mission.goal)]
    sections = [
        ("Held" if mission.holds else "Ended", [f"  {short(why_held(mission), 400)}"] if why_held(mission) else []),
        ("Plan", [f"  {line}" for line in plan_lines(mission)]),
        ("Not settled", unsettled_lines(mission)),
        ("Now", activity_lines(summary, now)),
        ("Waiting for you", attention_lines(mission)),
        ("Next", [f"  {line}" for line in advice(summary)]),
    ]
    for title, found in sections:
        if found:
            lines += ["", title, *found]
    return lines


def advice(summary: Summary) -> list[str]:
    """What the user may do next."""
    mission = summary.mission
    if summary.word == "interrupted":
        return ["`milepost run` starts a runner that carries it on"]
    if mission.phase == "completed" and not mission.landed:
        return [f"`milepost land` merges it; the branch is {mission.branch}"]
    if mission.phase in ("failed", "cancelled") and mission.head != mission.base:
        return [f"`milepost land --unfinished` takes what is there; the branch is {mission.branch}"]
    if mission.word in ("paused", "parked"):
        return ["`milepost resume` lets it go on"]
    if mission.word == "blocked" and not mission.attention:
        return ["mend the cause, then `milepost resume`"]
    return []
