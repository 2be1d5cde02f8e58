"""Other language servers, and the least that pygls can be: what ours is measured beside, in one run."""

import shutil
import subprocess
import sys
from pathlib import Path

TRIVIAL = Path(__file__).with_name("trivial_server.py")


def servers(folder: Path) -> dict[str, list[str]]:
    """Name to command of each server that could be set up; the trivial one always is."""
    folder = folder.absolute()
    folder.mkdir(parents=True, exist_ok=True)
    found = {"pygls_trivial": [sys.executable, str(TRIVIAL)]}
    bin = folder / "servers" / "bin"
    if not (bin / "ruff").exists():
        subprocess.run([sys.executable, "-m", "venv", str(folder / "servers")], check=True)
        subprocess.run([str(bin / "pip"), "install", "-q", "jedi-language-server", "ruff", "pyright"], check=False)
    for name, words in (
        ("jedi", ["jedi-language-server"]), ("ruff", ["ruff", "server"]),
        ("pyright", ["pyright-langserver", "--stdio"]),
    ):
        if (bin / words[0]).exists() and (name != "pyright" or shutil.which("node")):
            found[name] = [str(bin / words[0]), *words[1:]]
    return found
