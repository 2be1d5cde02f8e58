"""Stands between an editor and a server and writes down what both say, a line of JSON for each message.

    python tee.py session.jsonl python -m milepost lsp
"""

import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, BinaryIO


class Transcript:
    """The file, for both directions."""

    def __init__(self, target: Path) -> None:
        self._target = target
        self._writing = threading.Lock()

    def put(self, side: str, body: bytes) -> None:
        """Write one message down, at once: whoever ends this process wants to read it."""
        line = json.dumps({"from": side, "message": json.loads(body)}, ensure_ascii=False, sort_keys=True)
        with self._writing, self._target.open("a", encoding="utf-8") as file:
            file.write(line + "\n")


def bodies(read: Callable[[], bytes], passed_on: Callable[[bytes], object]) -> Iterator[bytes]:
    """The bodies of the frames in a stream, whose bytes are passed on as they come."""
    rest = b""
    while chunk := read():
        passed_on(chunk)
        rest += chunk
        while True:
            head, found, body = rest.partition(b"\r\n\r\n")
            sizes = [int(line[15:]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:")]
            if not found or not sizes or len(body) < sizes[0]:
                break
            yield body[:sizes[0]]
            rest = body[sizes[0]:]


def carry(side: str, source: int, sink: BinaryIO, transcript: Transcript) -> None:
    """Carry one direction until its source ends."""

    def pass_on(chunk: bytes) -> None:
        sink.write(chunk)
        sink.flush()

    try:
        for body in bodies(lambda: os.read(source, 2**16), pass_on):
            transcript.put(side, body)
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
