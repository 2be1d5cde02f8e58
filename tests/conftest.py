"""What every test shares: a clean environment, no way to a real model, and a small real repository."""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[1]
SNAPSHOTS = Path(__file__).parent / "snapshots"
PACKAGES = {
    "bwrap": "bubblewrap", "nsenter": "util-linux", "unshare": "util-linux", "rg": "ripgrep", "nvim": "neovim",
    "emacs": "emacs-nox", "emacsclient": "emacs-nox", "node": "nodejs",
}
NOWHERE = "http://127.0.0.1:9"
_guarded: list[bool] = [False]
_missing: dict[str, int] = {}


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--snapshots", action="store_true", help="write snapshots instead of comparing with them")


def pytest_configure(config: pytest.Config) -> None:
    home = tempfile.mkdtemp(prefix="milepost-home-")
    config.add_cleanup(lambda: shutil.rmtree(home, ignore_errors=True))
    _clean_environment(Path(home))
    sys.addaudithook(_stay_at_home)
    _guarded[0] = True
    config.add_cleanup(lambda: _guarded.__setitem__(0, False))


def _clean_environment(home: Path) -> None:
    """Nothing of whoever runs the tests gets into them: no keys, no git settings, no home, no way out by proxy."""
    for name in list(os.environ):
        if name.startswith(("MILEPOST_", "GIT_", "XDG_")) or name.endswith(("_API_KEY", "_API_BASE", "_BASE_URL")):
            del os.environ[name]
    os.environ |= {
        "HOME": str(home), "XDG_CONFIG_HOME": str(home / "config"), "XDG_STATE_HOME": str(home / "state"),
        "MILEPOST_CONFIG_DIR": str(home / "config" / "milepost"),
        "MILEPOST_STATE_DIR": str(home / "state" / "milepost"),
        "GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": os.devnull, "GIT_TERMINAL_PROMPT": "0",
        "GIT_AUTHOR_NAME": "Ada", "GIT_AUTHOR_EMAIL": "ada@example.com",
        "GIT_COMMITTER_NAME": "Ada", "GIT_COMMITTER_EMAIL": "ada@example.com",
        "LITELLM_LOCAL_MODEL_COST_MAP": "True", "NO_COLOR": "1", "LC_ALL": "C.UTF-8",
        "NO_PROXY": "127.0.0.1,localhost,::1",
        "HTTP_PROXY": NOWHERE, "HTTPS_PROXY": NOWHERE, "ALL_PROXY": NOWHERE,
    }
    os.environ |= {name.lower(): os.environ[name] for name in ("NO_PROXY", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY")}


def _stay_at_home(event: str, arguments: tuple[Any, ...]) -> None:
    """No test calls a real model, or anything else that is not on this machine."""
    if event == "socket.connect" and _guarded[0]:
        address = arguments[1]
        host = address[0] if isinstance(address, tuple) else None
        if host is not None and not str(host).startswith(("127.", "::1", "localhost", "::ffff:127.")):
            raise AssertionError(f"a test connects to {address!r}; expected this machine only")


def pytest_runtest_setup(item: pytest.Item) -> None:
    for mark in item.iter_markers("needs"):
        for program in mark.args:
            if shutil.which(program) is None:
                pytest.skip(f"not run: {PACKAGES.get(program, program)} is not installed")


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    reason = report.longrepr[2] if report.skipped and isinstance(report.longrepr, tuple) else ""
    if "not run: " in reason:
        why = reason.partition("not run: ")[2]
        _missing[why] = _missing.get(why, 0) + 1


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    for why, count in sorted(_missing.items()):
        package = why.removesuffix(" is not installed")
        mends = f"{why}: sudo apt-get install -y {package}" if package != why else why
        terminalreporter.write_line(f"NOT RUN: {count} tests, as {mends}")


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home folder of this test's own, with nothing in it; settings and state lie inside."""
    folder = tmp_path / "home"
    folder.mkdir()
    monkeypatch.setenv("HOME", str(folder))
    for name, part in (("XDG_CONFIG_HOME", "config"), ("XDG_STATE_HOME", "state")):
        monkeypatch.setenv(name, str(folder / part))
    monkeypatch.setenv("MILEPOST_CONFIG_DIR", str(folder / "config" / "milepost"))
    monkeypatch.setenv("MILEPOST_STATE_DIR", str(folder / "state" / "milepost"))
    return folder


def _git(folder: Path, *words: str) -> None:
    subprocess.run(["git", *words], cwd=folder, check=True, capture_output=True)


@pytest.fixture(scope="session")
def _repository_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("template") / "shop"
    files = {
        "shop/__init__.py": '"""A small shop."""\n',
        "shop/price.py": (
            '"""What things cost."""\n\n\ndef total(prices: list[int]) -> int:\n    """The sum of all prices."""\n'
            "    return sum(prices)\n"
        ),
        "tests/test_price.py": (
            "from shop.price import total\n\n\ndef test_total_of_nothing_is_zero():\n    assert total([]) == 0\n\n\n"
            "def test_total_adds_prices():\n    assert total([2, 3]) == 5\n"
        ),
        "pyproject.toml": '[tool.pytest.ini_options]\npythonpath = ["."]\n',
        "README.md": "# Shop\n",
        ".gitignore": "__pycache__/\n.pytest_cache/\n",
    }
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    _git(folder, "init", "--quiet", "--initial-branch=main")
    _git(folder, "add", "--all")
    _git(folder, "commit", "--quiet", "--message=A small shop")
    return folder


@pytest.fixture
def repository(_repository_template: Path, tmp_path: Path) -> Path:
    """A small real git repository: a Python package, its passing tests, one commit on `main`, nothing uncommitted."""
    folder = tmp_path / "shop"
    shutil.copytree(_repository_template, folder, symlinks=True)
    return folder


@pytest.fixture
def snapshot(request: pytest.FixtureRequest) -> Iterator[Callable[[str, str], None]]:
    """Compares a text with `tests/snapshots/<name>`; `make snapshots` writes it anew."""

    def compare(name: str, text: str) -> None:
        path = SNAPSHOTS / name
        if request.config.getoption("--snapshots"):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        assert path.is_file(), f"no snapshot {name!r}; write it with `make snapshots` and review it"
        assert path.read_text() == text

    yield compare
