"""A recorded session of a real editor, said to a server again: ids are made anew, places are put in and taken out."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.lsp.wire import Wire

Json = dict[str, Any]
WHEN = re.compile(r"\b(\d{1,2} (?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)(?: \d{4})?|\d\d:\d\d)\b")
LAST = "shutdown"
"""An editor may be gone before it is answered."""
FIRST = 1_000
"""Ids of a replay begin here: none is the recorded one."""


@dataclass(frozen=True)
class Session:
    """What was said, in order: each row `from` a side, with its `message`; places stand in braces."""

    rows: tuple[Json, ...]

    @classmethod
    def read(cls, file: Path, places: Mapping[str, str] | None = None) -> "Session":
        """A session from its file; places that are given are taken out of it."""
        text = file.read_text(encoding="utf-8")
        for name, place in (places or {}).items():
            text = text.replace(place, f"{{{name}}}")
        rows = [json.loads(line) for line in text.splitlines()]
        for row in rows:
            if row["message"].get("method") == "initialize":
                row["message"]["params"]["processId"] = None
        return cls(tuple(rows))

    def write(self, file: Path) -> None:
        """Keep it."""
        file.parent.mkdir(parents=True, exist_ok=True)
        lines = [json.dumps(row, ensure_ascii=False, sort_keys=True) for row in self.rows]
        file.write_text("\n".join(lines) + "\n", encoding="utf-8")

    def at(self, places: Mapping[str, str]) -> "Session":
        """The same session at other places."""
        text = json.dumps(self.rows, ensure_ascii=False)
        for name, place in places.items():
            text = text.replace(f"{{{name}}}", place)
        return Session(tuple(json.loads(text)))

    @property
    def told(self) -> "Told":
        """What the server said."""
        methods = {r["message"]["id"]: r["message"]["method"] for r in self.rows if asks(r, "client")}
        return Told.of([row["message"] for row in self.rows if row["from"] == "server"], methods)


@dataclass(frozen=True)
class Told:
    """Everything that a server said in a session, without what differs from run to run."""

    replies: tuple[tuple[str, str], ...]
    """Method and reply of each request, in the order of the requests."""
    diagnoses: tuple[tuple[str, str], ...]
    """Each text's diagnostics, by URI and version: the last that were told of it."""
    asked: tuple[str, ...]
    """Methods that the server asked."""

    @classmethod
    def of(cls, messages: list[Json], methods: Mapping[Any, str]) -> "Told":
        """From a server's messages, and the methods of the client's requests by their ids."""
        replies = {m["id"]: m for m in messages if "method" not in m}
        shown: dict[str, str] = {}
        for message in messages:
            if message.get("method") == "textDocument/publishDiagnostics":
                params = message["params"]
                shown[f"{params['uri']} {params.get('version')}"] = settled(params["diagnostics"])
        return cls(
            tuple((method, settled(outcome(replies[n]))) for n, method in methods.items() if method != LAST),
            tuple(sorted(shown.items())),
            tuple(sorted({m["method"] for m in messages if "method" in m and "id" in m})),
        )


def play(session: Session, wire: Wire) -> Told:
    """Say it again, each thing after what it came after; what the server says now."""
    numbers: dict[Any, int] = {}
    wire.answers |= answers(session)
    for row in session.rows:
        message = row["message"]
        if asks(row, "client"):
            numbers[message["id"]] = FIRST + len(numbers)
            wire.send({**message, "id": numbers[message["id"]]})
        elif row["from"] == "client" and "method" in message:
            wire.send(message)
        elif row["from"] == "server" and "method" not in message:
            wire.reply(numbers[message["id"]])
        elif message.get("method") == "textDocument/publishDiagnostics":
            wire.wait_for(lambda each, said=message: same(each, said))
    methods = {numbers[r["message"]["id"]]: r["message"]["method"] for r in session.rows if asks(r, "client")}
    return Told.of(list(wire.messages), methods)


def answers(session: Session) -> dict[str, Any]:
    """What the editor answered to each method that it was asked."""
    methods = {r["message"]["id"]: r["message"]["method"] for r in session.rows if asks(r, "server")}
    given = [r["message"] for r in session.rows if r["from"] == "client" and "method" not in r["message"]]
    return {methods[m["id"]]: m.get("result") for m in given if m["id"] in methods}


def asks(row: Json, side: str) -> bool:
    """Whether a row is a request of that side."""
    return row["from"] == side and "method" in row["message"] and "id" in row["message"]


def same(one: Json, other: Json) -> bool:
    """Whether two messages say the same of the same text."""
    return one.get("method") == other["method"] and settled(one["params"]) == settled(other["params"])


def outcome(reply: Json) -> Any:
    """What a reply brings; which version the server has is of no interest."""
    found = reply["error"] if "error" in reply else reply["result"]
    return {k: v for k, v in found.items() if k != "serverInfo"} if isinstance(found, dict) else found


def settled(value: Any) -> str:
    """A value as text, without the time of day at which it was made."""
    return WHEN.sub("{when}", json.dumps(value, ensure_ascii=False, sort_keys=True))
