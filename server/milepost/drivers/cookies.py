"""Cookies that services set, kept for one attempt and sent back as a browser would (RFC 6265, 5.2)."""

import re
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from email.utils import parsedate_to_datetime

MOST = 200
"""Cookies of one jar; the oldest go first, as in a browser."""
COOKIE_CHARACTERS = 4_096
_CONTROLS = re.compile("[\\x00-\\x08\\x0a-\\x1f\\x7f]")


@dataclass(frozen=True, slots=True)
class Cookie:
    """One cookie of one service; `expires` is in POSIX seconds, None for the whole attempt."""

    name: str
    value: str
    path: str
    expires: float | None


class Jar:
    """Cookies by service, name and path."""

    def __init__(self, now: Callable[[], float] = time.time) -> None:
        self._now = now
        self._cookies: dict[tuple[str, str, str], Cookie] = {}

    def header(self, service: str, path: str) -> str:
        """The value of the Cookie header for a request, longest path first; empty where none applies."""
        held = [
            cookie for (owner, _, _), cookie in self._cookies.items()
            if owner == service and _covers(cookie.path, path)
            and (cookie.expires is None or cookie.expires > self._now())
        ]
        return "; ".join(f"{c.name}={c.value}" for c in sorted(held, key=lambda c: -len(c.path)))

    def take(self, service: str, path: str, values: Iterable[str]) -> None:
        """Keeps what Set-Cookie headers say; one that expired is forgotten, one that nobody can read is left out."""
        for value in values:
            named, *rest = value.split(";")
            name, equals, content = (part.strip(" \t") for part in named.partition("="))
            attributes = dict(_attribute(part) for part in reversed(rest))
            # A cookie that holds a line break would end the header of every later request.
            if equals and name and len(named) <= COOKIE_CHARACTERS and not _CONTROLS.search(named):
                self._take(service, path, name, content, attributes)

    def _take(self, service: str, path: str, name: str, value: str, attributes: dict[str, str]) -> None:
        wanted = attributes.get("path", "")
        where = wanted if wanted.startswith("/") else path.rpartition("/")[0] or "/"
        key = (service, name, where)
        expires = self._expiry(attributes)
        if expires is not None and expires <= self._now():
            self._cookies.pop(key, None)
            return
        self._cookies[key] = Cookie(name, value, where, expires)
        if len(self._cookies) > MOST:
            del self._cookies[next(iter(self._cookies))]

    def _expiry(self, attributes: dict[str, str]) -> float | None:
        """When it is over; a time that nobody can read is none."""
        age = attributes.get("max-age", "")
        if re.fullmatch(r"-?[0-9]{1,15}", age):
            return self._now() + int(age)
        try:
            return parsedate_to_datetime(attributes["expires"]).timestamp() if "expires" in attributes else None
        except (ValueError, OverflowError):
            return None


def _attribute(part: str) -> tuple[str, str]:
    name, _, value = part.partition("=")
    return name.strip(" \t").lower(), value.strip(" \t")


def _covers(folder: str, path: str) -> bool:
    return path == folder or path.startswith(folder if folder.endswith("/") else f"{folder}/")
