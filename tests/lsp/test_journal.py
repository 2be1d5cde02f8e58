"""The log that all servers of a user share."""

import logging
from pathlib import Path

from milepost.lsp.journal import Journal
from tests.lsp.conftest import Start
from tests.lsp.wire import Wire


def record(words: str) -> logging.LogRecord:
    return logging.LogRecord("name", logging.INFO, "path", 1, words, None, None)


def test_a_long_log_becomes_the_old_one(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "lsp.log", largest=200)
    for number in range(20):
        journal.emit(record(f"line {number} {'x' * 50}"))
    journal.close()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["lsp.log", "lsp.old.log"]
    assert "line 19" in (tmp_path / "lsp.log").read_text()
    assert (tmp_path / "lsp.log").stat().st_size < 400


def test_two_servers_share_it_also_when_one_begins_it_anew(tmp_path: Path) -> None:
    one, other = Journal(tmp_path / "lsp.log", largest=300), Journal(tmp_path / "lsp.log", largest=300)
    for number in range(6):
        one.emit(record(f"one {number} {'x' * 50}"))
        other.emit(record(f"other {number} {'x' * 50}"))
    one.close()
    other.close()
    written = (tmp_path / "lsp.log").read_text()
    assert "one 5" in written
    assert "other 5" in written


def test_what_cannot_be_written_disturbs_nobody(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    Journal(tmp_path / "file" / "lsp.log").emit(record("lost"))


def test_text_that_is_no_utf8_is_written(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "lsp.log")
    journal.emit(record("half a \ud83d"))
    journal.close()
    assert "half a \\ud83d" in (tmp_path / "lsp.log").read_text()


def test_a_server_without_a_place_for_its_log_serves(log_folder: Path, start: Start) -> None:
    log_folder.write_text("no folder")
    wire = start()
    wire.initialize()
    assert wire.leave() == 0
    assert "no log can be written" in wire.errors


def test_what_a_client_sends_writes_no_lines_of_its_own(probe: Wire, log_folder: Path) -> None:
    probe.reply(probe.ask("a\nb\u2028c", {}, "d\ne"))
    assert probe.leave() == 0
    lines = (log_folder / "lsp.log").read_text().splitlines()
    assert [line for line in lines if r"d\ne a\nb\u2028c" in line]
    assert not [line for line in lines if line.startswith(("b", "e"))]
