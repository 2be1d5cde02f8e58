"""The browser behind the walls: what it reaches, where its files lie, and that nothing of it outlives anybody."""

import asyncio
import contextlib
import json
import os
import signal
import sys
from asyncio.subprocess import PIPE
from pathlib import Path

import pytest

from milepost.drivers.browser_launch import Chromium
from milepost.workspace.sandbox import open_cell
from tests.drivers.site import visit

pytestmark = [pytest.mark.needs("chromium")]

PAGES = r'''
PAGES["/"] = """<title>T</title><p id=p>trying</p><script>
Promise.allSettled(OTHERS.map(u => fetch(u, {mode: 'no-cors'})))
.then(r => p.textContent = r.map(x => x.status).join(' '))</script><a href=/report download=report.csv>Report</a>
<input type=file aria-label=Photo onchange="p.textContent = this.files[0].name + ' ' + this.files[0].size">"""
PAGES["/report"] = "a,b\n1,2\n"
'''
ENGINE = '''
import asyncio, sys
from pathlib import Path
from milepost.drivers.browser_launch import Chromium
from milepost.workspace.sandbox import open_cell

async def main():
    folder = Path(sys.argv[1])
    cell = await open_cell(folder, sandbox=sys.argv[2] == "walls", scratch=folder.parent / "scratch")
    chromium = await Chromium.start(cell, Path("/usr/bin/chromium"), [])
    await (await chromium.window.new_context()).new_page()
    print(*chromium.pids(), chromium.script, flush=True)
    await asyncio.Event().wait()

asyncio.run(main())
'''


def family(pid: int) -> dict[int, bytes]:
    """A process and all that came from it, each with its command."""
    parents = {}
    for place in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            parents[int(place.name)] = int((place / "stat").read_text().rpartition(")")[2].split()[1])
    found, more = set(), {pid}
    while more:
        found |= more
        more = {child for child, parent in parents.items() if parent in more} - found
    return {each: command(each) for each in found}


def command(pid: int) -> bytes:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""


async def all_gone(processes: dict[int, bytes]) -> None:
    def left() -> list[int]:
        return [pid for pid, was in processes.items() if was and command(pid) == was]

    async with asyncio.timeout(30):
        while await asyncio.to_thread(left):
            pass


@pytest.mark.needs("bwrap")
async def test_browser_behind_walls_reaches_its_own_services_only(tmp_path: Path) -> None:
    server = await asyncio.start_server(lambda reader, writer: writer.close(), "127.0.0.1", 0)
    host = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/"
    others = json.dumps([host, "http://example.com/", "http://10.0.0.1/", "http://127.0.0.1:8000/report"])
    async with server, visit(tmp_path, PAGES.replace("OTHERS", others), sandbox=True) as opened:
        browser = opened.browser
        seen = await browser.open("http://web/")
        assert "rejected rejected rejected fulfilled" in seen.text
        seen = await browser.act("click", 'link "Report"')
        assert "download report.csv, 8 bytes, is at /tmp/downloads/report.csv" in seen.text
        assert opened.record(seen.evidence[1].id) == "a,b\n1,2\n"
        copied = await opened.cell.run("cat /tmp/downloads/report.csv", timeout_s=20)
        assert copied.output == b"a,b\n1,2\n"
        (opened.cell.host_tree / "photo.png").write_bytes(b"x" * 11)
        assert "photo.png 11" in (await browser.act("upload", 'button "Photo"', "photo.png")).text


@pytest.mark.needs("bwrap")
async def test_script_that_enters_the_cell_cannot_be_changed_from_inside(tmp_path: Path) -> None:
    (tmp_path / "tree").mkdir()
    cell = await open_cell(tmp_path / "tree", sandbox=True, scratch=tmp_path / "scratch")
    try:
        chromium = await Chromium.start(cell, Path("/usr/bin/chromium"), [])
        assert chromium.script.exists()
        assert (await cell.run(f"test -e {chromium.script}", timeout_s=20)).exit_code == 1
        await chromium.close()
        assert not chromium.script.exists()
    finally:
        await cell.close()


@pytest.mark.parametrize("how", [pytest.param("walls", marks=pytest.mark.needs("bwrap")), "plain"])
async def test_F48_browser_dies_with_an_engine_that_is_killed(how: str, tmp_path: Path) -> None:
    tree = tmp_path / "tree"
    tree.mkdir()
    engine = await asyncio.create_subprocess_exec(sys.executable, "-c", ENGINE, str(tree), how, stdout=PIPE)
    assert engine.stdout is not None
    browser, driver, script = (await engine.stdout.readline()).decode().split()
    processes = family(int(browser)) | family(int(driver))
    assert sum(b"--type=renderer" in words for words in processes.values()) >= 1
    engine.send_signal(signal.SIGKILL)
    await engine.wait()
    await all_gone(processes)
    cell = await open_cell(tree, sandbox=False, scratch=tmp_path / "next")
    next_one = await Chromium.start(cell, Path("/usr/bin/chromium"), [])
    await next_one.close()
    await cell.close()
    assert not await asyncio.to_thread(Path(script).exists)


async def test_driver_that_hangs_is_killed_with_its_browser(tmp_path: Path) -> None:
    (tmp_path / "tree").mkdir()
    cell = await open_cell(tmp_path / "tree", sandbox=False, scratch=tmp_path / "scratch")
    try:
        chromium = await Chromium.start(cell, Path("/usr/bin/chromium"), [])
        pids = chromium.pids()
        assert pids is not None
        processes = family(pids[0]) | family(pids[1])
        os.kill(pids[1], signal.SIGSTOP)
        await chromium.close(within_s=1)
        await all_gone(processes)
    finally:
        await cell.close()


async def test_browser_that_died_is_started_again(tmp_path: Path) -> None:
    pages = PAGES.replace("OTHERS", "[]")
    async with visit(tmp_path, pages, sandbox=False) as opened:
        await opened.browser.open("http://web/")
        chromium = opened.browser._pages.chromium  # type: ignore[union-attr]
        pids = chromium.pids()
        assert pids is not None
        os.killpg(pids[0], signal.SIGKILL)
        await all_gone(family(pids[0]))
        assert '- link "Report"' in (await opened.browser.open("http://web/")).text
