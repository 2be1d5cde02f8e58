"""Counting tokens without the network."""

from milepost.model.tokens import count_tokens


def test_tokens_are_counted_offline() -> None:
    assert count_tokens("") == 0
    assert count_tokens("hello world") == 2
    assert 900 < count_tokens("word " * 1000) < 1100
