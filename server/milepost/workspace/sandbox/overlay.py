"""Files and folders laid over a tree for as long as a cell is open, and gone from it afterwards."""

import contextlib
import filecmp
import shutil
from pathlib import Path

from milepost.domain.errors import WorkspaceError
from milepost.workspace.cell import Room


class Overlay:
    """What a room's `readonly` and `mask` ask for, as places in the tree that a sandbox can mount over.

    A place that is missing is made: a copy of the file, or an empty folder. Only what was made is removed.
    With `plain` nothing will be mounted, so what is made must do by itself.
    """

    def __init__(self, room: Room, *, plain: bool = False) -> None:
        self._tree = room.host_tree
        self._plain = plain
        self._made: list[Path] = []
        masked = [] if plain else [(self._tree / at, at) for at in room.mask]
        self.laid: tuple[tuple[Path, str], ...] = (*room.readonly, *masked)
        """What to mount, and where in the tree."""
        try:
            for source, at in self.laid:
                self._lay(source, at)
        except WorkspaceError:
            self.remove()
            raise

    def remove(self) -> None:
        """Takes away what was made, and folders made for it that are empty now."""
        for path in reversed(self._made):
            with contextlib.suppress(OSError):
                if path.is_dir() and not path.is_symlink():
                    path.rmdir()
                else:
                    path.unlink()
        self._made.clear()

    def _lay(self, source: Path, at: str) -> None:
        place = self._tree / at
        if link := self._link_on_the_way(at):
            raise WorkspaceError(f"{at!r} cannot be laid over: {str(link)!r} is a link; replace it")
        if not place.exists():
            self._make(source, place)
        elif source.is_dir() != place.is_dir():
            raise WorkspaceError(f"{str(source)!r} cannot be laid over {at!r}, a thing of another kind; move that")
        elif self._plain and not _same(source, place):
            raise WorkspaceError(f"{at!r} is in the tree already and differs from {str(source)!r}; move it")

    def _make(self, source: Path, place: Path) -> None:
        if source != place and not source.exists():
            raise WorkspaceError(f"{str(source)!r} is to be laid over the tree, but is not there")
        for parent in reversed(place.parents):
            if not parent.exists():
                parent.mkdir()
                self._made.append(parent)
        if source.is_file():
            shutil.copyfile(source, place)
            place.chmod(0o444)
        elif self._plain:
            place.symlink_to(source.resolve())
        else:
            # Also what stands in for a masked path that is missing: nobody can make what is there already.
            place.mkdir()
        self._made.append(place)

    def _link_on_the_way(self, at: str) -> Path | None:
        path = self._tree
        for part in Path(at).parts:
            path = path / part
            if path.is_symlink():
                return path
        return None


def _same(source: Path, place: Path) -> bool:
    return source.is_file() and filecmp.cmp(source, place, shallow=False)
