"""What was read and waits: bounded, in order, cancels first."""

import threading

from milepost.lsp.arrivals import Arrivals
from milepost.lsp.envelope import CANCEL, Message, Notification, Request


def cancel(number: object) -> tuple[Message, int]:
    return Notification(CANCEL, {"id": number}), 1


def request(number: int | str) -> tuple[Message, int]:
    return Request(number, "m"), 1


def taken(arrivals: Arrivals) -> list[tuple[Message, bool]]:
    found = []
    while (message := arrivals.take()) is not None:
        found.append(message)
    return found


def test_what_waits_is_cancelled_and_nothing_else() -> None:
    arrivals = Arrivals(lambda: None)
    arrivals.put([request(1), request("1"), request(2), cancel(1), cancel("unknown"), cancel(None), cancel(True)])
    found = [(message.id, cancelled) for message, cancelled in taken(arrivals) if isinstance(message, Request)]
    assert found == [(1, True), ("1", False), (2, False)]


def test_a_cancel_of_what_was_taken_overtakes_what_waits() -> None:
    arrivals = Arrivals(lambda: None)
    arrivals.put([request(1), request(2)])
    assert arrivals.take() == (Request(1, "m"), False)
    arrivals.put([cancel(1)])
    assert arrivals.take() == (Notification(CANCEL, {"id": 1}), False)


def test_an_id_that_was_cancelled_may_be_used_again() -> None:
    arrivals = Arrivals(lambda: None)
    arrivals.put([request(1), cancel(1)])
    taken(arrivals)
    arrivals.put([request(1)])
    assert arrivals.take() == (Request(1, "m"), False)


def test_the_loop_is_woken_once_for_all_that_waits() -> None:
    woken: list[int] = []
    arrivals = Arrivals(lambda: woken.append(1))
    arrivals.put([request(1)])
    arrivals.put([request(2)])
    assert woken == [1]
    taken(arrivals)
    arrivals.put([request(3)])
    assert woken == [1, 1]


def test_who_brings_more_waits_while_too_much_waits() -> None:
    arrivals = Arrivals(lambda: None, largest=10)
    arrivals.put([request(1)])
    brought = threading.Event()

    def bring() -> None:
        arrivals.put([request(2)])
        brought.set()

    threading.Thread(target=bring, daemon=True).start()
    assert arrivals.take() == (Request(1, "m"), False)
    assert brought.wait(10)
    assert arrivals.take() == (Request(2, "m"), False)


def test_it_is_over_when_all_was_taken() -> None:
    arrivals = Arrivals(lambda: None)
    arrivals.put([request(1)])
    arrivals.end()
    assert not arrivals.over
    taken(arrivals)
    assert arrivals.over
