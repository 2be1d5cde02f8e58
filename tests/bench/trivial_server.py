"""The least that pygls can be: one hover over its own transport. What `editor.py` compares with."""

from lsprotocol import types
from pygls.lsp.server import LanguageServer

server = LanguageServer("trivial", "1")


@server.feature(types.TEXT_DOCUMENT_HOVER)
def hover(params: types.HoverParams) -> types.Hover:
    return types.Hover(f"{params.position.line}")


if __name__ == "__main__":
    server.start_io()
