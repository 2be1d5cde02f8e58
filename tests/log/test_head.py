"""Readers hear of commits through `head`, and look for themselves where it says nothing."""

import asyncio
from pathlib import Path

import pytest

from milepost.log.head import Head, HeadFile, read_head, watch_head


def test_head_is_read_as_written(tmp_path: Path) -> None:
    head = HeadFile(tmp_path, 42)
    head.write(1_000_000)
    assert read_head(tmp_path) == Head(1_000_000, 42)
    head.write(7)
    assert read_head(tmp_path) == Head(7, 42)
    head.close()


@pytest.mark.parametrize("content", [None, b"", b"7", b"seven 8", b"\xff\xfe"])
def test_head_that_says_nothing_is_none(tmp_path: Path, content: bytes | None) -> None:
    if content is not None:
        (tmp_path / "head").write_bytes(content)
    assert read_head(tmp_path) is None


async def test_watch_yields_at_once_and_on_each_change(tmp_path: Path) -> None:
    head = HeadFile(tmp_path, 42)
    looks = watch_head(tmp_path, look_s=0.001, fallback_s=1000)
    assert await anext(looks) is None
    for seq in (1, 2):
        head.write(seq)
        assert await anext(looks) == Head(seq, 42)
    waiting = asyncio.ensure_future(anext(looks))
    done, _ = await asyncio.wait([waiting], timeout=0.02)
    assert not done
    waiting.cancel()
    head.close()


async def test_watch_looks_again_though_nothing_changed(tmp_path: Path) -> None:
    looks = watch_head(tmp_path, look_s=0.001, fallback_s=0.003)
    assert [await anext(looks) for _ in range(3)] == [None, None, None]


def test_head_is_only_a_hint_so_a_failure_to_write_it_is_none(tmp_path: Path) -> None:
    head = HeadFile(tmp_path, 42)
    head.write(1)
    head.close()
    head.write(2)
    assert read_head(tmp_path) == Head(1, 42)
