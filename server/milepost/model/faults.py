"""From whatever went wrong with a call to what is to be done about it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC
from email.utils import parsedate_to_datetime

from milepost.domain.errors import ModelError, Remedy
from milepost.domain.seat import Seat

LONGEST_WAIT_S = 120.0
"""A rate limit that lasts longer parks the mission."""
QUOTA_WAIT_S = 3600.0
"""When to look again after a quota was used up, if the provider does not say."""

_QUOTA = re.compile(
    r"insufficient_quota|exceeded your current quota|billing|credit balance|insufficient (credit|balance|fund)"
    r"|usage limit|spend(ing)? limit|payment",
    re.IGNORECASE,
)
_CONTEXT = re.compile(
    r"context[ _](length|window|size)|prompt is too long|too many (input )?tokens|maximum (context|prompt) length"
    r"|input is too long|exceeds? the (model'?s )?maximum",
    re.IGNORECASE,
)
_REFUSED = re.compile(r"content[ _](policy|filter|management)|safety system|responsible ?ai", re.IGNORECASE)
_WAIT = re.compile(
    r"(?:try again|retry|available again|reset)\w* (?:after|in)\D{0,3}((?:\d+(?:\.\d+)?\s*(?:ms|[hms])\w*[\s,]*)+)"
    r"|\"retryDelay\":\s*\"(\d+(?:\.\d+)?s)\"",
    re.IGNORECASE,
)
_PREFIX = re.compile(r"^(?:(?:litellm\.)?\w*(?:Error|Exception)(?:: | - | ))+")
"""What LiteLLM puts before a provider's own words."""
_SPAN = re.compile(r"(\d+(?:\.\d+)?)\s*(ms|[hms])", re.IGNORECASE)
_SECONDS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0}


@dataclass
class Contact:
    """What the provider's server itself said; LiteLLM's exceptions lose some of it."""

    status: int | None = None
    headers: Mapping[str, str] = field(default_factory=dict)


def is_fault(error: BaseException, contact: Contact) -> bool:
    """Whether an exception tells of the provider or the way to it, rather than of a bug of ours."""
    return contact.status is not None or hasattr(error, "status_code") or isinstance(error, OSError)


def fault(error: BaseException, contact: Contact, seat: Seat, now: float) -> ModelError:
    """The ModelError that an exception stands for."""
    status = _status(error, contact)
    text = _PREFIX.sub("", str(error).partition("Traceback (most recent")[0]).strip()
    if status in (400, 413, 422) and (status == 413 or _CONTEXT.search(text)):
        return _of(seat, "context", "context", f"the prompt is longer than its window: {text}")
    if status == 402 or (status in (400, 429) and _QUOTA.search(text)):
        return _quota(seat, text, contact, now)
    if status == 429:
        return _rate_limit(seat, text, contact, now)
    if status in (401, 403):
        name = seat.api_key_env or "its provider"
        return _of(seat, "stop", "auth", f"the key was refused (HTTP {status}); put a valid one into {name}: {text}")
    if status == 400 and _REFUSED.search(text):
        return _of(seat, "stop", "refused", f"it refused to answer: {text}")
    if status is not None and 300 <= status < 500 and status not in (408, 409, 425):
        text = f"the request was refused (HTTP {status}); check model and api_base: {text}"
        return _of(seat, "stop", "unknown", text)
    if contact.status is not None and contact.status < 300:
        return cut(seat, text)
    return _of(seat, "retry", "server", f"its server failed ({_code(contact)}): {text}", _retry_at(text, contact, now))


def _status(error: BaseException, contact: Contact) -> int | None:
    """The server's status; where that was good, or there was none, the one that the exception tells of."""
    told: int | None = getattr(error, "status_code", None)
    if contact.status is None:
        return told
    return told if contact.status < 300 and told is not None and 400 <= told < 500 else contact.status


def cut(seat: Seat, text: str) -> ModelError:
    """An answer that broke off, or that is not one."""
    return _of(seat, "retry", "cut", f"the answer broke off or made no sense; nothing of it was used: {text}")


def silent(seat: Seat) -> ModelError:
    """A connection on which nothing came any more."""
    return _of(seat, "retry", "silent", f"nothing came for {seat.silence_s:g} s; the connection was closed")


def refused(seat: Seat) -> ModelError:
    """An answer that a filter withheld."""
    return _of(seat, "stop", "refused", "its provider's filter withheld the answer")


def keyless(seat: Seat) -> ModelError:
    """A seat whose key is not at hand."""
    return _of(seat, "stop", "auth", f"there is no key: {seat.api_key_env!r} is not set where the runner finds keys")


def _of(seat: Seat, remedy: Remedy, reason: str, text: str, retry_at: float | None = None) -> ModelError:
    return ModelError(f"model {seat.model!r}: {text[:1500].strip()}", remedy=remedy, reason=reason, retry_at=retry_at)


def _code(contact: Contact) -> str:
    return f"HTTP {contact.status}" if contact.status is not None else "no connection"


def _quota(seat: Seat, text: str, contact: Contact, now: float) -> ModelError:
    retry_at = _retry_at(text, contact, now)
    if retry_at is not None and retry_at - now <= LONGEST_WAIT_S:
        return _rate_limit(seat, text, contact, now)
    return _of(seat, "park", "quota", f"the quota or the money is used up: {text}", retry_at or now + QUOTA_WAIT_S)


def _rate_limit(seat: Seat, text: str, contact: Contact, now: float) -> ModelError:
    retry_at = _retry_at(text, contact, now)
    remedy: Remedy = "park" if retry_at is not None and retry_at - now > LONGEST_WAIT_S else "retry"
    return _of(seat, remedy, "rate_limit", f"too many requests: {text}", retry_at)


def _retry_at(text: str, contact: Contact, now: float) -> float | None:
    """When the provider says to come back: by header in milliseconds, seconds or as a date, or in its text."""
    if (ms := _number(contact.headers.get("retry-after-ms"))) is not None:
        return now + ms / 1000
    after = contact.headers.get("retry-after")
    if (seconds := _number(after)) is not None:
        return now + seconds
    if after and (date := _date(after)) is not None:
        return date
    told = _WAIT.search(text)
    if told is None:
        return None
    return now + sum(float(n) * _SECONDS[unit.lower()] for n, unit in _SPAN.findall(told[1] or told[2]))


def _number(text: str | None) -> float | None:
    return float(text) if text and re.fullmatch(r"\s*\d+(\.\d+)?\s*", text) else None


def _date(text: str) -> float | None:
    try:
        found = parsedate_to_datetime(text)
    except ValueError:
        return None
    return (found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp()
