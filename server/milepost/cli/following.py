"""Following a mission: show what happens until it needs the user or has ended, and ask them where they sit there."""

import time
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import Literal

from milepost.app import Activity, MissionLog
from milepost.cli import proposal, screen, summary
from milepost.cli.answers import NOBODY, Answers
from milepost.cli.exit_codes import INTERRUPTED, exit_code
from milepost.cli.faces import Face, JsonFace, LineFace, LiveFace
from milepost.cli.here import Here, can_go_on, run
from milepost.cli.items import how_to
from milepost.cli.lines import line_of
from milepost.cli.questions import ask, options_of
from milepost.cli.summary import Summary
from milepost.domain.errors import Refused
from milepost.domain.mission import Item, Mission

GRACE_S = 20.0
"""How long no runner may be seen, between two of its lives too, before the mission counts as interrupted."""
CHOICES = "[a]pprove, [e]dit the contract, [r]eturn with a comment, [q]uit for now: "
PATIENCE_S = 600.0
"""How long a parked mission is waited for where nobody sits."""
RECENT = 8
"""How many lines begin the view of a mission that is under way."""
Stop = Literal["ended", "asks", "proposed", "held", "parked", "interrupted"]


@dataclass(frozen=True, slots=True)
class Proxy:
    """What is decided in the place of a user who does not sit there."""

    answers: Answers | None = None
    approve: bool = False
    unattended: bool = False

    def answer(self, item: Item) -> str | None:
        """The answer to a question, or None where it has to wait."""
        if item.opened.type != "question":
            return None
        found = self.answers.answer(item) if self.answers else None
        return found or (NOBODY if self.unattended else None)


@dataclass(slots=True)
class Follower:
    """Follows one mission; `follow` is all there is to call."""

    here: Here
    face: Face
    proxy: Proxy = Proxy()
    at_terminal: bool = False
    joins: bool = False
    """Whether it comes to a mission that is under way: it then begins with the last few lines."""
    seq: int = 0
    """The newest event that was shown."""
    later: set[str] = field(default_factory=set)
    """Items the person would rather not answer now."""
    seen_running: float = field(default_factory=time.monotonic)

    def follow(self) -> int:
        """Show and ask until the mission needs somebody who is not there, or has ended; the exit code."""
        try:
            while True:
                with self.face.watching():
                    stop, mission = run(self.watch())
                if not self.settle(stop, mission):
                    return self.leave(stop, mission)
        except KeyboardInterrupt:
            name = self.here.folder.mission
            follows, stops = f"`milepost run -m {name}` follows it", f"`milepost pause -m {name}` stops it"
            screen.warn(f"{name} goes on without you: {follows}, {stops}")
            return INTERRUPTED

    async def watch(self) -> tuple[Stop, Mission]:
        """Show what happens until there is a reason to stop looking."""
        app, folder = self.here.app, self.here.folder
        async with await app.bystander.views(folder) as views, aclosing(app.follow(folder)) as looks:
            async for log in looks:
                mission = log.mission
                assert mission is not None
                activity, dollars = await views.activity(), await summary.dollars_of(views)
                await self.show(log, mission, activity, dollars)
                if (stop := self.reason(mission)) is not None:
                    return stop, mission
        raise AssertionError("a log is followed without an end")

    async def show(self, log: MissionLog, mission: Mission, activity: list[Activity], dollars: float) -> None:
        """Hand what is new to the face."""
        records = await log.events.records(self.seq)
        begun, self.seq = self.seq, records[-1].seq if records else self.seq
        if self.joins and not begun:
            records = [r for r in records if line_of(r, mission)][-RECENT:]
        running = self.here.running
        if running:
            self.seen_running = time.monotonic()
        shown = running or time.monotonic() - self.seen_running < GRACE_S
        self.face.update(Summary(self.here.folder, mission, shown, dollars, activity), records)

    def reason(self, mission: Mission) -> Stop | None:
        """Why to stop looking, if there is one."""
        if mission.ended:
            return "ended"
        if self.open_items(mission):
            return "asks"
        if mission.phase == "proposed":
            return "proposed"
        if mission.word == "parked":
            return None if self.waits_for(mission) else "parked"
        if mission.holds:
            return "held"
        if can_go_on(mission) and time.monotonic() - self.seen_running > GRACE_S:
            return "interrupted"
        return None

    def open_items(self, mission: Mission) -> list[Item]:
        """Items to ask about now: at a terminal all that were not put off, elsewhere those with an answer at hand."""
        waiting = mission.attention
        if self.at_terminal:
            return [i for i in waiting if i.id not in self.later]
        return [i for i in waiting if self.proxy.answer(i) is not None]

    def waits_for(self, mission: Mission) -> bool:
        """Whether a parked mission is waited for."""
        until = mission.holds["parked"].until
        return self.at_terminal or (until is not None and until - time.time() < PATIENCE_S)

    # --- between two looks ---

    def settle(self, stop: Stop, mission: Mission) -> bool:
        """Do what is needed so that it can go on; False where that is not ours."""
        if stop == "asks":
            for item in self.open_items(mission):
                self.answer(item)
            return True
        if stop == "proposed":
            return self.decide(mission)
        return False

    def answer(self, item: Item) -> None:
        """Ask the person, or answer in their place."""
        words = self.proxy.answer(item)
        if words is not None:
            self.here.send("resolve_item", item=item.id, decision="answer", text=words)
            return
        given = ask(item)
        if given is None:
            self.later.add(item.id)
            return
        self.here.send("resolve_item", item=item.id, decision=given.decision, text=given.text, reason=given.reason)

    def decide(self, mission: Mission) -> bool:
        """Approve in the user's place, or show the proposal and ask; False where nobody is there, or they leave."""
        if self.proxy.approve:
            if self.proxy.unattended and not mission.settings.unattended:
                self.here.send("change_setting", key="unattended", value=True)
            self.here.send("approve_mission", seen=mission.documents)
            return True
        if not self.at_terminal:
            return False
        proposal.show(self.here, mission)
        return self.choose(mission)

    def choose(self, mission: Mission) -> bool:
        """What the person makes of the proposal; False where they leave it for later."""
        while True:
            choice = (screen.read_line(CHOICES) or "q").lower()
            try:
                if choice in ("a", "approve"):
                    self.here.send("approve_mission", seen=mission.documents)
                    return True
                if choice in ("e", "edit") and proposal.edit(self.here, mission):
                    return True
                if choice in ("r", "return") and (comment := screen.read_line("What should be different? ")):
                    self.here.send("return_mission", comment=comment)
                    return True
            except Refused as error:
                screen.warn(str(error))
            if choice in ("q", "quit"):
                return False

    # --- the end ---

    def leave(self, stop: Stop, mission: Mission) -> int:
        """Say why, and what the user may do; the exit code."""
        now = summary.of(self.here)
        running = stop != "interrupted"
        if isinstance(self.face, JsonFace):
            screen.show_line({"status": summary.as_data_of(now)})
        else:
            for line in farewell(stop, now):
                screen.say(line)
        return exit_code(mission, running=running)


def farewell(stop: Stop, now: Summary) -> list[str]:
    """The last words: where it stands, what it needs, which command gives it that."""
    mission = now.mission
    lines = ["", summary.headline(now)]
    if reason := summary.why_held(mission):
        lines.append(reason)
    for item in mission.attention:
        lines += [f"{item.id} {item.opened.text}", *options_of(item), f"  {how_to(item)}"]
    if stop == "proposed":
        name = mission.id
        lines.append(f"It waits for your approval: `milepost approve -m {name}`, documents in {now.folder.docs}")
    if stop == "interrupted":
        log = now.folder.runner_log
        lines.append(f"No runner carries it; {log} says why. `milepost run -m {mission.id}` starts one")
    return lines + (summary.advice(now) if stop != "interrupted" else [])


def follow(here: Here, *, json: bool, proxy: Proxy | None = None, joins: bool = False) -> int:
    """Follow with the face that fits where we print; the exit code."""
    at_terminal = screen.is_terminal() and not json
    face: Face = JsonFace() if json else LiveFace() if at_terminal else LineFace()
    return Follower(here, face, proxy or Proxy(), at_terminal, joins and not json).follow()
