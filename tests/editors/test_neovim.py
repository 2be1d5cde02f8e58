"""A mission in a real Neovim, with the configuration that is documented and no other code of ours."""

from pathlib import Path

from tests.editors.desk import Desk, line_of
from tests.editors.neovim import Neovim
from tests.lsp.told import FOUND, Written

FAILED = "SHOP-002 failed in M1r1: as seen"
ASKED = "I3 question waits for you: Which currency are prices in? (euro / dollar)"
FORMAT = "if vim.lsp.buf.format then vim.lsp.buf.format() else vim.lsp.buf.formatting_sync() end"

REPLACE = "local line, text = ... vim.api.nvim_buf_set_lines(0, line, line + 1, false, { text })"
COMMAND = """
local command, given = ...
local order = { command = command, arguments = { given } }
vim.lsp.buf_request(0, "workspace/executeCommand", order, function() end)
"""


def test_everything_about_a_contract_is_shown(told: Written, neovim: Neovim, desk: Desk) -> None:
    neovim.open(desk.contract)
    neovim.until("return #vim.diagnostic.get(0) >= 2")
    line = line_of(desk.contract, "### SHOP-002")
    assert neovim.diagnoses() == {FAILED: line, ASKED: 0}
    neovim.at(line, 6)
    hover = neovim.hover()
    assert "A price is served" in hover and "F1" in hover and "M1r1" in hover
    assert any("SHOP-003" in row for row in neovim.listed("vim.lsp.buf.document_symbol()"))
    assert any("PAGE-002" in row for row in neovim.listed("vim.lsp.buf.workspace_symbol('PAGE')"))
    assert any("failed" in title for title in neovim.lenses())
    if neovim.version >= (0, 11):
        neovim.until("return #vim.lsp.inlay_hint.get({ bufnr = 0 }) > 0")
        neovim("vim.cmd('setlocal foldmethod=expr foldexpr=v:lua.vim.lsp.foldexpr()')")
        neovim.until("return vim.fn.foldlevel(...) > 0", line + 1)
    neovim.press("open evidence")
    neovim.until("return vim.api.nvim_buf_get_name(0):match('/evidence/') ~= nil")
    neovim.open(desk.contract)
    assert {"plan.md", "F1.md"} <= {Path(name).name for name in neovim.places("vim.lsp.buf.definition()")}


def test_contract_is_formatted_and_its_faults_are_told_as_it_is_edited(
    told: Written, neovim: Neovim, desk: Desk,
) -> None:
    neovim.open(desk.contract)
    text = desk.contract.read_text()
    line = line_of(desk.contract, "- surface: http")
    neovim(REPLACE, line, "-  surface:   carrier pigeon")
    neovim.diagnosed("CONTRACT-006")
    neovim(REPLACE, line, "-  surface:    http")
    neovim.diagnosed("CONTRACT-006", there=False)
    neovim(FORMAT)
    assert neovim("return vim.api.nvim_buf_get_lines(0, 0, -1, false)") == text.splitlines()


def test_question_is_answered_and_an_assertion_waived_from_the_contract(
    told: Written, neovim: Neovim, desk: Desk,
) -> None:
    neovim.open(desk.contract)
    assert "shop.questions.md" in neovim.asked("Which currency")
    neovim.at(0)
    neovim.act("Answer I3: euro")
    neovim.told("I3: euro")
    neovim.at(line_of(desk.contract, "### SHOP-002"), 6)
    neovim.act("Waive SHOP-002…", words="prices are served by somebody else now")
    neovim.told("Waived")
    neovim.until("return #vim.diagnostic.get(0) == 0")
    assert "served by somebody else" in neovim.hover()


def test_finding_stands_at_its_line_of_the_users_own_file(told: Written, neovim: Neovim, desk: Desk) -> None:
    code = desk.repository / "shop" / "price.py"
    neovim.open(code)
    neovim.until("return #vim.diagnostic.get(0) > 0")
    assert {line for message, line in neovim.diagnoses().items() if FOUND in message} == {3}
    neovim.at(3)
    neovim.act("Dismiss I1…", words="the suite has that test since yesterday")
    neovim.until("return #vim.diagnostic.get(0) == 0")
    neovim("vim.api.nvim_buf_set_lines(0, -1, -1, false, { '# serves SHOP-001' })")
    neovim.at(6, 12)
    assert "A total is right" in neovim.hover()


def test_what_is_refused_is_told(told: Written, neovim: Neovim, desk: Desk) -> None:
    neovim.open(desk.contract)
    neovim(COMMAND, "milepost.propose", {"mission": "shop"})
    neovim.told("not possible while the mission is running")
    (desk.state / "trusted.json").unlink()
    neovim.at(0)
    neovim.act("Answer I3: dollar")
    neovim.told("is not trusted")
