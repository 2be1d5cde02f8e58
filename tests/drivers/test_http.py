"""Requests to a real server, from inside a cell, recorded with stable names."""

import socket

import pytest

from milepost.domain.errors import ToolError, WorkspaceError
from milepost.drivers.http import SHOWN_CHARACTERS, Http
from milepost.drivers.notebook import Notebook
from milepost.workspace.cell import Cell
from tests.drivers.conftest import OneService, Shelf


@pytest.fixture
def http(cell: Cell, app: OneService, notebook: Notebook) -> Http:
    return Http(cell, app, notebook, redact=lambda text: text.replace("s3cret", "«secret»"), timeout_s=5)


async def test_request_and_answer_are_shown_and_recorded(http: Http, shelf: Shelf, app: OneService) -> None:
    seen = await http.request("get", "http://app/items?page=2", assertion="SHOP-001")
    [evidence] = seen.evidence
    assert (evidence.kind, evidence.id, evidence.service) == ("request", "E1", "app")
    assert (evidence.title, evidence.assertion) == ("GET http://app/items?page=2 → 200", "SHOP-001")
    assert seen.text.startswith("[E1] GET http://app/items?page=2 → 200\n> GET http://app/items?page=2\n")
    assert '"path": "/items?page=2"' in seen.text
    assert "Content-Type: application/json" in shelf[evidence.blob].decode()


async def test_port_is_neither_shown_nor_recorded(http: Http, shelf: Shelf, app: OneService) -> None:
    seen = await http.request("GET", "http://app/items")
    assert '"host": "http://app"' in seen.text
    for text in (seen.text, shelf[seen.evidence[0].blob].decode()):
        assert str(app.port) not in text


async def test_redirect_is_shown_and_not_followed(http: Http) -> None:
    seen = await http.request("GET", "http://app/login")
    assert "→ 302" in seen.text
    assert "< Location: http://app/items" in seen.text
    assert len(seen.evidence) == 1


async def test_cookies_are_kept_for_the_attempt_and_secrets_masked(http: Http, shelf: Shelf) -> None:
    first = await http.request("GET", "http://app/login")
    second = await http.request("GET", "http://app/items")
    assert '"cookie": "sid=«secret»"' in second.text
    for seen in (first, second):
        assert "s3cret" not in seen.text + shelf[seen.evidence[0].blob].decode()


async def test_cookie_of_the_callers_own_is_sent_instead(http: Http) -> None:
    await http.request("GET", "http://app/login")
    seen = await http.request("GET", "http://app/items", headers={"Cookie": "sid=other"})
    assert '"cookie": "sid=other"' in seen.text


async def test_body_is_sent(http: Http) -> None:
    seen = await http.request("POST", "http://app/items", {"Content-Type": "text/plain; charset=utf-8"}, "größe")
    assert "→ 201" in seen.text
    assert "> Content-Type: text/plain; charset=utf-8\n\ngröße\n" in seen.text


async def test_empty_post_says_that_it_is_empty(http: Http) -> None:
    assert "→ 201" in (await http.request("POST", "http://app/items")).text


async def test_binary_body_is_shown_by_kind_and_hash(http: Http) -> None:
    assert "[image/png, 256 bytes, sha256 40aff2e9d2d8922e]" in (await http.request("GET", "http://app/picture")).text


async def test_text_in_another_encoding_is_still_text(http: Http) -> None:
    assert "gr\ufffd\ufffde" in (await http.request("GET", "http://app/latin")).text


async def test_head_has_no_body(http: Http) -> None:
    assert "[no body]" in (await http.request("HEAD", "http://app/items")).text


async def test_F44_long_body_is_cut(http: Http, shelf: Shelf) -> None:
    seen = await http.request("GET", "http://app/long")
    assert "[the body was cut: size]" in seen.text
    assert len(seen.text) < SHOWN_CHARACTERS + 1_000
    assert len(shelf[seen.evidence[0].blob]) > 1_000_000


async def test_stream_that_never_ends_is_cut(cell: Cell, app: OneService, notebook: Notebook) -> None:
    seen = await Http(cell, app, notebook, timeout_s=0.3).request("GET", "http://app/events")
    assert "data: 1" in seen.text
    assert "[the body was cut: time]" in seen.text


async def test_body_that_breaks_off_is_shown_as_far_as_it_came(http: Http) -> None:
    seen = await http.request("GET", "http://app/torn")
    assert "half\n[the body was cut: broken off]" in seen.text


async def test_connection_that_is_dropped_is_evidence_too(http: Http) -> None:
    seen = await http.request("GET", "http://app/gone")
    assert "→ no answer" in seen.evidence[0].title
    assert "< no answer: RemoteDisconnected" in seen.text


async def test_service_that_does_not_listen_is_evidence_too(cell: Cell, notebook: Notebook) -> None:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        seen = await Http(cell, OneService(held.getsockname()[1]), notebook).request("GET", "http://app/")
    assert "< no answer: ConnectionRefusedError" in seen.text


@pytest.mark.parametrize(
    "url",
    [
        "http://example.com/", "https://app/", "http://169.254.169.254/latest/", "file:///etc/passwd", "app/items",
        "http://user@app/", "http://127.0.0.1:22/", "http://[::1]/", "http:///x",
    ],
)
async def test_S34_other_hosts_are_refused(url: str, http: Http, notebook: Notebook) -> None:
    with pytest.raises(ToolError):
        await http.request("GET", url)
    assert notebook.entries == []


@pytest.mark.parametrize(
    ("method", "url", "headers"),
    [
        ("BREW", "http://app/", {}),
        ("GET", "http://app/a b", {}),
        ("GET", "http://app/", {"X": "1\r\nHost: evil"}),
        ("GET", "http://app/", {"X\n": "1"}),
        ("GET", "http://app/", {"grö": "1"}),
    ],
)
async def test_S32_request_that_would_say_more_than_it_shows_is_refused(
    method: str, url: str, headers: dict[str, str], http: Http
) -> None:
    with pytest.raises(ToolError):
        await http.request(method, url, headers)


async def test_path_beyond_ascii_is_percent_encoded(http: Http) -> None:
    assert '"path": "/gr%C3%B6"' in (await http.request("GET", "http://app/grö")).text


async def test_cell_without_a_python_is_told_from_a_service_without_an_answer(
    app: OneService, notebook: Notebook, cell: Cell
) -> None:
    class Bare:
        """A cell in which every command ends with 127, as where there is no interpreter."""

        def __getattr__(self, name: str) -> object:
            return getattr(cell, name)

        async def run(self, command: str, **options: object) -> object:
            return await cell.run("no-such-python", timeout_s=5)

    with pytest.raises(WorkspaceError, match="is there a Python in it"):
        await Http(Bare(), app, notebook).request("GET", "http://app/")  # type: ignore[arg-type]

