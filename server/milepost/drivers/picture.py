"""A terminal's screen as a picture, for whoever can see and for reports."""

import io
from collections.abc import Callable, Iterator
from functools import cache

from PIL import Image, ImageDraw, ImageFont

from milepost.drivers.screen import Glyph, Screen

Font = ImageFont.FreeTypeFont
FONT_SIZE = 15
MARGIN = 6
_REGULAR = ("DejaVuSansMono.ttf", "LiberationMono-Regular.ttf", "NotoSansMono-Regular.ttf", "Menlo.ttc", "consola.ttf",
            "Courier New.ttf")
_BOLD = ("DejaVuSansMono-Bold.ttf", "LiberationMono-Bold.ttf", "NotoSansMono-Bold.ttf", "Menlo.ttc", "consolab.ttf",
         "Courier New Bold.ttf")
_MORE = ("DejaVuSans.ttf", "NotoSansCJK-Regular.ttc", "wqy-zenhei.ttc", "DroidSansFallbackFull.ttf", "unifont.otf",
         "NotoSansSymbols2-Regular.ttf", "Apple Symbols.ttf", "msgothic.ttc")
"""Asked for what the first does not have."""
_NOWHERE = "\U0010ffff"
"""A character that no font has."""

FOREGROUND, BACKGROUND = "#d8d8d8", "#14161a"
_COLOURS = {
    "black": "#000000", "red": "#cd3131", "green": "#0dbc79", "yellow": "#e5e510", "blue": "#2472c8",
    "magenta": "#bc3fbc", "cyan": "#11a8cd", "white": "#e5e5e5", "brightblack": "#767676", "brightred": "#f14c4c",
    "brightgreen": "#23d18b", "brightyellow": "#f5f543", "brightblue": "#3b8eea", "brightmagenta": "#d670d6",
    "brightcyan": "#29b8db", "brightwhite": "#ffffff",
}


def png(screen: Screen, redact: Callable[[str], str]) -> bytes:
    """The screen with its colours and its cursor; a row with something to hide as the text that may be seen."""
    regular, bold = font(_REGULAR), font(_BOLD)
    width, (ascent, descent) = round(regular.getlength("M")), regular.getmetrics()
    height = ascent + descent
    size = (screen.columns * width + 2 * MARGIN, screen.rows * height + 2 * MARGIN)
    image = Image.new("RGB", size, BACKGROUND)
    draw = ImageDraw.Draw(image)
    for row in range(screen.rows):
        for glyph in shown(screen, row, redact):
            x, y = MARGIN + glyph.column * width, MARGIN + row * height
            ink, paper = colours(glyph, under_cursor=screen.cursor == (row, glyph.column))
            if paper != BACKGROUND:
                draw.rectangle((x, y, x + glyph.width * width - 1, y + height - 1), fill=paper)
            if glyph.text.strip():
                chosen = having(glyph.text[0], bold if "bold" in glyph.styles else regular)
                draw.text((x, y + ascent), glyph.text, fill=ink, font=chosen, anchor="ls")
            for style, line in (("underscore", y + ascent + 2), ("strikethrough", y + ascent - ascent // 3)):
                if style in glyph.styles:
                    draw.line((x, line, x + glyph.width * width - 1, line), fill=ink)
    stream = io.BytesIO()
    image.save(stream, "PNG")
    return stream.getvalue()


def shown(screen: Screen, row: int, redact: Callable[[str], str]) -> Iterator[Glyph]:
    """The glyphs of a row, plain where something in it is not to be seen."""
    glyphs = list(screen.glyphs(row))
    text = "".join(glyph.text for glyph in glyphs)
    clean = redact(text)
    if clean == text:
        yield from glyphs
    else:
        yield from (Glyph(n, c, 1, "default", "default", ()) for n, c in enumerate(clean[:screen.columns]))


def colours(glyph: Glyph, *, under_cursor: bool) -> tuple[str, str]:
    """Ink and paper."""
    ink, paper = colour(glyph.fg, FOREGROUND), colour(glyph.bg, BACKGROUND)
    return (paper, ink) if ("reverse" in glyph.styles) != under_cursor else (ink, paper)


def colour(name: str, default: str) -> str:
    """A colour as it is drawn, from its name or its six digits."""
    digits = len(name) == 6 and all(c in "0123456789abcdef" for c in name)
    return f"#{name}" if digits else _COLOURS.get(name, default)


def known() -> bool:
    """Whether this system has one of the fonts whose letters are all as wide."""
    return any(_loaded(name) for name in _REGULAR)


@cache
def font(names: tuple[str, ...]) -> Font:
    """The first of these that this system has; otherwise the one that the library brings, whose letters are uneven."""
    found = next((each for name in names if (each := _loaded(name)) is not None), None)
    if found is None:
        brought = ImageFont.load_default(FONT_SIZE)
        assert isinstance(brought, ImageFont.FreeTypeFont), "the library is built with FreeType"
        return brought
    return found


@cache
def _loaded(name: str) -> Font | None:
    try:
        return ImageFont.truetype(name, FONT_SIZE, layout_engine=ImageFont.Layout.BASIC)
    except OSError:
        return None


@cache
def having(character: str, first: Font) -> Font:
    """The first font that has a character; where none has, its sign for that is what a person would see too."""
    others = (each for name in _MORE if (each := _loaded(name)) is not None)
    return first if character.isascii() else next((f for f in (first, *others) if _has(f, character)), first)


def _has(candidate: Font, character: str) -> bool:
    return bytes(candidate.getmask(character)) != bytes(candidate.getmask(_NOWHERE))
