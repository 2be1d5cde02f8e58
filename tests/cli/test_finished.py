"""Looking at a mission that was completed: report, why, seats, verify; and landing it."""

import json
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.cli.conftest import Terminal


def git(folder: Path, *words: str) -> str:
    return subprocess.run(["git", *words], cwd=folder, check=True, capture_output=True, text=True).stdout.strip()


@contextmanager
def tampered(finished: Terminal, sql: str) -> Iterator[None]:
    """The log after somebody changed it; put back afterwards."""
    root = finished.folder.root
    kept = [p for p in root.iterdir() if p.is_file()]
    for path in kept:
        shutil.copy2(path, finished.tmp / path.name)
    with sqlite3.connect(root / "mission.db") as db:
        db.execute(sql)
        db.commit()
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    db.close()
    try:
        yield
    finally:
        for path in kept:
            shutil.copy2(finished.tmp / path.name, path)


def test_headless_mission_is_answered_approved_and_completed(finished: Terminal) -> None:
    now = finished.json("status")
    assert (now["state"], now["settled"], now["assertions"], now["completion"]) == ("completed", 2, 2, 1.0)
    assert finished.json("items", "--all")[0]["answer"] == "euro"
    page = finished("status").stdout
    assert "discount  completed  100% (2 of 2 assertions)  $0.00" in page
    assert "F1 Discount  accepted, 2 of 2 settled" in page
    assert "`milepost land` merges it; the branch is milepost/discount" in page


def test_run_of_a_mission_that_has_ended_says_how_and_ends_with_its_code(finished: Terminal) -> None:
    said = finished("run")
    assert "completed" in said.stdout
    assert len(said.stdout.splitlines()) < 14
    assert finished("run", "--detach").code == 0


def test_sealed_milestone_is_published_and_nothing_else_of_the_user_changed(finished: Terminal) -> None:
    branches = git(finished.repository, "branch", "--list", "--format=%(refname:short)").split()
    assert branches == ["main", "milepost/discount"]
    assert git(finished.repository, "status", "--porcelain") == ""
    said = finished("publish").stdout
    assert f"milepost/discount is at {git(finished.repository, 'rev-parse', 'milepost/discount')[:10]}" in said
    assert finished.json("publish")["branch"] == "milepost/discount"


def test_record_is_whole(finished: Terminal) -> None:
    proof = finished.json("verify")
    assert proof["sound"] and proof["events"] > 50 and proof["anchors"] == 1 and proof["blobs"] > 3
    assert "the record is whole" in finished("verify").stdout


def test_rewritten_event_is_named(finished: Terminal) -> None:
    with tampered(finished, "UPDATE events SET body = replace(body, 'euro', 'yen!') WHERE seq = 6"):
        said = finished("verify", code=1).stderr
        assert "6" in said
        assert finished.json("verify", code=1)["seq"] in (5, 6)


def test_cut_tail_is_noticed_by_what_a_commit_remembers(finished: Terminal) -> None:
    head = finished.folder.root / "head"
    with tampered(finished, "DELETE FROM events WHERE seq > 12"):
        head.unlink()
        said = finished("verify", code=1).stderr
        assert "the log was cut, but a commit remembers event" in said


def test_corrupt_log_is_told_apart_from_wrong_usage(finished: Terminal) -> None:
    with tampered(finished, "UPDATE events SET body = '{' WHERE seq = 3"):
        said = finished("status", code=1).stderr
        assert "3" in said and "milepost:" in said


def test_changed_and_missing_blobs_are_named(finished: Terminal) -> None:
    first, second = sorted(p for p in finished.folder.blobs.rglob("*") if p.is_file())[:2]
    before = first.read_bytes(), second.read_bytes()
    first.chmod(0o600)
    first.write_bytes(b"other")
    second.unlink()
    try:
        problems = finished.json("verify", code=1)["problems"]
        assert any(first.name[:12] in p and "was changed" in p for p in problems)
        assert any(second.name[:12] in p and "is missing" in p for p in problems)
    finally:
        first.write_bytes(before[0])
        second.write_bytes(before[1])


def test_line_of_the_mission_leads_to_its_feature_and_verdicts(finished: Terminal) -> None:
    said = finished("why", "shop/price.py:5").stdout
    for word in ("F1 Discount", "worker.F1.1", "DISC-001", "passed", "Take a discount off the total"):
        assert word in said
    found = finished.json("why", "shop/price.py:5")
    assert found["features"][0]["id"] == "F1"


def test_line_that_was_there_before_says_so(finished: Terminal) -> None:
    assert "was there before the mission: commit" in finished("why", "README.md:1").stdout


def test_path_is_read_from_where_the_user_stands(finished: Terminal) -> None:
    found = finished.json("why", "price.py:5", "-C", str(finished.repository / "shop"))
    assert found["features"][0]["id"] == "F1"


def test_assertion_and_commit_lead_to_the_same_feature(finished: Terminal) -> None:
    commit = git(finished.repository, "rev-parse", "milepost/discount")
    assert finished.json("why", "disc-001")["features"][0]["id"] == "F1"
    assert finished.json("why", commit[:9])["features"][0]["commits"][0]["commit"] == commit


def test_unknown_things_are_refused_with_what_is_known(finished: Terminal) -> None:
    assert "has no assertion 'AUTH-001'; the contract has DISC-001" in finished("why", "AUTH-001", code=2).stderr
    assert "has no line 999" in finished("why", "README.md:999", code=2).stderr
    assert "neither FILE:LINE, nor an assertion" in finished("why", "something", code=2).stderr
    assert "no mission is called 'other'; there are: discount" in finished("why", "x", "-m", "other", code=2).stderr


def test_report_is_for_people_and_for_programs(finished: Terminal) -> None:
    assert "# Mission discount" in finished("report").stdout
    assert finished.json("report")["mission"]["id"] == "discount"
    file = finished.tmp / "report.json"
    finished("report", "--format", "json", "-o", str(file))
    assert json.loads(file.read_text())["mission"]["id"] == "discount"
    assert "cannot be written" in finished("report", "-o", "/nowhere/report.md", code=2).stderr


def test_seats_show_what_each_spent(finished: Terminal) -> None:
    rows = {row["seat"]: row for row in finished.json("seats", "-m", "discount")["seats"]}
    assert rows["worker"]["turns"] == 3 and rows["worker"]["price"] == {"fresh": 0.0, "cached": 0.0, "out": 0.0}
    assert "cassette:" in finished("seats", "-m", "discount").stdout


def test_order_that_does_not_fit_the_phase_is_refused_with_those_that_do(finished: Terminal) -> None:
    said = finished("steer", "faster", code=2).stderr
    assert "steer_mission is not possible while the mission is completed; it now takes: " in said
    assert "asks nothing now" in finished("answer", code=2).stderr


def test_mission_that_waits_for_nobody_has_no_open_items(finished: Terminal) -> None:
    assert "Nothing is open." in finished("items").stdout
    assert finished.json("items") == []


def test_all_missions_are_listed(finished: Terminal) -> None:
    said = finished("status", "--all").stdout
    assert "discount" in said and "completed" in said and "2/2" in said
