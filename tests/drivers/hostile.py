"""Services that misbehave, a socket and a thread each: what they say is written out byte for byte by the test."""

import base64
import contextlib
import hashlib
import re
import socket
import threading

MAGIC = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"


class Hostile:
    """Each answers every connection with the same bytes, and is gone with the test."""

    def __init__(self) -> None:
        self.asked: list[bytes] = []
        """The head of each request."""
        self._over = threading.Event()
        self._sockets: list[socket.socket] = []

    def serve(self, head: bytes, again: bytes = b"", *, slowly: bool = False, stay: bool = False) -> int:
        """The port of a service that says `head`, then `again` without end, and at last hangs up or stays silent."""
        server = socket.create_server(("127.0.0.1", 0))
        self._sockets.append(server)
        threading.Thread(target=self._accept, args=(server, head, again, slowly, stay), daemon=True).start()
        port: int = server.getsockname()[1]
        return port

    def close(self) -> None:
        """Ends them all."""
        self._over.set()
        for each in self._sockets:
            with contextlib.suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
            each.close()

    def _accept(self, server: socket.socket, *how: object) -> None:
        with contextlib.suppress(OSError):
            while True:
                caller, _ = server.accept()
                self._sockets.append(caller)
                threading.Thread(target=self._answer, args=(caller, *how), daemon=True).start()

    def _answer(self, caller: socket.socket, head: bytes, again: bytes, slowly: bool, stay: bool) -> None:
        with contextlib.suppress(OSError), caller:
            asked = b""
            while b"\r\n\r\n" not in asked and (part := caller.recv(65_536)):
                asked += part
            self.asked.append(asked)
            caller.sendall(head.replace(b"{accept}", accept(asked)))
            while again and not self._over.wait(0.05 if slowly else 0):
                caller.sendall(again)
            if stay:
                self._over.wait()
            caller.shutdown(socket.SHUT_WR)
            while caller.recv(65_536):
                pass


def accept(asked: bytes) -> bytes:
    """The answer to the key of a WebSocket."""
    key = re.search(rb"Sec-WebSocket-Key: (\S+)", asked)
    return base64.b64encode(hashlib.sha1(key[1] + MAGIC).digest()) if key else b""
