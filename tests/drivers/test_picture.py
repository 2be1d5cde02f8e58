"""A screen drawn: looked at by its pixels, which are those of the colours that the program chose."""

import io
import re
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from PIL import Image

from milepost.drivers import picture
from milepost.drivers.notebook import Notebook
from milepost.drivers.screen import Screen
from milepost.drivers.terminal import Terminal
from milepost.workspace.cell import Cell
from tests.drivers.conftest import Shelf


def drawn(data: bytes, rows: int = 4, cols: int = 20, redact: picture.Callable[[str], str] = str) -> Image.Image:
    screen = Screen(rows, cols, lambda answer: None)
    screen.feed(b"\x1b[?25l" + data)
    return Image.open(io.BytesIO(picture.png(screen, redact)))


def cell_of(image: Image.Image, row: int, column: int, rows: int = 4, cols: int = 20) -> set[str]:
    """The colours of one cell; rows and columns from 0."""
    width, height = ((image.width - 12) // cols, (image.height - 12) // rows)
    left, top = 6 + column * width, 6 + row * height
    colours = image.crop((left, top, left + width, top + height)).getcolors() or []
    return {"#{:02x}{:02x}{:02x}".format(*colour) for _, colour in colours if isinstance(colour, tuple)}


def test_picture_is_a_png_of_the_whole_screen() -> None:
    image = drawn(b"plain")
    assert (image.format, image.mode) == ("PNG", "RGB")
    assert cell_of(image, 3, 19) == {picture.BACKGROUND}
    assert len(cell_of(image, 0, 0)) > 1


def test_colours_are_those_of_the_program() -> None:
    image = drawn(b"\x1b[41m \x1b[48;2;1;2;3m \x1b[0;7m \x1b[0;48;5;21m \x1b[0;103m \x1b[0m")
    assert [cell_of(image, 0, n) for n in range(5)] == [
        {"#cd3131"}, {"#010203"}, {picture.FOREGROUND}, {"#0000ff"}, {"#f5f543"},
    ]
    ink = drawn(b"\x1b[38;2;255;0;0m" + "█".encode())
    assert "#ff0000" in cell_of(ink, 0, 0)


@pytest.mark.skipif(
    not picture.known(), reason="not run: no font with letters of one width: sudo apt-get install -y fonts-dejavu-core"
)
def test_lines_of_boxes_meet_and_wide_characters_take_two_cells() -> None:
    image = drawn("──\r\n\x1b[41m日\x1b[m".encode())
    width, height, paper = (image.width - 12) // 20, (image.height - 12) // 4, image.getpixel((0, 0))
    lit = {x for x in range(2 * width) for y in range(height) if image.getpixel((6 + x, 6 + y)) != paper}
    assert lit == set(range(2 * width)), "no gap between two pieces of a line"
    assert all("#cd3131" in cell_of(image, 1, column) for column in (0, 1))
    assert cell_of(image, 1, 2) == {picture.BACKGROUND}


def test_cursor_is_seen_unless_it_is_hidden() -> None:
    screen = Screen(4, 20, lambda answer: None)
    assert picture.FOREGROUND in cell_of(Image.open(io.BytesIO(picture.png(screen, str))), 0, 0)
    assert cell_of(drawn(b""), 0, 0) == {picture.BACKGROUND}


def test_secret_is_not_drawn() -> None:
    hidden = drawn(b"\x1b[42mkey s3cret\x1b[m\r\nfine", redact=lambda text: text.replace("s3cret", "«hid»"))
    assert hidden.tobytes() == drawn("key «hid»\r\nfine".encode()).tobytes()
    assert hidden.tobytes() != drawn(b"key s3cret\r\nfine").tobytes()


def test_system_without_our_fonts_still_has_a_picture() -> None:
    assert picture.font(("no such font.ttf",)).getmask("a").getbbox() is not None
    assert picture.having("日", picture.font(("no such font.ttf",)))


@pytest.fixture
async def terminal(cell: Cell, notebook: Notebook) -> AsyncIterator[Terminal]:
    opened = Terminal(cell, notebook, redact=lambda text: text.replace("s3cret", "«secret»"))
    yield opened
    await opened.close()


async def test_terminal_is_looked_at_as_a_picture_with_its_text(terminal: Terminal, shelf: Shelf) -> None:
    await terminal.open("printf '\\033[44m blue \\033[m\\ns3cret'; read end", until="blue")
    seen = await terminal.look("picture", "SHOP-001")
    text, image = seen.evidence
    assert (text.kind, image.kind, image.assertion) == ("screen", "screenshot", "SHOP-001")
    assert f"[{image.id}] the picture" in seen.text and "blue" in seen.text
    assert shelf[image.blob].startswith(b"\x89PNG\r\n")
    assert "#2472c8" in cell_of(Image.open(io.BytesIO(shelf[image.blob])), 0, 0, 24, 80)


async def test_what_scrolled_off_can_be_looked_at(terminal: Terminal, shelf: Shelf) -> None:
    await terminal.open("seq 1 900; read end", until="900")
    seen = await terminal.look("history")
    assert "\n876\n877\n" in seen.text and "\n100\n" not in seen.text
    assert "scrolled off:\n1\n2\n" in shelf[seen.evidence[0].blob].decode()


@pytest.mark.needs("nvim")
async def test_an_editor_that_nobody_here_wrote(terminal: Terminal, tree: Path) -> None:
    assert shutil.which("nvim")
    (tree / "text").write_text("".join(f"line {n}\n" for n in range(100)))
    await terminal.open("nvim -u NONE -n text", rows=12, cols=40, until="line 3")
    seen = await terminal.send([":set number mouse=a", "Enter", "click:5,10", "A", " changed", "Escape"])
    assert re.search(r"5 line 4 changed", seen.text)
    assert "98 line 97" in (await terminal.send(["resize:20x60", "G"])).text
    await terminal.send([":wq", "Enter"])
    assert "line 4 changed\n" in (tree / "text").read_text()
