"""A page as text: Playwright's accessibility snapshot, its elements named e1, e2 … in the order they were shown."""

import difflib
import re
from dataclasses import dataclass, field

SHOWN_CHARACTERS = 6_000
"""Of a snapshot after an action."""
LOOKED_CHARACTERS = 16_000
"""Of a snapshot that was asked for."""
_LINE = re.compile(
    r"^(?P<indent>\s*)- (?P<quote>'?)(?P<role>[a-z]+)(?: (?P<name>\"(?:[^\"\\]|\\.)*\"))?(?P<marks>(?: \[[^\]]*\])*)"
)
_REF = re.compile(r" \[ref=((?:f\d+)?e\d+)\]")
_NOISE = re.compile(r" \[(?:cursor=pointer|active)\]")


@dataclass(frozen=True, slots=True)
class Element:
    """One element of a snapshot: Playwright's name of it, its role, and its name in quotes."""

    ref: str
    role: str
    name: str

    def __str__(self) -> str:
        return f"{self.role} {self.name}".strip()


@dataclass(slots=True)
class Names:
    """The names of one document's elements: given when they are first shown, and kept while the document is there.

    Playwright's own count what it met on the way, too, and so depend on how fast a page was.
    """

    given: dict[str, str] = field(default_factory=dict)
    """Playwright's name to ours."""
    shown: dict[str, Element] = field(default_factory=dict)
    """By our name, what the newest snapshot shows."""

    def rename(self, snapshot: str) -> str:
        """The snapshot in our names; its elements are those that can be acted on from now on."""
        self.shown = {}
        return "\n".join(self._line(line) for line in snapshot.splitlines())

    def lasting(self, name: str) -> str:
        """What a person calls an element, by which it is found again on another day: `button "Save"`, `link "Edit" #2`.

        Raises KeyError for one that the newest snapshot does not show.
        """
        element = self.shown[name]
        alike = [ours for ours, each in self.shown.items() if str(each) == str(element)]
        return str(element) if len(alike) == 1 else f"{element} #{alike.index(name) + 1}"

    def _line(self, line: str) -> str:
        parts = _LINE.match(line)
        found = _REF.search(parts["marks"]) if parts else None
        if parts is None or found is None:
            return line
        ours = self.given.setdefault(found[1], f"e{len(self.given) + 1}")
        self.shown[ours] = Element(found[1], parts["role"], parts["name"] or "")
        marks = _NOISE.sub("", parts["marks"]).replace(found[0], f" [{ours}]")
        return line[: parts.start("marks")] + marks + line[parts.end("marks"):]


def cut(snapshot: str, limit: int) -> str:
    """Whole lines up to a limit, and how many were left out."""
    if len(snapshot) <= limit:
        return snapshot
    kept = snapshot[:limit].rpartition("\n")[0] or snapshot[:limit]
    left = snapshot.count("\n") - kept.count("\n")
    return f"{kept}\n[… {left} more lines; look at a part by its target]"


def changes(before: str, after: str) -> str | None:
    """Lines that went (-) and came (+), where that says it in fewer words than the whole; None where it does not."""
    if before == after:
        return "[the page shows what it showed before]"
    lines = [
        line for line in difflib.unified_diff(before.splitlines(), after.splitlines(), lineterm="", n=1)
        if not line.startswith(("---", "+++"))
    ]
    shorter = "\n".join("…" if line.startswith("@@") else line for line in lines)
    return shorter if len(shorter) < len(after) / 2 else None
