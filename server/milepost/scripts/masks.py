"""Clocks in what a program prints: times near the time of the run are gaps, all others are what they say."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from functools import partial

from milepost.scripts.marks import ANY

_DAY = r"\d{4}-\d\d-\d\d"
_CLOCK = r"\d\d:\d\d(?::\d\d(?:\.\d+)?)?"
_ISO = re.compile(rf"\b{_DAY}(?:[T ]{_CLOCK})?(?:Z|[+-]\d\d:?\d\d)?(?![\w-])")
_MAIL = re.compile(rf"\b(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d \w{{3}} \d{{4}} {_CLOCK} GMT")
_SECONDS = re.compile(r"(?<![\w.-])1\d{9}(?:\d{3})?(?:\.\d+)?(?![\w-])")
_TIME = re.compile(rf"(?<![\w:.-]){_CLOCK}(?![\w:])")
NEAR = timedelta(days=1, hours=1)
"""A date within this of a run is the run's own: zones differ, and midnight comes."""
SOON = timedelta(minutes=5)


def masked(line: str, at: float) -> str:
    """The line with the run's own times as gaps; `at` is when it was seen, in POSIX seconds."""
    now = datetime.fromtimestamp(at, UTC)
    for pattern, read in ((_MAIL, parsedate_to_datetime), (_ISO, _iso), (_SECONDS, _seconds)):
        line = pattern.sub(partial(_unless_far, read, now), line)
    return _TIME.sub(lambda m: ANY if _just_now(m[0], now) else m[0], line)


def _unless_far(read: Callable[[str], datetime], now: datetime, found: re.Match[str]) -> str:
    try:
        return ANY if abs(read(found[0]) - now) < NEAR else found[0]
    except (ValueError, OverflowError):
        return found[0]


def _iso(text: str) -> datetime:
    found = datetime.fromisoformat(text)
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _seconds(text: str) -> datetime:
    number = float(text)
    return datetime.fromtimestamp(number / 1000 if number > 1e11 else number, UTC)


def _just_now(text: str, now: datetime) -> bool:
    """Whether a time of day is the run's own; only zones of whole hours are thought of, near UTC."""
    hours, minutes = int(text[:2]), int(text[3:5])
    if hours > 23 or minutes > 59:
        return False
    shown = now.replace(hour=hours, minute=minutes, second=0)
    return min(abs(shown + timedelta(days=d) - now) for d in (-1, 0, 1)) < SOON
