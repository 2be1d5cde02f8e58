"""The services manifest: how this repository is built, tested and run.

A command is one line of a shell; a service is ready when HTTP, TCP, its log or its exit says so; paths say
what is test, inert or generated.
"""

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from milepost.domain.shape import RelativePath, Shape, Text


class Environment(Shape):
    """Dependencies, prepared once for each content of the key files and mounted read-only."""

    prepare: Text
    key_files: list[RelativePath]
    outputs: list[RelativePath]
    network: bool = False


class Command(Shape):
    run: Text
    """A shell command at the root of the tree; `{report}` is replaced by the path of the report to write."""
    report: Literal["junit", "none"] = "none"
    timeout_s: Annotated[int, Field(ge=1, le=7200)] = 600


class Commands(Shape):
    install: Command | None = None
    build: Command | None = None
    test: Command
    types: Command | None = None
    lint: Command | None = None
    coverage: Command | None = None


class HttpReady(Shape):
    http: Text
    """A path such as `/health`."""
    status: int = 200


class TcpReady(Shape):
    tcp: Literal[True]


class LogReady(Shape):
    log: Text
    """A regular expression searched in what the service prints."""


class ExitReady(Shape):
    exit: Literal[0]


class Service(Shape):
    name: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]*$")]
    start: Text
    """A command that stays in the foreground; it listens on `$PORT_<NAME>` where it has a port."""
    stop: str | None = None
    port: Annotated[int, Field(ge=1, le=65535)] | None = None
    ready: HttpReady | TcpReady | LogReady | ExitReady
    depends_on: list[str] = []
    seed: str | None = None
    """A command run once the service is ready, to lay in data."""
    data: list[RelativePath] = []
    """Folders and files the service writes; each start by a tester begins without them."""
    timeout_s: Annotated[int, Field(ge=1, le=600)] = 60
    logs: list[RelativePath] = []


class Paths(Shape):
    tests: list[Text] = []
    """Globs of test files, beside the usual ones."""
    inert: list[Text] = ["docs/**", "*.md"]
    """Globs of files that no verdict depends on."""
    generated: list[Text] = []


class Limits(Shape):
    """How many flows of a surface may be tested at once, and what all of them may take together.

    What the machine has free limits them too; 1 is for a program that cannot run twice beside itself.
    """

    browser: Annotated[int, Field(ge=1)] | None = None
    http: Annotated[int, Field(ge=1)] | None = None
    terminal: Annotated[int, Field(ge=1)] | None = None
    memory_mb: Annotated[int, Field(ge=1)] | None = None


class Manifest(Shape):
    """Commands and services of a repository, dry-run before anyone relies on them."""

    env: Environment | None = None
    commands: Commands
    services: list[Service] = []
    paths: Paths = Paths()
    limits: Limits = Limits()

    def gates(self) -> list[tuple[str, Command]]:
        """The commands that must be green on every commit, cheapest to understand first: build, types, lint, test."""
        named = [(n, getattr(self.commands, n)) for n in ("build", "types", "lint", "test")]
        return [(name, command) for name, command in named if command is not None]

    def service(self, name: str) -> Service | None:
        """The service of that name, or None."""
        return next((s for s in self.services if s.name == name), None)
