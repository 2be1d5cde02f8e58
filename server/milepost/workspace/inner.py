"""What runs behind the walls of a sandbox, seen from outside: its first process, with which everything there ends."""

import contextlib
import os
import re
import signal

_PID = re.compile(rb'"child-pid": (\d+)\D')


class Inner:
    """The first process behind bubblewrap's walls, known once bubblewrap has said which it is."""

    def __init__(self) -> None:
        self._reader, self.writer = os.pipe()
        os.set_blocking(self._reader, False)
        self._said = b""
        self._pidfd = -1

    def words(self) -> list[str]:
        """What makes bubblewrap say it."""
        return ["--info-fd", str(self.writer)]

    def descriptor(self) -> int:
        """A descriptor that can be read once it has ended; -1 while it is unknown, and when it is long gone."""
        if self._pidfd < 0:
            with contextlib.suppress(BlockingIOError):
                self._said += os.read(self._reader, 4096)
            if found := _PID.search(self._said):
                with contextlib.suppress(ProcessLookupError):
                    self._pidfd = os.pidfd_open(int(found[1]))
        return self._pidfd

    def kill(self) -> None:
        """Ends everything there."""
        if self.descriptor() >= 0:
            with contextlib.suppress(ProcessLookupError):
                signal.pidfd_send_signal(self._pidfd, signal.SIGKILL)

    def close(self) -> None:
        """Lets go of the descriptors."""
        os.close(self._reader)
        if self._pidfd >= 0:
            os.close(self._pidfd)
