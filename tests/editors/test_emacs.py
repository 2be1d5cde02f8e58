"""A mission in a real Emacs, by eglot and by lsp-mode, with the configurations that are documented."""

from collections.abc import Iterator

import pytest

from milepost.log.lease import Lease
from tests.editors.desk import Desk
from tests.editors.documented import block
from tests.editors.emacs import Emacs
from tests.lsp.told import FOUND, Written, judged

FAILED = "SHOP-002 failed in M1r1: as seen"
ASKED = "I3 question waits for you: Which currency are prices in? (euro / dollar)"
EGLOT, LSP_MODE = "(and (featurep 'eglot) (eglot-managed-p))", "(and (bound-and-true-p lsp-mode) (lsp-workspaces) t)"
SAID = "(with-current-buffer \"*Messages*\" (and (string-match-p (regexp-quote {}) (buffer-string)) t))"
CLIENTS = {"eglot": "Emacs, eglot", "lsp-mode": "Emacs, lsp-mode"}
WORDS = "prices are served by somebody else now"

pytestmark = pytest.mark.needs("emacs", "emacsclient")


@pytest.fixture
def emacs(request: pytest.FixtureRequest, desk: Desk) -> Iterator[Emacs]:
    """Emacs with the documented configuration of a client."""
    with Emacs(block(CLIENTS[request.param], "elisp"), desk) as editor:
        if not editor("(and (locate-library {}) t)", request.param):
            pytest.skip(f"not run: elpa-{request.param} is not installed")
        yield editor


eglot = pytest.mark.parametrize("emacs", ["eglot"], indirect=True)
lsp_mode = pytest.mark.parametrize("emacs", ["lsp-mode"], indirect=True)


def expect_contract(emacs: Emacs) -> None:
    """What both show of the contract that is open: diagnostics, the question, the outline."""
    emacs.asked("Which currency are prices in?")
    emacs.until("(= 2 (length (flymake-diagnostics)))")
    assert all(any(text in said for said in emacs.diagnoses()) for text in (FAILED, ASKED))
    assert "SHOP-003 The old total stays" in emacs("(format \"%S\" (imenu--make-index-alist t))")


def expect_formatting(emacs: Emacs, lisp: str) -> None:
    """A field with too many spaces is put in order."""
    before = emacs("(buffer-string)")
    emacs.at("- surface: http")
    emacs("(progn (delete-region (line-beginning-position) (point)) (insert \"-  surface:    http\") t)")
    assert emacs("(buffer-string)") != before
    emacs(f"(progn {lisp} t)")
    assert emacs("(buffer-string)") == before


@eglot
def test_everything_about_a_contract_by_eglot(told: Written, emacs: Emacs, desk: Desk) -> None:
    emacs.open(desk.contract, EGLOT)
    expect_contract(emacs)
    emacs.at("### SHOP-002")
    emacs("(progn (setq hovered nil) (eglot-hover-eldoc-function (lambda (text &rest _) (setq hovered text))) t)")
    assert "A price is served" in emacs.until("hovered")
    expect_formatting(emacs, "(eglot-format-buffer)")
    emacs.choose("(eglot-code-actions (point) nil nil t)", "Waive SHOP-002…", WORDS)
    emacs.until("(= 1 (length (flymake-diagnostics)))")
    emacs.at("# Contract")
    emacs.choose("(eglot-code-actions (point) nil nil t)", "Answer I3: euro")
    emacs.until("(null (flymake-diagnostics))")
    emacs("(progn (eglot-execute-command (eglot-current-server) 'milepost.propose (vector '(:mission \"shop\"))) t)")
    emacs.until(SAID, "request_proposal is not possible while the mission is running")


@eglot
def test_goal_becomes_a_mission_by_eglot(desk: Desk, emacs: Emacs) -> None:
    emacs("(progn (find-file {}) (call-interactively #'eglot) t)", str(desk.repository / "README.md"))
    emacs.until(EGLOT)
    titles = emacs("(vconcat (mapcar (lambda (action) (plist-get action :title)) (eglot-code-actions (point-min))))")
    assert titles == ["Start a mission from this document: Shop"]


@lsp_mode
def test_everything_about_a_contract_by_lsp_mode(told: Written, emacs: Emacs, desk: Desk) -> None:
    emacs.open(desk.contract, LSP_MODE)
    expect_contract(emacs)
    emacs.at("### SHOP-002")
    emacs("(progn (lsp-describe-thing-at-point) t)")
    assert "A price is served" in emacs("(with-current-buffer \"*lsp-help*\" (buffer-string))")
    emacs("(progn (quit-windows-on \"*lsp-help*\") t)")
    emacs.until("(seq-some (lambda (each) (overlay-get each 'lsp-lens)) (overlays-in (point-min) (point-max)))")
    expect_formatting(emacs, "(lsp-format-buffer)")
    emacs.choose("(call-interactively #'lsp-execute-code-action)", "Waive SHOP-002…", WORDS)
    emacs.until("(= 1 (length (flymake-diagnostics)))")
    emacs.at("# Contract")
    emacs.choose("(call-interactively #'lsp-execute-code-action)", "Answer I3: euro")
    emacs.until("(null (flymake-diagnostics))")
    emacs("(progn (lsp-send-execute-command \"milepost.propose\" (vector (ht (\"mission\" \"shop\")))) t)")
    emacs.until(SAID, "request_proposal is not possible while the mission is running")


@lsp_mode
def test_findings_and_progress_by_lsp_mode(emacs: Emacs, desk: Desk) -> None:
    told = judged(desk.state, desk.repository)
    lease = Lease(told.write().root)
    assert lease.acquire()
    try:
        emacs.open(desk.repository / "shop" / "price.py", LSP_MODE)
        emacs.until("(and (flymake-diagnostics) t)")
        assert FOUND in emacs.diagnoses()[0]
        assert "3 of 6 assertions" in emacs.until("(lsp--progress-status)")
    finally:
        lease.release()
