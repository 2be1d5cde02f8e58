"""The guards of `conftest.py` hold: no test reaches a real model or the user's own settings."""

import os
import socket
import subprocess
from pathlib import Path

import pytest


def test_connection_to_elsewhere_is_refused() -> None:
    with socket.socket() as outside, pytest.raises(AssertionError, match=r"connects to \('192\.0\.2\.1', 443\)"):
        outside.connect(("192.0.2.1", 443))


def test_connection_to_this_machine_is_allowed() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server, socket.socket() as client:
        client.connect(server.getsockname())


def test_no_key_and_no_home_of_the_user_is_seen() -> None:
    assert [name for name in os.environ if name.endswith("_API_KEY")] == []
    assert Path.home().name.startswith("milepost-home-")


def test_repository_is_clean_and_its_tests_pass(repository: Path) -> None:
    def git(*words: str) -> str:
        return subprocess.run(["git", *words], cwd=repository, check=True, capture_output=True, text=True).stdout

    assert git("status", "--porcelain") == ""
    assert git("log", "--format=%an %s") == "Ada A small shop\n"
    assert "tests/test_price.py" in git("ls-files").splitlines()
