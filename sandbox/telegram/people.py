"""People in the chats: they type, tap, send files, block and unblock."""

import asyncio
from dataclasses import replace
from uuid import uuid4

from sandbox.telegram.entities import detect
from sandbox.telegram.errors import SandboxError
from sandbox.telegram.keyboards import Button
from sandbox.telegram.members import change_bot_status
from sandbox.telegram.model import ANONYMOUS_ADMIN_ID, Answer, Chat, Json, Message, Query, Update, User
from sandbox.telegram.picking import pick
from sandbox.telegram.pictures import PHOTO_TYPES, picture_size
from sandbox.telegram.world import World

ANONYMOUS_ADMIN = User(ANONYMOUS_ADMIN_ID, "Group", username="GroupAnonymousBot", is_bot=True)
CACHED = Update(0, "inline_query", {}, 0)


class Person:
    """One user; `chat` is the private chat with the bot. Impossible acts raise SandboxError."""

    def __init__(self, world: World, user: User) -> None:
        self._world = world
        self.user = user
        self.chat = Chat(user.id, "private", user.first_name, user.username, started=False)
        world.users[user.id] = user
        world.chats[user.id] = self.chat

    @property
    def id(self) -> int:
        return self.user.id

    @property
    def name(self) -> str:
        return self.user.first_name

    async def says(
        self,
        text: str,
        *,
        chat: Chat | None = None,
        reply_to: Message | None = None,
        thread_id: int | None = None,
        anonymous: bool = False,
    ) -> Message:
        """Type a message, by default in the private chat; `anonymous` hides behind the group."""
        place = self._place(chat)
        body = detect(text)
        message = self._world.post(
            place,
            ANONYMOUS_ADMIN if anonymous else self.user,
            text=body.text,
            entities=body.entities,
            reply_to=reply_to.id if reply_to else None,
            thread_id=thread_id,
            anonymous=anonymous,
        )
        self._world.tell_bot(message)
        return message

    async def sends_file(
        self,
        name: str,
        data: bytes,
        *,
        caption: str = "",
        content_type: str = "application/octet-stream",
        chat: Chat | None = None,
        thread_id: int | None = None,
        reply_to: Message | None = None,
    ) -> Message:
        """Send a document, or as a photo what is one."""
        place = self._place(chat)
        body = detect(caption)
        size = picture_size(data) if content_type in PHOTO_TYPES else (0, 0)
        file = self._world.keep_file(name, data, content_type, size)
        message = self._world.post(
            place,
            self.user,
            text=body.text,
            entities=body.entities,
            reply_to=reply_to.id if reply_to else None,
            thread_id=thread_id,
            **{"photo" if file.width else "document": file},
        )
        self._world.tell_bot(message)
        return message

    async def taps(self, message: Message, button: str = "", *, data: str | None = None) -> Query:
        """Tap a button by its text, or send any callback `data` as a tampered client could.

        The returned query waits for the bot's answer: `answer = await query`.
        A deleted message reaches the bot as an inaccessible one, an inline one as its id alone.
        """
        self._place(message.chat)
        if data is None:
            data = _find_button(message, button).data
            if data is None:
                raise SandboxError(f"The button {button!r} tells the bot nothing when tapped")
        shown: Json = {"message": message.as_json()}
        if message.inline_id:
            shown = {"inline_message_id": message.inline_id}
        elif message.deleted:
            shown = {"message": {"chat": message.chat.as_json(), "message_id": message.id, "date": 0}}
        return self._asks("callback_query", message, {**shown, "chat_instance": "1", "data": data})

    async def types_inline(self, text: str, *, chat: Chat | None = None, offset: str = "") -> Query:
        """Type `@bot text` in some chat; the answer's `results` hold what is offered.

        What the server has cached is offered without asking the bot.
        """
        kind = "sender" if chat is None or chat is self.chat else chat.type
        for whose in (self.id, None):
            kept = self._world.inline_cache.get((whose, text, offset))
            if kept is not None and kept.until > self._world.clock():
                query = Query("cached", self.user, self._world.clock(), CACHED, _future(), text=text, offset=offset)
                query.answered.set_result(replace(kept.answer, after=0))
                return query
        return self._asks("inline_query", None, {"query": text, "offset": offset, "chat_type": kind})

    async def picks(
        self, query: Query, result_id: str, *, chat: Chat | None = None, thread_id: int | None = None
    ) -> Message:
        """Pick one of the results offered; it appears in the chat as a message via the bot."""
        return pick(self._world, query, result_id, self._place(chat), thread_id)

    async def edits(self, message: Message, text: str) -> None:
        """Change the text of an own message."""
        if message.sender is not self.user or message.file or message.deleted:
            raise SandboxError(f"{self.name} cannot edit this message")
        body = detect(text)
        message.text, message.entities = body.text, body.entities
        self._world.note_change(message, "edited")
        self._world.tell_bot(message, "edited_message")

    def blocks_bot(self) -> None:
        change_bot_status(self._world, self.chat, "kicked", self.user)

    def unblocks_bot(self) -> None:
        change_bot_status(self._world, self.chat, "member", self.user)

    def _asks(self, kind: str, message: Message | None, payload: Json) -> Query:
        query_id = str(uuid4().int >> 65)
        update = self._world.updates.put(kind, {"id": query_id, "from": self.user.as_json(), **payload})
        query = Query(
            query_id,
            self.user,
            self._world.clock(),
            update,
            _future(),
            message,
            payload.get("data", ""),
            payload.get("query", ""),
            payload.get("offset", ""),
        )
        self._world.note_query(query)
        return query

    def _place(self, chat: Chat | None) -> Chat:
        place = chat or self.chat
        if place is self.chat:
            if place.bot_status == "kicked":
                raise SandboxError(f"{self.name} blocked the bot and cannot write to it")
            place.started = True
        elif self.id not in place.members:
            raise SandboxError(f"{self.name} is not in the chat {place.title}")
        if place.migrated_to is not None:
            raise SandboxError(f"The group {place.title} has become a supergroup")
        return place


def _future() -> "asyncio.Future[Answer]":
    return asyncio.get_running_loop().create_future()


def _find_button(message: Message, text: str) -> Button:
    buttons = [button for row in message.buttons for button in row]
    found = [one for one in buttons if one.text == text] or [one for one in buttons if text in one.text]
    if len(found) != 1 or message.deleted:
        shown = ", ".join(one.text for one in buttons) or "none"
        raise SandboxError(f"No single button {text!r} to tap; there are: {shown}")
    return found[0]
