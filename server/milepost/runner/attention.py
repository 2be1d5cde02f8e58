"""Tells an absent user that their mission waits or has ended, by the command they set for it (A12)."""

import os
import subprocess

from milepost.domain.mission import Mission
from milepost.log.folder import MissionFolder


def tell(mission: Mission, folder: MissionFolder, command: str | None) -> None:
    """Run the user's `on_attention` command, detached, with what happened in its environment."""
    if not command or mission.word in ("draft", "running", "paused"):
        return
    hold = mission.holds.get(mission.word)
    reason = hold.reason if hold else mission.reason or mission.summary
    environment = {
        **os.environ, "MILEPOST_EVENT": mission.word, "MILEPOST_REASON": reason[:2000],
        "MILEPOST_FOLDER": str(folder.root), "MILEPOST_NAME": mission.id,
    }
    subprocess.Popen(
        command, shell=True, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL, start_new_session=True,
    )
