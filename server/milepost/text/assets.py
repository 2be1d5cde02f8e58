"""Where the shipped text lies, in a wheel or in a checkout, and where the user's own lies over it."""

import os
from pathlib import Path

import platformdirs

PACKAGE = Path(__file__).resolve().parents[1]
FOLDERS = ("prompts", "skills", "demo")


def root() -> Path:
    """The folder that holds `prompts/`, `skills/` and `demo/`: inside the package in a wheel, else the checkout."""
    packed = PACKAGE / "_text"
    return packed if packed.is_dir() else PACKAGE.parents[1]


def shipped(folder: str) -> Path:
    """One of the shipped folders: `prompts`, `skills` or `demo`."""
    return root() / folder


def user_folder() -> Path:
    """The user's own configuration: `$MILEPOST_CONFIG_DIR`, or the place that the operating system has for it."""
    chosen = os.environ.get("MILEPOST_CONFIG_DIR")
    if chosen:
        return Path(chosen).expanduser().absolute()
    return platformdirs.user_config_path("milepost", appauthor=False)


def layers(folder: str) -> tuple[Path, Path]:
    """Where to look for text of one kind, in order: the user's overlay, then what is shipped."""
    return user_folder() / folder, shipped(folder)
