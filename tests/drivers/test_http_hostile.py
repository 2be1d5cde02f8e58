"""Services that lie, dribble and flood: none hangs a request, and what came of it is told."""

import gzip
import os
import re
import shutil
import socket
import time
import zlib
from pathlib import Path

import pytest

from milepost.domain.errors import ToolError
from milepost.drivers.http import Http
from milepost.drivers.notebook import Notebook
from milepost.workspace.cell import Cell
from tests.drivers.conftest import OneService, Shelf
from tests.drivers.hostile import Hostile

OK = b"HTTP/1.1 200 OK\r\n"


@pytest.mark.parametrize(
    ("head", "again", "told"),
    [
        (b"", b"H", "no status and headers within 0.6 s"),
        (OK, b"X: y\r\n", "no status and headers within 0.6 s"),
        (b"HTTP/1.1 100 Continue\r\n\r\n", b"HTTP/1.1 100 Continue\r\n\r\n", "no status and headers within 0.6 s"),
        (OK + b"\r\n", b"x", "[the body was cut: time]"),
        (OK + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\nx\r\n", "[the body was cut: time]"),
        (OK + b"Transfer-Encoding: chunked\r\n\r\n", b"0", "[the body was cut: time]"),
        (OK + b"Transfer-Encoding: chunked\r\n\r\n0\r\n", b"X: y\r\n", "[the body was cut: time]"),
    ],
)
async def test_answer_that_dribbles_is_left_in_time(
    head: bytes, again: bytes, told: str, cell: Cell, notebook: Notebook, hostile: Hostile
) -> None:
    http = Http(cell, OneService(hostile.serve(head, again, slowly=True)), notebook, timeout_s=0.6)
    began = time.monotonic()
    assert told in (await http.request("GET", "http://app/")).text
    assert time.monotonic() - began < 6


@pytest.mark.parametrize(
    ("head", "again", "told"),
    [
        (OK, b"X: y\r\n" * 500, "got more than 100 headers"),
        (b"HTTP/1.1 100 Continue\r\n\r\n", b"HTTP/1.1 100 Continue\r\n\r\n" * 500, "the headers had not ended"),
        (OK + b"X: ", b"y" * 5_000, "got more than 65536 bytes"),
        (b"", b"y" * 5_000, "got more than 65536 bytes"),
        (b"220 mail at your service\r\n", b"", "no answer: BadStatusLine"),
        (b"HTTP/1.1 999999 X\r\n\r\n", b"", "no answer: BadStatusLine"),
        (OK + b"\r\n", b"z" * 5_000, "[the body was cut: size]"),
        (OK + b"Transfer-Encoding: chunked\r\n\r\n", b"9" * 5_000, "[the body was cut: LineTooLong"),
        (OK + b"Transfer-Encoding: chunked\r\n\r\nbread\r\n", b"", "[the body was cut: "),
        (OK + b"Content-Length: 10\r\n\r\nhalf", b"", "half\n[the body was cut: broken off]"),
        (OK + b"Content-Length: 99999999999999999999\r\n\r\nhalf", b"", "[the body was cut: broken off]"),
        (OK + b"Content-Length: -5\r\n\r\nwhole", b"", "whole"),
        (OK + b"Content-Length: 2\r\n\r\nmore than that", b"", "\n\nmo\n"),
        (OK + b"Content-Length: 4\r\nContent-Length: 400\r\n\r\nboth", b"", "both"),
    ],
)
async def test_answer_that_floods_or_lies_is_bounded_and_told(
    head: bytes, again: bytes, told: str, cell: Cell, notebook: Notebook, hostile: Hostile
) -> None:
    http = Http(cell, OneService(hostile.serve(head, again)), notebook, timeout_s=5)
    seen = await http.request("GET", "http://app/")
    assert told in seen.text and len(seen.text) < 100_000


async def test_length_that_promises_too_much_is_waited_for_only_so_long(
    cell: Cell, notebook: Notebook, hostile: Hostile
) -> None:
    port = hostile.serve(OK + b"Content-Length: 10\r\n\r\nhalf", stay=True)
    seen = await Http(cell, OneService(port), notebook, timeout_s=0.5).request("GET", "http://app/")
    assert "half\n[the body was cut: time]" in seen.text


async def test_endless_chain_of_redirects_is_one_answer(cell: Cell, notebook: Notebook, hostile: Hostile) -> None:
    http = Http(cell, OneService(hostile.serve(b"HTTP/1.1 302 Found\r\nLocation: /\r\n\r\n")), notebook)
    seen = await http.request("GET", "http://app/")
    assert "[a redirect, which is not followed: request its Location to go on]" in seen.text
    assert len(hostile.asked) == 1


def packed(kind: str, data: bytes) -> bytes:
    body = gzip.compress(data) if kind == "gzip" else zlib.compress(data)
    return OK + f"Content-Encoding: {kind}\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body


async def test_bomb_is_unpacked_to_the_limit_only(
    cell: Cell, notebook: Notebook, hostile: Hostile, shelf: Shelf
) -> None:
    for kind in ("gzip", "deflate"):
        http = Http(cell, OneService(hostile.serve(packed(kind, b"0" * 50_000_000))), notebook)
        seen = await http.request("GET", "http://app/")
        assert f"[unpacked from {kind}, cut at 1000000 bytes]" in seen.text
        assert len(shelf[seen.evidence[0].blob]) < 1_100_000


async def test_packed_text_is_read_and_what_cannot_be_unpacked_is_told(
    cell: Cell, notebook: Notebook, hostile: Hostile
) -> None:
    http = Http(cell, OneService(hostile.serve(packed("gzip", "größe".encode()))), notebook)
    assert "größe\n[unpacked from gzip]" in (await http.request("GET", "http://app/")).text
    broken = OK + b"Content-Encoding: gzip\r\n\r\nno gzip at all"
    http = Http(cell, OneService(hostile.serve(broken)), notebook)
    assert "[unpacked from gzip: it cannot be" in (await http.request("GET", "http://app/")).text


async def test_escapes_of_an_app_are_read_and_do_nothing(
    cell: Cell, notebook: Notebook, hostile: Hostile, shelf: Shelf
) -> None:
    head = b"HTTP/1.1 200 \x1b]0;mine\x07\r\nX-\x1b[2J: \x9b2J\xc2\x9b2J\r\n\r\n"
    answer = head + b"\x1b[31mred\x7f \xe2\x80\xaetxt\r\nend"
    seen = await Http(cell, OneService(hostile.serve(answer)), notebook).request("GET", "http://app/")
    for text in (seen.text, seen.evidence[0].title, shelf[seen.evidence[0].blob].decode()):
        assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202e]", text)
    assert r"\x1b[31mred\x7f \u202etxt" + "\nend" in seen.text
    assert r"< 200 \x1b]0;mine\x07" in seen.text


@pytest.mark.parametrize(
    "cookie",
    [
        b"a=1; Max-Age=" + b"9" * 5_000, b"a=1; Max-Age=--5", b"a=1; Max-Age=" + b"9" * 400, b"a=1; Max-Age=\xc2\xb2",
        b"a=1; Expires=Mon, 01 Jan 0001 00:00:00", b"a=1; Expires=never", b'a="x\r\n Host: y"', b"=;=;=",
        b"a=" + b"b" * 9_000,
    ],
)
async def test_cookie_that_nobody_can_read_does_no_harm(
    cookie: bytes, cell: Cell, notebook: Notebook, hostile: Hostile
) -> None:
    http = Http(cell, OneService(hostile.serve(OK + b"Set-Cookie: " + cookie + b"\r\n\r\nfine")), notebook)
    for _ in range(2):
        assert "fine" in (await http.request("GET", "http://app/")).text
    assert hostile.asked[-1].partition(b"Accept: */*\r\n")[2] in (b"\r\n", b"Cookie: a=1\r\n\r\n")


async def test_cookie_goes_back_as_the_bytes_that_came(cell: Cell, notebook: Notebook, hostile: Hostile) -> None:
    for value in ("grün".encode(), b"gr\xfcn"):
        http = Http(cell, OneService(hostile.serve(OK + b"Set-Cookie: a=" + value + b"\r\n\r\n")), notebook)
        for _ in range(2):
            await http.request("GET", "http://app/")
        assert b"Cookie: a=" + value + b"\r\n" in hostile.asked[-1]


async def test_flood_of_cookies_is_bounded(cell: Cell, notebook: Notebook, hostile: Hostile) -> None:
    many = b"".join(b"Set-Cookie: c%d_%d=1; c=2\r\n" % (n, n) for n in range(90))
    http = Http(cell, OneService(hostile.serve(OK + many + b"\r\n")), notebook)
    for n in range(4):
        await http.request("GET", f"http://app/{n}/")
    assert len(http._jar("")._cookies) <= 200


async def test_second_caller_is_answered_differently_and_both_are_shown(
    cell: Cell, notebook: Notebook, live: OneService
) -> None:
    http = Http(cell, live, notebook)
    await http.request("GET", "http://app/login/ada", user="ada")
    ada, bob = [await http.request("GET", "http://app/who", user=user) for user in ("ada", "bob")]
    assert '"name": "ada"' in ada.text and '"name": null' in bob.text
    assert [e.title for e in (*ada.evidence, *bob.evidence)] == [
        "GET http://app/who as ada → 200", "GET http://app/who as bob → 200",
    ]


async def test_users_are_few(cell: Cell, notebook: Notebook, live: OneService) -> None:
    http = Http(cell, live, notebook)
    for n in range(50):
        http._jar(f"u{n}")
    with pytest.raises(ToolError, match="there are 50 users already"):
        await http.request("GET", "http://app/who", user="one more")


async def test_app_cannot_tell_us_from_curl(cell: Cell, notebook: Notebook, hostile: Hostile) -> None:
    http = Http(cell, OneService(hostile.serve(OK + b"Content-Length: 0\r\n\r\n")), notebook)
    await http.request("GET", "http://app/a?b=c")
    head = b"GET /a?b=c HTTP/1.1\r\nHost: 127.0.0.1:PORT\r\nUser-Agent: curl/VERSION\r\nAccept: */*\r\n\r\n"
    assert unnamed(hostile.asked[0]) == head
    assert b"milepost" not in hostile.asked[0].lower()


@pytest.mark.needs("curl")
async def test_curl_itself_asks_with_the_same_bytes(cell: Cell, notebook: Notebook, hostile: Hostile) -> None:
    port = hostile.serve(OK + b"Content-Length: 0\r\n\r\n")
    program = shutil.which("curl")
    assert program
    await cell.run(f"{program} -s http://127.0.0.1:{port}/a", timeout_s=20)
    await cell.run(f"{program} -s -X DELETE http://127.0.0.1:{port}/a", timeout_s=20)
    http = Http(cell, OneService(port), notebook)
    await http.request("GET", "http://app/a")
    await http.request("DELETE", "http://app/a")
    assert [unnamed(asked) for asked in hostile.asked[:2]] == [unnamed(asked) for asked in hostile.asked[2:]]


def unnamed(asked: bytes) -> bytes:
    """A request without the port and the version, which differ from machine to machine."""
    return re.sub(rb"curl/[\d.]+\S*", b"curl/VERSION", re.sub(rb"(127\.0\.0\.1):\d+", rb"\1:PORT", asked))


async def test_files_and_fields_are_sent_as_a_form(
    cell: Cell, notebook: Notebook, live: OneService, tree: Path, shelf: Shelf
) -> None:
    (tree / "cat.png").write_bytes(bytes(range(256)))
    (tree / 'odd "name".txt').write_text("odd")
    form = {"title": "größe", "photo": "@cat.png", "odd": '@odd "name".txt;type=text/x-odd'}
    seen = await Http(cell, live, notebook).request("POST", "http://app/upload", form=form)
    assert '["photo", "cat.png", "image/png", 256,' in seen.text
    assert '["odd", "odd %22name%22.txt", "text/x-odd", 3,' in seen.text
    assert '["title", null, null, 7,' in seen.text
    assert "photo: cat.png, image/png, 256 bytes, sha256 40aff2e9d2d8922e\n" in shelf[seen.evidence[0].blob].decode()


async def test_large_file_is_sent_whole(cell: Cell, notebook: Notebook, live: OneService, tree: Path) -> None:
    with (tree / "large").open("wb") as stream:
        stream.truncate(10_000_000)
    seen = await Http(cell, live, notebook).request("POST", "http://app/upload", form={"f": "@large"})
    assert '["f", "large", "application/octet-stream", 10000000,' in seen.text


async def test_file_that_is_none_is_told_and_nothing_is_sent(
    cell: Cell, notebook: Notebook, hostile: Hostile, tree: Path
) -> None:
    os.mkfifo(tree / "pipe")
    with (tree / "huge").open("wb") as stream:
        stream.truncate(20_000_001)
    http = Http(cell, OneService(hostile.serve(OK)), notebook, timeout_s=5)
    for path, told in (("gone", "FileNotFoundError"), ("pipe", "no file that can be sent"), ("huge", "more than")):
        assert told in (await http.request("POST", "http://app/", form={"f": f"@{path}"})).text
    assert hostile.asked == []
    for method, more in (("GET", {}), ("POST", {"body": "x"})):
        with pytest.raises(ToolError, match="a form is a body of its own"):
            await http.request(method, "http://app/", form={"f": "x"}, **more)
    with pytest.raises(ToolError, match="names no file to send"):
        await http.request("POST", "http://app/", form={"f": "@"})


async def test_service_that_accepts_and_says_nothing_is_left(cell: Cell, notebook: Notebook) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        http = Http(cell, OneService(server.getsockname()[1]), notebook, timeout_s=0.3)
        assert "no status and headers within 0.3 s" in (await http.request("GET", "http://app/")).text
