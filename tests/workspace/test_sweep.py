import stat
from pathlib import Path

from milepost.workspace import sweep
from tests.workspace.user_repository import write


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_folders_are_opened_and_links_are_not_followed(tmp_path: Path):
    outside, root = tmp_path / "outside", tmp_path / "root"
    write(root, {"a/b/file": "x"})
    outside.mkdir()
    (root / "a/link").symlink_to(outside)
    for folder in (outside, root / "a/b", root / "a", root):
        folder.chmod(0o050)
    sweep.open_folders(root)
    assert [mode(folder) for folder in (root, root / "a", root / "a/b")] == [0o750] * 3
    assert mode(outside) == 0o050


def test_repositories_are_left_as_they_are_where_told_so(tmp_path: Path):
    write(tmp_path, {".git/x": "x", "sub/.git/x": "x", "sub/deep/x": "x", "plain/deep/x": "x"})
    closed = [tmp_path / name for name in (".git", "sub/.git", "sub/deep", "plain/deep")]
    for folder in closed:
        folder.chmod(0o500)
    sweep.open_folders(tmp_path, leave_repositories=True)
    assert [mode(folder) for folder in closed] == [0o500, 0o500, 0o500, 0o700]
    sweep.open_folders(tmp_path)
    assert [mode(folder) for folder in closed] == [0o700] * 4


def test_every_git_entry_goes_whatever_it_is(tmp_path: Path):
    outside, root = tmp_path / "outside", tmp_path / "root"
    write(outside, {"kept": "x"})
    write(root, {"folder/.git/config": "x", "file/.git": "gitdir: x", "deep/er/.git/HEAD": "x", "fine/.gitignore": "x"})
    (root / "link").mkdir()
    (root / "link/.git").symlink_to(outside)
    (root / "through").symlink_to(outside)
    sweep.drop_git_entries(root)
    assert sorted(path.name for path in root.rglob("*.git*")) == [".gitignore"]
    assert (outside / "kept").exists()


def test_removed_files_take_the_folders_they_leave_empty_with_them(tmp_path: Path):
    write(tmp_path, {"a/b/c": "x", "a/b/d/e": "x", "f/g": "x"})
    sweep.remove(tmp_path, ["a/b/d/e", "f/g", "not/there"])
    assert sorted(str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*")) == ["a", "a/b", "a/b/c"]
