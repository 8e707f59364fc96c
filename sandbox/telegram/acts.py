"""What people do, by HTTP: they write, tap, send files, look things up inline, run their groups."""

from collections.abc import Awaitable, Callable
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from aiohttp import web

from sandbox.telegram.errors import ApiError, SandboxError
from sandbox.telegram.model import Chat, Json, Message
from sandbox.telegram.people import Person
from sandbox.telegram.views import chat_view, message_view, person_view

if TYPE_CHECKING:
    from sandbox.telegram.server import TelegramServer

MAX_ANSWER_WAIT_SECONDS = 15
FIRST_GROUP_ID = -1000


def add_act_routes(app: web.Application, server: "TelegramServer") -> None:
    """Add a route per act; bodies are JSON objects, errors are 400 {"error"}."""
    acts, groups = Acts(server), GroupActs(server)
    for name in ("person", "language", "say", "edit", "delete", "tap", "inline", "pick", "block", "flood"):
        app.router.add_post(f"/_fake/{name}", guarded(getattr(acts, name)))
    for name in ("group", "bot", "member", "topic", "migrate"):
        app.router.add_post(f"/_fake/{name}", guarded(getattr(groups, name)))
    app.router.add_post("/_fake/upload", acts.upload)


def guarded(handler: Callable[[Json], Awaitable[Json]]) -> Callable[[web.Request], Awaitable[web.Response]]:
    async def answer(request: web.Request) -> web.Response:
        try:
            return web.json_response(await handler(await request.json()))
        except (SandboxError, ApiError, KeyError, TypeError, ValueError) as error:
            return _refusal(error)

    return answer


def _refusal(error: Exception) -> web.Response:
    return web.json_response({"error": f"{type(error).__name__}: {error}"}, status=400)


class _Cast:
    """Finds who acts, and where; unknown ones raise KeyError."""

    def __init__(self, server: "TelegramServer") -> None:
        self._server = server

    def _person(self, body: Json) -> Person:
        return self._server.people[int(body["person"])]

    def _chat(self, body: Json) -> Chat:
        return self._server.chat(int(body.get("chat") or body["person"]))

    def _message(self, body: Json) -> Message:
        return self._chat(body).messages[int(body["message"])]


class Acts(_Cast):
    """Acts of one person in one chat (`chat`: by default the private one)."""

    async def person(self, body: Json) -> Json:
        """Make a person: {id, name, language?, username?}."""
        language, username = body.get("language", "en"), body.get("username", "")
        return person_view(
            self._server.person(int(body["id"]), body["name"], language=language, username=username).user
        )

    async def language(self, body: Json) -> Json:
        """Let a person's client speak another language: {person, language}."""
        person = self._person(body)
        person.user.language = str(body["language"])
        self._server.world.feed.announce("person", **person_view(person.user))
        return person_view(person.user)

    async def say(self, body: Json) -> Json:
        """Type a text: {person, text, chat?, reply_to?, thread?}."""
        chat = self._chat(body)
        reply_to = chat.messages[int(body["reply_to"])] if body.get("reply_to") else None
        said = await self._person(body).says(body["text"], chat=chat, reply_to=reply_to, thread_id=body.get("thread"))
        return message_view(said)

    async def edit(self, body: Json) -> Json:
        """Change an own text: {person, chat?, message, text}."""
        message = self._message(body)
        await self._person(body).edits(message, body["text"])
        return message_view(message)

    async def delete(self, body: Json) -> Json:
        """Delete a message for everyone: {person, chat?, message}."""
        message = self._message(body)
        self._server.delete_by_person(message)
        return message_view(message)

    async def tap(self, body: Json) -> Json:
        """Tap a button: {person, chat?, message, button | data, wait? seconds for the answer}."""
        query = await self._person(body).taps(self._message(body), body.get("button", ""), data=body.get("data"))
        return {"id": query.id, "answer": await _answer_within(query.answer, body)}

    async def inline(self, body: Json) -> Json:
        """Type `@bot text`: {person, chat?, text, offset?, wait?}."""
        chat = self._chat(body)
        query = await self._person(body).types_inline(body["text"], chat=chat, offset=body.get("offset", ""))
        self._server.world.note_query(query)
        return {"id": query.id, "answer": await _answer_within(query.answer, body)}

    async def pick(self, body: Json) -> Json:
        """Pick an inline result: {person, chat?, query, result, thread?}."""
        query = self._server.world.queries[str(body["query"])]
        picked = await self._person(body).picks(
            query, str(body["result"]), chat=self._chat(body), thread_id=body.get("thread")
        )
        return message_view(picked)

    async def block(self, body: Json) -> Json:
        """Block the bot, or let it in again: {person, blocked}."""
        person = self._person(body)
        (person.blocks_bot if body["blocked"] else person.unblocks_bot)()
        return chat_view(person.chat)

    async def flood(self, body: Json) -> Json:
        """Switch Telegram's own pace limits on or off: {on}."""
        self._server.flood_control = bool(body["on"])
        return {"on": self._server.flood_control}

    async def upload(self, request: web.Request) -> web.Response:
        """Send files, as a multipart form: person, chat?, thread?, reply_to?, caption?, file (repeatable)."""
        form = await request.post()
        fields = {name: value for name, value in form.items() if isinstance(value, str) and value}
        try:
            sent = [
                await self._send_file(fields, file, first=not number)
                for number, file in enumerate(form.getall("file", []))
                if isinstance(file, web.FileField)
            ]
        except (SandboxError, ApiError, KeyError, ValueError) as error:
            return _refusal(error)
        return web.json_response(sent)

    async def _send_file(self, fields: dict[str, Any], file: web.FileField, *, first: bool) -> Json:
        chat = self._chat(fields)
        with file.file:
            data = file.file.read()
        sent = await self._person(fields).sends_file(
            file.filename,
            data,
            caption=fields.get("caption", "") if first else "",
            content_type=file.content_type,
            chat=chat,
            thread_id=int(fields["thread"]) if "thread" in fields else None,
            reply_to=chat.messages[int(fields["reply_to"])] if first and "reply_to" in fields else None,
        )
        return message_view(sent)


class GroupActs(_Cast):
    """What people do with groups."""

    async def group(self, body: Json) -> Json:
        """Make a group with the bot in it: {person, title, forum?}."""
        person = self._person(body)
        number = min([FIRST_GROUP_ID, *(one for one in self._server.world.chats if one < 0)]) - 1
        chat = self._server.group(
            number, str(body["title"]), admins=[person], forum=bool(body.get("forum")), bot="left"
        )
        self._server.add_bot(chat, person)
        return chat_view(chat)

    async def bot(self, body: Json) -> Json:
        """Say what the bot is in a group: {person, chat, status: member | administrator | kicked}."""
        chat, person = self._chat(body), self._person(body)
        if body["status"] == "kicked":
            self._server.kick_bot(chat, person)
        else:
            self._server.add_bot(chat, person, admin=body["status"] == "administrator")
        return chat_view(chat)

    async def member(self, body: Json) -> Json:
        """Let somebody in, out, or up: {person (who does it), chat, who, status}."""
        chat, who = self._chat(body), self._server.people[int(body["who"])]
        by = self._person(body)
        match body["status"]:
            case "member":
                self._server.join(chat, who, by)
            case "administrator":
                self._server.promote(chat, who, by)
            case _:
                self._server.leave(chat, who, None if who is by else by)
        return chat_view(chat)

    async def topic(self, body: Json) -> Json:
        """Open, close, reopen or delete a topic: {person, chat, name | thread, act}."""
        chat, by = self._chat(body), self._person(body)
        match body["act"]:
            case "open":
                return {"thread": self._server.topic(chat, str(body["name"]), by)}
            case "close":
                self._server.close_topic(chat, int(body["thread"]), by)
            case "reopen":
                self._server.reopen_topic(chat, int(body["thread"]), by)
            case "delete":
                self._server.delete_topic(chat, int(body["thread"]))
        return chat_view(chat)

    async def migrate(self, body: Json) -> Json:
        """Turn a group into a supergroup: {person, chat}."""
        return {"chat": self._server.migrate(self._chat(body))}


async def _answer_within(answer: Callable[[float], Awaitable[Any]], body: Json) -> Json | None:
    wait = min(float(body.get("wait", 0)), MAX_ANSWER_WAIT_SECONDS)
    if not wait:
        return None
    try:
        return asdict(await answer(wait))
    except TimeoutError:
        return None
