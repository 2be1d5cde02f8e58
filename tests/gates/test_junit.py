"""Reports of real frameworks, torn ones, and hostile ones."""

import pytest

from milepost.domain.receipt import TestRun
from milepost.gates import junit

PYTEST = b"""<?xml version="1.0" encoding="utf-8"?><testsuites name="pytest tests">
<testsuite name="pytest" errors="0" failures="1" skipped="2" tests="4" time="0.1">
<testcase classname="tests.test_a" name="test_ok" time="0.01" />
<testcase classname="tests.test_a.TestB" name="test_bad[1]" time="0.01"><failure message="assert 1 == 2">trace</failure>
</testcase><testcase classname="tests.test_a" name="test_later" time="0"><skipped type="pytest.skip" message="no">x
</skipped></testcase><testcase classname="tests.test_a" name="test_hopeless">
<skipped type="pytest.xfail" message="known" /></testcase>
</testsuite></testsuites>"""
VITEST = b"""<?xml version="1.0" encoding="UTF-8" ?><testsuites name="vitest tests" tests="3" failures="1" errors="0">
<testsuite name="src/sum.test.ts" tests="3" failures="1" errors="0" skipped="1">
<testcase classname="src/sum.test.ts" name="sum &gt; adds" time="0.002"></testcase>
<testcase classname="src/sum.test.ts" name="sum &gt; subtracts"><failure message="expected 1" type="AssertionError">x
</failure></testcase>
<testcase classname="src/sum.test.ts" name="sum &gt; waits"><skipped/></testcase></testsuite></testsuites>"""
JEST = b"""<?xml version="1.0" encoding="UTF-8"?><testsuites name="jest tests" tests="2" failures="1" time="1">
<testsuite name="login" errors="0" failures="1" skipped="0" tests="2">
<testcase classname="login signs in" name="login signs in"/>
<testcase classname="login signs out" name="login signs out"><failure>Error</failure></testcase>
</testsuite></testsuites>"""
GOTESTSUM = b"""<?xml version="1.0" encoding="UTF-8"?><testsuites tests="3" failures="1" errors="1" time="0.2">
<testsuite tests="3" failures="1" name="example.com/calc" timestamp="2026-01-01T00:00:00Z">
<properties><property name="go.version" value="go1.24"></property></properties>
<testcase classname="example.com/calc" name="TestAdd" time="0.0"></testcase>
<testcase classname="example.com/calc" name="TestAdd/zero"><failure message="Failed" type="">x</failure></testcase>
<testcase classname="example.com/calc" name="TestLater"><skipped message="calc_test.go:9: later"></skipped></testcase>
</testsuite></testsuites>"""
CTEST = b"""<?xml version="1.0" encoding="UTF-8"?><testsuite name="(empty)" tests="3" failures="1" disabled="1">
<testcase name="add" classname="add" time="0.01" status="run"><properties/><system-out>ok</system-out></testcase>
<testcase name="sub" classname="sub" time="0.01" status="fail"><failure message=""/><system-out/></testcase>
<testcase name="div" classname="div" time="0" status="disabled"><system-out/></testcase></testsuite>"""
MAVEN = b"""<?xml version="1.0" encoding="UTF-8"?>
<testsuite xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" name="org.acme.CalcTest" tests="2"
 errors="0" skipped="0" failures="0"><testcase name="adds" classname="org.acme.CalcTest" time="0.01"/>
<testcase name="waits" classname="org.acme.CalcTest"><flakyFailure message="once" type="x">trace</flakyFailure>
</testcase></testsuite>"""


@pytest.mark.parametrize(
    ("report", "passed", "failed", "skipped"),
    [
        (PYTEST, ["tests.test_a::test_ok"], ["tests.test_a.TestB::test_bad[1]"],
         ["tests.test_a::test_later", "tests.test_a::test_hopeless"]),
        (VITEST, ["src/sum.test.ts::sum > adds"], ["src/sum.test.ts::sum > subtracts"],
         ["src/sum.test.ts::sum > waits"]),
        (JEST, ["login signs in::login signs in"], ["login signs out::login signs out"], []),
        (GOTESTSUM, ["example.com/calc::TestAdd"], ["example.com/calc::TestAdd/zero"], ["example.com/calc::TestLater"]),
        (CTEST, ["add::add"], ["sub::sub"], ["div::div"]),
    ],
    ids=["pytest", "vitest", "jest-junit", "gotestsum", "ctest"],
)
def test_report_of_a_framework_is_read(report: bytes, passed: list[str], failed: list[str], skipped: list[str]) -> None:
    assert junit.read(report) == TestRun(passed=passed, failed=failed, skipped=skipped)


def test_D18_case_that_passed_only_when_run_again_counts_as_failed() -> None:
    run = junit.read(MAVEN)
    assert run.passed == ["org.acme.CalcTest::adds"]
    assert run.failed == ["org.acme.CalcTest::waits"]


@pytest.mark.parametrize(
    "torn", [b"", b"<testsuites><testsuite name='a'><testcase classname='a' name='b'/>", PYTEST[:-20], b"ok"]
)
def test_D05_torn_report_is_no_report(torn: bytes) -> None:
    assert junit.read(torn) == TestRun(report=False)


def test_document_of_another_kind_is_no_report() -> None:
    assert not junit.read(b"<html><testcase classname='a' name='b'/></html>").report


@pytest.mark.parametrize(
    "entity", [b'<!ENTITY x SYSTEM "file:///etc/passwd">', b'<!ENTITY x "lol"><!ENTITY y "&x;&x;">']
)
def test_report_with_entities_is_refused(entity: bytes) -> None:
    text = b"<!DOCTYPE testsuite [" + entity + b"]><testsuite name='s'><testcase classname='a' name='&x;'/></testsuite>"
    assert junit.read(text) == TestRun(report=False)


def test_report_over_the_cap_is_no_report() -> None:
    padding = b"<!--" + b"x" * junit.MAX_REPORT + b"-->"
    assert not junit.read(b"<testsuite>" + padding + b"<testcase classname='a' name='b'/></testsuite>").report


def test_id_seen_twice_keeps_its_worst_outcome() -> None:
    run = junit.read(b"""<testsuite name="s"><testcase classname="a" name="b"><error/></testcase>
        <testcase classname="a" name="b"/></testsuite>""")
    assert run == TestRun(failed=["a::b"])


def test_suite_that_failed_as_a_whole_is_a_failure() -> None:
    run = junit.read(b"""<testsuites><testsuite name="pkg" errors="1" failures="0" tests="0"/>
        <testsuite name="fine"><testcase name="t"/></testsuite></testsuites>""")
    assert run == TestRun(passed=["fine::t"], failed=["pkg::<suite>"])


def test_failure_is_not_counted_again_for_the_suite_around_it() -> None:
    run = junit.read(b"""<testsuite name="out" failures="1"><testsuite name="in" failures="1">
        <testcase classname="a" name="b"><failure/></testcase></testsuite></testsuite>""")
    assert run.failed == ["a::b"]


def test_several_reports_are_one_run() -> None:
    one, two = TestRun(passed=["a::x", "a::y"]), TestRun(failed=["a::y"], skipped=["a::z"])
    assert junit.merge([one, two]) == TestRun(passed=["a::x"], failed=["a::y"], skipped=["a::z"])


def test_D05_one_torn_report_among_several_spoils_the_run() -> None:
    assert junit.merge([TestRun(passed=["a::x"]), TestRun(report=False)]) == TestRun(report=False)
    assert junit.merge([]) == TestRun(report=False)
