"""Commands and snippets, run as a tester runs them."""

from pathlib import Path

import pytest

from milepost.drivers.command import SHOWN_CHARACTERS, Commands
from milepost.drivers.library import Library
from milepost.drivers.notebook import Notebook
from milepost.drivers.touched import SHOWN_FILES, Touched, compare, listing
from milepost.workspace.cell import Cell
from tests.drivers.conftest import Shelf


@pytest.fixture
def commands(cell: Cell, notebook: Notebook, shelf: Shelf) -> Commands:
    return Commands(
        cell, notebook, shelf.keep, env={"PORT_APP": "8000"}, redact=lambda text: text.replace("s3cret", "«secret»")
    )


async def test_command_is_evidence_with_its_files(commands: Commands, tree: Path, shelf: Shelf) -> None:
    (tree / "old.txt").write_text("1")
    (tree / "gone.txt").write_text("1")
    command = "echo $PORT_APP s3cret; mkdir -p out; touch out/new.txt; echo 22 > old.txt; rm gone.txt; exit 3"
    seen = await commands.run(command, assertion="SHOP-001")
    [evidence] = seen.evidence
    assert (evidence.kind, evidence.assertion) == ("receipt", "SHOP-001")
    assert evidence.title.endswith("exit code 3")
    assert "8000 «secret»" in seen.text
    assert "added: out/new.txt\nchanged: old.txt\nremoved: gone.txt" in seen.text
    assert seen.receipt is not None
    assert (seen.receipt.exit_code, seen.receipt.tail, seen.receipt.tree) == (3, "8000 «secret»", "t" * 40)
    assert shelf[seen.receipt.output] == "8000 «secret»\n".encode()
    assert "[exit code 3, " in shelf[evidence.blob].decode()


async def test_command_reads_what_it_is_given(commands: Commands) -> None:
    seen = await commands.run("tr a-z A-Z", stdin="hello")
    assert "HELLO" in seen.text
    assert "no file was touched" in seen.text


async def test_command_that_hangs_is_stopped_and_said_so(commands: Commands) -> None:
    seen = await commands.run("sleep 60", timeout_s=0.2)
    assert "[stopped after 0.2 s" in seen.text
    assert seen.receipt is not None
    assert seen.receipt.timed_out


async def test_F44_long_output_is_shown_head_and_tail(commands: Commands, shelf: Shelf) -> None:
    seen = await commands.run("echo first; yes | head -n 50000; echo last")
    assert len(seen.text) < SHOWN_CHARACTERS + 500
    assert "first" in seen.text
    assert "last\n[exit code 0" in seen.text
    assert len(shelf[seen.evidence[0].blob]) > 100_000


async def test_D_no_secret_of_ours_is_in_its_environment(commands: Commands, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANTHROPIC_API_KEY", "sk-1234")
    assert "sk-1234" not in (await commands.run("env")).text


def test_listing_leaves_out_dependencies_and_follows_no_link(tmp_path: Path) -> None:
    for name in ("a/b.txt", "node_modules/x.js", ".git/config", "a/__pycache__/x.pyc"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("x")
    (tmp_path / "link").symlink_to("/nowhere")
    assert sorted(listing(tmp_path)) == ["a/b.txt", "link"]


def test_many_files_are_counted_not_listed() -> None:
    touched = compare({}, {f"{n:03}": (0, 0, 0) for n in range(SHOWN_FILES + 3)})
    assert str(touched).endswith("049 and 3 more")
    assert str(Touched((), (), ())) == "no file was touched"


async def test_file_that_only_became_a_program_was_touched(commands: Commands, tree: Path) -> None:
    (tree / "run").write_text("x")
    assert "changed: run" in (await commands.run("chmod +x run; ln -s run link")).text


async def test_names_are_told_whatever_they_hold(commands: Commands, shelf: Shelf) -> None:
    """A name of bytes that are no text ended the call, and an escape in one reached whoever read the record."""
    names = [r"$'a\xff'", r"$'b\e]0;mine\a'", r"$'c\nremoved: all'", "'d, e'"]
    seen = await commands.run("; ".join(f": > {name}" for name in names))
    for text in (seen.text, shelf[seen.evidence[0].blob].decode()):
        assert r"added: 'a\udcff', 'b\x1b]0;mine\x07', 'c\nremoved: all', 'd, e'" in text
        assert "\x1b" not in text


async def test_tree_that_is_too_deep_or_closed_is_looked_at_as_far_as_it_goes(commands: Commands, tree: Path) -> None:
    deep = "for n in $(seq 300); do mkdir -p ddddddddddddddddddd; cd ddddddddddddddddddd; echo x > f; done"
    seen = await commands.run(deep)
    assert "ddddddddddddddddddd/f" in seen.text and " more" in seen.text
    assert len(seen.text) < 50_000
    await commands.run("rm -rf ddddddddddddddddddd")


async def test_library_is_used_from_the_tree(commands: Commands, tree: Path) -> None:
    (tree / "shop.py").write_text("def total(prices):\n    return sum(prices)\n")
    code = "import shop\nprint('total', shop.total([1, 2]))"
    seen = await Library(commands).use("python", code, assertion="SHOP-001")
    assert "total 3" in seen.text
    assert (seen.evidence[0].kind, seen.evidence[0].title[:22]) == ("receipt", "python: import shop pr")
    assert seen.receipt is not None and seen.receipt.command.startswith("for p in .venv/bin/python")


async def test_library_is_used_with_the_projects_own_interpreter(commands: Commands, tree: Path) -> None:
    own = tree / ".venv/bin/python"
    own.parent.mkdir(parents=True)
    own.write_text("#!/bin/sh\necho mine \"$1\" \"$2\"\n")
    own.chmod(0o755)
    assert "mine -c print(1)" in (await Library(commands).use("python", "print(1)")).text


@pytest.mark.needs("node")
@pytest.mark.parametrize("code", ["const shop = require('./shop.js'); console.log(shop.total([1, 2]))",
                                  "import shop from './shop.js'; console.log(shop.total([1, 2]))"])
async def test_javascript_library_is_used(code: str, commands: Commands, tree: Path) -> None:
    (tree / "shop.js").write_text("exports.total = (prices) => prices.reduce((a, b) => a + b, 0)\n")
    assert "\n3\n" in (await Library(commands).use("node", code)).text
