"""Commands as a person types them: processes of their own, in a home of their own."""

import os
import subprocess
import sys
from pathlib import Path

from tests.conftest import ROOT


def milepost(
    *words: str, cwd: Path, home: Path, ok: int | None = 0, timeout: float = 600
) -> subprocess.CompletedProcess[str]:
    """Run one command; its exit code must be `ok`, or anything where that is None."""
    environment = {
        **os.environ,
        "HOME": str(home),
        "MILEPOST_CONFIG_DIR": str(home / "config"),
        "MILEPOST_STATE_DIR": str(home / "state"),
        "PYTHONPATH": str(ROOT / "server"),
        "PATH": f"{os.environ['PATH']}{os.pathsep}{Path(sys.executable).parent}",
    }
    done = subprocess.run(
        [sys.executable, "-m", "milepost", *words],
        cwd=cwd,
        env=environment,
        capture_output=True,
        text=True,
        timeout=timeout,
        stdin=subprocess.DEVNULL,
    )
    assert ok is None or done.returncode == ok, f"{words}: exit code {done.returncode}\n{done.stdout}\n{done.stderr}"
    return done
