"""An order that was submitted is taken out once, in order, or set aside with its reason; never lost."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from milepost.log.inbox import BrokenOrder, OrderFile, done, new_id, pending, submit


def order(name: str = "pause_mission", made: float = 1_760_000_000.0) -> OrderFile:
    order_id = new_id(lambda: made, lambda size: bytes([7]) * size)
    arguments = {"reason": "lunch"}
    return OrderFile(id=order_id, mission="shop", order=name, arguments=arguments, by="user", seen={"plan": "ab"})


def test_order_is_found_as_it_was_submitted(tmp_path: Path) -> None:
    path = submit(tmp_path, order())
    assert path == tmp_path / "inbox" / f"{order().id}.json"
    assert pending(tmp_path) == [(path, order())]
    done(path)
    done(path)
    assert pending(tmp_path) == []


def test_orders_come_in_the_order_of_their_ids(tmp_path: Path) -> None:
    moments = [1_760_000_000.0 + n / 1e4 for n in (3, 1, 20, 2)]
    paths = {made: submit(tmp_path, order(made=made)) for made in moments}
    assert [path for path, _ in pending(tmp_path)] == [paths[made] for made in sorted(moments)]


def test_order_submitted_twice_is_one_order(tmp_path: Path) -> None:
    assert submit(tmp_path, order()) == submit(tmp_path, order())
    assert len(pending(tmp_path)) == 1


def test_empty_and_missing_inboxes_hold_nothing(tmp_path: Path) -> None:
    assert pending(tmp_path) == []
    (tmp_path / "inbox").mkdir()
    assert pending(tmp_path) == []


@pytest.mark.parametrize(("content", "reason"), [
    (b"", "is not an order"), (b"{", "is not an order"), (b"\xff", "is not an order"),
    (b'{"id": "1"}', "is not an order"), (order().model_dump_json().encode(), "expected the file to be named after it"),
])
def test_F05_broken_order_is_set_aside_with_its_reason(tmp_path: Path, content: bytes, reason: str) -> None:
    good = submit(tmp_path, order())
    bad = good.with_name("00BAD.json")
    bad.write_bytes(content)
    (broken_path, broken), (_, whole) = pending(tmp_path)
    assert isinstance(broken, BrokenOrder)
    assert reason in broken.reason
    assert broken_path == broken.path == tmp_path / "inbox" / "broken" / "00BAD.json"
    assert broken_path.read_bytes() == content
    assert (broken_path.parent / "00BAD.json.reason").read_text() == f"{broken.reason}\n"
    assert whole == order()
    assert pending(tmp_path) == [(good, order())]


def test_broken_orders_of_one_name_are_all_kept(tmp_path: Path) -> None:
    for content in (b"1", b"2", b"3"):
        (tmp_path / "inbox").mkdir(exist_ok=True)
        (tmp_path / "inbox" / "x.json").write_bytes(content)
        pending(tmp_path)
    folder = tmp_path / "inbox" / "broken"
    assert [(folder / name).read_bytes() for name in ("x.json", "x.2.json", "x.3.json")] == [b"1", b"2", b"3"]


def test_what_cannot_be_read_is_set_aside_and_what_is_gone_is_passed_over(tmp_path: Path) -> None:
    (tmp_path / "inbox" / "folder.json").mkdir(parents=True)
    (tmp_path / "inbox" / "gone.json").symlink_to(tmp_path / "nowhere")
    (path, broken), = pending(tmp_path)
    assert path.name == "folder.json"
    assert isinstance(broken, BrokenOrder)
    assert "cannot be read" in broken.reason


def test_half_written_order_is_not_seen(tmp_path: Path) -> None:
    path = submit(tmp_path, order())
    path.with_name(".tmp-1-X.json").write_bytes(b"{")
    path.with_name("notes.txt").write_bytes(b"")
    assert pending(tmp_path) == [(path, order())]


def test_id_is_a_ulid_that_sorts_by_time() -> None:
    assert new_id(lambda: 1_469_918_176.385, lambda size: bytes(size)).startswith("01ARYZ6S41")
    moments = [0.0, 0.001, 1.0, 1_760_000_000.0, 1_760_000_000.000002, 1_760_000_000.001, 281_474_976_710.0]
    ids = [new_id(lambda moment=moment: moment) for moment in moments]  # type: ignore[misc]
    assert ids == sorted(ids)
    assert len({*ids, new_id(), new_id()}) == len(ids) + 2
    assert all(OrderFile(id=x, mission="m", order="o", by="user").id == x for x in ids)


@pytest.mark.parametrize("order_id", ["", "../../x", "8" * 26, "0" * 25, "I" * 26])
def test_id_that_is_no_ulid_is_refused(order_id: str) -> None:
    with pytest.raises(ValidationError):
        OrderFile(id=order_id, mission="m", order="o", by="user")
