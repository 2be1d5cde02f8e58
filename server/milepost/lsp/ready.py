"""A language server that is ready: its log is open, its features are known, its client may speak."""

import platformdirs
from lsprotocol import types as lsp

from milepost import __version__
from milepost.lsp import heap
from milepost.lsp.gate import GATE, PROTOCOL_VERSIONS, asks
from milepost.lsp.loading import Loader
from milepost.lsp.server import Server
from milepost.lsp.serving import serve


def main() -> int:
    """Serve one client; the exit code."""
    heap.share()
    return serve(build, platformdirs.user_log_path("milepost", appauthor=False))


def build(server: Server) -> None:
    """Have the server know what it can do."""
    server.advertise(advertised)
    Loader(server).register()


def advertised(client: lsp.ClientCapabilities, capabilities: lsp.ServerCapabilities) -> None:
    """Say which messages of ours there are; nothing to a client that did not ask."""
    if asks(client.experimental):
        capabilities.experimental = {GATE: {"protocolVersions": list(PROTOCOL_VERSIONS), "version": __version__}}
