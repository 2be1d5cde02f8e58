"""Secrets taken out of what is about to be stored: known values, and strings that look like well-known keys (S50)."""

import json
import re
from collections.abc import Iterable
from typing import TypeVar
from urllib.parse import quote

from pydantic import ValidationError

from milepost.domain.errors import Refused
from milepost.domain.record import EVENT, Event

MARK = "[redacted]"
MIN_SECRET = 8
"""Shorter values are left alone: they would tear holes into ordinary words."""

START = r"(?:(?<![A-Za-z0-9])|(?<=\\[nrt]))"
"""Not inside a word, but right after the escaped line end of text that holds JSON."""
PATTERNS: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("sk-", re.compile(START + r"sk-(?=[A-Za-z_-]*\d)[A-Za-z0-9_-]{16,}")),
    ("gh", re.compile(START + r"gh[pousr]_[A-Za-z0-9]{20,}")),
    ("github_pat_", re.compile(START + r"github_pat_[A-Za-z0-9_]{20,}")),
    ("glpat-", re.compile(START + r"glpat-[A-Za-z0-9_-]{16,}")),
    ("KIA", re.compile(START + r"AKIA[0-9A-Z]{16}(?![0-9A-Z])")),
    ("SIA", re.compile(START + r"ASIA[0-9A-Z]{16}(?![0-9A-Z])")),
    ("AIza", re.compile(START + r"AIza[0-9A-Za-z_-]{35}")),
    ("xox", re.compile(START + r"xox[abeprs]-[A-Za-z0-9-]{10,}")),
    ("earer", re.compile(r"(?<=[Bb]earer )(?=\S*\d)[A-Za-z0-9._~+/=-]{16,}")),
    ("PRIVATE KEY", re.compile(r"(?s)-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*PRIVATE KEY-----|\Z)")),
)
"""A plain string that must be there for a pattern to be worth a try, and the pattern."""

Data = TypeVar("Data")


class Redactor:
    """Replaces secrets by `[redacted]`; without known values it still knows the look of keys."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        known = {form for secret in secrets if len(secret.strip()) >= MIN_SECRET for form in _forms(secret.strip())}
        # The longest first: a secret may begin with another one.
        self._known = sorted(known, key=lambda form: (-len(form), form))

    def text(self, text: str) -> str:
        """The text without secrets; the same object where there are none."""
        for secret in self._known:
            if secret in text:
                text = text.replace(secret, MARK)
        for hint, pattern in PATTERNS:
            if hint in text:
                text = pattern.sub(MARK, text)
        return text

    def raw(self, data: bytes) -> bytes:
        """Bytes without secrets; what is not text stays as it is."""
        return self.text(data.decode("utf-8", "surrogateescape")).encode("utf-8", "surrogateescape")

    def data(self, value: Data) -> Data:
        """JSON-like data without secrets, keys included."""
        clean: object = value
        if isinstance(value, str):
            clean = self.text(value)
        elif isinstance(value, dict):
            clean = {self.data(key): self.data(entry) for key, entry in value.items()}
        elif isinstance(value, list):
            clean = [self.data(entry) for entry in value]
        return clean  # type: ignore[return-value]  # a str for a str, a list for a list: narrowing loses that

    def event(self, event: Event) -> Event:
        """The event without secrets; the same one where there are none.

        Raises Refused where a secret stood in a field that cannot do without it.
        """
        before = event.model_dump()
        clean = self.data(before)
        if clean == before:
            return event
        try:
            return EVENT.validate_python(clean)
        except ValidationError as error:
            where = ".".join(str(part) for part in error.errors()[0]["loc"])
            raise Refused(
                f"{event.kind!r} was not recorded: {where!r} holds a secret and is not valid without it; "
                f"say it without the secret"
            ) from error


def _forms(secret: str) -> Iterable[str]:
    """The ways a secret is written: as it is, inside JSON, inside a URL."""
    return secret, json.dumps(secret)[1:-1], json.dumps(secret, ensure_ascii=False)[1:-1], quote(secret, safe="")
