"""The page of configurations: what no editor here can try is at least well formed."""

import json
import re
import tomllib
from collections.abc import Callable
from typing import Any

import pytest

from tests.editors.documented import PAGE

READERS: dict[str, Callable[[str], Any]] = {"toml": tomllib.loads, "json": json.loads}
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```$", PAGE.read_text(), re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize(("language", "text"), [block for block in BLOCKS if block[0] in READERS])
def test_block_is_well_formed(language: str, text: str) -> None:
    assert READERS[language](text)


def test_page_has_a_block_for_each_editor() -> None:
    assert [language for language, _ in BLOCKS] == [
        "lua", "lua", "elisp", "elisp", "toml", "toml", "toml", "rust", "json",
    ]
