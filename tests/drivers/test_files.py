"""What a program wrote, looked at from inside its cell."""

import os
from pathlib import Path

import pytest

from milepost.domain.errors import ToolError
from milepost.drivers.files import Files
from milepost.drivers.notebook import Notebook
from milepost.workspace.cell import Cell
from milepost.workspace.sandbox import open_cell
from tests.drivers.conftest import Shelf


@pytest.fixture
def files(cell: Cell, notebook: Notebook) -> Files:
    return Files(cell, notebook, redact=lambda text: text.replace("s3cret", "«secret»"))


async def test_file_is_evidence_with_its_content(files: Files, tree: Path, shelf: Shelf) -> None:
    (tree / "out.csv").write_text("a,b\n1,s3cret\n")
    (tree / "out.csv").chmod(0o640)
    seen = await files.show("out.csv", "SHOP-001")
    [evidence] = seen.evidence
    assert (evidence.kind, evidence.assertion) == ("file", "SHOP-001")
    assert evidence.title.startswith("out.csv: text, LF, 13 bytes, mode 640, sha256 ")
    assert seen.text.endswith("\na,b\n1,«secret»\n")
    assert shelf[evidence.blob].decode().endswith("\n\na,b\n1,«secret»\n")


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "empty, 0 bytes"),
        (b"a\r\nb\r\n", "text, CRLF, 6 bytes"),
        (b"a\r\nb\n", "text, 1 CRLF of 2 line ends"),
        (b"a\nb", "text, LF, no line end at the end"),
        (b"a", "text, no line end, 1 bytes"),
        (b"\xef\xbb\xbfa\n", "text, LF, byte order mark"),
        (b"gr\xfcn\n", "no UTF-8 (byte 2), 5 bytes"),
        (b"\x89PNG\x00\x01", "no UTF-8 (byte 0)"),
        (b"PK\x03\x04\x00", "binary, 5 bytes"),
    ],
)
async def test_encoding_and_line_ends_are_told(content: bytes, told: str, files: Files, tree: Path) -> None:
    (tree / "f").write_bytes(content)
    assert f"f: {told}" in (await files.show("f")).text


async def test_bytes_are_dumped(files: Files, tree: Path) -> None:
    (tree / "f").write_bytes(b"PK\x00\xff\x1b[2J")
    assert "0000  50 4b 00 ff 1b 5b 32 4a" in (await files.show("f")).text


async def test_escapes_in_a_file_and_its_name_do_nothing(files: Files, tree: Path, shelf: Shelf) -> None:
    (tree / "\x1b]0;x\x07").write_text("\x1b]52;c;AAAA\x07 \u202e\n")
    seen = await files.show("\x1b]0;x\x07")
    assert r"\x1b]52;c;AAAA\x07 \u202e" in seen.text
    assert "\x1b" not in seen.text + seen.evidence[0].title + shelf[seen.evidence[0].blob].decode()


async def test_large_and_endless_ones_are_bounded(files: Files, tree: Path, shelf: Shelf) -> None:
    (tree / "large").write_text("ü" * 2_000_000)
    seen = await files.show("large")
    assert "4000000 bytes" in seen.text and len(seen.text) < 20_000
    assert "more than the first 1000000 bytes" in shelf[seen.evidence[0].blob].decode()
    os.mkfifo(tree / "pipe")
    assert "pipe: a named pipe" in (await files.show("pipe")).text
    assert "a device" in (await files.show("/dev/zero")).text
    (tree / "round").symlink_to("round")
    assert "Too many levels of symbolic links" in (await files.show("round")).text


async def test_folder_link_and_lack_are_told(files: Files, tree: Path) -> None:
    (tree / "out/sub").mkdir(parents=True)
    (tree / "out/a").write_text("1\n")
    (tree / "latest").symlink_to("out/a")
    assert (await files.show("out")).text.endswith("\na\nsub/")
    assert "latest: a link to out/a, text, LF, 2 bytes" in (await files.show("latest")).text
    assert "gone: FileNotFoundError: No such file or directory" in (await files.show("gone")).text
    with pytest.raises(ToolError, match="is no path"):
        await files.show("")


@pytest.mark.needs("bwrap")
async def test_link_out_of_the_tree_stays_inside_the_walls(tree: Path, notebook: Notebook) -> None:
    secret = tree.parent / "secret"
    secret.write_text("of the host")
    (tree / "link").symlink_to(secret)
    walled = await open_cell(tree, sandbox=True, scratch=tree.parent / "scratch")
    try:
        files = Files(walled, notebook)
        assert "FileNotFoundError" in (await files.show("link")).text
        await walled.run("echo mine > ~/.apprc", timeout_s=20)
        assert "\nmine\n" in (await files.show("/home/agent/.apprc")).text
    finally:
        await walled.close()
