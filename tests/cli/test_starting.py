"""What `new` refuses and warns of, before anything is written."""

import json
import subprocess
from pathlib import Path

import pytest

from tests.cli import tapes
from tests.cli.conftest import Terminal


def git(folder: Path, *words: str) -> str:
    return subprocess.run(["git", *words], cwd=folder, check=True, capture_output=True, text=True).stdout


def refused(milepost_: Terminal, *words: str) -> str:
    """What `new` says against this; nothing was made."""
    said = milepost_("new", *words, code=2).stderr
    assert not list((milepost_.state / "missions").glob("*/*")) if milepost_.state.exists() else True
    return " ".join(said.split())


GIVEN = ("--model", "cassette:x", "--no-sandbox", "--trust")


def test_repository_that_is_not_trusted_is_refused_with_the_flag(milepost_: Terminal) -> None:
    said = refused(milepost_, "A shop", "--model", "cassette:x", "--no-sandbox")
    assert "is not trusted yet" in said and "--trust" in said


def test_goal_is_needed_once(milepost_: Terminal, tmp_path: Path) -> None:
    goal = tmp_path / "goal.md"
    goal.write_text("  \n")
    assert "the goal is empty; say in words what you want" in refused(milepost_, *GIVEN)
    assert f"the goal in '{goal}' is empty" in refused(milepost_, "-F", str(goal), *GIVEN)
    assert "the goal is given twice" in refused(milepost_, "A shop", "-F", str(goal), *GIVEN)
    assert "cannot be read" in refused(milepost_, "--goal", str(tmp_path / "nowhere.md"), *GIVEN)


def test_goal_file_that_is_no_text_is_refused(milepost_: Terminal, tmp_path: Path) -> None:
    (tmp_path / "goal.md").write_bytes(b"\xff\xfe\x00")
    assert "expected a file of text in UTF-8" in refused(milepost_, "-F", str(tmp_path / "goal.md"), *GIVEN)


def test_F23_folder_without_a_repository_is_refused(milepost_: Terminal, tmp_path: Path) -> None:
    bare = tmp_path / "bare"
    bare.mkdir()
    assert "is not in a git repository" in refused(milepost_, "A shop", "-C", str(bare), *GIVEN)
    assert "is no folder" in refused(milepost_, "A shop", "-C", str(tmp_path / "gone"), *GIVEN)


def test_F23_repository_without_a_commit_is_refused(milepost_: Terminal, tmp_path: Path) -> None:
    git(tmp_path, "init", "-q", "unborn")
    assert "has no commit yet" in refused(milepost_, "A shop", "-C", str(tmp_path / "unborn"), *GIVEN)


def test_F23_detached_head_is_refused(milepost_: Terminal) -> None:
    git(milepost_.repository, "checkout", "-q", "--detach")
    assert "is on no branch (detached HEAD)" in refused(milepost_, "A shop", *GIVEN)


def test_no_model_names_the_keys_that_would_do(milepost_: Terminal) -> None:
    said = refused(milepost_, "A shop", "--no-sandbox", "--trust")
    assert "ANTHROPIC_API_KEY" in said and "seats.worker.model" in said


def test_wrong_setting_names_its_file_and_line(milepost_: Terminal, home: Path) -> None:
    file = home / "config" / "milepost" / "config.toml"
    file.parent.mkdir(parents=True)
    file.write_text('publish = "sealed"\n\n[budget]\ndollars = "many"\n')
    said = refused(milepost_, "A shop", *GIVEN)
    assert f"{file}:4: setting 'budget.dollars' is 'many'" in said


@pytest.mark.parametrize(("words", "said"), [
    (("--seat", "cook=gpt"), "--seat 'cook=gpt': expected SEAT=MODEL with one of orchestrator, worker"),
    (("--seat", "worker="), "expected SEAT=MODEL"),
    (("-m", "My Shop"), "'My Shop' cannot name a mission; expected letters, digits and dashes, such as 'my-shop'"),
    (("--detach", "--approve-as-proposed"), "leave --detach out"),
    (("--budget", "-1"), "Invalid value"),
])
def test_wrong_words_are_refused_with_what_was_expected(milepost_: Terminal, words: tuple[str, ...], said: str) -> None:
    assert said in refused(milepost_, "A shop", *GIVEN, *words)


def test_api_base_without_a_model_is_refused(milepost_: Terminal) -> None:
    said = refused(milepost_, "A shop", "--no-sandbox", "--trust", "--api-base", "http://127.0.0.1:1")
    assert "name them with --model or --seat" in said


def test_mission_has_a_sandbox_or_is_refused_with_the_command_that_mends_it(milepost_: Terminal) -> None:
    machine = {found["name"]: found for found in milepost_.json("doctor", code=None)}
    if machine["sandbox"]["state"] == "ok":
        milepost_("new", "A shop", "--model", "cassette:x", "--trust", "--detach")
        assert "It was worked on without a sandbox." not in milepost_.json("report", "-m", "shop")["mission"]["caveats"]
        return
    said = refused(milepost_, "A shop", "--model", "cassette:x", "--trust")
    assert "--no-sandbox" in said and ("apt-get install" in said or "sysctl" in said or "docker run" in said)


def test_detached_mission_is_set_up_as_it_was_asked_for(milepost_: Terminal) -> None:
    milepost_.record(tapes.asking())
    (milepost_.repository / "README.md").write_text("# changed\n")
    done = milepost_.new(
        "--detach", "--budget", "12.5", "--seat", "reviewer=cassette:other", "--api-base", "http://127.0.0.1:9"
    )
    assert "1 path not committed (README.md): not part of the mission" in " ".join(done.stderr.split())
    assert "`milepost run -m discount` follows it" in done.stdout

    now = milepost_.until(lambda now: bool(now["attention"]))
    assert now["budget"]["dollars"] == 12.5
    seats = {row["seat"]: row for row in milepost_.json("seats", "-m", "discount")["seats"]}
    assert seats["reviewer"]["model"] == "cassette:other"
    assert seats["worker"]["model"] == f"cassette:{milepost_.tape}"
    assert {row["api_base"] for row in seats.values()} == {"http://127.0.0.1:9"}
    assert (milepost_.repository / "README.md").read_text() == "# changed\n"


def test_mission_in_place_works_in_the_open_folder(milepost_: Terminal) -> None:
    milepost_.record(tapes.asking())
    (milepost_.repository / "note.txt").write_text("mine\n")
    done = milepost_.new("--in-place", code=3)
    assert "not committed" not in done.stderr
    assert milepost_.json("status")["mode"] == "in_place"


def test_second_mission_of_a_name_gets_a_number_and_the_newest_is_meant(milepost_: Terminal) -> None:
    milepost_.record(tapes.asking())
    for _ in range(2):
        milepost_.new("--detach")
    assert [one["mission"] for one in milepost_.json("status", "--all")] == ["discount-2", "discount"]
    assert milepost_.json("status")["mission"] == "discount-2"
    assert milepost_.json("status", "-m", "discount")["mission"] == "discount"
    said = milepost_("status", "-m", "disc", code=2).stderr
    assert "more than one mission is called 'disc'" in said


def test_json_lines_tell_what_happens_and_end_with_the_status(milepost_: Terminal) -> None:
    milepost_.record(tapes.asking())
    lines = [json.loads(line) for line in milepost_.new("--json", code=3).stdout.splitlines()]
    assert [line["kind"] for line in lines[:2]] == ["mission_created", "attempt_started"]
    assert lines[-1]["status"]["attention"][0]["item"] == "I1"
