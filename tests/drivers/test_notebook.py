"""Evidence is named, kept by its hash, and described in a line."""

import hashlib

from milepost.drivers.notebook import TITLE_CHARACTERS, Notebook


def test_evidence_is_counted_and_kept_by_its_hash() -> None:
    blobs: dict[str, bytes] = {}

    def keep(data: bytes) -> str:
        key = hashlib.sha256(data).hexdigest()
        blobs[key] = data
        return key

    notebook = Notebook(keep, "t" * 40)
    first = notebook.add("request", b"one", "GET /", "A-001", "app")
    second = notebook.add("file", b"two", "a file")
    assert [first.id, second.id] == ["E1", "E2"]
    assert (first.assertion, first.service, first.tree) == ("A-001", "app", "t" * 40)
    assert blobs[second.blob] == b"two"
    assert notebook.entries == [first, second]


def test_resumed_attempt_goes_on_counting() -> None:
    assert Notebook(lambda data: "0", "t", taken=4).add("file", b"", "x").id == "E5"


def test_title_is_one_short_line() -> None:
    title = Notebook(lambda data: "0", "t").add("file", b"", "a\nb " + "c" * 500).title
    assert title.startswith("a b ccc")
    assert len(title) == TITLE_CHARACTERS
