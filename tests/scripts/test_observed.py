"""What was seen is read from evidence; what the tester sent is no part of it."""

from milepost.scripts.lines import NO_JSON
from milepost.scripts.observed import observe
from tests.scripts.sights import NOON, command, piece, request, screen


def test_answer_is_read_without_what_was_asked():
    seen = request(201, {"id": 7, "tags": [], "in": {"b": 1}}, "Location: /x/7", "Date: Fri, 27 Nov 2026 12:00:00 GMT")
    assert seen.outcome == "status 201" and "secret" not in seen.text and "(12 ms)" not in seen.text
    assert seen.lines == ("location: /x/7", "id = 7", "in.b = 1", "tags = []")


def test_answer_that_is_no_json_is_read_line_by_line():
    seen = request(200, "<p>one</p>\n\n<p>two </p>", "Content-Type: text/html")
    assert seen.json is NO_JSON and seen.lines == ("content-type: text/html", "<p>one</p>", "<p>two </p>")


def test_request_without_an_answer():
    seen = observe("ok", "", [piece("request", "> GET http://web/\n\n< no answer: refused\n(3 ms)")], NOON)
    assert seen.outcome == "no answer" and seen.text.startswith("< no answer: refused")


def test_command_is_read_without_the_command():
    seen = command("one\ntwo", 3, line="printf 'a\nb'", touched="added: out.txt")
    assert (seen.outcome, seen.lines) == ("exit code 3", ("one", "two", "added: out.txt"))
    assert "printf" not in seen.text and "exit code 3" in seen.text


def test_screen_is_read_with_whether_its_program_runs():
    assert screen("Hello\n\n  World").lines == ("Hello", "  World")
    assert screen("Bye", "24x80, cursor row 1, column 1, ended with exit code 2").outcome == "ended with exit code 2"
    late = screen("?", "24x80, cursor row 1, column 1, running, 'Ready' did not appear within 10 s")
    assert late.outcome == "running; 'Ready' did not appear within 10 s"


def test_console_says_whether_something_went_wrong():
    picture = piece("screenshot", "\x89PNG")
    shown = "[E1] http://web/\nheading 'Shop'"
    clean = observe("ok", shown, [picture, piece("console", "log: ready", "E2")], NOON)
    assert clean.outcome == "a clean console" and "heading 'Shop'" in clean.text
    wrong = observe("ok", shown, [picture, piece("console", "error: Uncaught TypeError", "E2")], NOON)
    assert wrong.outcome == "errors in the console"


def test_call_that_could_not_be_made_is_an_error():
    assert observe("error", "no program is open", [], NOON).outcome == "error"
    assert observe("ok", "web is ready", [], NOON).lines == ()


def test_page_is_read_without_what_was_done_to_it():
    did = "open http://web/ in page main → 200"
    text = f'{did}\npage main is at http://web/, titled "Shop"\ne3 is button "Save"\n- button "Save" [e3]'
    page, data = piece("transcript", text)
    page = page.model_copy(update={"title": did})
    seen = observe("ok", "", [(page, data)], NOON)
    assert (seen.outcome, seen.lines[1:]) == ("status 200", ('- button "Save"',)) and "open http" not in seen.text
