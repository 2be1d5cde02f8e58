"""A client that will be killed, and whose other child holds its end of the server's pipe: what editors' children do."""

import json
import os
import subprocess
import sys

from tests.lsp.wire import framed

if __name__ == "__main__":
    here, there = os.pipe()
    server = subprocess.Popen(
        [sys.executable, "-m", "tests.lsp.probe", sys.argv[1]], stdin=here, stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    holder = subprocess.Popen(["tail", "-f", os.devnull], stdout=subprocess.DEVNULL, pass_fds=[there])
    params = {"processId": os.getpid(), "rootUri": None, "capabilities": {}}
    os.write(there, framed({"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": params}))
    assert server.stdout is not None
    length = int(server.stdout.readline().split()[1])
    server.stdout.readline()
    assert json.loads(server.stdout.read(length))["id"] == 1
    print(server.pid, holder.pid, flush=True)
    sys.stdin.read()
