"""Landing, taking back and pruning: what changes something of the user's."""

from pathlib import Path

import pytest

from tests.cli.conftest import Terminal
from tests.cli.test_finished import git


@pytest.fixture
def done(milepost_: Terminal) -> Terminal:
    """A terminal beside a completed mission."""
    milepost_.complete()
    return milepost_


def test_landed_mission_is_in_the_users_branch_and_can_be_pruned(done: Terminal) -> None:
    (done.repository / "README.md").write_text("# mine, not committed\n")
    said = done("land").stdout
    assert "main moves forward to" in said and "shop/price.py" in said and "Landed: main is at" in said
    assert "discount=0" in (done.repository / "shop/price.py").read_text()
    assert (done.repository / "README.md").read_text() == "# mine, not committed\n"
    assert done.json("status")["landed"] == git(done.repository, "rev-parse", "main")

    assert "was landed already" in done("land", code=2).stderr
    assert "nobody can be asked here: say --yes" in done("prune", code=2).stderr
    assert done.json("prune", "--keep", "1", "--yes") == []
    assert "deleted discount" in done("prune", "--yes").stdout
    assert not list((done.state / "missions").glob("*/discount"))
    assert "there is no mission of" in done("status", code=2).stderr


def test_merge_that_breaks_a_check_is_not_landed_unless_the_user_says_so(done: Terminal) -> None:
    price = done.repository / "shop" / "price.py"
    (done.repository / "shop" / "__init__.py").write_text(
        '"""A small shop."""\nfrom shop import price as _price\n_price.total = lambda prices, discount=0: 0\n'
    )
    git(done.repository, "commit", "-qam", "Free for all")
    before = git(done.repository, "rev-parse", "main")

    said = done("land", code=2).stderr
    assert "the merged tree did not pass; nothing was moved" in said and "DISC-001" in said and "gate test" in said
    assert git(done.repository, "rev-parse", "main") == before and "discount=0" not in price.read_text()

    landed = done.json("land", "--no-gates")
    assert landed["commit"] == git(done.repository, "rev-parse", "main") != before
    assert "discount=0" in price.read_text()


def test_change_in_the_way_refuses_the_landing(done: Terminal) -> None:
    (done.repository / "shop/price.py").write_text("# being written\n")
    said = done("land", code=2).stderr
    assert "uncommitted changes in your checkout are in the way" in said and "shop/price.py" in said


def test_branch_is_pushed_with_the_text_of_a_pull_request(done: Terminal, tmp_path: Path) -> None:
    assert "'origin' is not a remote there (known: none)" in done("land", "--push", "origin", code=2).stderr
    git(tmp_path, "init", "-q", "--bare", "hub.git")
    git(done.repository, "remote", "add", "origin", str(tmp_path / "hub.git"))
    said = done("land", "--push", "origin").stdout
    assert "Take a discount off the total (discount, F1" in said
    assert git(tmp_path / "hub.git", "log", "-1", "--format=%s", "milepost/discount") == "Take a discount off the total"
    assert git(done.repository, "log", "-1", "--format=%s", "main") == "A small shop"


def test_feature_is_taken_back_and_built_anew(done: Terminal) -> None:
    assert "'F9' has no range of commits" in done("revert", "F9", code=2).stderr
    found = done.json("revert", "f1")
    assert found["started"] is True
    now = done.until(lambda now: now["state"] not in ("running", "interrupted"))
    assert now["phase"] == "running"
    tree = git(done.folder.repository, "show", "-s", "--format=%s%n%(trailers:key=Milepost-Log)", found["commit"])
    assert tree.startswith("Take back F1: Discount\nMilepost-Log: ")
    assert done.json("verify")["anchors"] == 2


def test_verdicts_are_judged_again_when_asked(done: Terminal) -> None:
    assert "'NO-001' is not a live assertion" in done("recheck", "NO-001", code=2).stderr
    said = done("recheck", "disc-002").stdout
    assert "DISC-002 will be judged again" in said
    assert done.json("status")["phase"] in ("running", "completed")


def test_mission_without_a_commit_has_nothing_to_land(milepost_: Terminal) -> None:
    milepost_.record({})
    milepost_.new("--detach")
    milepost_("cancel", "changed my mind")
    assert "has made no commit; there is nothing to land" in milepost_("land", "--unfinished", code=2).stderr
    assert "there is nothing to publish" in milepost_("publish", code=2).stderr
    assert milepost_("run", code=8).stdout
