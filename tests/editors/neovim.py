"""A real Neovim without a screen, with nothing but its configuration; a test looks into it and acts as its person."""

import json
import re
import subprocess
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from tests.editors.desk import Desk
from tests.editors.waiting import until
from tests.lsp.wire import LIMIT

PERSON = """
-- Whoever sits there: takes the entry that a test names, types its words, and remembers what was said.
_G.person = { choice = nil, words = nil, offered = {}, told = {} }
vim.ui.select = function(entries, options, chosen)
  local titles = vim.tbl_map(options.format_item or tostring, entries)
  person.offered[#person.offered + 1] = { prompt = options.prompt, titles = titles }
  for n, title in ipairs(titles) do
    if title == person.choice then
      return chosen(entries[n], n)
    end
  end
  chosen(nil)
end
vim.ui.input = function(_, typed)
  typed(person.words)
end
vim.notify = function(text)
  person.told[#person.told + 1] = text
end
"""


class Neovim:
    """One editor."""

    def __init__(self, program: str, config: str, desk: Desk) -> None:
        self.program, self.version = program, version_of(program)
        self._desk = desk
        self._socket, self._chunk = desk.folder / "nvim", desk.folder / "chunk.lua"
        start = desk.folder / "init.lua"
        start.write_text(config + PERSON)
        self._output = (desk.folder / "nvim.txt").open("w")
        self._process = subprocess.Popen(
            [program, "--headless", "--listen", str(self._socket), "-n", "-i", "NONE", "-u", str(start)],
            cwd=desk.repository, env=desk.environment, stdin=subprocess.DEVNULL, stdout=self._output,
            stderr=subprocess.STDOUT,
        )

    def __enter__(self) -> Self:
        until(self._socket.exists, lambda: f"Neovim listens: {self.output}")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None,
    ) -> None:
        if kind is None:
            self("vim.cmd('qall!')", answers=False)
            self._process.wait(20)
        else:
            self._process.kill()
            self._process.wait()
        self._output.close()

    def __call__(self, lua: str, *arguments: Any, answers: bool = True) -> Any:
        """Run the body of a function whose arguments are `...`; what it returns."""
        given = json.dumps(arguments)
        self._chunk.write_text(f"return (function(...) {lua}\nend)(unpack(vim.fn.json_decode([==[{given}]==])))")
        done = subprocess.run(
            [self.program, "--server", str(self._socket), "--remote-expr",
             f'json_encode(luaeval("dofile(_A)", "{self._chunk}"))'],
            env=self._desk.environment, capture_output=True, text=True,
        )
        if not answers:
            return None
        said = done.stdout + done.stderr
        assert done.returncode == 0 and said[:1] in '{["tfn0123456789-', f"{lua}: {said}{self.output}"
        return json.loads(said)

    @property
    def output(self) -> str:
        """What it printed."""
        return (self._desk.folder / "nvim.txt").read_text()

    def until(self, lua: str, *arguments: Any, limit: float = LIMIT) -> Any:
        """What a function body returns, once that is something."""
        return until(
            lambda: self(lua, *arguments),
            lambda: f"{lua} {arguments} in {self.program}; person: {self('return person')}; printed: {self.output}",
            limit,
        )

    # --- what a person does ---

    def open(self, path: Path) -> None:
        """Open a file; the server is attached to it."""
        self("vim.cmd('edit ' .. vim.fn.fnameescape(...))", str(path))
        self.until(ATTACHED)

    def at(self, line: int, column: int = 0) -> None:
        """Put the cursor somewhere, both from 0."""
        self("local line, column = ... vim.api.nvim_win_set_cursor(0, { line + 1, column })", line, column)

    def act(self, title: str, words: str = "") -> None:
        """Take a code action at the cursor, with words where it asks for them."""
        before = self(CHOOSE, title, words)
        self.until(OFFERED, before, title)

    def refuse(self) -> list[str]:
        """Look at the code actions at the cursor, and take none; their titles."""
        before = self(CHOOSE, "", "")
        last = "return #person.offered > ... and person.offered[#person.offered].titles"
        titles: list[str] = self.until(last, before)
        return titles

    def hover(self) -> str:
        """What hovers at the cursor."""
        self("vim.lsp.buf.hover()")
        text: str = self.until(FLOATING)
        self("vim.cmd('doautocmd CursorMoved')")
        return text

    def diagnoses(self) -> dict[str, int]:
        """Message and line, from 0, of each diagnostic of the buffer."""
        rows = self("return vim.tbl_map(function(d) return { d.message, d.lnum } end, vim.diagnostic.get(0))")
        return dict(rows)

    def diagnosed(self, code: str, there: bool = True) -> None:
        """Wait until the buffer has a diagnostic of that code, or none any more."""
        self.until(CODES, code, there)

    def listed(self, lua: str) -> list[str]:
        """The texts of what some words of Lua list, in the one list or the other."""
        return [text for text, _ in self._rows(lua)]

    def places(self, lua: str) -> list[str]:
        """The files of what some words of Lua list."""
        return [path for _, path in self._rows(lua)]

    def _rows(self, lua: str) -> list[tuple[str, str]]:
        self(f"vim.fn.setqflist({{}}) vim.fn.setloclist(0, {{}}) {lua}")
        rows = self.until(LISTED)
        self("vim.cmd('cclose') vim.cmd('lclose')")
        return [(text, path) for text, path in rows]

    def lenses(self) -> list[str]:
        """The titles of the lenses of the buffer."""
        self("vim.lsp.codelens.refresh()")
        found: list[str] = self.until(LENSES)
        return found

    def press(self, title: str) -> None:
        """Press a lens at the cursor."""
        self("person.choice = ... vim.lsp.codelens.run()", title)

    def asked(self, text: str, limit: float = LIMIT) -> str:
        """The question with that text, as a menu or as a message."""
        found: str = self.until(ASKED, text, limit=limit)
        return found

    def told(self, text: str) -> str:
        """The message with that text, once it was shown."""
        found: str = self.until(TOLD, text)
        return found


def version_of(program: str) -> tuple[int, int]:
    """Major and minor number of a Neovim."""
    said = subprocess.run([program, "--version"], capture_output=True, text=True, check=True).stdout
    found = re.match(r"NVIM v(\d+)\.(\d+)", said)
    assert found is not None, said
    return int(found[1]), int(found[2])


ATTACHED = """
local clients = vim.lsp.get_clients and vim.lsp.get_clients({ bufnr = 0 }) or vim.lsp.buf_get_clients(0)
for _, client in pairs(clients) do
  if client.name == "milepost" and client.server_capabilities.hoverProvider then
    return true
  end
end
return false
"""
CHOOSE = """
person.choice, person.words = ...
vim.lsp.buf.code_action()
return #person.offered
"""
OFFERED = """
local before, title = ...
for n = before + 1, #person.offered do
  if vim.tbl_contains(person.offered[n].titles, title) then
    return true
  end
end
return false
"""
CODES = """
local code, wanted = ...
local there = vim.tbl_contains(vim.tbl_map(function(d) return d.code end, vim.diagnostic.get(0)), code)
return there == wanted
"""
LISTED = """
for _, found in ipairs({ vim.fn.getqflist(), vim.fn.getloclist(0) }) do
  if #found > 0 then
    return vim.tbl_map(function(row) return { row.text, vim.api.nvim_buf_get_name(row.bufnr) } end, found)
  end
end
return false
"""
LENSES = """
local found = vim.lsp.codelens.get(0)
return #found > 0 and vim.tbl_map(function(lens) return lens.command.title end, found)
"""
TOLD = """
for _, said in ipairs(person.told) do
  if said:find(..., 1, true) then
    return said
  end
end
return false
"""
ASKED = """
local wanted = ...
for _, said in ipairs(vim.list_extend(vim.tbl_map(function(o) return o.prompt end, person.offered), person.told)) do
  if said:find(wanted, 1, true) then
    return said
  end
end
return false
"""
FLOATING = """
for _, window in ipairs(vim.api.nvim_list_wins()) do
  if vim.api.nvim_win_get_config(window).relative ~= "" then
    return table.concat(vim.api.nvim_buf_get_lines(vim.api.nvim_win_get_buf(window), 0, -1, false), "\\n")
  end
end
return false
"""
