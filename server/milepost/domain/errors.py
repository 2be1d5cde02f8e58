"""What can go wrong, by whose turn it is to mend it.

    MilepostError
    ├── Refused          the mission cannot do that now; shown to the person
    ├── ToolError        goes back to the model as text
    ├── ModelError       the model did not answer; says whether to retry, park or stop
    ├── LogConflict      another writer appended first; fatal for a runner
    ├── LogCorrupt       the log was tampered with or damaged; names the first bad event
    ├── LogUnavailable   the log cannot be read or written just now: full disk, rights, a lock; nothing is lost
    ├── WorkspaceError   git or sandbox; says what happened and how to mend it
    └── ConfigError      stops at start; names the file, the line and the setting

Anything else is a bug: it ends the attempt, not the server.
"""

from typing import Literal

Remedy = Literal["retry", "park", "stop", "context"]
"""What to do about a model that did not answer: again soon, again at a known time, ask the user, or hand off."""


class MilepostError(Exception):
    """The base of every error that Milepost raises on purpose."""


class Refused(MilepostError):
    """The mission cannot do that now; the message says what was expected and what to do."""


class ToolError(MilepostError):
    """A tool says no; the message goes back to the model."""


class ModelError(MilepostError):
    """A model call that brought no reply.

    `remedy` says what follows; `retry_at` is a POSIX time in seconds where the provider named one.
    `reason` is a short class for the log: rate_limit, quota, auth, silent, cut, server, context, refused, unknown.
    """

    def __init__(self, message: str, *, remedy: Remedy, reason: str, retry_at: float | None = None) -> None:
        super().__init__(message)
        self.remedy: Remedy = remedy
        self.reason = reason
        self.retry_at = retry_at


class LogConflict(MilepostError):
    """Another process appended to this log first: this one must stop writing."""


class LogCorrupt(MilepostError):
    """The log does not agree with itself; `seq` is the first event that is wrong."""

    def __init__(self, message: str, *, seq: int | None = None) -> None:
        super().__init__(message)
        self.seq = seq


class LogUnavailable(MilepostError):
    """The log cannot be read or written just now (full disk, rights, a lock); the batch at hand was not kept."""


class WorkspaceError(MilepostError):
    """Git, a process or the sandbox failed; the message says how to mend it."""


class ConfigError(MilepostError):
    """A setting is wrong; the message names the file, the setting and what was expected."""
