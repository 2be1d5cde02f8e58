"""The probe that makes requests inside a cell, run by itself as it is there."""

import base64
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from milepost.drivers import _http_probe
from tests.drivers.conftest import OneService


def plan(app: OneService, target: str, **changes: Any) -> dict[str, Any]:
    whole = {"host": "127.0.0.1", "port": app.port, "method": "GET", "target": target, "headers": [], "body": "",
             "cap": 1_000, "timeout_s": 5}
    return whole | changes


def body(answer: dict[str, Any]) -> bytes:
    return base64.b64decode(answer["body"])


def test_probe_needs_nothing_but_an_interpreter(app: OneService) -> None:
    script = Path(_http_probe.__file__).read_text()
    printed = subprocess.run(
        [sys.executable, "-I", "-S", "-c", script], input=json.dumps(plan(app, "/items")), capture_output=True,
        text=True, check=True,
    ).stdout
    answer = json.loads(printed)
    assert (answer["status"], answer["cut"]) == (200, "")
    assert answer["ms"] >= 0


def test_answer_is_read_up_to_the_cap(app: OneService) -> None:
    answer = _http_probe.send(plan(app, "/long"))
    assert body(answer) == b"x" * 1_000
    assert answer["cut"] == "size"


def test_answer_that_ends_early_is_marked(app: OneService) -> None:
    answer = _http_probe.send(plan(app, "/torn"))
    assert (body(answer), answer["cut"]) == (b"half", "broken off")


def test_stream_is_cut_when_its_time_is_over(app: OneService) -> None:
    answer = _http_probe.send(plan(app, "/events", timeout_s=0.2))
    assert (body(answer), answer["cut"]) == (b"data: 1\n\n", "time")


def test_body_is_sent_with_its_length(app: OneService) -> None:
    answer = _http_probe.send(plan(app, "/", method="POST", body=base64.b64encode(b"abc").decode()))
    assert (answer["status"], body(answer)) == (201, b"ABC")


def test_connection_without_an_answer_is_an_error(app: OneService) -> None:
    with pytest.raises(OSError, match="without response"):
        _http_probe.send(plan(app, "/gone"))
