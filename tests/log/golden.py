"""One example of every event kind, and the files under `tests/stored/` that keep the shapes as they once were.

`PYTHONPATH=server:. python -m tests.log.golden` writes what is missing for a new kind; nothing stored is overwritten.
"""

import asyncio
import json
import sqlite3
import tempfile
from collections.abc import Iterator
from pathlib import Path
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel, TypeAdapter, ValidationError

from milepost.domain.record import Event
from milepost.log.store import EventLog

STORED = Path(__file__).parents[1] / "stored" / "v1"
MISSION = "shop-2026"
MODELS: dict[str, type[BaseModel]] = {
    model.model_fields["kind"].default: model
    for union in get_args(Event) for model in (get_args(union) or (union,))
}
SAMPLES: dict[type, list[Any]] = {
    str: [
        "F1", "M1", "AUTH-001", "I1", "E1", "R1", "AUTH", "web", "tests/test_price.py",
        "sealed at the second try, naïvely",
    ],
    int: [3, 1_000, 100_000],
    float: [1.5],
    bool: [True],
}


def example(kind: str) -> Event:
    """An event of that kind with every field filled in."""
    return _filled(MODELS[kind])


def _filled(model: type[BaseModel]) -> Any:
    fields = model.model_fields.items()
    return model.model_validate({name: _sample(name, field.rebuild_annotation()) for name, field in fields})


def _sample(name: str, wanted: Any) -> Any:
    for candidate in _candidates(name, wanted):
        try:
            TypeAdapter(wanted).validate_python(candidate)
        except ValidationError:
            continue
        return candidate
    raise AssertionError(f"no sample fits {name!r} of {wanted!r}; add one to SAMPLES")


def _candidates(name: str, wanted: Any) -> Iterator[Any]:
    origin, inner = get_origin(wanted), get_args(wanted)
    if origin is Annotated:
        yield from _candidates(name, inner[0])
    elif origin is Literal:
        yield inner[0]
    elif origin in (Union, UnionType):
        yield from (_sample(name, part) for part in inner if part is not NoneType)
    elif origin is list:
        yield from ([_sample(name, inner[0])] * length for length in (1, 2))
    elif origin is dict:
        yield {"some": _sample(name, inner[1])}
    elif wanted is Any:
        yield {"nested": ["deep", 1, None]}
    elif wanted is str:
        yield f"what {name} says, at some length: ünïcode \"and\" 'quotes'"
        yield from SAMPLES[str]
    elif wanted in SAMPLES:
        yield from SAMPLES[wanted]
    else:
        yield _filled(wanted)


async def _dump(folder: Path, events: list[Event]) -> str:
    """A whole log as SQL text."""
    async with await EventLog.open(folder, MISSION, write=True) as log:
        for number, event in enumerate(events):
            await log.append([event], by="engine", order="01J", attempt="worker.F1.1", at=1_760_000_000.25 + number)
    with sqlite3.connect(folder / "mission.db") as db:
        pragmas = [f"PRAGMA {name} = {db.execute(f'PRAGMA {name}').fetchone()[0]};"
                   for name in ("application_id", "user_version")]
        text = "\n".join([*pragmas, *db.iterdump()])
    db.close()
    return text + "\n"


def write(folder: Path = STORED) -> None:
    """Write the golden files that are missing."""
    folder.mkdir(parents=True, exist_ok=True)
    for kind in MODELS:
        path = folder / f"{kind}.json"
        if not path.exists():
            path.write_text(json.dumps(example(kind).model_dump(), indent=1, ensure_ascii=False) + "\n")
    dump = folder / "mission.sql"
    if not dump.exists():
        with tempfile.TemporaryDirectory() as scratch:
            dump.write_text(asyncio.run(_dump(Path(scratch), [example(kind) for kind in MODELS])))


if __name__ == "__main__":
    write()
