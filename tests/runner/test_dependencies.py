"""Dependencies are prepared once for each content of the key files, and lie in every checkout, read-only (D8)."""

import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from milepost.domain.errors import WorkspaceError
from milepost.domain.services import Environment
from milepost.model.scripted import call, calls
from milepost.runner.dependencies import NOTE, Dependencies
from milepost.workspace.repository import Repository
from milepost.workspace.worktree import Worktree
from tests.runner import quick
from tests.runner.conftest import Stage

Begin = Callable[..., Any]
PREPARE = "mkdir -p lib/words && cp words.lock lib/words/list && echo more > extra && echo prepared"
ENV = {"prepare": PREPARE, "key_files": ["words.lock"], "outputs": ["lib/words", "extra"]}


def manifest(**env: Any) -> dict[str, Any]:
    """A manifest whose suite needs what was prepared."""
    return {"commands": {"test": {"run": f"test -s lib/words/list && {quick.TEST}", "report": "junit"}},
            "env": {**ENV, **env}}


def with_lock(folder: Path) -> Path:
    """The repository with a key file."""
    quick.make_repository(folder)
    (folder / "words.lock").write_text("hello 1\n")
    for words in (["add", "-A"], ["commit", "-q", "-m", "Lock"]):
        subprocess.run(["git", *words], cwd=folder, check=True, capture_output=True)
    return folder


def typed() -> str:
    """The suite as a worker types it."""
    return f"test -s lib/words/list && {quick.TYPED}"


def worker(*looks: str) -> list[Any]:
    """A worker that looks at something first."""
    command = {"command": typed(), "exit_code": 0, "observation": "all passed"}
    wrote = [("write_file", {"path": p, "content": t}) for p, t in quick.files().items()]
    commands = [("run_command", {"command": c}) for c in (*looks, typed())]
    return [calls(*wrote, *commands), call("commit", message="Hello"), quick.handoff(commands=[command])]


async def play(begun: Begin, env: dict[str, Any], *looks: str, **options: Any) -> Stage:
    """A mission with an environment."""
    script = quick.script(worker_F1__=worker(*looks))
    stage: Stage = await begun(script, manifest=manifest(**env), repository=with_lock, **options)
    return stage


@pytest.mark.parametrize("sandbox", [False, pytest.param(True, marks=pytest.mark.needs("bwrap"))])
async def test_dependencies_lie_in_every_checkout_and_are_never_committed(begun: Begin, sandbox: bool) -> None:
    stage = await play(begun, {}, "cat lib/words/list extra", sandbox=sandbox)
    mission = await stage.carry()
    assert mission.phase == "completed", mission.holds
    assert "hello 1\nmore" in next(r for r in await stage.results("worker.F1.1") if "receipt R1" in r)
    made = [p.name for p in (stage.place.root / "env").glob("*.ready")]
    assert len(made) == 1
    listed = git(stage, "ls-tree", "-r", "--name-only", mission.head).split()
    assert not [p for p in listed if p.startswith(("lib", "extra"))]


def git(stage: Stage, *words: str) -> str:
    """What git says of the mission's private repository."""
    argv = ["git", "-C", str(stage.place.repository), *words]
    return subprocess.run(argv, capture_output=True, text=True, check=True).stdout


@pytest.mark.needs("bwrap")
async def test_dependencies_cannot_be_changed_from_inside(begun: Begin) -> None:
    stage = await play(begun, {}, "echo mine > lib/words/list", sandbox=True)
    assert (await stage.carry()).phase == "completed"
    tried = next(r for r in await stage.results("worker.F1.1") if "receipt R1" in r)
    assert "Read-only file system" in tried


async def test_card_says_what_was_prepared(begun: Begin) -> None:
    stage = await play(begun, {})
    await stage.carry(lambda m: bool(m.attempts))
    async with stage.app.office(stage.place) as office:
        prompt = office.blobs.get(office.mission.attempts["worker.F1.1"].started.prompt).decode()
    assert "lib/words, extra: made by" in prompt and "where words.lock changed" in prompt


async def test_preparation_that_fails_holds_and_says_what_it_printed(begun: Begin) -> None:
    stage = await play(begun, {"prepare": "echo no such package; exit 3"})
    mission = await stage.carry()
    reason = mission.holds["blocked"].reason
    assert "'echo no such package; exit 3' ended with exit code 3; it printed:\nno such package" in reason


async def test_preparation_that_makes_nothing_is_refused(begun: Begin) -> None:
    stage = await play(begun, {"prepare": "true"})
    mission = await stage.carry()
    assert "ended with 0 but made no 'lib/words', 'extra'" in mission.holds["blocked"].reason
    assert not list((stage.place.root / "env").glob("*"))


async def test_network_is_granted_by_the_user_alone(begun: Begin) -> None:
    stage = await play(begun, {"network": True})
    mission = await stage.carry()
    reason = mission.holds["blocked"].reason
    assert "`milepost set grant.network true` allows it" in reason and "outside of the sandbox" not in reason
    await stage.send("change_setting", key="grant.network", value=True)
    await stage.send("resume_mission")
    assert (await stage.carry()).phase == "completed"


@pytest.mark.needs("bwrap")
async def test_preparation_leaves_the_sandbox_only_by_its_own_name(begun: Begin) -> None:
    """The sandbox has no network: the user must allow this very command on these very files, not all that come."""
    stage = await play(begun, {"network": True}, sandbox=True)
    await stage.send("change_setting", key="grant.network", value=True)
    mission = await stage.carry()
    reason = mission.holds["blocked"].reason
    assert "outside of the sandbox, with all that you may do," in reason and repr(PREPARE) in reason
    assert "on 'words.lock'" in reason and "grant.network" not in reason
    name = reason.partition("grant.prepare-")[2].partition(" ")[0]
    await stage.send("change_setting", key=f"grant.prepare-{name}", value=True)
    await stage.send("resume_mission")
    mission = await stage.carry()
    assert mission.phase == "completed", mission.holds


async def test_orchestrator_sits_also_where_dependencies_cannot_be_prepared(begun: Begin) -> None:
    stage = await play(begun, {"prepare": "exit 3"})
    await stage.send("steer_mission", text="Mend it.")
    mission = await stage.carry()
    assert mission.attempts["orchestrator.1"].outcome == "submitted" and "blocked" in mission.holds


async def test_dry_run_tells_of_dependencies_first(begun: Begin) -> None:
    bad, good = manifest(prepare="exit 3"), manifest()
    tries = calls(("write_services", bad), ("write_services", good), ("end_turn", {"summary": "Mended."}))
    stage = await begun(quick.script(orchestrator_1=[tries]), repository=with_lock)
    await stage.send("steer_mission", text="It needs words.")
    await stage.carry(lambda m: not m.unread)
    failed, worked, _ = await stage.results("orchestrator.1")
    assert "- env: fails; the dependencies cannot be prepared" in failed and "- test" not in failed
    assert "- env: works; made lib/words, extra" in worked and "- test: works" in worked


# --- by themselves ---

class Place:
    """A private repository, a checkout of it, and its dependencies."""

    def __init__(self, tmp_path: Path, *, sandbox: bool = False, **granted: bool) -> None:
        self.repository = Repository(tmp_path / "repo.git")
        self.worktree = Worktree(self.repository, tmp_path / "tree")
        (self.repository.git_dir / "info" / "exclude").write_text("/lib/words\n/extra\n/.milepost/\n")
        self.dependencies = Dependencies(
            tmp_path / "env", self.repository, sandbox=sandbox, hidden=(), granted=lambda: granted
        )

    @property
    def made(self) -> list[str]:
        """The names of what was prepared."""
        return sorted(p.name for p in self.dependencies.root.glob("*.ready"))


@pytest.fixture
async def place(tmp_path: Path) -> Place:
    """A checkout of the repository with a key file."""
    source = with_lock(tmp_path / "shop")
    repository = await Repository.clone(source, tmp_path / "repo.git")
    found = Place(tmp_path)
    head = await repository.resolve("refs/heads/main")
    assert head is not None
    await found.worktree.checkout(head)
    return found


async def test_they_are_prepared_anew_only_where_a_key_file_changed(place: Place) -> None:
    env = Environment.model_validate(ENV)
    await place.dependencies.lay(env, place.worktree)
    (place.worktree.path / "hello.sh").write_text("echo hello\n")
    await place.dependencies.lay(env, place.worktree)
    assert len(place.made) == 1
    (place.worktree.path / "words.lock").write_text("hello 2\n")
    await place.dependencies.lay(env, place.worktree)
    assert len(place.made) == 2
    assert (place.worktree.path / "lib/words/list").read_text() == "hello 2\n"


async def test_whoever_prepares_otherwise_prepares_anew(place: Place) -> None:
    await place.dependencies.lay(Environment.model_validate(ENV), place.worktree)
    other = Environment.model_validate({**ENV, "prepare": f"{PREPARE} twice"})
    await place.dependencies.lay(other, place.worktree)
    assert len(place.made) == 2


async def test_preparation_that_was_cut_off_is_made_anew(place: Place) -> None:
    env = Environment.model_validate(ENV)
    name = await place.dependencies.name(env, await place.worktree.write_tree())
    half = place.dependencies.root / name
    half.mkdir(parents=True)
    (half / "half").write_text("half")
    await place.dependencies.lay(env, place.worktree)
    assert not (half / "half").exists() and (half / "extra").read_text() == "more\n"


async def test_only_outputs_are_kept(place: Place) -> None:
    env = Environment.model_validate(ENV)
    made = await place.dependencies.made(env, await place.worktree.write_tree())
    assert sorted(p.name for p in made.iterdir()) == ["extra", "lib"]


async def test_copy_that_was_there_before_is_nobodys_to_replace(place: Place) -> None:
    """In place the folder is the user's: what they prepared themselves stays, also when key files change."""
    mine = place.worktree.path / "lib/words"
    mine.mkdir(parents=True)
    (mine / "list").write_text("mine")
    env = Environment.model_validate(ENV)
    await place.dependencies.lay(env, place.worktree)
    (place.worktree.path / "words.lock").write_text("hello 2\n")
    await place.dependencies.lay(env, place.worktree)
    assert (mine / "list").read_text() == "mine"
    assert (place.worktree.path / NOTE).read_text().splitlines()[1:] == ["extra"]


async def test_key_file_that_is_missing_is_a_content_too(place: Place) -> None:
    env = Environment.model_validate({**ENV, "key_files": ["words.lock", "none.lock"]})
    tree = await place.worktree.write_tree()
    before = await place.dependencies.name(env, tree)
    (place.worktree.path / "none.lock").write_text("")
    assert await place.dependencies.name(env, await place.worktree.write_tree()) != before


async def test_refusal_names_every_grant_that_is_missing(tmp_path: Path, place: Place) -> None:
    walled = Place(tmp_path, sandbox=True)
    env = Environment.model_validate({**ENV, "network": True})
    both = r"`milepost set grant.network true` and `milepost set grant.prepare-\w{16} true`"
    with pytest.raises(WorkspaceError, match=both):
        await walled.dependencies.lay(env, place.worktree)


