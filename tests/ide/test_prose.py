"""Words of agents in Markdown: shown as they read, and nothing comes of them (S38)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from milepost.ide.prose import code, cut, escaped, link, plain, title_of


@pytest.mark.parametrize(("text", "expected"), [
    ("a total of 5", "a total of 5"), ("[x](command:evil)", r"\[x\](command:evil)"),
    ("![x](http://a/b.png)", r"\!\[x\](http&#58;//a/b.png)"),
    ("<img src=x>", "&lt;img src=x&gt;"),
    ("see https://evil.example/x", "see https&#58;//evil.example/x"), ("www.evil.example", "www&#46;evil.example"),
    ("ada@example.org", "ada&#64;example.org"), ("**bold** and _more_", r"\*\*bold\*\* and \_more\_"),
    ("&lt;b&gt;", "&amp;lt;b&amp;gt;"), ("# no heading", r"\# no heading"), ("- no list", r"\- no list"),
    ("1. no list", r"1\. no list"), ("a | b", r"a \| b"), ("~~gone~~", r"\~\~gone\~\~"), ("$(icon)", r"\$(icon)"),
    ("a\nb\tc", "a b c"), ("x\x1b[31m\u202ey", r"x\[31my"), ("--- no line", r"\--- no line"), ("a.py:10", "a.py:10"),
    ("\\[x](y)", r"\\\[x\](y)"),
])
def test_S38_agent_text_is_no_markup(text: str, expected: str) -> None:
    assert escaped(text) == expected


@pytest.mark.parametrize(("text", "expected"), [
    ("`total([2, 3])` is 5", "`total([2, 3])` is 5"), ("`<b>` and <b>", "`<b>` and &lt;b&gt;"),
    ("an odd ` tick", r"an odd \` tick"), ("``two`` ticks", r"\`\`two\`\` ticks"), ("`a` and `b`", "`a` and `b`"),
    ("\\`x`", r"\\`x`"),
])
def test_code_stays_code(text: str, expected: str) -> None:
    assert escaped(text) == expected


@given(st.text())
def test_S38_nothing_that_could_be_markup_is_left_outside_of_code(text: str) -> None:
    outside = "".join(escaped(text).split("`")[::2]) if "\\`" not in escaped(text) else escaped(text)
    bare = outside.replace("\\\\", "")
    assert "<" not in bare and ">" not in bare and "\n" not in bare
    for sign in "*_[]!|~#":
        assert bare.count(sign) == bare.count(f"\\{sign}") + (bare.count("&#") if sign == "#" else 0)


def test_long_text_is_cut() -> None:
    assert cut("a b  c", 80) == "a b c"
    assert cut("one two three", 8) == "one two…"
    assert escaped("<" * 9, 3) == "&lt;&lt;…"
    assert code("x" * 9, 4) == "`xxx…`"


def test_code_and_links() -> None:
    assert code("a `b` c") == "`a 'b' c`"
    assert code("") == ""
    assert link("E1 [x]", "file:///a%20b") == r"[E1 \[x\]](file:///a%20b)"
    assert plain("a\u200bb\x07c") == "abc"


def test_title_is_the_first_line_with_something_in_it() -> None:
    assert title_of("\n#\n# A shop\nmore") == "A shop"
    assert title_of("") == ""
    assert title_of("x" * 90) == "x" * 79 + "…"
