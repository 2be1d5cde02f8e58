"""A mission from its goal to its end at the command line, its models played from a recording."""

from tests.cli import tapes
from tests.cli.conftest import Terminal


def test_draft_asks_then_proposes_and_each_time_says_which_command_goes_on(milepost_: Terminal) -> None:
    milepost_.record(tapes.asking())

    asked = milepost_.new(code=3)
    assert "Which currency are prices in?" in asked.stdout
    assert 'milepost answer I1 "your answer"' in asked.stdout

    milepost_("answer", "1")
    proposed = milepost_("run", code=3)
    print(proposed.stdout)
    assert "milepost approve" in proposed.stdout
    assert milepost_.json("items", "--all")[0]["answer"] == "euro"
