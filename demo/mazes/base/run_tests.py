"""A test runner of the standard library alone that writes JUnit; laid into the repositories that missions work on."""

import sys
import time
import unittest
from pathlib import Path
from xml.sax.saxutils import quoteattr

rows = []


class Result(unittest.TextTestResult):
    def startTest(self, test):
        self.began = time.time()
        super().startTest(test)

    def row(self, test, inner=""):
        module, name = test.id().rpartition(".")[::2]
        seconds = f"{time.time() - getattr(self, 'began', time.time()):.3f}"
        rows.append(
            f'<testcase classname={quoteattr(module)} name={quoteattr(name)} time="{seconds}">{inner}</testcase>'
        )

    def addSuccess(self, test):
        self.row(test)
        super().addSuccess(test)

    def addFailure(self, test, err):
        self.row(test, f"<failure message={quoteattr(str(err[1]))}/>")
        super().addFailure(test, err)

    def addError(self, test, err):
        self.row(test, f"<error message={quoteattr(str(err[1]))}/>")
        super().addError(test, err)

    def addSkip(self, test, reason):
        self.row(test, f"<skipped message={quoteattr(reason)}/>")
        super().addSkip(test, reason)


suite = unittest.defaultTestLoader.discover("tests", top_level_dir=".")
result = unittest.TextTestRunner(resultclass=Result, verbosity=0).run(suite)
bad = f'failures="{len(result.failures)}" errors="{len(result.errors)}" skipped="{len(result.skipped)}"'
Path(sys.argv[1]).write_text(
    f'<testsuites><testsuite name="unittest" tests="{len(rows)}" {bad}>{"".join(rows)}</testsuite></testsuites>'
)
sys.exit(not result.wasSuccessful())
