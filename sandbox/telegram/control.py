"""The thin control over HTTP, for other processes and chat pages."""

import json
from collections.abc import Awaitable, Callable
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from aiohttp import web

from sandbox.telegram.errors import SandboxError
from sandbox.telegram.faults import Fault
from sandbox.telegram.feed import Change
from sandbox.telegram.model import Chat, Json, Message

if TYPE_CHECKING:
    from sandbox.telegram.server import TelegramServer

MAX_ANSWER_WAIT_SECONDS = 15


def message_view(message: Message) -> Json:
    """Describe a message for a page: what is shown now, with HTML and rows of buttons."""
    file = message.file
    return {
        "id": message.id,
        "chat": message.chat.id,
        "from": message.sender.first_name,
        "person": None if message.is_from_bot else message.sender.id,
        "date": message.date,
        "text": message.text,
        "html": message.html,
        "buttons": [[asdict(button) for button in row] for row in message.buttons],
        "edits": message.edits,
        "deleted": message.deleted,
        "reply_to": message.reply_to,
        "thread": message.thread_id,
        "file": {"id": file.file_id, "name": file.name, "size": len(file.data)} if file else None,
        "photo": message.photo is not None,
        "service": message.service,
    }


def change_view(change: Change) -> Json:
    return {"kind": change.kind, "message": message_view(change.message)}


def add_control_routes(app: web.Application, server: "TelegramServer") -> None:
    control = Control(server)
    app.router.add_get("/_fake/chats", control.chats)
    app.router.add_get("/_fake/messages/{chat}", control.messages)
    app.router.add_get("/_fake/file/{file}", control.file)
    app.router.add_get("/_fake/calls", control.calls)
    app.router.add_get("/_fake/violations", control.violations)
    app.router.add_get("/_fake/events", control.events)
    for name in ("person", "say", "tap", "faults"):
        app.router.add_post(f"/_fake/{name}", _guarded(getattr(control, name)))


def _guarded(handler: Callable[[Json], Awaitable[Json]]) -> Callable[[web.Request], Awaitable[web.Response]]:
    async def answer(request: web.Request) -> web.Response:
        try:
            return web.json_response(await handler(await request.json()))
        except (SandboxError, KeyError, TypeError, ValueError) as error:
            return web.json_response({"error": f"{type(error).__name__}: {error}"}, status=400)

    return answer


class Control:
    """Handlers of /_fake/...; POST bodies are JSON objects, errors are 400 {"error"}."""

    def __init__(self, server: "TelegramServer") -> None:
        self._server = server

    async def chats(self, _request: web.Request) -> web.Response:
        return web.json_response([_chat_view(one) for one in self._server.world.chats.values()])

    async def messages(self, request: web.Request) -> web.Response:
        chat = self._server.world.chats.get(int(request.match_info["chat"]))
        if chat is None:
            raise web.HTTPNotFound
        return web.json_response([message_view(one) for one in chat.messages.values()])

    async def file(self, request: web.Request) -> web.Response:
        file = self._server.world.files.get(request.match_info["file"])
        if file is None:
            raise web.HTTPNotFound
        return web.Response(body=file.data, headers={"Content-Type": file.content_type})

    async def calls(self, _request: web.Request) -> web.Response:
        return web.json_response([asdict(one) for one in self._server.calls])

    async def violations(self, _request: web.Request) -> web.Response:
        self._server.overdue_callbacks()
        return web.json_response([asdict(one) for one in self._server.violations])

    async def events(self, request: web.Request) -> web.StreamResponse:
        """Stream changes as server-sent events from now on."""
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream", "Cache-Control": "no-cache"})
        changes = self._server.changes()
        await response.prepare(request)
        async for change in changes:
            await response.write(f"data: {json.dumps(change_view(change))}\n\n".encode())
        return response

    async def person(self, body: Json) -> Json:
        """Make a person: {id, name, language?}."""
        person = self._server.person(int(body["id"]), body["name"], language=body.get("language", "en"))
        return {"id": person.id, "name": person.name}

    async def say(self, body: Json) -> Json:
        """Type a text: {person, text, chat?, reply_to?, thread?}."""
        person = self._server.people[int(body["person"])]
        chat = self._server.chat(int(body.get("chat", person.id)))
        reply_to = chat.messages[int(body["reply_to"])] if body.get("reply_to") else None
        said = await person.says(body["text"], chat=chat, reply_to=reply_to, thread_id=body.get("thread"))
        return message_view(said)

    async def tap(self, body: Json) -> Json:
        """Tap a button: {person, chat?, message, button | data, wait? seconds for the answer}."""
        person = self._server.people[int(body["person"])]
        message = self._server.chat(int(body.get("chat", person.id))).messages[int(body["message"])]
        query = await person.taps(message, body.get("button", ""), data=body.get("data"))
        wait = min(float(body.get("wait", 0)), MAX_ANSWER_WAIT_SECONDS)
        return {"id": query.id, "answer": await _answer_within(query.answer(wait)) if wait else None}

    async def faults(self, body: Json) -> Json:
        """Plan a fault: the fields of Fault, or {"kind": "clear"}."""
        if body.get("kind") == "clear":
            self._server.faults.clear()
        else:
            self._server.faults.add(Fault(**body))
        return {"pending": [asdict(one) for one in self._server.faults.pending]}


async def _answer_within(answer: Awaitable[Any]) -> Json | None:
    try:
        return asdict(await answer)
    except TimeoutError:
        return None


def _chat_view(chat: Chat) -> Json:
    return {
        **chat.as_json(),
        "title": chat.title,
        "members": [one.as_json() for one in chat.members.values()],
        "topics": {str(thread): name for thread, name in chat.topics.items()},
        "bot_status": chat.bot_status,
        "migrated_to": chat.migrated_to,
        "messages": len(chat.messages),
    }
