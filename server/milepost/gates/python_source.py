"""What the syntax tree of a Python file tells: its tests, what they assert, and what is hidden in it."""

import ast
import io
import tokenize
import warnings
from collections.abc import Iterator
from dataclasses import dataclass

_SKIPS = frozenset({"skip", "skipif", "skipIf", "skipUnless", "importorskip", "skipTest", "SkipTest"})
_XFAILS = frozenset({"xfail", "expectedFailure"})
_COLLECTION = frozenset({"collect_ignore", "collect_ignore_glob"})
_BROAD = frozenset({"Exception", "BaseException"})
_RUNNERS = frozenset({"pytest", "unittest", "mark", "self"})
_INTROSPECTION = frozenset({"_getframe", "currentframe", "stack"})
_RAISES = frozenset({"raises", "warns", "deprecated_call", "fail"})

Function = ast.FunctionDef | ast.AsyncFunctionDef
Place = tuple[int, str]
"""A line, and what is there."""


@dataclass(frozen=True, slots=True)
class TestShape:
    """One test as its source shows it."""

    __test__ = False
    name: str
    line: int
    asserts: int
    """How many assertions can be reached in it."""


def parse(text: str) -> ast.Module | None:
    """The syntax tree, or None where it is no Python that this interpreter reads."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse(text)
    except (SyntaxError, ValueError, RecursionError):
        return None


def comments(text: str) -> Iterator[tuple[int, str, str]]:
    """Line number, comment and whole line of every comment; strings that look like one are none."""
    try:
        for token in tokenize.generate_tokens(io.StringIO(text).readline):
            if token.type == tokenize.COMMENT:
                yield token.start[0], token.string, token.line
    except (tokenize.TokenError, SyntaxError):
        # What comes before the place where it stops being Python was read; the rest has no meaning.
        return


def tests(module: ast.Module) -> list[TestShape]:
    """Functions and methods that pytest or unittest collect by name."""
    return [
        TestShape(name, function.lineno, _asserts(function.body))
        for name, function in functions(module) if function.name.startswith("test")
    ]


def functions(module: ast.Module) -> Iterator[tuple[str, Function]]:
    """Every function with its qualified name, those of classes included, those inside functions left out."""
    yield from _functions(module.body, "")


def skips(module: ast.Module) -> list[Place]:
    """Where tests are left out: decorators, calls, raises, module marks, ignored collections."""
    found = _named(module, _SKIPS)
    for node in module.body:
        if isinstance(node, ast.Assign):
            found += [(node.lineno, t.id) for t in node.targets if isinstance(t, ast.Name) and t.id in _COLLECTION]
    for name, function in functions(module):
        if function.name.startswith("test") and _returns_at_once(function.body):
            found.append((function.lineno, f"{name} returns before it asserts anything"))
    return found


def xfails(module: ast.Module) -> list[Place]:
    """Where a failure is declared to be expected."""
    return _named(module, _XFAILS)


def swallowed(module: ast.Module) -> list[Place]:
    """Handlers that take every error and do nothing with it."""
    return [
        (node.lineno, f"{ast.unparse(node.type) if node.type else 'every error'} is caught and dropped")
        for node in ast.walk(module)
        if isinstance(node, ast.ExceptHandler) and _is_broad(node.type) and all(_is_nothing(s) for s in node.body)
    ]


def hollow(module: ast.Module) -> list[Place]:
    """Assertions that hold whatever the program does."""
    return [(n.lineno, ast.unparse(n)[:120]) for n in ast.walk(module) if isinstance(n, ast.Assert) and _holds(n.test)]


def always_equal(module: ast.Module) -> list[Place]:
    """Classes whose `__eq__` says yes to everything."""
    return [
        (function.lineno, f"{name} always returns True") for name, function in functions(module)
        if function.name == "__eq__" and _returns_true(function.body)
    ]


def introspection(module: ast.Module) -> list[Place]:
    """Code that looks at who called it."""
    return [
        (node.lineno, ast.unparse(node)[:120]) for node in ast.walk(module)
        if isinstance(node, ast.Call) and _last_name(node.func) in _INTROSPECTION
        and (_last_name(node.func) != "stack" or _root_name(node.func) in ("inspect", "stack"))
    ]


def is_empty(function: Function) -> bool:
    """Whether a function does nothing: only a docstring, `pass` or `...`."""
    return all(_is_nothing(statement) for statement in function.body)


def _functions(body: list[ast.stmt], prefix: str) -> Iterator[tuple[str, Function]]:
    for node in body:
        if isinstance(node, Function):
            yield f"{prefix}{node.name}", node
        elif isinstance(node, ast.ClassDef):
            yield from _functions(node.body, f"{prefix}{node.name}.")
        elif isinstance(node, ast.If | ast.Try):
            yield from _functions([*node.body, *node.orelse], prefix)


def _named(module: ast.Module, names: frozenset[str]) -> list[Place]:
    imported = {
        alias.asname or alias.name for node in ast.walk(module)
        if isinstance(node, ast.ImportFrom) and node.module in ("pytest", "unittest", "unittest.case")
        for alias in node.names
    }
    return [
        (node.lineno, f"{_last_name(node)} in {owner or 'the module'}") for owner, node in _owned(module, "")
        if (isinstance(node, ast.Attribute) and node.attr in names and _root_name(node) in _RUNNERS)
        or (isinstance(node, ast.Name) and node.id in names & imported)
    ]


def _owned(node: ast.AST, owner: str) -> Iterator[tuple[str, ast.AST]]:
    """Every node with the name of the function or class it belongs to; decorators belong to what they decorate."""
    for child in ast.iter_child_nodes(node):
        inside = owner
        if isinstance(child, Function | ast.ClassDef):
            inside = f"{owner}.{child.name}" if owner else child.name
        if not isinstance(child, ast.alias):
            yield inside, child
        yield from _owned(child, inside)


def _asserts(body: list[ast.stmt]) -> int:
    count = 0
    for statement in body:
        count += sum(1 for node in ast.walk(statement) if _is_assertion(node))
        if isinstance(statement, ast.Return | ast.Raise):
            break
    return count


def _is_assertion(node: ast.AST) -> bool:
    if isinstance(node, ast.Assert):
        return not _holds(node.test)
    if isinstance(node, ast.Call):
        name = _last_name(node.func).lstrip("_")
        return name.startswith(("assert", "expect", "verify", "check")) or name in _RAISES
    return False


def _holds(test: ast.expr) -> bool:
    if isinstance(test, ast.Constant):
        return bool(test.value)
    if isinstance(test, ast.Tuple):
        return bool(test.elts)
    if isinstance(test, ast.BoolOp) and isinstance(test.op, ast.Or):
        return any(_holds(value) for value in test.values)
    if isinstance(test, ast.Compare) and len(test.ops) == 1:
        left, right = test.left, test.comparators[0]
        same = isinstance(test.ops[0], ast.Eq | ast.Is | ast.GtE | ast.LtE) and ast.dump(left) == ast.dump(right)
        length = isinstance(left, ast.Call) and _last_name(left.func) == "len"
        return same or (length and isinstance(test.ops[0], ast.GtE) and _is_zero(right))
    return False


def _is_zero(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value == 0


def _is_nothing(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.Pass | ast.Continue) or (
        isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)
    )


def _is_broad(caught: ast.expr | None) -> bool:
    return caught is None or _last_name(caught) in _BROAD


def _returns_at_once(body: list[ast.stmt]) -> bool:
    first = next((statement for statement in body if not _is_nothing(statement)), None)
    return isinstance(first, ast.Return) and (first.value is None or isinstance(first.value, ast.Constant))


def _returns_true(body: list[ast.stmt]) -> bool:
    first = next((statement for statement in body if not _is_nothing(statement)), None)
    return isinstance(first, ast.Return) and isinstance(first.value, ast.Constant) and first.value.value is True


def _last_name(node: ast.AST) -> str:
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def _root_name(node: ast.AST) -> str:
    while isinstance(node, ast.Attribute):
        node = node.value
    return node.id if isinstance(node, ast.Name) else ""
