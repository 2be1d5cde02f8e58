"""A session that a real Neovim once had, said to the server again: it still says the same.

Where it rightly says something else: `PYTHONPATH=server:. python -m tests.editors.recording`, and review the change.
"""

import sys
from pathlib import Path

from tests.editors import recording
from tests.lsp.replay import Session, play
from tests.lsp.wire import Wire


def test_recorded_session_of_neovim_is_answered_as_it_was(tmp_path: Path) -> None:
    desk, told = recording.laid_out(tmp_path)
    session = Session.read(recording.STORED).at(recording.places(desk, told))
    server = [sys.executable, "-m", "milepost", "lsp"]
    with Wire(server, folder=desk.repository, environment=desk.environment) as wire:
        now = play(session, wire)
        wire.notify("exit")
        assert wire.code() == 0
        assert wire.stray == b""
    assert now.replies == session.told.replies
    assert now.diagnoses == session.told.diagnoses
    assert now.asked == session.told.asked
