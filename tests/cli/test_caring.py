"""Doctor, trust, prune, and the commands that only our own processes start."""

import json
import os
import shutil
import signal
import stat
from pathlib import Path

import pytest

from milepost.runner.checkup import disk, file_system
from milepost.runner.rehearsal import guess
from tests.cli import tapes
from tests.cli.conftest import Terminal
from tests.cli.test_finished import git
from tests.runner import story


def test_doctor_looks_at_everything_and_says_what_to_do(milepost_: Terminal) -> None:
    (milepost_.repository / "README.md").write_text("# changed\n")
    found = {f["name"]: f for f in milepost_.json("doctor", code=3)}
    machine = {"python", "git", "sandbox", "browser", "sqlite", "disk"}
    assert set(found) == machine | {"repository", "clone", "settings", "keys", "seats"}
    assert {found[name]["state"] for name in ("python", "git", "sqlite", "clone", "settings")} == {"ok"}
    assert found["repository"]["state"] == "warn" and "1 (README.md)" in found["repository"]["text"]
    assert found["keys"]["state"] == "fail" and "ANTHROPIC_API_KEY" in found["keys"]["mend"]
    said = milepost_("doctor", code=3).stdout
    assert "FAIL  keys: none is in the environment\n      → set one of" in said


def test_doctor_shows_the_seats_that_the_keys_give(milepost_: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANTHROPIC_API_KEY", "not-a-key-1")
    found = [f for f in milepost_.json("doctor", code=None) if f["name"] in ("keys", "seats")]
    assert found[0]["text"] == "ANTHROPIC_API_KEY"
    assert "worker claude-" in found[1]["text"]
    assert any("SEAT-002" in f["text"] for f in found if f["state"] == "warn")
    assert "not-a-key-1" not in json.dumps(found)
    assert "$ per million" in milepost_("seats").stdout


def test_doctor_outside_a_repository_says_so(milepost_: Terminal, tmp_path: Path) -> None:
    found = {f["name"]: f for f in milepost_.json("doctor", "-C", str(tmp_path), code=3)}
    assert found["repository"]["state"] == "fail" and "git init" in found["repository"]["mend"]


def test_S01_commands_of_an_untrusted_repository_are_not_tried(milepost_: Terminal) -> None:
    said = milepost_("doctor", "--commands", code=2).stderr
    assert "is not trusted, so none of its commands is run" in " ".join(said.split())


def test_doctor_says_which_command_fails_and_why(milepost_: Terminal) -> None:
    (milepost_.repository / "package.json").write_text('{"scripts": {"test": "echo no such luck; exit 3"}}')
    git(milepost_.repository, "add", "-A")
    git(milepost_.repository, "commit", "-qm", "node")
    milepost_("trust")
    found = {f["name"]: f for f in milepost_.json("doctor", "--commands", code=None)}
    tried = found["command test"]
    assert tried["state"] == "warn" and "'npm test' ended with exit code" in tried["text"]
    assert "mend 'npm test'" in tried["mend"]


def test_doctor_tries_the_test_command_that_the_repository_seems_to_have(milepost_: Terminal) -> None:
    for path in (milepost_.repository / "tests").iterdir():
        path.unlink()
    (milepost_.repository / "tests").rmdir()
    (milepost_.repository / "Makefile").write_text("test:\n\t@echo fine\n")
    git(milepost_.repository, "add", "-A")
    git(milepost_.repository, "commit", "-qm", "make")
    milepost_("trust")
    found = {f["name"]: f for f in milepost_.json("doctor", "--commands", code=None)}
    assert found["command test"]["text"].startswith("'make test' works")
    assert not list((milepost_.state / "missions").glob("*/.doctor*"))


def test_doctor_tries_the_commands_of_the_newest_mission(milepost_: Terminal) -> None:
    milepost_.record({"orchestrator.1": tapes.documents(story.SERVICES)})
    milepost_.new(code=3)
    found = {f["name"]: f for f in milepost_.json("doctor", "--commands", code=None)}
    assert "python3 run_tests.py" in found["command test"]["text"] and found["command test"]["state"] == "ok"
    assert found["service web"]["state"] == "warn" and found["service web"]["mend"]


@pytest.mark.parametrize(("files", "command"), [
    ({"package.json": '{"scripts": {"test": "vitest"}}'}, "npm test"),
    ({"package.json": "{"}, None),
    ({"package.json": '{"scripts": {}}', "tests/test_a.py": ""}, "python3 -m pytest --junitxml={report}"),
    ({"pyproject.toml": "[tool.pytest.ini_options]"}, "python3 -m pytest --junitxml={report}"),
    ({"Cargo.toml": ""}, "cargo test"),
    ({"go.mod": ""}, "go test ./..."),
    ({"Makefile": "all:\n\ntest: all\n"}, "make test"),
    ({"README.md": ""}, None),
])
def test_test_command_is_guessed_by_the_usual_files(tmp_path: Path, files: dict[str, str], command: str | None) -> None:
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    found = guess(tmp_path)
    assert (found.commands.test.run if found else None) == command


def test_F15_state_on_a_network_disk_is_a_fault(tmp_path: Path) -> None:
    mounts = tmp_path / "mounts"
    mounts.write_text(f"/dev/sda / ext4 rw 0 0\nserver:/x {tmp_path} nfs4 rw 0 0\n")
    assert file_system(tmp_path / "state", mounts) == "nfs4"
    assert file_system(Path("/usr"), mounts) == "ext4"
    assert file_system(Path("/usr"), tmp_path / "gone") == ""


def test_disk_of_a_state_folder_that_is_not_there_yet_is_looked_at(tmp_path: Path) -> None:
    assert "GB free" in disk(tmp_path / "not" / "yet")[0].text


def test_trust_is_kept_listed_and_revoked(milepost_: Terminal) -> None:
    assert "No repository is trusted yet" in milepost_("trust", "--list").stdout
    assert "is trusted" in milepost_("trust").stdout
    common = str(milepost_.repository.resolve() / ".git")
    assert [row["repository"] for row in milepost_.json("trust", "--list")] == [common]
    assert common in milepost_("trust", "--list").stdout
    assert stat.S_IMODE((milepost_.state / "trusted.json").stat().st_mode) == 0o600
    assert milepost_.json("trust", "--revoke") == {"repository": common, "trusted": False}
    assert "is not trusted; there is nothing to revoke" in milepost_("trust", "--revoke", code=2).stderr


def test_wrong_settings_stop_the_doctor_with_their_place(milepost_: Terminal, home: Path) -> None:
    file = home / "config" / "milepost" / "config.toml"
    file.parent.mkdir(parents=True)
    file.write_text('publish = "sometimes"\n')
    assert "config.toml:1: setting 'publish' is 'sometimes'" in "".join(milepost_("doctor", code=2).stderr.split("\n"))


def test_linked_worktree_is_trusted_with_its_repository(milepost_: Terminal, tmp_path: Path) -> None:
    git(milepost_.repository, "worktree", "add", "-q", str(tmp_path / "beside"))
    milepost_("trust")
    milepost_("trust", "-C", str(tmp_path / "beside"))
    assert len(milepost_.json("trust", "--list")) == 1


def test_damaged_list_of_trust_is_named(milepost_: Terminal) -> None:
    milepost_.state.mkdir(parents=True)
    (milepost_.state / "trusted.json").write_text("[1]")
    assert "trusted.json' is damaged" in " ".join(milepost_("trust", "--list", code=2).stderr.split())


def test_folder_outside_of_a_repository_cannot_be_trusted(milepost_: Terminal, tmp_path: Path) -> None:
    assert "is not in a git repository" in milepost_("trust", "-C", str(tmp_path), code=2).stderr


def test_mission_that_is_not_over_is_not_pruned(milepost_: Terminal) -> None:
    milepost_.record(tapes.asking())
    milepost_.new(code=3)
    assert "there is nothing to prune" in milepost_("prune", "--yes").stdout
    assert "discount is blocked, not over" in milepost_("prune", "discount", "--yes", code=2).stderr


def test_runner_that_dies_again_and_again_holds_the_mission(milepost_: Terminal) -> None:
    milepost_.record(tapes.asking())
    milepost_.new(code=3)
    milepost_.kill_all()
    milepost_("answer", "1")
    milepost_.kill_all()
    shutil.rmtree(milepost_.folder.repository)
    said = milepost_("run", code=3).stdout
    assert "the runner died 3 times" in said and "runner.log" in said


def test_clerk_decides_on_what_waits_and_leaves(milepost_: Terminal) -> None:
    milepost_.record(tapes.asking())
    milepost_.new(code=3)
    milepost_.kill_all()
    milepost_("_clerk", str(milepost_.folder.root))
    assert milepost_.json("status")["state"] == "blocked"


def test_runner_leaves_politely_when_it_is_told_to(milepost_: Terminal) -> None:
    milepost_.record(tapes.asking())
    milepost_.new(code=3)
    assert "another runner carries discount" in milepost_("_run", str(milepost_.folder.root)).stdout
    milepost_.kill_all()
    runner = milepost_.process("_run", str(milepost_.folder.root))
    milepost_.until(lambda now: now["running"])
    os.kill(runner.pid, signal.SIGTERM)
    assert runner.wait(30) == 0
    assert milepost_.json("status")["running"] is False


def test_fault_of_ours_leaves_a_file_and_its_name(milepost_: Terminal, tmp_path: Path) -> None:
    milepost_.record(tapes.asking())
    milepost_.new(code=3)
    milepost_.kill_all()
    milepost_.env["TMPDIR"] = str(tmp_path / "crashes")
    (tmp_path / "crashes").mkdir()
    inbox = milepost_.folder.root / "inbox"
    shutil.rmtree(inbox)
    inbox.write_text("in the way")
    started = milepost_.process("steer", "x")
    _, said = started.communicate(timeout=60)
    assert started.returncode == 1
    (crash,) = (tmp_path / "crashes").glob("milepost-crash-*.txt")
    assert str(crash) in said.replace("\n", "") and "a fault of ours" in said
    assert "Traceback" in crash.read_text()


def test_program_that_reads_only_the_beginning_is_no_fault(milepost_: Terminal) -> None:
    shown = milepost_.process("--help")
    assert shown.stdout is not None and shown.stderr is not None
    shown.stdout.close()
    shown.wait(60)
    assert "Traceback" not in shown.stderr.read()
