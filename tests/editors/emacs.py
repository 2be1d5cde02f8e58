"""A real Emacs in a terminal of its own, with nothing but its configuration; a test looks into it by emacsclient."""

import json
import subprocess
import threading
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from ptyprocess import PtyProcess

from tests.editors.desk import Desk
from tests.editors.waiting import until

EARLY = "(setq native-comp-deferred-compilation nil inhibit-startup-screen t xterm-extra-capabilities nil)\n"
"""Compiling what is loaded would take minutes, a welcome would cover what a test opens, and nobody answers queries."""
PERSON = """
;; Whoever sits there: takes the entry that a test names, types its words, and remembers what was asked.
(require 'json)
(defvar person-choice "Later")
(defvar person-words nil)
(defvar person-asked nil)
(setq completing-read-function
      (lambda (prompt &rest _) (push (substring-no-properties prompt) person-asked) person-choice))
(defalias 'read-string (lambda (&rest _) person-words))
(setq server-name %s)
(add-hook 'window-setup-hook #'server-start)
"""


class Emacs:
    """One editor."""

    def __init__(self, config: str, desk: Desk) -> None:
        self._desk = desk
        self._socket = desk.folder / "emacs.sock"
        start = desk.folder / "home" / ".emacs.d"
        start.mkdir()
        (start / "early-init.el").write_text(EARLY)
        (start / "init.el").write_text(config + PERSON % quoted(str(self._socket)))
        self._process = PtyProcess.spawn(
            ["emacs", "-nw"], cwd=str(desk.repository), env=desk.environment | {"TERM": "xterm"}, dimensions=(50, 160)
        )
        self._screen = bytearray()
        threading.Thread(target=self._watch, daemon=True).start()

    def __enter__(self) -> Self:
        until(lambda: self._client("t").returncode == 0, lambda: f"Emacs listens; it shows {self.screen}")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None,
    ) -> None:
        if kind is None:
            self._client("(progn (set-buffer-modified-p nil) (let ((kill-emacs-hook nil)) (kill-emacs)))")
        self._process.terminate(force=True)

    def _watch(self) -> None:
        with suppress(EOFError, OSError):
            while True:
                self._screen += self._process.read(2**16)

    def _client(self, lisp: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["emacsclient", "--socket-name", str(self._socket), "--eval", lisp], env=self._desk.environment,
            capture_output=True, text=True,
        )

    def __call__(self, lisp: str, *arguments: Any) -> Any:
        """What a form brings in the buffer that is shown; `{}` stands for the arguments."""
        form = lisp.format(*(quoted(each) for each in arguments)) if arguments else lisp
        target = self._desk.folder / "said.json"
        done = self._client(
            f"(with-current-buffer (window-buffer (frame-selected-window)) (let ((said (json-encode {form})) "
            f"(coding-system-for-write 'utf-8)) (write-region said nil {quoted(str(target))} nil 0)))"
        )
        assert done.returncode == 0, f"{form}: {done.stdout}{done.stderr}"
        return json.loads(target.read_text())

    @property
    def screen(self) -> str:
        """The last that it drew."""
        return self._screen[-4000:].decode(errors="replace")

    def until(self, lisp: str, *arguments: Any) -> Any:
        """What a form brings, once that is something."""
        return until(
            lambda: self(lisp, *arguments),
            lambda: f"{lisp} {arguments}; asked: {self('(vconcat person-asked)')}; it shows {self.screen}",
        )

    # --- what a person does ---

    def press(self, keys: str) -> None:
        """Press keys."""
        self._process.write(keys.encode())

    def open(self, path: Path, attached: str) -> None:
        """Open a file, as one would; wait until the server manages it."""
        self("(progn (find-file {}) t)", str(path))
        self.press("\x01")
        self.until(attached)

    def at(self, text: str) -> None:
        """Put point at the end of the first occurrence of a text."""
        self("(progn (goto-char (point-min)) (search-forward {}) t)", text)

    def choose(self, lisp: str, title: str, words: str = "") -> None:
        """Run a form that asks for a choice, and for words where that needs them."""
        self("(progn (setq person-choice {} person-words {}) t)", title, words)
        self(f"(progn {lisp} (setq person-choice \"Later\") t)")

    def diagnoses(self) -> list[str]:
        """The messages of the buffer's diagnostics."""
        return list(self("(vconcat (mapcar #'flymake-diagnostic-text (flymake-diagnostics)))"))

    def asked(self, text: str) -> None:
        """Wait until a question with that text was put."""
        self.until("(seq-some (lambda (prompt) (string-match-p (regexp-quote {}) prompt)) person-asked)", text)


def quoted(text: str) -> str:
    """A text as Lisp reads it."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
