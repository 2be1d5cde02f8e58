"""Names for content: the hash of a text, and of an assertion as it is agreed."""

import hashlib

from milepost.domain.contract import Assertion
from milepost.domain.contract_format import format_assertion


def text_hash(text: str) -> str:
    """SHA-256 of a text in UTF-8, as 64 hex digits."""
    return hashlib.sha256(text.encode()).hexdigest()


def assertion_hash(assertion: Assertion) -> str:
    """The hash of an assertion's formatted text: it changes exactly when what was agreed changes."""
    return text_hash(format_assertion(assertion))
