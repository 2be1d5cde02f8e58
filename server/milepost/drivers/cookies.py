"""Cookies that services set, kept for one attempt and sent back as a browser would."""

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from http.cookies import CookieError, Morsel, SimpleCookie


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
            try:
                morsels = SimpleCookie(value).values()
            except CookieError:
                continue
            for morsel in morsels:
                self._take(service, path, morsel)

    def _take(self, service: str, path: str, morsel: Morsel[str]) -> None:
        where = morsel["path"] if morsel["path"].startswith("/") else path.rpartition("/")[0] or "/"
        key = (service, morsel.key, where)
        expires = self._expiry(morsel)
        if expires is not None and expires <= self._now():
            self._cookies.pop(key, None)
        else:
            self._cookies[key] = Cookie(morsel.key, morsel.coded_value, where, expires)

    def _expiry(self, morsel: Morsel[str]) -> float | None:
        age = morsel["max-age"]
        if age.lstrip("-").isdigit():
            return self._now() + int(age)
        try:
            return parsedate_to_datetime(morsel["expires"]).timestamp() if morsel["expires"] else None
        except ValueError:
            return None


def _covers(folder: str, path: str) -> bool:
    return path == folder or path.startswith(folder if folder.endswith("/") else f"{folder}/")
