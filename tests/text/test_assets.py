"""Text is found in a checkout; in a wheel, see `tests/test_wheel.py`."""

from pathlib import Path

import pytest

from milepost.text import assets


def test_text_of_a_checkout_lies_at_its_top() -> None:
    assert assets.root() == Path(__file__).resolve().parents[2]
    assert all(assets.shipped(folder).is_dir() for folder in assets.FOLDERS)


def test_user_folder_is_the_one_that_was_chosen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MILEPOST_CONFIG_DIR", str(tmp_path))
    assert assets.user_folder() == tmp_path
    assert assets.layers("prompts") == (tmp_path / "prompts", assets.shipped("prompts"))


def test_user_folder_is_the_systems_when_none_was_chosen(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MILEPOST_CONFIG_DIR")
    assert assets.user_folder().name == "milepost"
    assert assets.user_folder().is_relative_to(home)
