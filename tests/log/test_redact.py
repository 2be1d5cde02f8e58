"""No secret is stored: neither known values nor what looks like a key (S50)."""

import json
from urllib.parse import quote

import pytest

from milepost.domain.errors import Refused
from milepost.domain.events import PlanChanged
from milepost.domain.plan import PlanChange
from milepost.domain.turns import ToolStarted
from milepost.log.redact import Redactor
from tests.log.samples import fact

SECRET = 'tr0ub4dor "&" 3\\x'
KEY = "-----BEGIN RSA PRIVATE KEY-----\nMIIEow\nabc\n"


@pytest.mark.parametrize("key", [
    "sk-proj-abcdefghij1234567890", "sk-ant-api03-abcdefghij1234567890", "ghp_" + "a1" * 18, "gho_" + "a1" * 18,
    "github_pat_11AAAA_" + "b2" * 20, "glpat-abcdefghij12345678", "AKIAIOSFODNN7EXAMPLE", "ASIAIOSFODNN7EXAMPLE",
    "AIza" + "x" * 35, "xoxb-123456789012-abcdef",
])
def test_S50_well_known_key_is_taken_out(key: str) -> None:
    clean = Redactor().text
    assert clean(f"export KEY={key};") == "export KEY=[redacted];"
    assert clean(json.dumps(f"line\n{key}")) == '"line\\n[redacted]"'


def test_S50_bearer_and_private_keys_are_taken_out() -> None:
    clean = Redactor().text
    assert clean("Authorization: Bearer eyJhbGciOiJIUzI1NiJ9.e30.x-y_z") == "Authorization: Bearer [redacted]"
    assert clean(f"a\n{KEY}-----END RSA PRIVATE KEY-----\nb") == "a\n[redacted]\nb"
    assert clean(f"a\n{KEY}") == "a\n[redacted]"


@pytest.mark.parametrize("text", [
    "task-force-with-a-very-long-name-2", "the bearer responsibilities", "sk-learn-is-not-a-key-at-all", "ghp_short",
    "disk-1234567890123456789", "AKIA", "-----BEGIN PUBLIC KEY-----",
])
def test_ordinary_words_stay(text: str) -> None:
    assert Redactor().text(text) == text


def test_S50_known_value_is_taken_out_in_every_way_it_is_written() -> None:
    clean = Redactor([SECRET]).text
    assert clean(f"x{SECRET}y") == "x[redacted]y"
    assert clean(json.dumps({"password": SECRET})) == '{"password": "[redacted]"}'
    assert clean(f"https://host/?p={quote(SECRET, safe='')}") == "https://host/?p=[redacted]"


def test_longer_of_two_secrets_goes_first_and_short_ones_stay() -> None:
    clean = Redactor(["password", "password-of-ada", "ada", ""]).text
    assert clean("password-of-ada, password, ada") == "[redacted], [redacted], ada"


def test_S50_data_is_cleaned_all_the_way_down() -> None:
    data = {SECRET: ["x", {"deep": f"<{SECRET}>"}], "n": 1, "none": None, "yes": True}
    expected = {"[redacted]": ["x", {"deep": "<[redacted]>"}], "n": 1, "none": None, "yes": True}
    assert Redactor([SECRET]).data(data) == expected


def test_bytes_that_are_no_text_stay() -> None:
    noise = bytes(range(256)) * 3
    assert Redactor([SECRET]).raw(noise) == noise
    assert Redactor(["schlüssel"]).raw(b"\x89" + "schlüssel".encode() + b"\xff") == b"\x89[redacted]\xff"


def test_S50_event_is_cleaned_and_an_innocent_one_is_the_same() -> None:
    redactor = Redactor([SECRET])
    event = ToolStarted(n=1, call="c", name="run_command", arguments={"command": f"login {SECRET}"})
    assert redactor.event(event) == event.model_copy(update={"arguments": {"command": "login [redacted]"}})
    innocent = fact()
    assert redactor.event(innocent) is innocent


def test_event_that_needs_the_secret_is_refused_and_the_field_is_named() -> None:
    reason = "correct-horse-battery"
    event = PlanChanged(change=PlanChange(reason=reason), reason="because")
    with pytest.raises(Refused, match=r"'plan_changed' was not recorded: '.*change\.reason' holds a secret") as caught:
        Redactor([reason]).event(event)
    assert reason not in str(caught.value)
