"""Which cases are expected, and which of them are missing."""

from milepost.domain.handoff import Renamed, TestCase, TestFile
from milepost.domain.receipt import TestRun
from milepost.gates.cases import Named, candidates, expected, missing, named

BASE = TestRun(passed=["tests.test_a::test_one", "tests.test_a::test_two"], failed=["tests.test_a::test_red"])


def test_D01_deleted_test_is_missing() -> None:
    run = TestRun(passed=["tests.test_a::test_one"])
    assert missing(expected(BASE, []), run) == ["tests.test_a::test_two"]


def test_D02_skipped_test_is_missing() -> None:
    run = TestRun(passed=["tests.test_a::test_one"], skipped=["tests.test_a::test_two"])
    assert missing(expected(BASE, []), run) == ["tests.test_a::test_two"]


def test_case_that_was_red_at_the_base_is_not_expected() -> None:
    assert missing(expected(BASE, []), TestRun(passed=BASE.passed)) == []


def test_renamed_test_is_expected_under_its_new_name() -> None:
    moves = [Renamed(old="tests.test_a::test_two", new="tests.test_b::test_2"),
             Renamed(old="tests.test_b::test_2", new="tests.test_b::test_second")]
    wanted = expected(BASE, [], moves)
    assert wanted.ids == {"tests.test_a::test_one", "tests.test_b::test_second"}
    assert missing(wanted, TestRun(passed=["tests.test_a::test_one"])) == ["tests.test_b::test_second"]


def test_D01_deleted_test_is_not_excused_by_one_that_passed_already() -> None:
    wanted = expected(BASE, [], [Renamed(old="tests.test_a::test_two", new="tests.test_a::test_one")])
    assert missing(wanted, TestRun(passed=["tests.test_a::test_one"])) == ["tests.test_a::test_two"]


def test_case_named_by_a_handoff_is_expected() -> None:
    tests = [TestFile(file="tests/test_b.py", cases=[TestCase(name="test_new", verifies="A-001")])]
    wanted = expected(None, named(tests))
    assert missing(wanted, TestRun()) == ["tests/test_b.py::test_new"]
    assert missing(wanted, TestRun(passed=["tests.test_b::test_new"])) == []


def test_named_case_that_was_renamed_is_not_expected_any_more() -> None:
    case = Named("tests/test_b.py", "test_new")
    move = Renamed(old="tests.test_b::test_new", new="tests.test_b::test_newer")
    assert expected(TestRun(passed=["tests.test_b::test_new"]), [case], [move]).named == ()


def test_every_variant_of_a_named_case_must_pass() -> None:
    wanted = expected(None, [Named("tests/test_b.py", "test_new")])
    run = TestRun(passed=["tests.test_b::test_new[1]"], failed=["tests.test_b::test_new[2]"])
    assert missing(wanted, run) == ["tests/test_b.py::test_new"]


def test_case_of_another_file_does_not_stand_in() -> None:
    case = Named("tests/test_b.py", "test_new")
    assert candidates(case, ["tests.test_a::test_new", "tests.test_b::test_new"]) == ["tests.test_b::test_new"]


def test_names_of_other_frameworks_are_understood() -> None:
    assert candidates(Named("src/sum.test.ts", "adds"), ["src/sum.test.ts::sum > adds"])
    assert candidates(Named("src/login.test.js", "signs in"), ["login signs in::login signs in"])
    assert candidates(Named("calc_test.go", "TestAdd"), ["example.com/calc::TestAdd", "example.com/calc::TestAdd/zero"])
    assert candidates(Named("tests/test_a.py", "TestB::test_x"), ["tests.test_a.TestB::test_x"])
    assert candidates(Named("tests/test_a.py", "tests.test_a::test_x"), ["tests.test_a::test_x"])
    assert not candidates(Named("tests/test_a.py", "test_x"), ["tests.test_a::test_xy"])
