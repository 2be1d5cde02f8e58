"""A web application that speaks WebSocket and server-sent events, by a library that is none of ours."""

import asyncio
import json
import os

from aiohttp import WSMsgType, web

SOCKETS: list[web.WebSocketResponse] = []
NEWS: list[asyncio.Queue[str]] = []


async def chat(request: web.Request) -> web.WebSocketResponse:
    """What one says, all others hear; some words have a meaning of their own."""
    socket = web.WebSocketResponse(max_msg_size=0)
    await socket.prepare(request)
    SOCKETS.append(socket)
    await socket.send_str(f"welcome {request.cookies.get('name', 'stranger')}")
    async for message in socket:
        if message.type is not WSMsgType.TEXT:
            continue
        if message.data == "bytes":
            await socket.send_bytes(bytes(range(256)))
        elif message.data == "ping":
            await socket.ping(b"are you there")
        elif message.data == "bye":
            await socket.close(code=4001, message=b"enough")
        elif message.data == "large":
            await socket.send_str("ü" * 90_000)
        elif message.data == "too large":
            await socket.send_str("x" * 2_000_000)
        elif message.data == "flood":
            for n in range(5_000):
                await socket.send_str(f"{n}")
        elif message.data == "escape":
            await socket.send_str(f"\x1b]52;c;ZXZpbA==\x07 from http://127.0.0.1:{request.url.port}")
        else:
            for other in SOCKETS:
                if other is not socket and not other.closed:
                    await other.send_str(message.data)
    SOCKETS.remove(socket)
    return socket


async def login(request: web.Request) -> web.Response:
    """A cookie that says who one is."""
    answer = web.Response(text="in")
    answer.set_cookie("name", request.match_info["name"])
    return answer


async def who(request: web.Request) -> web.Response:
    """Who one is, and how one looks."""
    return web.json_response({"name": request.cookies.get("name"), "headers": list(request.headers.items())})


async def news(request: web.Request) -> web.StreamResponse:
    """Two events at once, then one for each post."""
    stream = web.StreamResponse(headers={"Content-Type": "text/event-stream; charset=utf-8"})
    await stream.prepare(request)
    await stream.write(b": a comment\r\nevent: price\r\nid: 7\r\ndata: 1\r\ndata: 2\r\n\r\n")
    await stream.write(b"data: second\n\n")
    if "end" in request.query:
        return stream
    queue: asyncio.Queue[str] = asyncio.Queue()
    NEWS.append(queue)
    while True:
        await stream.write(f"data: {await queue.get()}\n\n".encode())


async def post(request: web.Request) -> web.Response:
    """News for everybody who follows."""
    text = await request.text()
    for queue in NEWS:
        queue.put_nowait(text)
    return web.Response(status=202)


async def upload(request: web.Request) -> web.Response:
    """What a form held, part by part."""
    parts = []
    async for part in await request.multipart():
        data = await part.read()
        parts.append([part.name, part.filename, part.headers.get("Content-Type"), len(data), data[:20].hex()])
    return web.Response(text=json.dumps(parts))


async def serve() -> None:
    """Until it is stopped; the port is its first line."""
    app = web.Application(client_max_size=30_000_000)
    app.add_routes([
        web.get("/chat", chat), web.get("/login/{name}", login), web.get("/who", who), web.get("/news", news),
        web.post("/news", post), web.post("/upload", upload),
    ])
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", int(os.environ.get("PORT", "0")))
    await site.start()
    print(runner.addresses[0][1], flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(serve())
