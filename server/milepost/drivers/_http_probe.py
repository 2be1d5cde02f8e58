"""One HTTP request, made inside a cell: a plan in JSON on stdin, the answer in JSON on stdout; standard library only.

It runs by itself, with `python -I -S`, and so imports nothing of this package.
"""

import base64
import http.client
import json
import sys
import time
from typing import Any


def main() -> None:
    """Reads the plan, makes the request, prints what came of it."""
    plan = json.load(sys.stdin)
    started = time.monotonic()
    try:
        answer = send(plan)
    except (OSError, http.client.HTTPException, ValueError) as error:
        answer = {"error": f"{type(error).__name__}: {error}"}
    answer["ms"] = round((time.monotonic() - started) * 1000)
    json.dump(answer, sys.stdout)


def send(plan: dict[str, Any]) -> dict[str, Any]:
    """Status, headers and the first bytes of the body; redirects are answers like any other."""
    connection = http.client.HTTPConnection(plan["host"], plan["port"], timeout=plan["timeout_s"])
    try:
        names = {name.lower() for name, _ in plan["headers"]}
        connection.putrequest(
            plan["method"], plan["target"], skip_host="host" in names, skip_accept_encoding="accept-encoding" in names
        )
        for name, value in plan["headers"]:
            connection.putheader(name, value)
        body = base64.b64decode(plan["body"])
        if "content-length" not in names and (body or plan["method"] in ("POST", "PUT", "PATCH")):
            connection.putheader("Content-Length", str(len(body)))
        connection.endheaders(body or None)
        response = connection.getresponse()
        return read(response, plan["cap"], time.monotonic() + plan["timeout_s"])
    finally:
        connection.close()


def read(response: http.client.HTTPResponse, cap: int, until: float) -> dict[str, Any]:
    """The answer with as much of its body as the cap and the time allow: an event stream never ends."""
    body, cut = b"", ""
    try:
        while len(body) <= cap:
            part = response.read1(min(65536, cap + 1 - len(body)))
            body += part
            if not part:
                cut = "broken off" if response.length else ""
                break
            if time.monotonic() > until:
                cut = "time"
                break
    except TimeoutError:
        cut = "time"
    except http.client.IncompleteRead as error:
        body, cut = body + error.partial, "broken off"
    if len(body) > cap:
        body, cut = body[:cap], "size"
    return {
        "status": response.status, "reason": response.reason, "version": response.version,
        "headers": response.getheaders(), "body": base64.b64encode(body).decode(), "cut": cut,
    }


if __name__ == "__main__":
    main()
