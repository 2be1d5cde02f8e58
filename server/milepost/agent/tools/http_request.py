"""`http_request` and `http_listen`: what a service answers, and what it sends by itself, recorded."""

from typing import Annotated, Literal

from pydantic import Field

from milepost.agent.desk import Desk
from milepost.agent.tool import Shown, Tool
from milepost.agent.tools.observing import http, noted
from milepost.agent.tools.seated import USERS
from milepost.domain.shape import AssertionId, Shape, Text

User = Annotated[str, Field(pattern=r"^[\w.@-]{0,40}$")]


class HttpRequest(Shape):
    """Arguments of http_request."""

    method: Literal["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]
    url: Text
    headers: dict[str, str] = {}
    body: str | None = None
    form: dict[str, str] = {}
    """A multipart form instead of a body; `@path` uploads a file of the tree."""
    user: User = ""
    """Each name has cookies of its own."""
    assertion: AssertionId | None = None


class HttpListen(Shape):
    """Arguments of http_listen."""

    url: Text
    """`ws://<service>/…` for a WebSocket, `http://<service>/…` for server-sent events."""
    send: Annotated[list[str], Field(max_length=100)] = []
    """Texts to send over a WebSocket first."""
    count: Annotated[int, Field(ge=1, le=500)] | None = None
    """Messages to wait for."""
    quiet_s: Annotated[float, Field(gt=0, le=60)] = 1.0
    """Default 1."""
    seconds: Annotated[float, Field(gt=0, le=120)] = 10.0
    """Default 10."""
    close: bool = False
    """Close it afterwards."""
    headers: dict[str, str] = {}
    user: User = ""
    assertion: AssertionId | None = None


async def http_request(desk: Desk, args: HttpRequest) -> Shown:
    """Send the request."""
    driver = await http(desk)
    seen = await driver.request(
        args.method, args.url, args.headers, args.body, args.assertion, form=args.form, user=args.user
    )
    return noted(desk, seen)


async def http_listen(desk: Desk, args: HttpListen) -> Shown:
    """Send, and hear what comes."""
    driver = await http(desk)
    seen = await driver.listen(
        args.url, args.send, args.headers, args.assertion, user=args.user, count=args.count, quiet_s=args.quiet_s,
        limit_s=args.seconds, close=args.close,
    )
    return noted(desk, seen)


HTTP_REQUEST = Tool("http_request", HttpRequest, http_request, seats=USERS)
HTTP_LISTEN = Tool("http_listen", HttpListen, http_listen, seats=USERS)
