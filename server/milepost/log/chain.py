"""Whether rows form the chain they were written as, and which event is the first that does not (D24)."""

from collections.abc import Iterable, Sequence

from milepost.domain.errors import LogCorrupt
from milepost.log.row import Row, Tail, record_of

Anchor = tuple[int, str]
"""A sequence number and the hash its row had, as a commit's trailer remembers them."""


class Chain:
    """Walks a log from its first row; every row must follow the one before, and every anchor must be met."""

    def __init__(self, anchors: Sequence[Anchor] = ()) -> None:
        self.tail = Tail()
        self._anchors = sorted(set(anchors))
        self._proven = 0

    def follow(self, rows: Iterable[Row]) -> None:
        """Take the next rows.

        Raises LogCorrupt naming the first event that is missing or was changed.
        """
        for row in rows:
            self._follow(row)

    def _follow(self, row: Row) -> None:
        expected = self.tail.seq + 1
        if row.seq != expected:
            raise LogCorrupt(f"event {expected} is missing: {self.tail.seq} is followed by {row.seq}", seq=expected)
        record_of(row)
        if row.prev != self.tail.hash:
            raise _rewritten(row.seq)
        self.tail = Tail(row.seq, row.hash)
        self._meet_anchors()

    def _meet_anchors(self) -> None:
        while self._anchors and self._anchors[0][0] == self.tail.seq:
            seq, expected = self._anchors.pop(0)
            if expected != self.tail.hash:
                raise LogCorrupt(
                    f"events {self._proven + 1} to {seq} were rewritten: a commit remembers {expected[:12]} for event "
                    f"{seq}, the log says {self.tail.hash[:12]}",
                    seq=self._proven + 1,
                )
            self._proven = seq

    def end(self) -> None:
        """There are no more rows.

        Raises LogCorrupt naming the tail that is missing, where an anchor lies behind the last row.
        """
        if self._anchors:
            first, last = self.tail.seq + 1, self._anchors[-1][0]
            raise LogCorrupt(
                f"events {first} to {last} are missing: the log was cut, but a commit remembers event {last}", seq=first
            )


def _rewritten(seq: int) -> LogCorrupt:
    if seq == 1:
        return LogCorrupt("event 1 does not begin a log: another stood before it when it was written", seq=1)
    return LogCorrupt(
        f"event {seq - 1} was rewritten: it is not the one that event {seq} was written after", seq=seq - 1
    )
