"""What a program writes to its terminal, sifted: only what a screen can show goes on, in sequences that are whole.

Titles are kept as text; questions, pictures, clipboards and all other strings for devices end here, however long they
are and however their bytes are dealt out to the reads.
"""

import re
from collections.abc import Iterator

from pyte.charsets import VT100_MAP

from milepost.drivers.plain import plain

TITLE_CHARACTERS = 200
_STRING_BYTES = 4_096
"""Of a string that might be a title; the rest of it is let go."""
_SEQUENCE_BYTES = 256
_PARAMETERS, _LARGEST = 32, 9_999

_TOKEN = re.compile(
    rb"(?P<text>[^\x1b]+)"
    rb"|\x1b\[(?P<mark>[<-?]?)(?P<numbers>[0-9:;]*)(?P<between>[ -/]*)(?P<final>[@-~])"
    rb"|\x1b(?P<string>[]PX^_])"
    rb"|\x1b(?P<half>[()])(?P<charset>[0-~])"
    rb"|\x1b(?P<short>\#8|[78DEHMc])"
    rb"|\x1b(?:[ -/]+[0-~]|[0-OQ-WYZ\\`-~])"
)
_BEGUN = re.compile(rb"\x1b(?:\[[<-?]?[0-9:;]*[ -/]*|[ -/]*)")
_ENDS = {True: re.compile(rb"[\x07\x18\x1a]|\x1b"), False: re.compile(rb"[\x18\x1a]|\x1b")}
"""What ends a string: a bell only where it is one for the system, such as a title."""
_C1 = re.compile(rb"\xc2([\x80-\x9f])")
_RGB = re.compile(rb"([34]8):2:[0-9]*:([0-9]+):([0-9]+):([0-9]+)")
_SHIFTS = re.compile(rb"[\x0e\x0f]|[^\x0e\x0f]+")
_MUTE = bytes((*range(7), *range(0x10, 0x20), 0x7F))
"""Controls that move no cursor; pyte gives up the rest of a text at one."""
_DRAWN = re.compile(rb"[\x5f-\x7e]")


class Sieve:
    """Takes bytes as they come, and gives those that the screen is fed with."""

    def __init__(self) -> None:
        self.title = ""
        self._held = b""
        self._string: bytes | None = None
        """Which kind of string is being read; None outside of one."""
        self._said = bytearray()
        self._graphic = {b"(": False, b")": False}
        self._shifted = False

    def sift(self, data: bytes) -> bytes:
        """What of this, and of what was held back before, can be shown by now."""
        data = self._held + data
        self._held = b""
        if data.endswith(b"\xc2"):
            data, self._held = data[:-1], b"\xc2"
        # A terminal that speaks UTF-8 takes these for the escapes of two bytes that they stand for.
        data = _C1.sub(lambda match: bytes((0x1B, match[1][0] - 0x40)), data)
        return b"".join(self._pieces(data))

    def _pieces(self, data: bytes) -> Iterator[bytes]:
        at = 0
        while at < len(data):
            if self._string is not None:
                at = self._in_string(data, at)
                continue
            token = _TOKEN.match(data, at)
            if token is not None:
                at = token.end()
                yield self._passed(token)
                continue
            begun = _BEGUN.match(data, at)
            assert begun is not None, "what is no text begins with an escape"
            at = begun.end()
            if at == len(data):
                # One that grows without end is held as one that no terminal knows.
                self._held = (begun[0] if len(begun[0]) <= _SEQUENCE_BYTES else b"\x1b[>") + self._held

    def _in_string(self, data: bytes, at: int) -> int:
        """Reads on in a string; where to go on after it."""
        system = self._string == b"]"
        end = _ENDS[system].search(data, at)
        stop = len(data) if end is None else end.start()
        self._said += data[at:min(stop, at + _STRING_BYTES - len(self._said))]
        if end is None:
            return stop
        if end[0] == b"\x1b":
            if stop + 1 == len(data):
                self._held = b"\x1b" + self._held
                return len(data)
            # Any other sequence ends it too, and is read for itself.
            stop += 1 if data[stop + 1:stop + 2] == b"\\" else -1
        if system:
            self._titled(bytes(self._said))
        self._string = None
        self._said.clear()
        return stop + 1

    def _titled(self, said: bytes) -> None:
        code, _, text = said.partition(b";")
        if code in (b"0", b"2"):
            self.title = plain(text.decode("utf-8", "replace"))[:TITLE_CHARACTERS]

    def _passed(self, token: re.Match[bytes]) -> bytes:
        """What of one token the screen is fed with."""
        if token["text"] is not None:
            return self._text(token["text"].translate(None, _MUTE))
        if token["final"] is not None:
            known = token["mark"] in (b"", b"?") and not token["between"]
            return b"\x1b[" + token["mark"] + _numbers(token) + token["final"] if known else b""
        if token["string"] is not None:
            self._string = token["string"]
        elif token["half"] is not None:
            self._graphic[token["half"]] = token["charset"] == b"0"
        elif token["short"] is not None:
            if token["short"] == b"c":
                self._graphic, self._shifted, self.title = {b"(": False, b")": False}, False, ""
            return token[0]
        return b""

    def _text(self, text: bytes) -> bytes:
        """Text as it is drawn: by the alphabet of lines and corners where the program has chosen that."""
        if not any(self._graphic.values()) and not self._shifted:
            self._shifted = text.rfind(b"\x0e") > text.rfind(b"\x0f")
            return text
        parts = []
        for part in _SHIFTS.findall(text):
            if part in (b"\x0e", b"\x0f"):
                self._shifted = part == b"\x0e"
            elif self._graphic[b")" if self._shifted else b"("]:
                parts.append(_DRAWN.sub(lambda match: VT100_MAP[match[0][0]].encode(), part))
            else:
                parts.append(part)
        return b"".join(parts)


def _numbers(token: re.Match[bytes]) -> bytes:
    """The parameters of a sequence, few and small."""
    numbers, most = token["numbers"], _LARGEST
    if token["final"] == b"m":
        numbers, most = _without_colons(numbers) if b":" in numbers else numbers, 255
    parts = numbers.split(b";")[:_PARAMETERS]
    return b";".join(str(min(int(part[:6]), most)).encode() if part.isdigit() else b"" for part in parts)


def _without_colons(numbers: bytes) -> bytes:
    """Colours written with colons, as the screen knows them: with semicolons."""
    parts = []
    for part in _RGB.sub(rb"\1;2;\2;\3;\4", numbers).split(b";"):
        head = part.partition(b":")[0]
        parts.append(part.replace(b":", b";") if head in (b"38", b"48") else b"24" if part == b"4:0" else head)
    return b";".join(parts)
