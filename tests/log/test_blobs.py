"""A blob is what was put under its hash, or it is an error."""

import hashlib
from pathlib import Path

import pytest

from milepost.domain.errors import LogCorrupt, Refused
from milepost.log.blobs import Blobs
from milepost.log.redact import Redactor


def test_blob_is_got_as_it_was_put(tmp_path: Path) -> None:
    blobs = Blobs(tmp_path / "blobs")
    data = bytes(range(256))
    sha = blobs.put(data)
    assert sha == hashlib.sha256(data).hexdigest()
    assert blobs.get(sha) == data
    assert blobs.get(blobs.put("naïve")) == "naïve".encode()
    assert blobs.get(blobs.put(b"")) == b""
    assert blobs.path(sha) == tmp_path / "blobs" / sha[:2] / sha
    assert blobs.path(sha).stat().st_mode & 0o777 == 0o600


def test_blob_that_is_there_is_not_written_again(tmp_path: Path) -> None:
    blobs = Blobs(tmp_path)
    first = blobs.path(blobs.put("x")).stat()
    assert blobs.path(blobs.put("x")).stat() == first


def test_F05_cut_blob_is_found_and_mended_by_the_next_put(tmp_path: Path) -> None:
    blobs = Blobs(tmp_path)
    sha = blobs.put("all of it")
    blobs.path(sha).write_bytes(b"all")
    with pytest.raises(LogCorrupt, match="was changed after it was written"):
        blobs.get(sha)
    assert blobs.put("all of it") == sha
    assert blobs.get(sha) == b"all of it"


def test_missing_blob_is_named_with_its_place(tmp_path: Path) -> None:
    sha = hashlib.sha256(b"never").hexdigest()
    with pytest.raises(LogCorrupt, match=f"blob {sha[:12]} is missing: expected it at"):
        Blobs(tmp_path).get(sha)


@pytest.mark.parametrize("name", ["", "../../etc/passwd", "A" * 64, "a" * 63, "a" * 64 + "\n"])
def test_only_a_hash_names_a_blob(tmp_path: Path, name: str) -> None:
    with pytest.raises(Refused, match="expected 64 hexadecimal digits"):
        Blobs(tmp_path).get(name)


def test_verify_names_the_damaged_and_passes_over_the_unfinished(tmp_path: Path) -> None:
    blobs = Blobs(tmp_path)
    assert blobs.verify() == []
    shas = sorted(blobs.put(str(n)) for n in range(4))
    for sha in (shas[0], shas[2]):
        blobs.path(sha).write_bytes(b"other")
    (blobs.path(shas[1]).parent / ".tmp-1-left-by-a-crash").write_bytes(b"half")
    assert blobs.verify() == [shas[0], shas[2]]


def test_F08_blob_that_cannot_be_written_leaves_nothing(tmp_path: Path) -> None:
    blobs = Blobs(tmp_path)
    sha = hashlib.sha256(b"x").hexdigest()
    blobs.path(sha).mkdir(parents=True)
    with pytest.raises(OSError):
        blobs.put("x")
    assert list(blobs.path(sha).parent.iterdir()) == [blobs.path(sha)]


def test_S50_secret_is_not_kept_in_a_blob(tmp_path: Path) -> None:
    blobs = Blobs(tmp_path, Redactor(["correct-horse-battery"]))
    assert blobs.get(blobs.put(b"\xffpassword=correct-horse-battery\x00")) == b"\xffpassword=[redacted]\x00"
