"""Names made of hashes: of a text, of an assertion as it is agreed, of a repository by its place."""

import hashlib

from milepost.domain.contract import Assertion
from milepost.domain.contract_format import format_assertion


def text_hash(text: str) -> str:
    """SHA-256 of a text in UTF-8, as 64 hex digits."""
    return hashlib.sha256(text.encode()).hexdigest()


def assertion_hash(assertion: Assertion) -> str:
    """The hash of an assertion's formatted text: it changes exactly when what was agreed changes."""
    return text_hash(format_assertion(assertion))


def repository_key(common_dir: str) -> str:
    """The name a repository's missions are kept under: its folder's name and a hash of where its git directory is.

    `common_dir` is the real path of its common git directory.
    """
    above, _, last = common_dir.rstrip("/").rpartition("/")
    name = above.rpartition("/")[2] if last == ".git" else last.removesuffix(".git")
    return f"{name}-{hashlib.sha256(common_dir.encode('utf-8', 'surrogateescape')).hexdigest()[:8]}"
