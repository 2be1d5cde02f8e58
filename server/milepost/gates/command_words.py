"""Finds in a check's shell command the programs it starts and the files that are its own (D1)."""

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath

_UNREADABLE = frozenset({"case", "select", "function", "for", "alias"})
_ENDS = frozenset({";", "&&", "||", "|", "&", "(", ")", "{", "}", "!", "|&"})
_WORDS = frozenset({"if", "then", "else", "elif", "fi", "while", "until", "do", "done", "time"})
_WRAPPERS = frozenset({"env", "exec", "command", "nice", "nohup", "timeout", "xvfb-run"})
_RUNNERS = frozenset({"uv", "poetry", "pipenv", "pdm", "hatch", "rye"})
_ASSIGNMENT = re.compile(r"^[A-Za-z_]\w*=")
_INTERPRETER = re.compile(
    r"^(?:python[\d.]*|pypy[\d.]*|node|nodejs|bun|deno|tsx|ts-node|ruby|perl|php|lua|sh|bash|dash|zsh|ksh)$"
)
_INLINE = frozenset({"-c", "-e", "-p", "--eval", "--print"})
_TAKES_VALUE = frozenset({
    "-W", "-X", "-r", "--require", "--import", "--loader", "-k", "-m", "-n", "-o", "-p", "--rootdir",
})


@dataclass(frozen=True, slots=True)
class Needs:
    """What must be there for a check to start at all: each entry of `files` is a set of spellings of one file."""

    programs: tuple[str, ...] = ()
    files: tuple[tuple[str, ...], ...] = ()
    targets: tuple[str, ...] = ()
    """Targets of make."""


def needs(command: str) -> Needs:
    """What a command needs; nothing where it is no shell that can be read."""
    programs: list[str] = []
    files: list[tuple[str, ...]] = []
    targets: list[str] = []
    folder = "."
    for words in _simple_commands(command):
        words = _unwrapped(words)
        if not words:
            continue
        program, rest = words[0], words[1:]
        if program == "cd" and rest:
            folder = str(PurePosixPath(folder, rest[0]))
            continue
        if "$" in program or "`" in program:
            continue
        if "/" in program:
            files.append((str(PurePosixPath(folder, program)),))
        else:
            programs.append(program)
        name = PurePosixPath(program).name
        files += [tuple(str(PurePosixPath(folder, spelling)) for spelling in own) for own in _own_files(name, rest)]
        if name in ("make", "gmake"):
            targets += [word for word in rest if not word.startswith("-") and "=" not in word]
    return Needs(tuple(dict.fromkeys(programs)), tuple(dict.fromkeys(files)), tuple(targets))


def _simple_commands(command: str) -> Iterator[list[str]]:
    words = _lexed(command)
    if _UNREADABLE & set(words) or any("<<" in word or word == "()" for word in words):
        # Functions, patterns and here-documents would be taken for commands.
        return
    current: list[str] = []
    redirected = False
    for word in words:
        if redirected:
            redirected = False
        elif set(word) <= set("<>&|") and set(word) & set("<>"):
            redirected = True
            if current and current[-1].isdigit():
                current.pop()
        elif word in _ENDS or set(word) <= set("();|&"):
            yield current
            current = []
        else:
            current.append(word)
    yield current


def _lexed(command: str) -> list[str]:
    lexer = shlex.shlex(command.replace("\n", " ; "), posix=True, punctuation_chars="();|&<>")
    lexer.whitespace_split = True
    try:
        return list(lexer)
    except ValueError:
        return []


def _unwrapped(words: list[str]) -> list[str]:
    while words:
        first = words[0]
        if _ASSIGNMENT.match(first) or first in _WORDS:
            words = words[1:]
        elif first in _WRAPPERS:
            words = words[1:]
            while words and (words[0].startswith("-") or re.fullmatch(r"[\d.]+[smhd]?", words[0])):
                words = words[1:]
        elif first in _RUNNERS and words[1:2] == ["run"]:
            words = words[2:]
        else:
            break
    return words


def _own_files(program: str, rest: list[str]) -> Iterator[tuple[str, ...]]:
    if program in ("pytest", "py.test"):
        yield from _pytest_files(rest)
    elif _INTERPRETER.match(program):
        yield from _script(rest, is_python=program.startswith(("python", "pypy")))


def _script(rest: list[str], *, is_python: bool) -> Iterator[tuple[str, ...]]:
    skip = False
    for index, word in enumerate(rest):
        if skip:
            skip = False
        elif word in _INLINE or word == "--test":
            return
        elif word == "-m" and is_python:
            yield from _module(rest[index + 1:])
            return
        elif word.startswith("-"):
            skip = word in _TAKES_VALUE
        else:
            if "$" not in word and word != "run":
                yield (word,)
                return


def _module(rest: list[str]) -> Iterator[tuple[str, ...]]:
    if rest[:1] == ["pytest"]:
        yield from _pytest_files(rest[1:])
    elif rest[:1] == ["unittest"]:
        for word in rest[1:]:
            if not word.startswith("-") and word != "discover":
                stem = word.removesuffix(".py").replace(".", "/")
                # What follows the module may be a class and a method of it.
                parts = PurePosixPath(stem).parts
                ways = [PurePosixPath(*parts[:n]) for n in range(len(parts), 0, -1)][:3]
                yield tuple(dict.fromkeys([word, *(f"{way}.py" for way in ways), stem]))


def _pytest_files(rest: list[str]) -> Iterator[tuple[str, ...]]:
    skip = False
    for word in rest:
        if skip:
            skip = False
        elif word.startswith("-"):
            skip = word in _TAKES_VALUE
        elif "$" not in word:
            yield (word.partition("::")[0],)
