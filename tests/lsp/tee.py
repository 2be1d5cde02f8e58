"""Stands between an editor and a server and writes down what both say, a line of JSON for each message.

    python tee.py session.jsonl python -m milepost lsp
"""

import json
import os
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any, BinaryIO


class Transcript:
    """The file, for both directions."""

    def __init__(self, target: Path) -> None:
        self._target = target
        self._writing = threading.Lock()

    def take(self, side: str, stream: bytes) -> bytes:
        """Write down the whole messages that a stream begins with; the rest of it."""
        while True:
            head, found, body = stream.partition(b"\r\n\r\n")
            sizes = [int(line[15:]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:")]
            if not found or not sizes or len(body) < sizes[0]:
                return stream
            self._put(side, body[:sizes[0]])
            stream = body[sizes[0]:]

    def _put(self, side: str, body: bytes) -> None:
        line = json.dumps({"from": side, "message": json.loads(body)}, ensure_ascii=False, sort_keys=True)
        with self._writing, self._target.open("a", encoding="utf-8") as file:
            file.write(line + "\n")


def carry(side: str, source: int, sink: BinaryIO, transcript: Transcript) -> None:
    """Carry one direction until its source ends; what is answered stands behind what it answers."""
    rest = b""
    try:
        while chunk := os.read(source, 2**16):
            rest = transcript.take(side, rest + chunk)
            sink.write(chunk)
            sink.flush()
        sink.close()
    except BrokenPipeError:
        return


def main(words: list[str]) -> int:
    """Serve an editor; the server's exit code."""
    target, *command = words
    transcript = Transcript(Path(target))
    server = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0)
    assert server.stdin is not None and server.stdout is not None
    ends: list[tuple[Any, ...]] = [
        ("client", sys.stdin.fileno(), server.stdin), ("server", server.stdout.fileno(), sys.stdout.buffer),
    ]
    threads = [threading.Thread(target=carry, args=(*end, transcript), daemon=True) for end in ends]
    for thread in threads:
        thread.start()
    code = server.wait()
    threads[1].join()
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
