"""A raw JSON-RPC client over the pipes of a real process: strict about what it reads, and free in what it sends.

    with Wire([sys.executable, "-m", "milepost", "lsp"]) as wire:
        wire.initialize()
        hover = wire.request("textDocument/hover", {...})
        assert wire.leave() == 0

Nothing here sleeps: every wait is for a condition, with a limit that fails the test.
"""

import itertools
import json
import os
import subprocess
import threading
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

LIMIT = 30.0
"""Seconds after which a wait fails: far more than anything takes, as other tests share the machine."""
Json = dict[str, Any]


class Refusal(AssertionError):
    """An error reply where a result was expected."""

    def __init__(self, error: Json) -> None:
        super().__init__(f"{error.get('code')}: {error.get('message')}")
        self.code: int = error["code"]
        self.message: str = error["message"]


class Wire:
    """One server process and everything it said."""

    def __init__(
        self, words: Sequence[str], *, folder: Path | None = None, environment: Mapping[str, str] | None = None,
    ) -> None:
        self.process = subprocess.Popen(
            words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=folder,
            env={**os.environ, **(environment or {})}, bufsize=0,
        )
        self.messages: list[Json] = []
        """Everything the server sent, in order."""
        self.stray = b""
        """Bytes on its standard output that belong to no frame: expected to stay empty."""
        self.answers: dict[str, Any] = {}
        """Method to the result, or to a function of the params, that answers the server's own requests."""
        self._numbers = itertools.count(1)
        self._changed = threading.Condition()
        self._errors = bytearray()
        self._ended = False
        self._writing = threading.Lock()
        self._threads = [threading.Thread(target=each, daemon=True) for each in (self._listen, self._drain)]
        self._hold = threading.Event()
        """Set while the server may be read."""
        self._hold.set()
        for thread in self._threads:
            thread.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None,
    ) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self._hold.set()
        self.process.wait()
        for thread in self._threads:
            thread.join(LIMIT)
        for stream in (self.process.stdin, self.process.stdout, self.process.stderr):
            if stream is not None:
                stream.close()

    # --- saying

    def raw(self, data: bytes) -> None:
        """Any bytes."""
        assert self.process.stdin is not None
        with self._writing:
            rest = memoryview(data)
            while rest:
                rest = rest[self.process.stdin.write(rest) or 0:]

    def send(self, message: Any) -> None:
        """One frame, whatever is in it."""
        self.raw(framed(message))

    def notify(self, method: str, params: Any = None) -> None:
        self.send({"jsonrpc": "2.0", "method": method, **({} if params is None else {"params": params})})

    def ask(self, method: str, params: Any = None, number: int | str | None = None) -> int | str:
        """Send a request; its id."""
        number = next(self._numbers) if number is None else number
        self.send({"jsonrpc": "2.0", "id": number, "method": method, **({} if params is None else {"params": params})})
        return number

    def request(self, method: str, params: Any = None, limit: float = LIMIT) -> Any:
        """Ask and wait for the result; an error reply is a Refusal."""
        return self.result(self.ask(method, params), limit)

    def close(self) -> None:
        """End of the file."""
        assert self.process.stdin is not None
        self.process.stdin.close()

    # --- hearing

    def reply(self, number: int | str | None, limit: float = LIMIT) -> Json:
        """The reply with this id, as it came."""
        return self.wait_for(lambda each: "method" not in each and each.get("id") == number, limit=limit)

    def result(self, number: int | str, limit: float = LIMIT) -> Any:
        """What the request brought."""
        reply = self.reply(number, limit)
        if "error" in reply:
            raise Refusal(reply["error"])
        return reply["result"]

    def replies(self, number: int | str) -> list[Json]:
        """All of them: expected to be one."""
        return [each for each in list(self.messages) if "method" not in each and each.get("id") == number]

    def wait_for(self, fits: Callable[[Json], object], *, since: int = 0, limit: float = LIMIT) -> Json:
        """The first message that fits, among those from number `since` on."""
        found: list[Json] = []

        def look() -> bool:
            found[:] = [each for each in self.messages[since:] if fits(each)][:1]
            return bool(found) or self._ended or bool(self.stray)

        with self._changed:
            in_time = self._changed.wait_for(look, limit)
        why = f"stray bytes {self.stray[:200]!r}" if self.stray else "the stream ended" if in_time else "not in time"
        assert found, f"no such message: {why}; stderr: {self.errors[-2000:]}"
        return found[0]

    def notification(self, method: str, *, since: int = 0, limit: float = LIMIT) -> Any:
        """The params of the first notification or request of the server's with this method."""
        return self.wait_for(lambda each: each.get("method") == method, since=since, limit=limit).get("params")

    def pause(self) -> None:
        """Stop reading; what was read up to 64 kB ahead may still come."""
        self._hold.clear()

    def go_on(self) -> None:
        """Read again."""
        self._hold.set()

    @property
    def errors(self) -> str:
        """What came on standard error so far."""
        return self._errors.decode(errors="replace")

    # --- the usual beginnings and ends

    def initialize(
        self, capabilities: Json | None = None, *, options: Any = None, folders: Sequence[Path] = (), **more: Any,
    ) -> Json:
        """Open the conversation; what the server says it can do."""
        params = {
            "processId": os.getpid(), "rootUri": folders[0].as_uri() if folders else None,
            "capabilities": capabilities or {}, "initializationOptions": options,
            "workspaceFolders": [{"uri": each.as_uri(), "name": each.name} for each in folders] or None, **more,
        }
        result: Json = self.request("initialize", params)
        self.notify("initialized", {})
        return result

    def open(self, uri: str, text: str, language: str = "plaintext", version: int = 1) -> None:
        self.notify("textDocument/didOpen", {
            "textDocument": {"uri": uri, "languageId": language, "version": version, "text": text},
        })

    def leave(self) -> int:
        """Shut down and exit as LSP says; the exit code."""
        self.request("shutdown")
        self.notify("exit")
        return self.code()

    def code(self, limit: float = LIMIT) -> int:
        """The exit code, once the process has ended and everything it said was read."""
        code = self.process.wait(limit)
        for thread in self._threads:
            thread.join(limit)
        return code

    # --- threads

    def _drain(self) -> None:
        assert self.process.stderr is not None
        while chunk := self.process.stderr.read(2**16):
            with self._changed:
                self._errors += chunk
                self._changed.notify_all()

    def _listen(self) -> None:
        buffer = b""
        assert self.process.stdout is not None
        while self._hold.wait() and (chunk := self.process.stdout.read(2**16)):
            buffer = self._frames(buffer + chunk)
        with self._changed:
            self.stray += buffer
            self._ended = True
            self._changed.notify_all()

    def _frames(self, buffer: bytes) -> bytes:
        """Take the whole frames out of what was read; the rest."""
        while True:
            head, found, rest = buffer.partition(b"\r\n\r\n")
            if not found:
                return buffer
            headers = dict(line.split(b": ", 1) for line in head.split(b"\r\n") if b": " in line)
            length = headers.get(b"Content-Length", b"")
            if len(headers) != head.count(b"\r\n") + 1 or not length.isdigit():
                with self._changed:
                    self.stray += buffer
                    self._changed.notify_all()
                return b""
            if len(rest) < int(length):
                return buffer
            buffer = rest[int(length):]
            self._take(json.loads(rest[:int(length)]))

    def _take(self, message: Json) -> None:
        if "method" in message and "id" in message and message["method"] in self.answers:
            answer = self.answers[message["method"]]
            result = answer(message.get("params")) if callable(answer) else answer
            self.send({"jsonrpc": "2.0", "id": message["id"], "result": result})
        with self._changed:
            self.messages.append(message)
            self._changed.notify_all()


def framed(message: Any) -> bytes:
    """A message with its header."""
    body = json.dumps(message).encode()
    return b"Content-Length: %d\r\n\r\n%b" % (len(body), body)
