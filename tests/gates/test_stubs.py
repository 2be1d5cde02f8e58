"""What only seems done is found, on new lines only."""

import pytest

from milepost.gates.stubs import fresh_lines, scan


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("a.py", "def f():\n    raise NotImplementedError\n"),
        ("a.py", "def f():\n    raise NotImplementedError('later')\n"),
        ("a.js", "function f() { throw new Error('Not implemented'); }\n"),
        ("a.ts", "f() { throw new Error(`not yet implemented`) }\n"),
        ("a.rs", "fn f() -> u8 { unimplemented!() }\n"),
        ("a.rs", "fn f() -> u8 { todo!(\"x\") }\n"),
        ("a.go", "func f() { panic(\"not implemented\") }\n"),
        ("A.kt", "fun f() = TODO(\"x\")\n"),
        ("A.java", "throw new UnsupportedOperationException();\n"),
        ("a.py", "def f():\n    return 'Not implemented'\n"),
        ("a.py", "def f():\n    return {'error': 'not implemented'}, 501\n"),
        ("a.js", "res.send('not implemented')\n"),
    ],
)
def test_D20_stub_is_blocking(path: str, text: str) -> None:
    findings = scan({path: text})
    assert [f.severity for f in findings] == ["blocking"]
    assert findings[0].file == path
    assert findings[0].line in (1, 2)


@pytest.mark.parametrize(
    ("path", "text", "said"),
    [
        ("a.py", "x = 1  # TODO: the rest\n", "TODO left"),
        ("a.js", "// FIXME later\n", "FIXME left"),
        ("a.py", "def save(x):\n    pass\n", "save does nothing"),
        ("a.py", "class A:\n    def save(self):\n        \"\"\"Saves.\"\"\"\n", "A.save has only a docstring"),
        ("a.html", "<p>Lorem ipsum dolor</p>\n", "placeholder"),
        ("a.py", "def f():\n    # For now just return one\n    return 1\n", "placeholder"),
    ],
)
def test_D20_what_is_left_for_later_is_listed(path: str, text: str, said: str) -> None:
    findings = scan({path: text})
    assert [f.severity for f in findings] == ["non_blocking"]
    assert said in findings[0].problem


@pytest.mark.parametrize(
    "text",
    [
        "try:\n    f()\nexcept NotImplementedError:\n    g()\n",
        "with pytest.raises(NotImplementedError):\n    f()\n",
        "class A(ABC):\n    @abstractmethod\n    def f(self):\n        raise NotImplementedError\n",
        "class P(Protocol[T]):\n    def f(self) -> int:\n        ...\n",
        "class E(Exception):\n    pass\n",
        "class A:\n    def __init__(self):\n        pass\n",
        "field = Input(placeholder='Your name')\n",
        "def todo(items):\n    return items\n",
        "class H(BaseHTTPRequestHandler):\n    def log_message(self, *args):\n        '''The log is ours.'''\n",
    ],
)
def test_what_is_meant_to_be_so_is_not_a_stub(text: str) -> None:
    assert scan({"a.py": text}) == []


def test_only_new_lines_are_looked_at() -> None:
    before = "# TODO old\nx = 1\n"
    after = "# TODO old\nx = 1\n# TODO new\n"
    found = scan({"a.py": after, "b.py": "# TODO\n"}, {"a.py": fresh_lines(before, after)})
    assert [(f.file, f.line) for f in found] == [("a.py", 3)]


def test_moved_line_counts_as_new_only_where_it_now_is() -> None:
    assert fresh_lines("a\nb\nc\n", "a\nx\nc\nd\n") == {2, 4}
    assert fresh_lines("", "a\nb\n") == {1, 2}


def test_long_line_gives_a_short_problem() -> None:
    assert len(scan({"a.py": f"x = 1  # TODO {'y' * 900}\n"})[0].problem) <= 300
