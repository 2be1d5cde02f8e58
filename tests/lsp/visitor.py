"""An editor made of its captured capabilities: pytest-lsp's client, and a transcript of every byte between the two."""

import asyncio
import json
import sys
import warnings
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from lsprotocol import types as t
from lsprotocol.converters import get_converter
from pygls.protocol import default_converter
from pytest_lsp import LanguageClient, LspSpecificationWarning
from pytest_lsp.client import DEFAULT_CLIENT_FEATURES, register_lsp_features

from tests.editors.desk import TEE, Desk
from tests.lsp.wire import LIMIT

Json = dict[str, Any]
REFRESHES = (t.WORKSPACE_CODE_LENS_REFRESH, t.WORKSPACE_INLAY_HINT_REFRESH)


class Visitor:
    """One client, its server, and what the server said."""

    def __init__(self, client: LanguageClient, transcript: Path) -> None:
        self.client = client
        self.published: list[t.PublishDiagnosticsParams] = []
        self.asked: list[t.ShowMessageRequestParams] = []
        self.refreshed: set[str] = set()
        self._transcript = transcript
        self._heard = asyncio.Event()

    def listen(self) -> None:
        """Answer what a client answers."""

        def published(client: LanguageClient, params: t.PublishDiagnosticsParams) -> None:
            self.published.append(params)
            self._heard.set()

        def asked(client: LanguageClient, params: t.ShowMessageRequestParams) -> None:
            self.asked.append(params)
            self._heard.set()

        def progressed(client: LanguageClient, params: t.ProgressParams) -> None:
            DEFAULT_CLIENT_FEATURES[t.PROGRESS](client, params)
            self._heard.set()

        def refreshing(method: str) -> Callable[[LanguageClient, None], None]:
            def refreshed(client: LanguageClient, params: None) -> None:
                self.refreshed.add(method)
                self._heard.set()

            return refreshed

        register_lsp_features(self.client, {
            **DEFAULT_CLIENT_FEATURES, t.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS: published, t.PROGRESS: progressed,
            t.WINDOW_SHOW_MESSAGE_REQUEST: asked, **{method: refreshing(method) for method in REFRESHES},
        })

    async def until(self, holds: Callable[[], object], what: str) -> None:
        """Wait until something holds of what was heard."""
        try:
            async with asyncio.timeout(LIMIT):
                while not holds():
                    self._heard.clear()
                    await self._heard.wait()
        except TimeoutError:
            raise AssertionError(f"not in time: {what}; heard {self.heard[-3:]}") from None

    def codes(self, path: Path) -> set[Any]:
        """The codes of the diagnostics that a file has now."""
        found = [each for each in self.published if each.uri == path.as_uri()]
        return {row.code for row in found[-1].diagnostics} if found else set()

    def version(self, path: Path) -> int | None:
        """The version of the text that its diagnostics are of."""
        return next((each.version for each in reversed(self.published) if each.uri == path.as_uri()), None)

    def progress(self) -> list[Any]:
        """Everything that was told of progress, as it came."""
        return [report for reports in self.client.progress_reports.values() for report in reports]

    def open(self, path: Path, text: str | None = None) -> None:
        """Open a file."""
        given = path.read_text() if text is None else text
        item = t.TextDocumentItem(uri=path.as_uri(), language_id="markdown", version=1, text=given)
        self.client.text_document_did_open(t.DidOpenTextDocumentParams(item))

    def change(self, path: Path, text: str, version: int) -> None:
        """Replace the text of an open file."""
        self.client.text_document_did_change(t.DidChangeTextDocumentParams(
            t.VersionedTextDocumentIdentifier(version=version, uri=path.as_uri()),
            [t.TextDocumentContentChangeWholeDocument(text=text)],
        ))

    @property
    def heard(self) -> list[Json]:
        """Every message of the server's so far, as it came."""
        rows = [json.loads(line) for line in self._transcript.read_text().splitlines()]
        return [row["message"] for row in rows if row["from"] == "server"]


@asynccontextmanager
async def visiting(desk: Desk, capabilities: t.ClientCapabilities) -> AsyncIterator[Visitor]:
    """A client with these capabilities, in the repository; at the end pytest-lsp must have nothing to complain of."""
    transcript = desk.folder / "transcript.jsonl"
    visitor = Visitor(LanguageClient(converter_factory=default_converter), transcript)
    visitor.listen()
    words = [sys.executable, str(TEE), str(transcript), sys.executable, "-m", "milepost", "lsp"]
    with warnings.catch_warnings(record=True) as complaints:
        warnings.simplefilter("always", LspSpecificationWarning)
        await visitor.client.start_io(*words, cwd=desk.repository, env=desk.environment)
        try:
            yield visitor
        finally:
            await visitor.client.shutdown_session()
            await visitor.client.stop()
    assert [str(each.message) for each in complaints if each.category is LspSpecificationWarning] == []


def plain(capabilities: t.ClientCapabilities) -> Json:
    """Capabilities as they go over the wire."""
    found: Json = get_converter().unstructure(capabilities)
    return found
