"""A chat endpoint that answers at once: N shell calls, then words. It notes when each request came and what it shared.

`GET /` gives what was noted, `POST /reset?N` begins anew with N calls.
"""

import json
import socket
import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

SHELL_TOOLS = ("run_command", "bash", "execute", "terminal")


class State:
    """What came since the last reset."""

    def __init__(self, calls: int = 100) -> None:
        self.calls = calls
        self.arrived: list[float] = []
        self.characters: list[int] = []
        self.shared: list[int] = []
        self.last: list[str] = []

    def note(self, request: dict[str, Any]) -> int:
        """Take in one request; its number."""
        self.arrived.append(time.perf_counter())
        parts = [json.dumps(m) for m in request.get("messages", [])]
        same = 0
        for old, new in zip(self.last, parts, strict=False):
            if old != new:
                break
            same += len(new)
        self.characters.append(sum(map(len, parts)))
        self.shared.append(same)
        self.last = parts
        return len(self.arrived)


STATE = State()


def message(number: int, names: list[str]) -> dict[str, Any]:
    """What the model says in its n-th reply."""
    tool = next((t for t in SHELL_TOOLS if t in names), None)
    if tool is None or number > STATE.calls:
        finish = "echo COMPLETE_TASK_AND_SUBMIT_FINAL_OUTPUT"
        if tool == "bash":
            return {"role": "assistant", "content": "done", "tool_calls": [shell(number, tool, finish)]}
        return {"role": "assistant", "content": "done"}
    return {"role": "assistant", "content": f"turn {number}", "tool_calls": [shell(number, tool, f"echo {number}")]}


def shell(number: int, tool: str, command: str) -> dict[str, Any]:
    """One shell call."""
    arguments = json.dumps({"command": command})
    return {"id": f"c{number}", "type": "function", "function": {"name": tool, "arguments": arguments}}


class Handler(BaseHTTPRequestHandler):
    """Answers without delay."""

    protocol_version = "HTTP/1.1"

    def log_message(self, *_: Any) -> None:
        """Nothing: it would cost time."""

    def setup(self) -> None:
        super().setup()
        self.connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def answer(self, body: dict[str, Any]) -> None:
        """Send one JSON answer in one write."""
        data = json.dumps(body).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def do_GET(self) -> None:
        self.answer({"arrived": STATE.arrived, "characters": STATE.characters, "shared": STATE.shared})

    def do_POST(self) -> None:
        global STATE
        raw = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        path, _, calls = self.path.partition("?")
        if path.endswith("/reset"):
            STATE = State(int(calls))
            return self.answer({})
        request = json.loads(raw)
        number = STATE.note(request)
        names = [t["function"]["name"] for t in request.get("tools", [])]
        said = message(number, names)
        used = {"prompt_tokens": len(raw) // 4, "completion_tokens": 20, "total_tokens": len(raw) // 4 + 20}
        choice = {"index": 0, "message": said, "finish_reason": "tool_calls" if "tool_calls" in said else "stop"}
        self.answer(
            {
                "id": f"x{number}",
                "object": "chat.completion",
                "created": 1,
                "model": request["model"],
                "choices": [choice],
                "usage": used,
            }
        )


if __name__ == "__main__":
    server = ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Handler)
    print(server.server_port, flush=True)
    server.serve_forever()
