"""Reading, listing, searching and writing the tree: inside it, in portions, never through a link that leads out."""

import io
import json
import os
import shutil
import threading
from contextlib import suppress
from pathlib import Path

import pytest

from milepost.agent.tools import matcher, place, search_text, walk
from milepost.agent.tools.matcher import search
from milepost.domain.errors import ToolError
from tests.agent.scene import Scene, call

OUTSIDE = "the user's own secret"


@pytest.fixture
async def reader(running: Scene):
    return await running.desk("orchestrator")


@pytest.fixture
async def writer(running: Scene):
    return await running.desk("worker", "F1")


# --- read_file ---

async def test_file_is_shown_with_line_numbers(reader):
    shown = await call(reader, "read_file", path="shop/price.py", start_line=4, end_line=6)
    assert shown.text.splitlines() == [
        "4\tdef total(prices: list[int]) -> int:", '5\t    """The sum of all prices."""', "6\t    return sum(prices)",
    ]


async def test_portion_says_how_to_go_on(reader):
    (reader.tree / "long.txt").write_text("".join(f"line {n}\n" for n in range(1, 1001)))
    shown = await call(reader, "read_file", path="long.txt")
    assert shown.text.endswith("400\tline 400\n[lines 1-400 of 1000; go on with start_line=401]")
    rest = await call(reader, "read_file", path="long.txt", start_line=999)
    assert rest.text == "999\tline 999\n1000\tline 1000"


async def test_portion_stays_within_its_size(reader):
    (reader.tree / "wide.txt").write_text(("x" * 5_000 + "\n") * 40)
    shown = await call(reader, "read_file", path="wide.txt", end_line=40)
    assert len(shown.text) < 33_000
    assert "[… 3000 characters more]" in shown.text
    assert "of 40; go on with start_line=" in shown.text


async def test_end_before_start_shows_nothing(reader):
    shown = await call(reader, "read_file", path="shop/price.py", start_line=3, end_line=2)
    assert shown.text == "no line of 'shop/price.py' is between 3 and 2"


async def test_line_beyond_the_end_is_said(reader):
    with pytest.raises(ToolError, match="has 6 lines; line 9"):
        await call(reader, "read_file", path="shop/price.py", start_line=9)


async def test_empty_file_is_named_so(reader):
    (reader.tree / "empty").write_text("")
    assert (await call(reader, "read_file", path="empty")).text == "empty is empty"


async def test_F45_binary_file_is_named_as_such(reader):
    (reader.tree / "picture.png").write_bytes(b"\x89PNG\0\0")
    assert (await call(reader, "read_file", path="picture.png")).text == "picture.png is a binary file of 6 bytes"


async def test_F44_huge_file_is_not_read_whole(reader):
    with (reader.tree / "huge.txt").open("wb") as file:
        file.write(b"a\n" * 8192)
        file.truncate(20_000_001)
        file.seek(0)
        file.write(b"a\n" * 8192)
    with pytest.raises(ToolError, match="20000001 bytes, more than can be read"):
        await call(reader, "read_file", path="huge.txt")


async def test_missing_file_names_near_ones(reader):
    with pytest.raises(ToolError, match=r"near it: shop/price\.py"):
        await call(reader, "read_file", path="shop/prices.py")


async def test_missing_folder_is_a_missing_file(reader):
    for path in ("nowhere/a.py", "README.md/a.py"):
        with pytest.raises(ToolError, match="there is no file"):
            await call(reader, "read_file", path=path)


async def test_folder_is_no_file(reader):
    for path in ("shop", "."):
        with pytest.raises(ToolError, match="is a folder"):
            await call(reader, "read_file", path=path)


async def test_path_of_the_mount_is_understood(reader):
    assert (await call(reader, "read_file", path="/tree/README.md")).text == "1\t# Shop"


async def test_check_file_is_read_where_it_lies(reader):
    await reader.engine.write_check("checks/shop_001.py", "print('ok')\n")
    assert (await call(reader, "read_file", path="checks/shop_001.py")).text == "1\tprint('ok')"


async def test_link_inside_the_tree_is_followed(reader):
    (reader.tree / "again.md").symlink_to("README.md")
    assert (await call(reader, "read_file", path="again.md")).text == "1\t# Shop"


@pytest.fixture
def secret(running: Scene) -> Path:
    folder = running.folder / "tree-evil"
    folder.mkdir()
    (folder / "secret").write_text(OUTSIDE)
    return folder / "secret"


def escapes(tree: Path, secret: Path) -> list[str]:
    """Ways out of the tree, as paths that a tool is given."""
    (tree / "file").symlink_to(secret)
    (tree / "folder").symlink_to(secret.parent)
    (tree / "up").symlink_to("..")
    (tree / "chain").symlink_to("up")
    (tree / "dangling").symlink_to(secret.parent / "not-there")
    (tree / "proc").symlink_to("/proc/self/root")
    return [
        "file", "folder/secret", "up/tree-evil/secret", "chain/tree-evil/secret", "dangling", f"proc{secret}",
        "../tree-evil/secret", "shop/../../tree-evil/secret", str(secret), "/etc/passwd", "/tree/../tree-evil/secret",
        "~/../secret\0", "\ud800",
    ]


@pytest.mark.parametrize("tool", ["read_file", "list_files", "search_text", "write_file", "edit_file"])
async def test_S17_S18_S19_no_tool_leaves_the_tree(writer, secret, tool):
    extra = {
        "search_text": {"pattern": "secret"}, "write_file": {"content": "x"}, "edit_file": {"old": OUTSIDE, "new": "x"},
    }.get(tool, {})
    for path in escapes(writer.tree, secret):
        with pytest.raises(ToolError):
            await call(writer, tool, path=path, **extra)
    assert secret.read_text() == OUTSIDE
    assert sorted(p.name for p in secret.parent.iterdir()) == ["secret"]


async def test_S17_search_and_list_do_not_follow_links(writer, secret):
    escapes(writer.tree, secret)
    assert "no line matches" in (await call(writer, "search_text", pattern=OUTSIDE)).text
    listed = (await call(writer, "list_files", depth=9)).text.splitlines()
    assert "folder" in listed
    assert not [line for line in listed if "secret" in line]


async def test_S17_link_swapped_in_while_opening_is_not_followed(writer, secret):
    inside = writer.tree / "swap"
    inside.mkdir()
    (inside / "secret").write_text("mine")
    stop = threading.Event()

    def swap() -> None:
        while not stop.is_set():
            inside.rename(writer.tree / "aside")
            with suppress(FileExistsError):
                inside.symlink_to(secret.parent)
                inside.unlink()
            # What the writer made meanwhile gives way.
            shutil.rmtree(inside, ignore_errors=True)
            with suppress(OSError):
                (writer.tree / "aside").rename(inside)
            inside.mkdir(exist_ok=True)
            shutil.rmtree(writer.tree / "aside", ignore_errors=True)

    swapper = threading.Thread(target=swap)
    swapper.start()
    seen = set()
    try:
        for _ in range(300):
            try:
                seen.add((await call(writer, "read_file", path="swap/secret")).text)
                await call(writer, "write_file", path="swap/secret", content="mine")
            except ToolError:
                continue
    finally:
        stop.set()
        swapper.join()
    assert seen <= {"1\tmine"}
    assert secret.read_text() == OUTSIDE


async def test_S17_hard_link_is_replaced_not_written_through(writer, secret):
    os.link(secret, writer.tree / "hard")
    await call(writer, "write_file", path="hard", content="x")
    assert secret.read_text() == OUTSIDE


async def test_pipe_is_refused_at_once(reader):
    os.mkfifo(reader.tree / "pipe")
    with pytest.raises(ToolError, match="a device or a pipe"):
        await call(reader, "read_file", path="pipe")
    assert list(search({"pattern": "x", "paths": ["pipe"], "root": str(reader.tree)})) == []


@pytest.mark.parametrize("path", [".git/config", "sub/.GIT/config", ".git", "x/.git./y"])
async def test_git_is_hidden(writer, path):
    for tool, extra in (("read_file", {}), ("list_files", {}), ("write_file", {"content": "x"})):
        with pytest.raises(ToolError, match="belongs to git"):
            await call(writer, tool, path=path, **extra)


# --- list_files ---

async def test_files_are_listed_as_git_would(reader):
    (reader.tree / ".git").mkdir()
    (reader.tree / "__pycache__").mkdir()
    (reader.tree / "__pycache__/x.pyc").write_text("")
    listed = (await call(reader, "list_files")).text.splitlines()
    assert listed == [
        ".gitignore", "README.md", "pyproject.toml", "shop/", "shop/__init__.py", "shop/price.py", "tests/",
        "tests/test_price.py",
    ]


async def test_ignore_files_of_folders_count_below_them(reader):
    (reader.tree / "out").mkdir()
    for name in ("a.log", "b.log", "keep.log", "sub"):
        (reader.tree / "out" / name).write_text("") if name != "sub" else (reader.tree / "out/sub").mkdir()
    (reader.tree / "out/.gitignore").write_text("*.log\n!keep.log\n/sub/\n")
    (reader.tree / "c.log").write_text("")
    listed = (await call(reader, "list_files", glob="*.log")).text.splitlines()
    assert listed == ["c.log", "out/keep.log"]
    assert (await call(reader, "list_files", path="out")).text.splitlines() == ["out/.gitignore", "out/keep.log"]


async def test_ignored_folder_is_listed_for_who_names_it(reader):
    (reader.tree / "__pycache__/deep").mkdir(parents=True)
    (reader.tree / "__pycache__/deep/x.pyc").write_text("")
    listed = (await call(reader, "list_files", path="__pycache__/deep")).text
    assert listed == "__pycache__/deep/x.pyc"


async def test_folder_of_ignored_files_is_not_said_to_be_empty(reader):
    (reader.tree / "checks").mkdir()
    (reader.tree / "checks/a.py").write_text("")
    (reader.tree / ".gitignore").write_text("*.py\n")
    assert "git ignores" in (await call(reader, "list_files", path="checks")).text
    (reader.tree / "bare").mkdir()
    assert (await call(reader, "list_files", path="bare")).text == "nothing here"


async def test_excludes_of_the_private_repository_count(running):
    desk = await running.worker()
    (running.repository.git_dir / "info/exclude").write_text("/notes/\n")
    (desk.tree / "notes").mkdir()
    (desk.tree / "notes/a.md").write_text("secret plan")
    assert "notes" not in (await call(desk, "list_files")).text
    assert "no line matches" in (await call(desk, "search_text", pattern="secret plan")).text


async def test_depth_and_glob_narrow(reader):
    assert "shop/price.py" not in (await call(reader, "list_files", depth=1)).text
    assert (await call(reader, "list_files", path="shop", glob="*.py")).text == "shop/__init__.py\nshop/price.py"
    assert (await call(reader, "list_files", glob="shop/*.py", path="shop")).text == "shop/__init__.py\nshop/price.py"
    assert (await call(reader, "list_files", glob="**/test_*")).text == "tests/test_price.py"
    assert (await call(reader, "list_files", glob="*.rs")).text == "nothing here matches '*.rs'"


async def test_long_listing_is_cut(reader):
    (reader.tree / "many").mkdir()
    for n in range(501):
        (reader.tree / f"many/{n:03}").write_text("")
    listed = (await call(reader, "list_files", path="many")).text.splitlines()
    assert len(listed) == 501
    assert listed[-1].startswith("[more than 500")


async def test_list_wants_a_folder(reader):
    for path, message in (("README.md", "is a file"), ("nowhere", "not there")):
        with pytest.raises(ToolError, match=message):
            await call(reader, "list_files", path=path)


async def test_S37_name_with_control_characters_is_not_shown(reader):
    (reader.tree / "bad\nname").write_text("")
    (reader.tree / os.fsdecode(b"\xff")).write_text("")
    assert "name" not in (await call(reader, "list_files")).text


# --- search_text ---

async def test_search_shows_path_line_and_text(reader):
    shown = await call(reader, "search_text", pattern=r"def \w+_of_nothing")
    assert shown.text == "tests/test_price.py:4: def test_total_of_nothing_is_zero():"


async def test_search_narrows_and_stops(reader):
    assert "tests/" not in (await call(reader, "search_text", pattern="total", path="shop")).text
    assert "shop/price.py" not in (await call(reader, "search_text", pattern="total", glob="tests/**")).text
    shown = (await call(reader, "search_text", pattern="total", path="shop/price.py")).text
    assert shown.startswith("shop/price.py:4:")
    shown = (await call(reader, "search_text", pattern="total", max_results=1)).text
    assert shown.splitlines()[1] == "[more than 1 lines; narrow by path, glob or pattern]"


async def test_search_of_a_binary_or_missing_file_finds_nothing(reader):
    (reader.tree / "a.bin").write_bytes(b"total\0total")
    assert (await call(reader, "search_text", pattern="total", path="a.bin")).text == "no line matches, in 1 files"
    assert list(search({"pattern": "x", "paths": ["gone"], "root": str(reader.tree)})) == []
    with pytest.raises(ToolError, match="there is nothing at"):
        await call(reader, "search_text", pattern="x", path="gone")


@pytest.mark.parametrize("pattern", ["(", "[z-a]", "a{99999999999}", "(?P<n>"])
async def test_bad_pattern_goes_back(reader, pattern):
    with pytest.raises(ToolError, match="is no regular expression"):
        await call(reader, "search_text", pattern=pattern)


async def test_F46_pattern_without_end_is_ended(reader):
    (reader.tree / "trap.txt").write_text("a" * 60 + "!\n")
    order = {"root": str(reader.tree), "pattern": r"(a+)+$", "paths": ["trap.txt"], "most": 1}
    with pytest.raises(ToolError, match=r"took longer than 0\.3 s"):
        await search_text.asked(order, limit_s=0.3)


@pytest.mark.parametrize(("pattern", "most", "expected"), [
    ("e", 2, {"hits": [["a", 1, "one"], ["a", 3, "three"]], "more": False}),
    ("e", 1, {"hits": [["a", 1, "one"]], "more": True}),
    ("(", 1, {"error": "missing ), unterminated subpattern at position 0"}),
])
def test_matcher_answers_an_order(tmp_path, pattern, most, expected):
    (tmp_path / "a").write_text("one\ntwo\nthree\n")
    (tmp_path / "b").write_bytes(b"\0e")
    answers = io.StringIO()
    order = {"root": str(tmp_path), "pattern": pattern, "most": most, "paths": ["a", "b", "gone"]}
    matcher.main(io.StringIO(json.dumps(order)), answers)
    assert json.loads(answers.getvalue()) == expected


def test_S18_name_that_is_no_text_leads_nowhere(tmp_path):
    for path in ("\ud800", "a\0b", "/", "/etc"):
        with pytest.raises(ToolError):
            place.locate(tmp_path, path)
    assert place.locate(tmp_path, "/tree").path == "."
    assert place.locate(tmp_path, "a/../b").path == "b"


def test_folder_that_went_away_has_nothing_to_list(tmp_path):
    assert list(walk.walk(tmp_path, ("gone",))) == []


# --- write_file, edit_file ---

async def test_file_is_written_as_it_is(writer):
    writer.receipts = [("R1", None)]
    shown = await call(writer, "write_file", path="new/deep/a.py", content="\n  x = 1\n\n")
    assert shown.text == "wrote new/deep/a.py, 3 lines"
    assert (writer.tree / "new/deep/a.py").read_text() == "\n  x = 1\n\n"
    assert (writer.tree / "new/deep/a.py").stat().st_mode & 0o111 == 0
    assert writer.edited_at == 1
    assert (await call(writer, "write_file", path="new/deep/a.py", content="y")).text.startswith("replaced")


async def test_mode_of_a_file_is_kept(writer):
    script = writer.tree / "run.sh"
    script.write_text("a")
    script.chmod(0o755)
    await call(writer, "write_file", path="run.sh", content="b")
    assert script.stat().st_mode & 0o777 == 0o755


async def test_F03_write_that_was_made_before_is_settled(writer):
    await call(writer, "write_file", path="a", content="same")
    before = (writer.tree / "a").stat().st_ino
    assert (await call(writer, "write_file", path="a", content="same")).text == "a holds exactly that"
    assert (writer.tree / "a").stat().st_ino == before


async def test_F05_half_written_file_of_a_crash_is_swept_up(writer):
    (writer.tree / ".a.part").write_text("half")
    await call(writer, "write_file", path="a", content="whole")
    assert (writer.tree / "a").read_text() == "whole"
    assert not (writer.tree / ".a.part").exists()


@pytest.mark.parametrize("path", [
    "AGENTS.md", "sub/claude.md", ".vscode/settings.json", ".github/workflows/ci.yml", ".mcp.json", ".gitattributes",
])
async def test_S06_control_path_is_refused(writer, path):
    for tool, extra in (("write_file", {"content": "x"}), ("edit_file", {"old": "a", "new": "b"})):
        with pytest.raises(ToolError, match="steers tools"):
            await call(writer, tool, path=path, **extra)


async def test_S06_control_path_behind_a_link_is_refused(writer):
    (writer.tree / ".vscode").mkdir()
    (writer.tree / "harmless").symlink_to(".vscode")
    with pytest.raises(ToolError, match="steers tools"):
        await call(writer, "write_file", path="harmless/settings.json", content="{}")


async def test_gitignore_is_ordinary(writer):
    assert (await call(writer, "write_file", path=".gitignore", content="x\n")).text.startswith("replaced")


async def test_check_file_is_refused(writer):
    await writer.engine.write_check("checks/shop_001.py", "print('ok')\n")
    for path in ("checks/shop_001.py", "./checks//shop_001.py", "checks"):
        with pytest.raises(ToolError, match="check file"):
            await call(writer, "write_file", path=path, content="x")


async def test_folder_is_not_written(writer):
    for path in ("shop", "."):
        with pytest.raises(ToolError, match="is a folder"):
            await call(writer, "write_file", path=path, content="x")
    with pytest.raises(ToolError, match="cannot be used"):
        await call(writer, "write_file", path="README.md/x", content="x")


def test_folder_that_came_between_is_not_written(tmp_path):
    (tmp_path / "a").mkdir()
    for path in ("a", "."):
        with pytest.raises(ToolError, match="is a folder"):
            place.write(place.Place(tmp_path, path), b"x")


async def test_F45_half_a_character_is_refused(writer):
    with pytest.raises(ToolError, match="half of a character pair"):
        await call(writer, "write_file", path="a", content="\ud800")


async def test_edit_replaces_the_one_place(writer):
    shown = await call(writer, "edit_file", path="shop/price.py", old="    return sum(prices)\n", new="    return 0\n")
    assert shown.text == "edited shop/price.py, line 6"
    assert (writer.tree / "shop/price.py").read_text().endswith("    return 0\n")


async def test_edit_wants_a_unique_place(writer):
    with pytest.raises(ToolError, match=r"occurs 2 times in 'tests/test_price\.py', at lines 5, 9"):
        await call(writer, "edit_file", path="tests/test_price.py", old="assert", new="check")
    shown = await call(writer, "edit_file", path="tests/test_price.py", old="assert", new="check", replace_all=True)
    assert shown.text == "edited tests/test_price.py, line 5, 9"


async def test_edit_shows_the_nearest_place(writer):
    with pytest.raises(ToolError) as refused:
        await call(writer, "edit_file", path="shop/price.py", old="   return sum(price)", new="x")
    assert "the nearest is:" in str(refused.value)
    assert "6\t    return sum(prices)" in str(refused.value)
    with pytest.raises(ToolError, match="read the file and copy"):
        await call(writer, "edit_file", path="shop/price.py", old="§§§§§§§§", new="x")


async def test_F03_edit_that_was_made_before_is_settled(writer):
    for old, new in (("sum(prices)", "max(prices)"), ("total", "total_of")):
        arguments = {"path": "shop/price.py", "old": old, "new": new}
        await call(writer, "edit_file", **arguments)
        text = (writer.tree / "shop/price.py").read_text()
        assert "already" in (await call(writer, "edit_file", **arguments)).text
        assert (writer.tree / "shop/price.py").read_text() == text


async def test_edit_that_only_deletes_lines_is_made(writer):
    desk = writer
    await call(desk, "write_file", path="a.py", content="import sys\nimport tty\n\nx = 1\n")
    await call(desk, "edit_file", path="a.py", old="import sys\nimport tty\n", new="import sys\n")
    assert (desk.tree / "a.py").read_text() == "import sys\n\nx = 1\n"


async def test_edit_keeps_line_ends(writer):
    (writer.tree / "dos.txt").write_bytes(b"a\r\nb\r\nc\r\n")
    await call(writer, "edit_file", path="dos.txt", old="a\nb\n", new="x\ny\n")
    assert (writer.tree / "dos.txt").read_bytes() == b"x\r\ny\r\nc\r\n"


async def test_edit_without_a_change_is_refused(writer):
    with pytest.raises(ToolError, match="are the same"):
        await call(writer, "edit_file", path="README.md", old="Shop", new="Shop")


async def test_F45_edit_of_what_is_no_text_is_refused(writer):
    (writer.tree / "latin").write_bytes(b"gr\xfc\xdfe")
    with pytest.raises(ToolError, match="not text in UTF-8"):
        await call(writer, "edit_file", path="latin", old="g", new="h")
    with (writer.tree / "huge").open("wb") as file:
        file.truncate(20_000_001)
    with pytest.raises(ToolError, match="more than can be edited"):
        await call(writer, "edit_file", path="huge", old="g", new="h")


async def test_text_around_a_call_is_kept_as_the_log_keeps_it(reader):
    (reader.tree / "a").write_text("x\n\n\n")
    assert (await call(reader, "read_file", path="a")).text == "1\tx\n2\t\n3"
