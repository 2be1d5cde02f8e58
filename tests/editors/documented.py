"""The configurations of `server/EDITORS.md`, as a reader copies them: what is documented is what is tested."""

import re

from tests.conftest import ROOT

PAGE = ROOT / "server" / "EDITORS.md"


def block(heading: str, language: str) -> str:
    """The first fenced text of that language below a heading."""
    text = PAGE.read_text()
    section = re.search(rf"^## {re.escape(heading)}\n(.*?)(?=^## |\Z)", text, re.MULTILINE | re.DOTALL)
    assert section is not None, f"no heading {heading!r} in {PAGE.name}"
    found = re.search(rf"^```{language}\n(.*?)^```$", section[1], re.MULTILINE | re.DOTALL)
    assert found is not None, f"no {language} below {heading!r} in {PAGE.name}"
    return found[1]
