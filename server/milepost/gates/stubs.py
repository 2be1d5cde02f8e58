"""Looks for work that only seems done: what is not implemented, to be done later, or a placeholder."""

import ast
import difflib
import re
from collections.abc import Iterator, Mapping

from milepost.domain.handoff import Finding, Severity
from milepost.gates import python_source
from milepost.gates.marks import language

_STUBS = {
    "python": re.compile(r"\bNotImplementedError\b"),
    "js": re.compile(r"throw\s+new\s+\w*Error\(\s*['\"`][^'\"`]*not\s+(?:yet\s+)?implemented", re.I),
    "go": re.compile(r"panic\(\s*[\"`](?:not\s+(?:yet\s+)?implemented|todo|unimplemented)", re.I),
    "rust": re.compile(r"\b(?:unimplemented|todo)!\s*[(\[{]"),
    "jvm": re.compile(r"\bTODO\(|throw\s+(?:new\s+)?(?:UnsupportedOperationException|NotImplementedError)\b"),
    "c": re.compile(r"throw\s+std::\w+\(\s*\"[^\"]*not\s+(?:yet\s+)?implemented|assert\(\s*(?:false|0)\s*&&", re.I),
}
_SAYS_SO = re.compile(
    r"(?:return|yield|send|write|print|echo|=|:)\s*\(?.{0,60}['\"`][^'\"`]*\bnot\s+(?:yet\s+)?implemented\b", re.I
)
_LATER = re.compile(r"(?:#|//|/\*|\*|<!--|--|;)\s*(?:.*\W)?(TODO|FIXME|XXX|HACK)\b")
_PLACEHOLDER = re.compile(
    r"\blorem ipsum\b|\bcoming soon\b|\bplaceholder (?:implementation|text|value|data|for now)\b|\byour code here\b"
    r"|\b(?:dummy|fake|mock) (?:data|implementation|response)\b|\bin a real (?:implementation|application|system)\b"
    r"|\bfor now,? (?:just |we )?return\b|\bstub(?:bed)? (?:implementation|out|for now)\b", re.I,
)
_ABSTRACT = frozenset({"abstractmethod", "overload", "abstractproperty", "singledispatch"})
_WHY = {
    "stub": "whoever calls this gets an error or nothing instead of the behaviour that was promised",
    "later": "what is left for later is not done now; it belongs in the handoff's `undone`",
    "placeholder": "a user sees made-up content where the real thing was promised",
}


def fresh_lines(before: str, after: str) -> frozenset[int]:
    """Line numbers of the later text that are new against the earlier one."""
    matcher = difflib.SequenceMatcher(None, before.splitlines(), after.splitlines(), autojunk=False)
    return frozenset(
        number + 1 for tag, _, _, start, end in matcher.get_opcodes() if tag in ("insert", "replace")
        for number in range(start, end)
    )


def scan(files: Mapping[str, str], changed: Mapping[str, frozenset[int]] | None = None) -> list[Finding]:
    """Findings on the lines that are new; with no `changed`, on every line."""
    found = []
    for path in sorted(files):
        lines = None if changed is None else changed.get(path, frozenset())
        for line, what, why, severity in _in_file(path, files[path]):
            if lines is None or line in lines:
                found.append(Finding(file=path, line=line, severity=severity, problem=what[:300], why=_WHY[why]))
    return found


def _in_file(path: str, text: str) -> Iterator[tuple[int, str, str, Severity]]:
    spoken = language(path)
    module = python_source.parse(text) if spoken == "python" else None
    allowed = _abstract_lines(module) if module else frozenset()
    stub = _STUBS.get(spoken)
    for number, line in enumerate(text.splitlines(), 1):
        shown = " ".join(line.split())
        if stub and stub.search(line) and number not in allowed and not _is_handled(spoken, line):
            yield number, f"not implemented: {shown}", "stub", "blocking"
        elif spoken and _SAYS_SO.search(line) and not _is_comment(line):
            yield number, f"says it is not implemented: {shown}", "stub", "blocking"
        if spoken and (later := _LATER.search(line)):
            yield number, f"{later[1]} left in new code: {shown}", "later", "non_blocking"
        if _PLACEHOLDER.search(line):
            yield number, f"placeholder: {shown}", "placeholder", "non_blocking"
    if module:
        yield from _empty_functions(module)


def _empty_functions(module: ast.Module) -> Iterator[tuple[int, str, str, Severity]]:
    allowed, overriding = _abstract_lines(module), _methods_of_subclasses(module)
    for name, function in python_source.functions(module):
        only_says = all(isinstance(s, ast.Expr) and isinstance(s.value, ast.Constant) for s in function.body)
        documented = only_says and ast.get_docstring(function) is not None
        private = function.name.startswith("__")
        silences = documented and function.lineno in overriding
        if python_source.is_empty(function) and function.lineno not in allowed and not private and not silences:
            how = "has only a docstring" if documented else "does nothing"
            yield function.lineno, f"{name} {how}", "stub", "non_blocking"


def _abstract_lines(module: ast.Module) -> frozenset[int]:
    """Lines of functions that are meant to have no body: abstract ones, overloads, members of protocols."""
    lines: set[int] = set()
    for node in ast.walk(module):
        if isinstance(node, ast.ClassDef):
            protocol = any(_name(base) in ("Protocol", "ABC") for base in node.bases)
            for member in node.body:
                if isinstance(member, python_source.Function) and protocol and python_source.is_empty(member):
                    lines.update(range(member.lineno, _end(member) + 1))
        if isinstance(node, python_source.Function) and any(_name(d) in _ABSTRACT for d in node.decorator_list):
            lines.update(range(node.lineno, _end(node) + 1))
    return frozenset(lines)


def _methods_of_subclasses(module: ast.Module) -> frozenset[int]:
    """Lines of methods that may override another: one that says why it does nothing is how a base is silenced."""
    classes = (node for node in ast.walk(module) if isinstance(node, ast.ClassDef) and node.bases)
    return frozenset(m.lineno for c in classes for m in c.body if isinstance(m, python_source.Function))


def _is_handled(spoken: str, line: str) -> bool:
    return spoken == "python" and (line.lstrip().startswith(("except", "#", "import", "from")) or "raises(" in line)


def _is_comment(line: str) -> bool:
    return line.lstrip().startswith(("#", "//", "*", "/*", "<!--"))


def _name(node: ast.expr) -> str:
    if isinstance(node, ast.Subscript):
        node = node.value
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def _end(function: python_source.Function) -> int:
    return function.end_lineno or function.lineno
