"""`http_request`: one request to a service, recorded with its answer."""

from typing import Literal

from milepost.agent.desk import Desk
from milepost.agent.tool import Shown, Tool
from milepost.agent.tools.observing import http, noted
from milepost.agent.tools.seated import USERS
from milepost.domain.shape import AssertionId, Shape, Text


class HttpRequest(Shape):
    """Arguments of http_request."""

    method: Literal["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]
    url: Text
    headers: dict[str, str] = {}
    body: str | None = None
    assertion: AssertionId | None = None


async def run(desk: Desk, args: HttpRequest) -> Shown:
    """Send the request."""
    driver = await http(desk)
    return noted(desk, await driver.request(args.method, args.url, args.headers, args.body, args.assertion))


HTTP_REQUEST = Tool("http_request", HttpRequest, run, seats=USERS)
