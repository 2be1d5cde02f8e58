"""An endpoint and a gateway for the whole suite: LiteLLM is imported once."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from milepost.domain.seat import Seat
from milepost.model.gateway import Gateway, engine
from milepost.model.messages import Message, Request, ToolSchema
from tests.model.endpoint import Endpoint

READ_FILE = ToolSchema(
    "read_file", "Reads a file.", {"type": "object", "properties": {"path": {"type": "string"}}, "required": ["path"]}
)
OPENING = (Message("system", "You are a worker."), Message("user", "Go on."))
Ask = Callable[..., Request]


@pytest.fixture(scope="session")
def _endpoint() -> Iterator[Endpoint]:
    endpoint = Endpoint()
    yield endpoint
    endpoint.stop()


@pytest.fixture
def endpoint(_endpoint: Endpoint) -> Endpoint:
    return _endpoint.fresh()


@pytest.fixture(scope="session")
def gateway() -> Gateway:
    engine()
    return Gateway({"KEY": "secret-1"}, clock=lambda: 1_000_000.0)


@pytest.fixture
def ask(endpoint: Endpoint) -> Ask:
    """A request to a model of the endpoint: `ask("openai", "plain", stream=False, messages=…)`."""

    def make(wire: str, model: str, **changes: Any) -> Request:
        messages, tools = changes.pop("messages", OPENING), changes.pop("tools", (READ_FILE,))
        base = endpoint.anthropic if wire == "anthropic" else endpoint.openai
        seat = Seat(model=f"{wire}/{model}", **{"api_base": base, "api_key_env": "KEY", "silence_s": 5.0} | changes)
        return Request("worker.F1.1", 3, seat, messages, tools)

    return make
