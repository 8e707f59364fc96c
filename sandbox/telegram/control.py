"""The thin control over HTTP, for other processes and chat pages: what is there, live, and faults."""

import asyncio
import json
from contextlib import suppress
from dataclasses import asdict
from typing import TYPE_CHECKING
from urllib.parse import quote

from aiohttp import web

from sandbox.telegram.acts import add_act_routes, guarded
from sandbox.telegram.commands import commands_for
from sandbox.telegram.faults import Fault
from sandbox.telegram.feed import Change, News, Subscription
from sandbox.telegram.model import Json
from sandbox.telegram.pictures import PHOTO_TYPES
from sandbox.telegram.views import change_view, chat_view, message_view, news_view, person_view

if TYPE_CHECKING:
    from sandbox.telegram.server import TelegramServer


def add_control_routes(app: web.Application, server: "TelegramServer") -> None:
    control = Control(server)
    app.router.add_get("/_fake/people", control.people)
    app.router.add_get("/_fake/chats", control.chats)
    app.router.add_get("/_fake/messages/{chat}", control.messages)
    app.router.add_get("/_fake/commands", control.commands)
    app.router.add_get("/_fake/file/{file}", control.file)
    app.router.add_get("/_fake/calls", control.calls)
    app.router.add_get("/_fake/violations", control.violations)
    app.router.add_get("/_fake/events", control.events)
    app.router.add_get("/_fake/live", control.live)
    app.router.add_post("/_fake/faults", guarded(control.faults))
    add_act_routes(app, server)


class Control:
    """Handlers of what is read under /_fake/..., and of the faults."""

    def __init__(self, server: "TelegramServer") -> None:
        self._server = server

    async def people(self, _request: web.Request) -> web.Response:
        told = self._server.world.profile.items()
        descriptions = {language: text for (name, language), text in told if name == "description"}
        bot = {**person_view(self._server.world.bot), "descriptions": descriptions}
        return web.json_response({"bot": bot, "people": [person_view(p.user) for p in self._server.people.values()]})

    async def chats(self, _request: web.Request) -> web.Response:
        return web.json_response([chat_view(one) for one in self._server.world.chats.values()])

    async def messages(self, request: web.Request) -> web.Response:
        chat = self._server.world.chats.get(int(request.match_info["chat"]))
        if chat is None:
            raise web.HTTPNotFound
        return web.json_response([message_view(one) for one in chat.messages.values()])

    async def commands(self, request: web.Request) -> web.Response:
        """Return the commands a person is offered in a chat; both are named by the query."""
        person = self._server.people.get(int(request.query["person"]))
        chat = self._server.world.chats.get(int(request.query["chat"]))
        if person is None or chat is None:
            raise web.HTTPNotFound
        return web.json_response(commands_for(self._server.world, chat, person.user))

    async def file(self, request: web.Request) -> web.Response:
        file = self._server.world.files.get(request.match_info["file"])
        if file is None:
            raise web.HTTPNotFound
        # A browser may show photos by itself; all else is for saving only.
        shown = "inline" if file.content_type in PHOTO_TYPES else "attachment"
        return web.Response(
            body=file.data,
            headers={
                "Content-Type": file.content_type,
                "Content-Disposition": f"{shown}; filename*=UTF-8''{quote(file.name)}",
                "X-Content-Type-Options": "nosniff",
            },
        )

    async def calls(self, _request: web.Request) -> web.Response:
        return web.json_response([asdict(one) for one in self._server.calls])

    async def violations(self, _request: web.Request) -> web.Response:
        self._server.overdue_callbacks()
        return web.json_response([asdict(one) for one in self._server.violations])

    async def events(self, request: web.Request) -> web.StreamResponse:
        """Stream changes of messages as server-sent events from now on."""
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream", "Cache-Control": "no-cache"})
        changes = self._server.changes()
        await response.prepare(request)
        async for change in changes:
            await response.write(f"data: {json.dumps(change_view(change))}\n\n".encode())
        return response

    async def live(self, request: web.Request) -> web.WebSocketResponse:
        """Send everything that happens over a WebSocket: a browser has only six connections for the rest."""
        socket = web.WebSocketResponse()
        news = self._server.world.feed.subscribe_to_all()
        await socket.prepare(request)
        telling = asyncio.ensure_future(_tell(socket, news))
        try:
            async for _ in socket:
                pass
        finally:
            telling.cancel()
        return socket

    async def faults(self, body: Json) -> Json:
        """Plan a fault: the fields of Fault, or {"kind": "clear"}."""
        if body.get("kind") == "clear":
            self._server.faults.clear()
        else:
            self._server.faults.add(Fault(**body))
        return {"pending": [asdict(one) for one in self._server.faults.pending]}


async def _tell(socket: web.WebSocketResponse, news: Subscription[Change | News]) -> None:
    with suppress(ConnectionError):
        async for item in news:
            await socket.send_json(news_view(item))
