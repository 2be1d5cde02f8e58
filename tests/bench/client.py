"""A client that does nothing but send, and note when each whole frame came: an editor's own work is not measured."""

import itertools
import json
import os
import re
import select
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

LIMIT = 120.0
"""Seconds after which a wait fails."""


class Client:
    """One server process, and every frame it sent with its time."""

    def __init__(self, words: Sequence[str], folder: Path, environment: Mapping[str, str]) -> None:
        self.process = subprocess.Popen(
            words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, cwd=folder,
            env={**os.environ, **environment}, bufsize=0,
        )
        self._numbers = itertools.count(1)
        self._buffer = bytearray()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None,
    ) -> None:
        self.process.kill()
        self.process.wait()
        for stream in (self.process.stdin, self.process.stdout):
            if stream is not None:
                stream.close()

    def notify(self, method: str, params: Any) -> None:
        """Tell the server something."""
        self._send({"jsonrpc": "2.0", "method": method, "params": params})

    def request(self, method: str, params: Any) -> bytes:
        """Ask, and wait for the reply: its body."""
        number = next(self._numbers)
        self._send({"jsonrpc": "2.0", "id": number, "method": method, "params": params})
        mark = re.compile(rb'"id": ?%d[,}]' % number)
        # Only the ends are looked at: each server puts the id into another place, and what lies between is long.
        return self.wait_for(lambda body: b'"method"' not in body[:80] and (
            mark.search(body[:80]) or mark.search(body[-80:])
        ))

    def wait_for(self, fits: Any) -> bytes:
        """The first frame from now on that fits."""
        for body, _ in self.frames(time.time() + LIMIT):
            if fits(body):
                return body
        raise AssertionError(f"no such frame within {LIMIT} s")

    def frames(self, until: float) -> Iterator[tuple[bytes, float]]:
        """Each frame from now on, and when its last byte was read (POSIX seconds)."""
        assert self.process.stdout is not None
        while True:
            at = time.time()
            while (body := self._taken()) is not None:
                yield body, at
            rest = until - time.time()
            if rest <= 0 or not select.select([self.process.stdout], [], [], rest)[0]:
                return
            chunk = self.process.stdout.read(2**20)
            assert chunk, "the server ended"
            self._buffer += chunk

    def _taken(self) -> bytes | None:
        head = self._buffer.find(b"\r\n\r\n")
        if head < 0:
            return None
        fields = dict(line.split(b": ") for line in bytes(self._buffer[:head]).split(b"\r\n"))
        end = head + 4 + int(fields[b"Content-Length"])
        if len(self._buffer) < end:
            return None
        body = bytes(self._buffer[head + 4:end])
        del self._buffer[:end]
        return body

    def _send(self, message: Any) -> None:
        assert self.process.stdin is not None
        body = json.dumps(message).encode()
        rest = memoryview(b"Content-Length: %d\r\n\r\n%b" % (len(body), body))
        while rest:
            rest = rest[self.process.stdin.write(rest) or 0:]

    # --- the usual beginning

    def initialize(self, capabilities: Any, folder: Path) -> None:
        """Open the conversation."""
        self.request("initialize", {
            "processId": os.getpid(), "rootUri": folder.as_uri(), "capabilities": capabilities,
            "workspaceFolders": [{"uri": folder.as_uri(), "name": folder.name}],
        })
        self.notify("initialized", {})

    def open(self, uri: str, text: str, language: str) -> None:
        """Have a document open."""
        self.notify("textDocument/didOpen", {
            "textDocument": {"uri": uri, "languageId": language, "version": 1, "text": text},
        })
