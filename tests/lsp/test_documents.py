"""Open documents follow the client's edits, in each encoding, with characters that are long in it."""

import re
import sys
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lsprotocol import types

from milepost.ide.shapes import Span, Spot
from milepost.lsp.documents import Codec, lines_of
from tests.lsp.conftest import ROOT
from tests.lsp.wire import Wire

URI = "file:///edited.md"
CODECS = {"utf-8": ("utf-8", 1), "utf-16": ("utf-16-le", 2), "utf-32": ("utf-32-le", 4)}
letters = st.text(st.sampled_from("aä€😋\u2028\x0c\x85\n\r"), max_size=12) | st.sampled_from(["\r\n", "a\r\nb", ""])
edits = st.lists(st.tuples(st.integers(0, 60), st.integers(0, 12), letters), max_size=8)


@pytest.fixture(scope="module", params=list(CODECS))
def editing(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Wire, str]]:
    words = [sys.executable, "-m", "tests.lsp.probe", str(tmp_path_factory.mktemp("state"))]
    with Wire(words, folder=ROOT) as wire:
        said = wire.initialize({"general": {"positionEncodings": [request.param]}})
        assert said["capabilities"]["positionEncoding"] == request.param
        yield wire, request.param
        assert wire.leave() == 0


def position(text: str, offset: int, encoding: str) -> dict[str, int]:
    """By the book: counted in the encoded bytes of the last line before the offset."""
    codec, unit = CODECS[encoding]
    lines = re.split("\r\n|\r|\n", text[:offset])
    return {"line": len(lines) - 1, "character": len(lines[-1].encode(codec)) // unit}


def outside_pairs(text: str, offset: int) -> int:
    """No position lies between `\\r` and `\\n`."""
    offset = min(offset, len(text))
    return offset + 1 if text[offset - 1:offset + 1] == "\r\n" else offset


@settings(deadline=None, max_examples=120, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=letters, changes=edits, together=st.booleans())
def test_edits_of_stretches(
    editing: tuple[Wire, str], text: str, changes: list[tuple[int, int, str]], together: bool,
) -> None:
    wire, encoding = editing
    wire.open(URI, text)
    sent = []
    for start, length, new in changes:
        begin = outside_pairs(text, start)
        end = outside_pairs(text, begin + length)
        sent.append({"text": new, "range": {
            "start": position(text, begin, encoding), "end": position(text, end, encoding),
        }})
        text = text[:begin] + new + text[end:]
    for version, batch in enumerate([sent] if together else [[each] for each in sent]):
        wire.notify("textDocument/didChange", {
            "textDocument": {"uri": URI, "version": version}, "contentChanges": batch,
        })
    assert (wire.request("probe/text", {"uri": URI}) or {})["text"] == text
    wire.notify("textDocument/didClose", {"textDocument": {"uri": URI}})


def test_positions_behind_the_end_mean_the_end(editing: tuple[Wire, str]) -> None:
    wire, _ = editing
    wire.open(URI, "ab\ncd")
    for where, expected in (((0, 99), "abX\ncd"), ((1, 99), "abX\ncdX"), ((99, 5), "abX\ncdXX")):
        at = {"line": where[0], "character": where[1]}
        wire.notify("textDocument/didChange", {
            "textDocument": {"uri": URI, "version": 2},
            "contentChanges": [{"text": "X", "range": {"start": at, "end": at}}],
        })
        assert wire.request("probe/text", {"uri": URI})["text"] == expected


def test_a_whole_text_replaces_everything(editing: tuple[Wire, str]) -> None:
    wire, _ = editing
    wire.open(URI, "ab\ncd")
    wire.notify("textDocument/didChange", {
        "textDocument": {"uri": URI, "version": 2}, "contentChanges": [{"text": "new"}],
    })
    assert wire.request("probe/text", {"uri": URI}) == {"text": "new", "lines": ["new"]}


def test_a_document_is_one_however_its_uri_is_escaped(editing: tuple[Wire, str]) -> None:
    wire, _ = editing
    wire.open("file:///c%3A/a%20b.md", "text")
    assert wire.request("probe/text", {"uri": "file:///c:/a b.md"})["text"] == "text"


def test_changes_of_what_is_not_open_are_ignored(editing: tuple[Wire, str]) -> None:
    wire, _ = editing
    wire.notify("textDocument/didChange", {
        "textDocument": {"uri": "file:///never.md", "version": 2}, "contentChanges": [{"text": "new"}],
    })
    assert wire.request("probe/text", {"uri": "file:///never.md"}) is None


@pytest.mark.parametrize(("offered", "chosen"), [
    (["utf-32", "utf-8", "utf-16"], "utf-32"), (["utf-8", "utf-16"], "utf-8"), (["utf-7", "utf-32"], "utf-32"),
    (["utf-7"], "utf-16"), ([], "utf-16"), (None, "utf-16"),
])
def test_the_encoding_is_the_clients_first_choice(start, offered: list[str] | None, chosen: str) -> None:
    said = start().initialize({"general": {"positionEncodings": offered}} if offered is not None else {})
    assert said["capabilities"]["positionEncoding"] == chosen


@given(st.text(st.sampled_from("aä€😋\u2028"), max_size=12), st.sampled_from(list(CODECS)), st.data())
def test_spots_and_positions_are_each_others_inverse(line: str, encoding: str, data: st.DataObject) -> None:
    codec, lines = Codec(encoding), lines_of(f"{line}\nnext")
    spot = Spot(0, data.draw(st.integers(0, len(line))))
    assert codec.spot(lines, codec.place(lines, spot)) == spot


def test_a_position_inside_a_character_is_before_it() -> None:
    assert Codec("utf-16").spot(["😋a"], types.Position(0, 1)) == Spot(0, 0)
    assert Codec("utf-8").spot(["aä"], types.Position(0, 2)) == Spot(0, 1)


def test_a_span_in_the_clients_units() -> None:
    assert Codec("utf-16").stretch(["😋a\n"], Span.of_line(0, 1, 2)) == types.Range(
        types.Position(0, 2), types.Position(0, 3))


def test_nothing_the_client_sent_is_changed() -> None:
    sent = types.Position(0, 99)
    Codec("utf-16").position_from_client_units(["ab"], sent)
    assert sent == types.Position(0, 99)
