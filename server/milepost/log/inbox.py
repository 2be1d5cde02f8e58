"""Orders on their way in: one file each, written whole into `inbox/`, taken out by whoever holds the lease (D19)."""

import os
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field, StringConstraints, ValidationError

from milepost.domain.shape import Shape, Text
from milepost.log.durable import make_folder, sync_folder, write_durably

INBOX = "inbox"
BROKEN = "broken"
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
OrderId = Annotated[str, StringConstraints(pattern=r"^[0-7][0-9A-HJKMNP-TV-Z]{25}$")]
"""A ULID: sorts by the time it was made."""


class OrderFile(Shape):
    """An order as it lies in the inbox."""

    id: OrderId
    mission: Text
    order: Text
    """Its name, such as `pause_mission`."""
    arguments: dict[str, Any] = Field(default_factory=dict)
    by: Text
    seen: dict[str, str] = Field(default_factory=dict)
    """Document to the hash the submitter looked at, where the order approves, lands or replaces."""


@dataclass(frozen=True, slots=True)
class BrokenOrder:
    """A file that is no order; it now lies in `inbox/broken/`, with the reason in a file beside it."""

    path: Path
    reason: str


def new_id(clock: Callable[[], float] = time.time, entropy: Callable[[int], bytes] = os.urandom) -> str:
    """A ULID whose first random bits are the microseconds, so that one person's orders keep their order."""
    milliseconds, micros = divmod(int(clock() * 1e6), 1000)
    chance = int.from_bytes(entropy(9)) & ((1 << 70) - 1)
    number = (milliseconds & ((1 << 48) - 1)) << 80 | micros << 70 | chance
    return "".join(ALPHABET[number >> shift & 31] for shift in range(125, -1, -5))


def submit(folder: Path, order: OrderFile) -> Path:
    """Put an order into the inbox of a mission's folder; it is on disk when this returns."""
    path = folder / INBOX / f"{order.id}.json"
    write_durably(path, order.model_dump_json().encode())
    return path


def pending(folder: Path) -> list[tuple[Path, OrderFile | BrokenOrder]]:
    """The orders that wait, oldest first; only for who holds the lease, as broken files are moved away."""
    return list(_pending(folder / INBOX))


def done(path: Path) -> None:
    """Take an order out of the inbox, once its answer is in the log; a crash before this leaves it, to be skipped."""
    path.unlink(missing_ok=True)


def _pending(inbox: Path) -> Iterator[tuple[Path, OrderFile | BrokenOrder]]:
    for path in sorted(inbox.glob("[!.]*.json")):
        found = _order_in(path)
        if isinstance(found, OrderFile):
            yield path, found
        elif found is not None:
            broken = _set_aside(path, found)
            yield broken.path, broken


def _order_in(path: Path) -> OrderFile | str | None:
    """The order in a file; a text that says why there is none; None where the file is gone."""
    try:
        order = OrderFile.model_validate_json(path.read_bytes())
    except FileNotFoundError:
        return None
    except OSError as error:
        return f"{path.name!r} cannot be read: {error}"
    except ValidationError as error:
        return f"{path.name!r} is not an order: {error}"
    if path.stem != order.id:
        return f"{path.name!r} holds the order {order.id!r}: expected the file to be named after it"
    return order


def _set_aside(path: Path, reason: str) -> BrokenOrder:
    folder = path.parent / BROKEN
    make_folder(folder)
    target = _free(folder / path.name)
    write_durably(target.with_name(f"{target.name}.reason"), f"{reason}\n".encode("utf-8", "replace"))
    path.rename(target)
    sync_folder(folder)
    return BrokenOrder(target, reason)


def _free(path: Path) -> Path:
    """The path, or the same with a number where files of that name were set aside before."""
    candidate, number = path, 1
    while candidate.exists():
        number += 1
        candidate = path.with_name(f"{path.stem}.{number}{path.suffix}")
    return candidate
