"""A session that is recorded now is answered the same when it is said again."""

import sys
import tempfile
from pathlib import Path

import pytest

from tests.editors import recording
from tests.lsp.replay import play
from tests.lsp.wire import Wire


@pytest.mark.needs("nvim")
def test_session_of_neovim_replays_as_it_was_recorded(tmp_path: Path) -> None:
    with tempfile.TemporaryDirectory(prefix="mp-") as short:
        session = recording.record(tmp_path / "session.jsonl", Path(short), "nvim")
    desk, told = recording.laid_out(tmp_path)
    session = session.at(recording.places(desk, told))
    with Wire([sys.executable, "-m", "milepost", "lsp"], folder=desk.repository, environment=desk.environment) as wire:
        assert play(session, wire) == session.told
        wire.notify("exit")
        assert wire.code() == 0
