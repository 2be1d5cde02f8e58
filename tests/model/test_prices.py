"""What models cost: the shipped table, read without LiteLLM, against what LiteLLM itself would charge."""

import subprocess
import sys

import pytest

from milepost.domain.budget import bound, cost
from milepost.domain.seat import Price, Seat
from milepost.domain.turn import Usage
from milepost.model.gateway import engine
from milepost.model.prices import charge, facts_of, price_of

MODELS = [
    "claude-sonnet-4-5", "anthropic/claude-sonnet-4-5", "gpt-5", "openai/gpt-5", "gemini/gemini-2.5-pro",
    "deepseek/deepseek-chat", "dashscope/qwen-flash", "gpt-5.6",
]


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize(("fresh", "cached", "written", "out"), [
    (1_000, 0, 0, 100), (1_000, 50_000, 400, 5_000), (150_000, 60_000, 10_000, 9), (300_000, 20_000, 0, 7),
])
def test_charge_is_what_litellm_charges(model: str, fresh: int, cached: int, written: int, out: int) -> None:
    litellm = engine().litellm
    usage = litellm.Usage(
        prompt_tokens=fresh + cached, completion_tokens=out, total_tokens=fresh + cached + out,
        prompt_tokens_details={"cached_tokens": cached, "cache_creation_tokens": written},
        cache_creation_input_tokens=written, cache_read_input_tokens=cached,
    )
    expected = litellm.completion_cost(
        completion_response=litellm.ModelResponse(model=model.rpartition("/")[2], usage=usage), model=model
    )
    ours = charge(Seat(model=model), Usage(fresh=fresh, cached=cached, out=out), written)
    assert ours == pytest.approx(expected, rel=1e-6)


@pytest.mark.parametrize("model", MODELS)
def test_no_call_costs_more_than_its_bound(model: str) -> None:
    seat = Seat(model=model, context=1_000_000)
    price = price_of(seat)
    assert price is not None
    for prompt in (10_000, 150_000, 300_000):
        limit = bound(price, last_prompt=prompt, bytes_added=0, images=0, max_output=1_000)
        for usage, written in ((Usage(fresh=prompt, out=1_000), prompt), (Usage(cached=prompt, out=1_000), 0)):
            assert (charge(seat, usage, written) or 0.0) <= limit


def test_a_small_window_is_not_bound_by_the_price_of_long_prompts() -> None:
    small, large = (price_of(Seat(model="gemini/gemini-2.5-pro", context=n)) for n in (200_000, 1_000_000))
    assert small is not None
    assert large is not None
    assert (small.fresh, large.fresh) == (pytest.approx(1.25), pytest.approx(2.5))


def test_the_seats_own_price_counts() -> None:
    price = Price(fresh=3.0, cached=1.0, out=5.0)
    seat = Seat(model="gpt-5", price=price)
    usage = Usage(fresh=10, cached=20, out=30)
    assert price_of(seat) == price
    assert charge(seat, usage) == cost(usage, price)


@pytest.mark.parametrize("model", ["cassette:demo.jsonl", "scripted:demo"])
def test_recordings_and_scripts_cost_nothing(model: str) -> None:
    assert price_of(Seat(model=model)) == Price(fresh=0, out=0)
    assert charge(Seat(model=model), Usage(fresh=1_000_000)) == 0.0
    assert facts_of(Seat(model=model)) is None


@pytest.mark.parametrize("model", ["openai/nobody", "nobody", "openai/claude-sonnet-4-5", "text-embedding-3-small"])
def test_what_the_table_does_not_price_has_no_price(model: str) -> None:
    assert price_of(Seat(model=model)) is None
    assert charge(Seat(model=model), Usage(fresh=1)) is None


def test_facts_tell_window_and_senses() -> None:
    facts = facts_of(Seat(model="anthropic/claude-sonnet-4-5"))
    assert facts is not None
    assert (facts.context, facts.max_output, facts.vision, facts.tools) == (200_000, 64_000, True, True)


def test_prices_do_not_import_litellm() -> None:
    program = (
        "import sys; from milepost.domain.seat import Seat; from milepost.model.prices import price_of; "
        "assert price_of(Seat(model='gpt-5')); assert 'litellm' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", program], check=True, env={"PYTHONPATH": ":".join(sys.path)})
