"""What a verdict points at: a tester's recordings, and receipts of checks."""

from milepost.domain import events as e
from milepost.domain.receipt import Evidence, Receipt
from milepost.ide.evidence import Piece, pieces
from milepost.ide.standing import round_of
from tests.ide.tale import PATHS, judged, running, to


def given(*evidence: str, milestone: str | None = None, round: int | None = None) -> e.VerdictGiven:
    return e.VerdictGiven(
        assertion="SHOP-001", outcome="passed", tree="t", evidence=list(evidence), milestone=milestone, round=round,
        depends=e.Dependencies(assertion="a"),
    )


def test_recordings_lie_where_any_program_can_open_them() -> None:
    tale = running().say(e.VerdictsSubmitted(
        milestone="M1", round=1, flow="flow-1", attempt="tester.M1r1.flow-1.1", tree="t", verdicts=[],
        evidence=[Evidence(id="E1", kind="screenshot", blob="b", tree="t", title="the page"),
                  Evidence(id="E2", kind="console", blob="c", tree="t")],
    ))
    folder = f"{PATHS.docs}/evidence/tester.M1r1.flow-1.1"
    assert pieces(given("tester.M1r1.flow-1.1/E1", "tester.M1r1.flow-1.1/E2"), tale.snapshot()) == [
        Piece("tester.M1r1.flow-1.1/E1", "screenshot", "the page", "b", f"{folder}-E1.png"),
        Piece("tester.M1r1.flow-1.1/E2", "console", "", "c", f"{folder}-E2.txt"),
    ]


def test_receipt_of_a_check_is_told_by_its_command() -> None:
    [piece] = pieces(given("abc", milestone="M1", round=1), judged().snapshot())
    assert (piece.kind, piece.title, piece.blob, piece.path) == ("receipt", "c → exit 0", "abc", "")


def test_check_that_did_not_end_says_so() -> None:
    ran = Receipt(command="sleep 9", exit_code=None, timed_out=True, output="abc")
    gate = e.GateFinished(gate="check:SHOP-001", outcome="red", receipt=ran, milestone="M1", round=1)
    tale = running().go(to("tester")).say(e.RoundStarted(milestone="M1", round=1, commit="c", tree="t", scope=[]), gate)
    assert pieces(given("abc", milestone="M1", round=1), tale.snapshot())[0].title == "sleep 9 → did not end"


def test_receipt_of_an_unknown_round_has_no_title() -> None:
    assert pieces(given("abc", milestone="M7", round=3), judged().snapshot())[0].title == ""
    assert pieces(given("abc"), judged().snapshot())[0].title == ""


def test_rounds_have_names() -> None:
    assert round_of(given(milestone="M1", round=2)) == "M1r2"
    assert round_of(given(milestone="audit", round=1)) == "the final round"
    assert round_of(given()) == ""
