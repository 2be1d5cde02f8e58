"""Settings: who wins, and what a wrong one is told."""

import importlib.util
import json
from pathlib import Path

import pytest

from milepost.config import Config, load
from milepost.domain.errors import ConfigError
from milepost.domain.seat import SEATS, VALIDATORS, Price, family
from milepost.seats import default_seats, known_keys, providers

KEY = "ANTHROPIC_API_KEY"


@pytest.fixture
def file(home: Path) -> Path:
    path = home / "config" / "milepost" / "config.toml"
    path.parent.mkdir(parents=True)
    return path


def refusal(flags: dict[str, object] | None = None) -> str:
    with pytest.raises(ConfigError) as caught:
        load(flags)
    return str(caught.value)


def test_nothing_needs_to_be_set(home: Path) -> None:
    config = load()
    assert config.state_dir == home / "state" / "milepost"
    assert (config.publish, config.resume_on_start, config.keep_awake) == ("sealed", "ask", True)


def test_flags_win_over_environment_over_file(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file.write_text('publish = "never"\nunattended = true\n[budget]\ndollars = 1\ntokens = 10\nturns = 7\n')
    monkeypatch.setenv("MILEPOST_BUDGET__DOLLARS", "2")
    monkeypatch.setenv("MILEPOST_BUDGET__TOKENS", "20")
    config = load({"budget": {"dollars": 3}, "publish": None})
    assert (config.budget.dollars, config.budget.tokens, config.budget.turns) == (3, 20, 7)
    assert (config.publish, config.unattended) == ("never", True)


def test_config_folder_of_a_flag_is_where_the_file_is_read(home: Path, tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text("unattended = true\n")
    assert load({"config_dir": tmp_path}).unattended
    assert load({"config_dir": tmp_path}).config_dir == tmp_path


def test_settings_are_never_read_from_the_open_folder(
    home: Path, repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(repository)
    (repository / ".env").write_text("MILEPOST_ON_ATTENTION=evil\n")
    (repository / "config.toml").write_text('on_attention = "evil"\n')
    assert load().on_attention is None


def test_home_is_expanded(home: Path) -> None:
    assert load({"state_dir": "~/elsewhere"}).state_dir == home / "elsewhere"


@pytest.mark.parametrize(("text", "expected"), [
    ('publish = "x"\n', "config.toml:1: setting 'publish' is 'x': Input should be 'sealed', 'handoff' or 'never'"),
    ("[budget]\n\n# much\ndollars = 'x'\n", "config.toml:4: setting 'budget.dollars' is 'x': Input should be a valid"),
    ("budget.dollars = 'x'\n", "config.toml:1: setting 'budget.dollars' is 'x'"),
    ("budget = { dollars = 'x' }\n", "config.toml:1: setting 'budget.dollars' is 'x'"),
    ("\n[budget]\ndolars = 1\n", "config.toml:3: setting 'budget.dolars': is not known"),
    ("bugdet = 1\n", "config.toml:1: setting 'bugdet': is not known; expected one of browser, budget, caps"),
    ("[seats.boss]\nmodel = 'x'\n", "config.toml:1: setting 'seats.boss"),
    ('[prices."a/b.c"]\nfresh = 1\nout = -1\n', "config.toml:3: setting 'prices.a/b.c.out' is -1"),
    ("config_dir = '/x'\n", "setting 'config_dir' cannot stand in this file; set MILEPOST_CONFIG_DIR"),
    ("a = \n", "config.toml: not readable as TOML: Invalid value (at line 1"),
])
def test_wrong_setting_of_the_file_is_told_with_its_line(file: Path, text: str, expected: str) -> None:
    file.write_text(text)
    assert expected in refusal()


def test_wrong_field_of_a_seat_is_named(file: Path) -> None:
    file.write_text("unattended = true\n[seats.worker]\nmodel = 'x'\nmax_turns = 0\n")
    assert "config.toml:4: setting 'seats.worker.max_turns' is 0: Input should be greater than" in refusal()


def test_wrong_variable_is_named(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MILEPOST_CAPS__ROUNDS", "many")
    assert refusal().startswith("environment variable MILEPOST_CAPS__ROUNDS: setting 'caps.rounds' is 'many': ")


def test_wrong_flag_is_named(home: Path) -> None:
    assert refusal({"publish": "x"}).startswith("command line: setting 'publish' is 'x': ")


def test_misspelt_variable_is_refused(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MILEPOST_BUGDET__DOLLARS", "5")
    assert refusal() == "environment variable 'MILEPOST_BUGDET__DOLLARS' is not known; expected 'MILEPOST_BUDGET'"


def test_variable_of_something_else_is_left_alone(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MILEPOST_TESTING", "1")
    assert isinstance(load(), Config)


def test_state_inside_a_workspace_is_refused(home: Path, repository: Path) -> None:
    load().refuse_state_inside(repository)
    with pytest.raises(ConfigError, match=r"state_dir .* lies inside the workspace"):
        load({"state_dir": repository / ".milepost"}).refuse_state_inside(repository)


def test_no_model_is_told_with_the_keys_that_would_do(home: Path) -> None:
    with pytest.raises(ConfigError, match=r"expected one of the keys ANTHROPIC_API_KEY, .* or seats\.worker\.model in"):
        load().table([])


def test_users_field_lies_over_the_shipped_row(file: Path) -> None:
    file.write_text("[seats.worker]\nmax_turns = 9\n")
    worker = load().table([KEY])["worker"]
    assert (worker.max_turns, worker.api_key_env, worker.family) == (9, KEY, "anthropic")


def test_users_model_starts_a_row_of_its_own(file: Path) -> None:
    file.write_text("[seats.tester]\nmodel = 'openai/local'\napi_base = 'http://127.0.0.1:1/v1'\n")
    tester = load().table([KEY])["tester"]
    assert (tester.model, tester.api_key_env, tester.vision, family(tester)) == ("openai/local", None, False, "openai")


def test_one_model_of_the_users_seats_everybody(file: Path) -> None:
    file.write_text("[seats.worker]\nmodel = 'openai/local'\n[seats.tester]\nmax_turns = 9\n")
    table = load().table([])
    assert {seat.model for seat in table.values()} == {"openai/local"}
    assert (table["tester"].max_turns, table["worker"].max_turns) == (9, 150)


def test_price_of_the_users_reaches_the_seats_that_run_on_that_model(file: Path) -> None:
    file.write_text("[seats.worker]\nmodel = 'openai/local'\n[prices.'openai/local']\nfresh = 0\nout = 0\n")
    assert load().table([])["auditor"].price == Price(fresh=0, out=0)


def test_mission_starts_with_what_the_user_chose(home: Path) -> None:
    settings = load({"publish": "never", "budget": {"dollars": 5}}).mission_settings([KEY], sandbox=False)
    assert (settings.publish, settings.budget.dollars, settings.sandbox) == ("never", 5, False)
    assert set(settings.seats) == set(SEATS)


def test_no_key_gives_no_default_seat() -> None:
    assert default_seats([]) == {} == default_seats(["OTHER_KEY"])


@pytest.mark.parametrize("key", known_keys())
def test_one_key_seats_everybody(key: str) -> None:
    seats = default_seats([key])
    assert set(seats) == set(SEATS)
    assert {seat.api_key_env for seat in seats.values()} == {key}


def test_two_keys_make_validators_of_another_family_than_the_worker() -> None:
    for first in known_keys():
        for second in set(known_keys()) - {first}:
            seats = default_seats({first, second})
            assert family(seats["worker"]) not in {family(seats[name]) for name in VALIDATORS}


def test_models_of_default_seats_have_a_price_and_what_the_row_promises() -> None:
    found = importlib.util.find_spec("litellm")
    assert found and found.origin
    table = json.loads((Path(found.origin).parent / "model_prices_and_context_window_backup.json").read_text())
    for provider in providers():
        for name in SEATS:
            seat = provider.seat(name)
            known = table[seat.model]
            assert known["input_cost_per_token"] > 0 and known["output_cost_per_token"] > 0, seat.model
            assert known["mode"] == "chat" and known["supports_function_calling"] is seat.tools, seat.model
            assert known.get("supports_vision", False) is seat.vision, seat.model
            assert seat.context <= known["max_input_tokens"], seat.model
            assert seat.max_output <= (known["max_output_tokens"] or seat.max_output), seat.model
