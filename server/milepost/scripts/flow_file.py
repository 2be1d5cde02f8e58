"""A script as a file of its own: with what it needs to be played anywhere its program lies."""

from typing import Literal

from milepost.domain.services import Manifest
from milepost.domain.shape import Shape
from milepost.scripts.script import Script


class FlowFile(Shape):
    """A script, and the services of its program."""

    format: Literal[1] = 1
    mission: str
    manifest: Manifest
    script: Script
