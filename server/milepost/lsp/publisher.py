"""Tells the client what changed: diagnostics, progress, refreshes, status, and what waits for the person."""

import asyncio
import logging
from collections.abc import Iterable, Mapping
from pathlib import Path

from lsprotocol import types as lsp
from pygls.exceptions import JsonRpcException

from milepost.ide.diagnostics import contract_diagnoses, findings, questions_diagnoses
from milepost.ide.document import Document
from milepost.ide.shapes import Diagnosis
from milepost.ide.snapshot import Snapshot, contract_path, questions_path
from milepost.lsp import convert
from milepost.lsp.announcing import Announcer
from milepost.lsp.encoded import Encoded, encode
from milepost.lsp.follower import Follower
from milepost.lsp.gauge import Gauge
from milepost.lsp.throttle import Lull, Throttle
from milepost.lsp.uris import is_file, path_of, uri_of_text
from milepost.lsp.window import Window

REFRESH_S = 0.25
PUBLISH_S = 0.04
QUIET_S, LONGEST_S = 0.12, 1.0
"""What is typed is looked at after so long without a key, and while keys go on, this often."""
log = logging.getLogger(__name__)


class Publisher:
    """Keeps a client's picture as new as the missions."""

    def __init__(self, window: Window, *, resume: bool = False) -> None:
        self.window = window
        self._stale: set[Path] = set()
        self._before: dict[Path, Snapshot] = {}
        self._shown: dict[Path, dict[str, tuple[object, ...]]] = {}
        """By mission: each URI that has diagnostics, and what they were made of."""
        self._loud: dict[Path, str] = {}
        self.announcer = Announcer(window, resume=resume)
        self.gauge = Gauge(window)
        self._typed: set[str] = set()
        self._lull = Lull(self._paused, QUIET_S, LONGEST_S)
        self._publish = Throttle(self._publish_all, PUBLISH_S)
        self._refresh = Throttle(self._refresh_all, REFRESH_S)
        window.preferences.changed = self._refresh.ask

    async def changed(self, follower: Follower) -> None:
        """A mission has something new; turns alone change no diagnosis, lens or hint."""
        root, now = follower.folder.root, follower.snapshot
        if now is None or not now.tells_as(self._before.get(root)):
            self._stale.add(root)
            self._publish.ask()
            self._refresh.ask()
        if now is not None:
            self._before[root] = now
        self.announcer.changed(follower)
        self.gauge.changed()
        await self._say_trouble(follower)

    def looked(self) -> None:
        """Everything that is there was read; of missions that went, nothing is shown any longer."""
        if gone := set(self._before) - set(self.window.missions.followers):
            for root in gone:
                del self._before[root]
            self._stale |= gone
            self._publish.ask()
            self._refresh.ask()
            self.gauge.changed()
        self.announcer.looked(gone)

    def typed(self, uri: str) -> None:
        """A document was changed: what is wrong in it is said once the person pauses."""
        self._typed.add(uri)
        self._lull.ask()

    def _paused(self) -> None:
        typed, self._typed = self._typed, set()
        for uri in typed:
            self.edited(uri)

    def edited(self, uri: str) -> None:
        """A document was opened or closed, or reads otherwise."""
        document = self.window.document(uri)
        if document is None or not (document.is_contract or document.is_questions):
            return
        follower = self.window.missions.of_document(Path(document.path))
        if follower is None:
            # A mission's own contract is told of once the mission was read: its text alone is half of it.
            if document.is_contract and not self.window.missions.holds(Path(document.path)):
                self._send(uri, contract_diagnoses(document, None), document)
            return
        self._stale.add(follower.folder.root)
        self._publish.ask()

    def closed(self, uri: str) -> None:
        """A document was closed: a contract that is no mission's says nothing any more."""
        if not is_file(uri):
            return
        path = path_of(uri)
        if Document(str(path), "").is_contract and not self.window.missions.holds(path):
            self._clear(uri)
        self.edited(uri)

    def stop(self) -> None:
        """Say nothing more."""
        self._lull.stop()
        self._publish.stop()
        self._refresh.stop()
        self.gauge.stop()
        self.announcer.stop()

    # --- diagnostics ---

    async def _publish_all(self) -> None:
        stale, self._stale = self._stale, set()
        for root in stale:
            follower = self.window.missions.followers.get(root)
            found = self._diagnoses(follower.snapshot) if follower and follower.snapshot else {}
            self._show(root, found)
            await asyncio.sleep(0)

    def _diagnoses(self, snapshot: Snapshot) -> Mapping[str, tuple[Document, tuple[Diagnosis, ...]]]:
        """What each document of a mission has, by its URI."""
        mission, paths = snapshot.mission, snapshot.paths
        found: dict[str, tuple[Document, tuple[Diagnosis, ...]]] = {}
        for path, make in (
            (contract_path(paths, mission), contract_diagnoses), (questions_path(paths, mission), questions_diagnoses),
        ):
            uri = uri_of_text(path)
            # An ended mission is silent about documents that nobody looks at.
            if mission.ended and self.window.server.document(uri) is None:
                continue
            document = self.window.document(uri)
            if document is not None:
                found[uri] = (document, make(document, snapshot))
        for path, diagnoses in findings(snapshot).items():
            for whole in self._places(snapshot, path):
                document = self.window.document(uri_of_text(whole))
                if document is not None:
                    found[uri_of_text(whole)] = (document, diagnoses)
        return found

    def _places(self, snapshot: Snapshot, path: str) -> Iterable[str]:
        """Where a file of the tree is seen: there, and in the user's own folder where it reads the same (D21c)."""
        tree, own = (f"{root}/{path}" for root in (snapshot.paths.tree, snapshot.paths.repository))
        yield tree
        if own != tree:
            left, right = self.window.on_disk(tree), self.window.on_disk(own)
            if left is not None and right is not None and left.text == right.text:
                yield own

    def _show(self, root: Path, found: Mapping[str, tuple[Document, tuple[Diagnosis, ...]]]) -> None:
        before = self._shown.get(root, {})
        now: dict[str, tuple[object, ...]] = {}
        for uri, (document, diagnoses) in found.items():
            if diagnoses or uri in before:
                now[uri] = (document, diagnoses)
            known = before.get(uri)
            if known is None and not diagnoses:
                continue
            if known is None or known[0] is not document or known[1] != diagnoses:
                self._send(uri, diagnoses, document)
        for uri in set(before) - set(now):
            self._clear(uri)
        self._shown[root] = {uri: made for uri, made in now.items() if made[1]}

    def _send(self, uri: str, diagnoses: Iterable[Diagnosis], document: Document) -> None:
        at, opened = self.window.columns(document), self.window.server.document(uri)
        place = convert.linking(self.window.can, self.window.place)
        params: convert.Json = {"uri": uri, "diagnostics": [convert.diagnostic_row(d, at, place) for d in diagnoses]}
        if opened is not None and opened.version is not None:
            params["version"] = opened.version
        self.window.server.notify(lsp.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS, Encoded(encode(params)))

    def _clear(self, uri: str) -> None:
        self.window.server.notify(lsp.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS, lsp.PublishDiagnosticsParams(uri, []))

    # --- the rest ---

    async def _refresh_all(self) -> None:
        """Have the client ask again for what it shows, where it can."""
        can = self.window.can.workspace
        lenses = can is not None and can.code_lens is not None and can.code_lens.refresh_support
        hints = can is not None and can.inlay_hint is not None and can.inlay_hint.refresh_support
        for wanted, method in (
            (lenses, lsp.WORKSPACE_CODE_LENS_REFRESH), (hints, lsp.WORKSPACE_INLAY_HINT_REFRESH),
        ):
            if wanted:
                try:
                    await self.window.server.ask(method)
                except JsonRpcException as error:
                    log.info("%s: %s", method, error)

    async def _say_trouble(self, follower: Follower) -> None:
        """Say once that a log cannot be read, and what is shown meanwhile."""
        root, trouble = follower.folder.root, follower.trouble
        if trouble and self._loud.get(root) != trouble:
            shown = "; the last picture of it is shown" if follower.snapshot else ""
            self.window.say(f"{follower.folder.mission} cannot be read: {trouble}{shown}", lsp.MessageType.Error)
        self._loud[root] = trouble
