"""Cookies as a browser keeps them."""

from milepost.drivers.cookies import Jar


def jar() -> tuple[Jar, list[float]]:
    clock = [1_000.0]
    return Jar(lambda: clock[0]), clock


def test_cookie_goes_back_to_the_service_that_set_it() -> None:
    kept, _ = jar()
    kept.take("app", "/login", ["sid=abc; Path=/; HttpOnly; SameSite=Lax"])
    assert kept.header("app", "/items") == "sid=abc"
    assert kept.header("admin", "/items") == ""


def test_cookie_is_sent_below_its_path_only() -> None:
    kept, _ = jar()
    kept.take("app", "/", ["a=1; Path=/shop"])
    kept.take("app", "/shop/x", ["b=2"])
    kept.take("app", "/", ["c=3"])
    assert kept.header("app", "/shop/x/y") == "a=1; b=2; c=3"
    assert kept.header("app", "/shopping") == "c=3"


def test_cookie_that_expired_is_forgotten() -> None:
    kept, clock = jar()
    kept.take("app", "/", ["a=1; Max-Age=60", "b=2; expires=Thu, 01 Jan 2099 00:00:00 GMT", "c=3; expires=nonsense"])
    assert kept.header("app", "/") == "a=1; b=2; c=3"
    clock[0] += 61
    assert kept.header("app", "/") == "b=2; c=3"


def test_cookie_is_taken_back_by_the_service() -> None:
    kept, _ = jar()
    kept.take("app", "/", ["a=1; Path=/"])
    kept.take("app", "/", ["a=; Path=/; Max-Age=0"])
    assert kept.header("app", "/") == ""


def test_cookie_that_nobody_can_read_is_left_out() -> None:
    kept, _ = jar()
    kept.take("app", "/", ["", "no equals", "=1", "a=\x01", "ok=1"])
    assert kept.header("app", "/") == "ok=1"


def test_value_that_is_no_token_comes_back_as_it_was() -> None:
    kept, _ = jar()
    kept.take("app", "/", ['cart={"a": [1, 2]}; Path=/; HttpOnly', "name=größe", "empty="])
    assert kept.header("app", "/") == 'cart={"a": [1, 2]}; name=größe; empty='
