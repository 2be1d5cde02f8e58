"""The repository's own skills, as they were at the commit the mission began with: what a worker changes is not read."""

import shutil
from pathlib import Path, PurePosixPath

from milepost.text.skills import REPOSITORY_FOLDERS
from milepost.workspace.repository import Repository


async def lay_out(repository: Repository, base: str, target: Path) -> Path:
    """Write them into a folder, once; the folder, whose skills `gather` reads as the repository's."""
    if not there(target):
        paths = [path for path in await repository.list_paths(base) if is_skill(path)]
        write_whole({path: await repository.read(base, path) or b"" for path in paths}, target)
    return target


def there(target: Path) -> bool:
    """Whether an earlier life wrote it."""
    return target.exists()


def write_whole(files: dict[str, bytes], target: Path) -> None:
    """Write files into a new folder, which appears only once it holds them all."""
    part = target.with_name(f"{target.name}.part")
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir()
    for path, content in files.items():
        place = part / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(content)
    part.rename(target)


def is_skill(path: str) -> bool:
    """Whether a path of the repository belongs to a skill."""
    return any(PurePosixPath(path).is_relative_to(folder) for folder in REPOSITORY_FOLDERS)
