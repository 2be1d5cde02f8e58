"""Counting tokens offline with the tokenizer that LiteLLM ships: for benchmarks, not for bills."""

from milepost.model.gateway import engine


def count_tokens(text: str) -> int:
    """Tokens of a text in OpenAI's `cl100k_base`. Imports LiteLLM, which takes seconds the first time."""
    return len(engine().litellm.encode(model="gpt-4", text=text))
