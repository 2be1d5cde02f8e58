"""WebSockets and event streams of a real server, held open while other things are done."""

import asyncio
import os
import shutil
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from milepost.domain.errors import ToolError
from milepost.drivers import listening
from milepost.drivers.http import MOST_OPEN, Http
from milepost.drivers.notebook import Notebook
from milepost.workspace.cell import Cell
from milepost.workspace.sandbox import open_cell
from tests.drivers import live_app
from tests.drivers.conftest import OneService, Shelf
from tests.drivers.hostile import Hostile


@pytest.fixture
async def http(cell: Cell, live: OneService, notebook: Notebook) -> AsyncIterator[Http]:
    opened = Http(cell, live, notebook, redact=lambda text: text.replace("s3cret", "«secret»"), timeout_s=5)
    yield opened
    await opened.close()


async def test_socket_is_opened_spoken_over_and_recorded(http: Http, shelf: Shelf) -> None:
    seen = await http.listen("ws://app/chat", count=1, assertion="SHOP-001")
    [evidence] = seen.evidence
    assert (evidence.kind, evidence.service, evidence.assertion) == ("request", "app", "SHOP-001")
    assert evidence.title == "ws://app/chat → 1 received, 1 came, as asked"
    assert "< 101 Switching Protocols" in seen.text and "← welcome stranger" in seen.text
    assert "still open" in seen.text and seen.text.endswith(" ms)") and "(came after " in seen.text
    seen = await http.listen("ws://app/chat", ["bytes"], count=1)
    assert "→ bytes" in seen.text and "← [binary, 256 bytes, sha256 40aff2e9d2d8922e]" in seen.text
    assert "< 101 Switching Protocols\n\n" in seen.text, "it was open from before"
    assert "→ bytes" in shelf[seen.evidence[0].blob].decode()


async def test_two_users_talk_over_sockets_of_their_own(http: Http) -> None:
    for name in ("ada", "bob"):
        await http.request("GET", f"http://app/login/{name}", user=name)
        assert f"← welcome {name}" in (await http.listen("ws://app/chat", user=name, count=1)).text
    await http.listen("ws://app/chat", ["hello from ada", "it is s3cret"], user="ada", limit_s=0.1)
    heard = await http.listen("ws://app/chat", user="bob", count=2)
    assert "← hello from ada" in heard.text and "← it is «secret»" in heard.text
    assert "hello" not in (await http.listen("ws://app/chat", user="ada", limit_s=0.1)).text


async def test_ping_is_answered_and_close_is_told(http: Http) -> None:
    seen = await http.listen("ws://app/chat", ["ping", "bye"])
    assert "a ping, answered" in seen.text
    assert "[closed by the service: 4001 enough; over]" in seen.text
    assert "← welcome" in (await http.listen("ws://app/chat", count=1)).text, "the next one opens it anew"


async def test_hearing_ends_when_it_is_quiet_or_time_is_over(http: Http) -> None:
    assert "nothing more for 0.1 s" in (await http.listen("ws://app/chat", quiet_s=0.1)).text
    assert "0.2 s were over" in (await http.listen("ws://app/chat", limit_s=0.2)).text


async def test_large_messages_are_whole_too_large_ones_and_floods_are_cut(http: Http, shelf: Shelf) -> None:
    seen = await http.listen("ws://app/chat", ["large"], count=2)
    assert "ü" * 90_000 in shelf[seen.evidence[0].blob].decode() and len(seen.text) < 20_000
    seen = await http.listen("ws://app/chat", ["flood"])
    assert "more came than one call records" in seen.evidence[0].title
    assert seen.text.count("←") <= listening.MOST_MESSAGES
    assert "2000000 bytes; expected at most" in (await http.listen("ws://app/chat?2", ["too large"])).text


async def test_what_an_app_sends_is_shown_and_does_nothing(http: Http, live: OneService) -> None:
    seen = await http.listen("ws://app/chat", ["escape"], count=2)
    assert r"← \x1b]52;c;ZXZpbA==\x07 from http://app" in seen.text
    assert "\x1b" not in seen.text and str(live.port) not in seen.text


async def test_event_stream_is_followed_while_events_are_caused(http: Http) -> None:
    seen = await http.listen("http://app/news", count=2)
    assert "< 200 OK" in seen.text
    assert "← [price id '7'] 1\n2" in seen.text and "← [message] second" in seen.text
    await http.request("POST", "http://app/news", body="third")
    assert "← [message] third" in (await http.listen("http://app/news", count=1)).text
    assert "only sends" in (await http.listen("http://app/news", ["hi"], limit_s=0.2)).text


async def test_end_of_a_stream_is_told(http: Http) -> None:
    assert "[the service ended the stream; over]" in (await http.listen("http://app/news?end")).text


async def test_answer_that_is_no_stream_and_no_socket_is_told(http: Http) -> None:
    assert "this is no event stream: 200, application/json" in (await http.listen("http://app/who")).text
    assert "did not open a WebSocket: 404" in (await http.listen("ws://app/nothing")).text


async def test_connections_are_few_and_closed_ones_are_gone(http: Http) -> None:
    for n in range(MOST_OPEN):
        await http.listen(f"ws://app/chat?{n}", count=1)
    with pytest.raises(ToolError, match="connections are open; close one of"):
        await http.listen("ws://app/chat?more")
    assert "closed by you" in (await http.listen("ws://app/chat?0", limit_s=0.05, close=True)).text
    await http.listen("ws://app/chat?more", count=1)


async def test_closing_leaves_no_process_behind(cell: Cell, live: OneService, notebook: Notebook) -> None:
    http = Http(cell, live, notebook)
    await http.listen("ws://app/chat", count=1)
    [line] = http._open.values()
    await http.close()
    with pytest.raises(ProcessLookupError):
        os.kill(line._process.pid, 0)


@pytest.mark.parametrize("url", ["ws://example.com/", "wss://app/chat", "ws://127.0.0.1:22/", "ws://u@app/", "app"])
async def test_S34_no_other_host_is_listened_to(url: str, http: Http, notebook: Notebook) -> None:
    with pytest.raises(ToolError):
        await http.listen(url)
    assert notebook.entries == []


SOCKET = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: "


@pytest.mark.parametrize(
    ("frame", "told"),
    [
        (b"\x81\xff" + b"\xff" * 8, "is masked"),
        (b"\x81\x7f\x7f" + b"\xff" * 7, "9223372036854775807 bytes; expected at most"),
        (b"\xc1\x01a", "uses an extension"),
        (b"\x80\x01a", "without a beginning"),
        (b"\x01\x01a\x81\x01b", "begun inside another"),
        (b"\x89\x7e\x01\x00" + b"x" * 256, "more than one small frame"),
        (b"\x83\x01a", "unknown kind 3"),
        (b"\x81\x02\xff\xfe", "no UTF-8"),
        (b"\x81\x05abc", "dropped the connection"),
        (b"\x88\x00", "closed by the service: 1005"),
    ],
)
async def test_frame_that_breaks_the_rules_ends_the_connection(
    frame: bytes, told: str, cell: Cell, notebook: Notebook, hostile: Hostile
) -> None:
    http = Http(cell, OneService(hostile.serve(SOCKET + b"{accept}\r\n\r\n" + frame)), notebook, timeout_s=5)
    seen = await http.listen("ws://app/", limit_s=5)
    assert told in seen.text and "; over]" in seen.text


async def test_endless_fragments_lines_and_pings_are_bounded(cell: Cell, notebook: Notebook, hostile: Hostile) -> None:
    events = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n"
    for head, again, told in [
        (SOCKET + b"{accept}\r\n\r\n\x01\x01a", b"\x00\x7d" + b"a" * 125, "a message of more than"),
        (SOCKET + b"{accept}\r\n\r\n", b"\x89\x01p", "more came than one call records"),
        (events, b"data: x", "a line of more than"),
        (events, b"data: xxxxxxxxxx\n", "an event of more than"),
        (events, b"data:\n\n", "more came than one call records"),
    ]:
        http = Http(cell, OneService(hostile.serve(head, again * 500)), notebook, timeout_s=5)
        seen = await http.listen("ws://app/" if head.startswith(SOCKET) else "http://app/", limit_s=20)
        assert told in seen.text, told
        await http.close()


async def test_socket_that_never_answers_or_answers_wrongly_is_given_up(
    cell: Cell, notebook: Notebook, hostile: Hostile
) -> None:
    slow = Http(cell, OneService(hostile.serve(b"HTTP/1.1 101 X\r\n", b"a", slowly=True)), notebook, timeout_s=0.4)
    assert "did not answer in time" in (await slow.listen("ws://app/", limit_s=10)).text
    wrong = Http(cell, OneService(hostile.serve(SOCKET + b"c29tZXRoaW5n\r\n\r\n")), notebook)
    assert "does not answer our key" in (await wrong.listen("ws://app/", limit_s=10)).text


@pytest.mark.needs("bwrap")
async def test_socket_is_reached_behind_the_walls_and_nothing_stays(tree: Path, notebook: Notebook) -> None:
    walled = await open_cell(tree, sandbox=True, scratch=tree.parent / "scratch")
    try:
        shutil.copy(live_app.__file__, tree / "app.py")
        if (await walled.run("python3 -c 'import aiohttp'", timeout_s=20)).exit_code:
            python = sys.executable
            if (await walled.run(f"{python} -c 'import aiohttp'", timeout_s=20)).exit_code:
                pytest.skip("not run: no Python that the sandbox shows has aiohttp")
        else:
            python = "python3"
        log = tree.parent / "app.log"
        await walled.start(f"exec {python} app.py", log=log, env={"PORT": "8329"})
        async with asyncio.timeout(20):
            while b"8329" not in await asyncio.to_thread(log.read_bytes):
                pass
        http = Http(walled, OneService(8329), notebook)
        assert "← welcome stranger" in (await http.listen("ws://app/chat", count=1)).text
        [line] = http._open.values()
        await http.close()
        assert line._process.returncode is not None
    finally:
        await walled.close()
