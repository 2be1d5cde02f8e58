"""A whole mission from Neovim: begun in a terminal, approved and watched to its end in the editor."""

import json
import shutil

import pytest

from milepost.demo import Demo
from milepost.recording import Recording
from milepost.workspace.sandbox import sandbox_available
from tests.conftest import ROOT
from tests.editors.desk import Desk, line_of
from tests.editors.neovim import Neovim

SHOP = ROOT / "tests" / "recorded" / "shop"
PATIENCE_S = 120
"""For what the engine does, on a machine that does much else."""
WATCH = """
_G.seen = { progress = {}, failed = {} }
local last
local function look()
  local shown = vim.lsp.status and vim.lsp.status() or ""
  shown = shown ~= "" and shown or vim.g.milepost or ""
  if shown ~= last and shown ~= "" then
    seen.progress[#seen.progress + 1] = shown
  end
  last = shown
  for _, found in ipairs(vim.diagnostic.get(0)) do
    if found.code == "MISSION-FAILED" then
      seen.failed[found.message] = true
    end
  end
end
_G.watch = vim.loop.new_timer()
watch:start(0, 50, vim.schedule_wrap(look))
"""
ENDED = """
local shown = vim.fn.join(vim.list_extend(vim.list_extend({}, seen.progress), person.told))
return shown:find("completed", 1, true) ~= nil
"""


@pytest.fixture
def demo(desk: Desk) -> Desk:
    """A recorded mission, begun and on its way to a proposal."""
    shop = Demo(SHOP, Recording.load(SHOP))
    shutil.rmtree(desk.repository)
    shop.lay_out(desk.repository)
    goal = desk.folder / "goal.md"
    goal.write_text(shop.recording.goal)
    walls = [] if sandbox_available() is None else ["--no-sandbox"]
    models = ["--model", f"cassette:{shop.cassette}"]
    desk.milepost("new", "--goal", str(goal), *models, "--trust", "--detach", "-m", "shop", *walls)
    return desk


@pytest.mark.timeout(3 * PATIENCE_S)
def test_mission_is_approved_and_watched_to_its_end(demo: Desk, neovim: Neovim) -> None:
    neovim.open(demo.repository / "README.md")
    neovim.asked("shop proposes 4 assertions", limit=PATIENCE_S)
    neovim.open(demo.contract)
    neovim.diagnosed("MISSION-APPROVE")
    neovim.at(0)
    neovim(WATCH)
    neovim.act("Approve the proposal")
    neovim.told("Approved: the work begins.")
    failed = neovim.until("return next(seen.failed) or false", limit=PATIENCE_S)
    assert "WEB-001 failed in M2r1" in failed
    neovim.until(ENDED, limit=PATIENCE_S)
    assert any("worker on F" in line for line in neovim("return seen.progress"))
    assert "WEB: 1 of 1 assertion settled" in neovim.lenses()
    neovim.diagnosed("MISSION-FAILED", there=False)
    neovim.at(line_of(demo.contract, "### WEB-001"), 6)
    hover = neovim.hover()
    assert "passed" in hover and "M2r1" in hover and "M2r2" in hover and "F4" in hover
    assert json.loads(demo.milepost("status", "--json"))["phase"] == "completed"
    neovim.open(demo.tree / "shop" / "price.py")
    assert any("F1" in title and "DISC-001" in title for title in neovim.lenses())
