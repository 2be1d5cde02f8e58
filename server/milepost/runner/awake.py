"""Keeps the machine from falling asleep while a mission runs, where the system has a way to ask for that (D23)."""

import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

WHY = "a mission runs"
TOOLS = (
    ("systemd-inhibit", "--what=idle:sleep", "--who=Milepost", f"--why={WHY}", "--mode=block"),
    ("caffeinate", "-i", "-s"),
)
"""Programs that keep the machine awake for as long as the program behind their options runs."""
WAITS = "cat"
"""Runs until its input ends: with the pipe it ends too, however we end."""


@contextmanager
def awake(wanted: bool, which: Callable[[str], str | None] = shutil.which) -> Iterator[bool]:
    """While inside, the machine is asked to stay awake; whether there was somebody to ask."""
    tool = next((words for words in TOOLS if which(words[0])), None) if wanted else None
    if tool is None:
        yield False
        return
    process = subprocess.Popen(
        [str(which(tool[0])), *tool[1:], WAITS], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield True
    finally:
        with suppress(BrokenPipeError):
            process.communicate()
