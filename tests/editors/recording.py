"""A session of a real Neovim, recorded: opening, looking, editing, formatting; nothing that is an order.

`PYTHONPATH=server:. python -m tests.editors.recording` records `tests/stored/sessions/neovim.jsonl` anew; review it.
"""

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from milepost.domain import orders as o
from tests.conftest import ROOT
from tests.editors.conftest import NEWER
from tests.editors.desk import Desk, line_of
from tests.editors.documented import block
from tests.editors.neovim import Neovim, version_of
from tests.lsp.replay import Session
from tests.lsp.told import Written, judged

STORED = ROOT / "tests" / "stored" / "sessions" / "neovim.jsonl"
FILES = {
    "shop/price.py": '"""Prices."""\n\n\ndef total(prices):\n    """Serves SHOP-001."""\n    return sum(prices)\n',
    "README.md": "# Shop\n\nIt adds up prices: 2 + 3 = 5 €.\n",
}
"""Of the repository; a session speaks of their lines."""
REPLACE = "local line, text = ... vim.api.nvim_buf_set_lines(0, line, line + 1, false, { text })"
FORMAT = "if vim.lsp.buf.format then vim.lsp.buf.format() else vim.lsp.buf.formatting_sync() end"
COMPLETE = """
local given = vim.lsp.util.make_position_params(0, "utf-16")
return #(vim.lsp.buf_request_sync(0, "textDocument/completion", given, 10000) or {}) > 0
"""


def laid_out(folder: Path) -> tuple[Desk, Written]:
    """The desk and the mission that every run of the session has."""
    repository = folder / "shop"
    for name, text in FILES.items():
        path = repository / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    subprocess.run(["git", "init", "-q"], cwd=repository, check=True)
    desk = Desk.laid_out(folder / "d", repository)
    told = judged(desk.state, repository)
    told.order(o.PauseMission())
    told.write()
    return desk, told


def places(desk: Desk, told: Written) -> dict[str, str]:
    """What is different for every run."""
    return {"mission": str(told.place.root), "repository": str(desk.repository)}


def sit(neovim: Neovim, desk: Desk) -> None:
    """What the person does."""
    neovim.open(desk.contract)
    neovim.diagnosed("MISSION-FAILED")
    neovim.at(line_of(desk.contract, "### SHOP-002"), 6)
    neovim.hover()
    neovim.lenses()
    neovim.listed("vim.lsp.buf.document_symbol()")
    neovim.listed("vim.lsp.buf.workspace_symbol('PAGE')")
    neovim.places("vim.lsp.buf.definition()")
    neovim.open(desk.contract)
    neovim.at(line_of(desk.contract, "### SHOP-002"), 6)
    neovim.refuse()
    line = line_of(desk.contract, "- surface: http")
    neovim(REPLACE, line, "-  surface:   🐦 pigeon")
    neovim.diagnosed("CONTRACT-006")
    neovim(REPLACE, line, "-  surface:    http")
    neovim.diagnosed("CONTRACT-006", there=False)
    neovim.at(line, len("-  surface:    "))
    neovim(COMPLETE)
    neovim(FORMAT)
    neovim.open(desk.repository / "shop" / "price.py")
    neovim.diagnosed("I1")
    neovim.at(4, 16)
    neovim.hover()
    neovim("vim.cmd('bdelete!')")


def record(target: Path, folder: Path, program: str) -> Session:
    """Record the session; what was written down, without its places."""
    desk, told = laid_out(folder)
    desk.record(target)
    heading = "Neovim 0.11 and newer" if version_of(program) >= (0, 11) else "Neovim 0.7 to 0.10"
    with Neovim(program, block(heading, "lua"), desk) as neovim:
        sit(neovim, desk)
    return Session.read(target, places(desk, told))


if __name__ == "__main__":
    program = shutil.which(NEWER) or shutil.which("nvim") or sys.exit("no Neovim is installed")
    folder = Path(tempfile.mkdtemp(prefix="mp-"))
    record(folder / "session.jsonl", folder, program).write(STORED)
    shutil.rmtree(folder)
