"""What the chat consists of: users, chats, messages, files, taps. Plain data, no rules."""

import asyncio
from dataclasses import dataclass, field
from typing import Any, Literal

from sandbox.telegram.entities import Entity
from sandbox.telegram.html_render import render_html
from sandbox.telegram.keyboards import Button, Markup, buttons_of

Json = dict[str, Any]
ChatType = Literal["private", "group", "supergroup"]
BotStatus = Literal["member", "administrator", "left", "kicked"]

ANONYMOUS_ADMIN_ID = 1087968824


@dataclass(eq=False)
class User:
    id: int
    first_name: str
    language: str = ""
    username: str = ""
    is_bot: bool = False

    def as_json(self) -> Json:
        optional = {"username": self.username, "language_code": self.language}
        kept = {name: value for name, value in optional.items() if value}
        return {"id": self.id, "is_bot": self.is_bot, "first_name": self.first_name, **kept}


@dataclass(eq=False)
class StoredFile:
    """Bytes kept under a file id; `width` and `height` in pixels, only for photos."""

    file_id: str
    name: str
    data: bytes = field(repr=False)
    content_type: str
    width: int = 0
    height: int = 0

    def as_json(self) -> Json:
        basis = {"file_id": self.file_id, "file_unique_id": self.unique_id, "file_size": len(self.data)}
        if self.width:
            return {**basis, "width": self.width, "height": self.height}
        return {**basis, "file_name": self.name, "mime_type": self.content_type}

    @property
    def unique_id(self) -> str:
        return f"u{self.file_id[-8:]}"

    @property
    def path(self) -> str:
        return f"{'photos' if self.width else 'documents'}/{self.file_id}/{self.name}"


@dataclass(eq=False)
class Chat:
    """A private chat (its id is the person's) or a group; `topics` maps thread id to name."""

    id: int
    type: ChatType
    title: str
    username: str = ""
    forum: bool = False
    members: dict[int, User] = field(default_factory=dict)
    admins: set[int] = field(default_factory=set)
    topics: dict[int, str] = field(default_factory=dict)
    lost_topics: set[int] = field(default_factory=set)
    closed_topics: set[int] = field(default_factory=set)
    pinned: list[int] = field(default_factory=list)
    bot_status: BotStatus = "member"
    started: bool = True
    migrated_to: int | None = None
    messages: "dict[int, Message]" = field(default_factory=dict, repr=False)

    @property
    def is_private(self) -> bool:
        return self.type == "private"

    def as_json(self) -> Json:
        name = "first_name" if self.is_private else "title"
        data: Json = {"id": self.id, "type": self.type, name: self.title}
        if self.username:
            data["username"] = self.username
        if self.forum:
            data["is_forum"] = True
        return data


@dataclass(eq=False)
class Message:
    """One message as it stands now; edits and deletions change this very object.

    `text` is the caption when a file is attached. `date` is in UTC epoch
    seconds; `edits` counts changes of text or buttons made by the bot.
    """

    chat: Chat = field(repr=False)
    id: int
    sender: User
    date: float
    text: str = ""
    entities: list[Entity] = field(default_factory=list)
    markup: Markup | None = None
    reply_to: int | None = None
    thread_id: int | None = None
    document: StoredFile | None = None
    photo: StoredFile | None = None
    caption_above: bool = False
    spoiler: bool = False
    media_group_id: str | None = None
    forward_origin: Json | None = None
    via_bot: User | None = None
    inline_id: str | None = None
    service: Json = field(default_factory=dict)
    edits: int = 0
    edited_at: float | None = None
    deleted: bool = False
    anonymous: bool = False
    protected: bool = False
    silent: bool = False

    @property
    def is_from_bot(self) -> bool:
        return self.sender.is_bot and not self.anonymous

    @property
    def html(self) -> str:
        return render_html(self.text, self.entities)

    @property
    def buttons(self) -> list[list[Button]]:
        return buttons_of(self.markup)

    @property
    def file(self) -> StoredFile | None:
        return self.document or self.photo

    def as_json(self, *, nested: bool = False) -> Json:
        """Write the Bot API's Message object; a replied-to message is given one level deep."""
        data: Json = {
            "message_id": self.id,
            "date": int(self.date),
            "chat": self.chat.as_json(),
            "from": self.sender.as_json(),
            **self.service,
        }
        data.update(self._content())
        data.update(self._marks())
        if self.thread_id is not None:
            data.update(message_thread_id=self.thread_id, is_topic_message=True)
        if self.markup and "inline_keyboard" in self.markup:
            data["reply_markup"] = self.markup
        replied = None if nested or self.reply_to is None else self.chat.messages.get(self.reply_to)
        if replied is not None:
            data["reply_to_message"] = replied.as_json(nested=True)
        return data

    def _marks(self) -> Json:
        marks: Json = {
            "sender_chat": self.chat.as_json() if self.anonymous else None,
            "edit_date": self.edited_at and int(self.edited_at),
            "has_protected_content": self.protected or None,
            "media_group_id": self.media_group_id,
            "forward_origin": self.forward_origin,
            "via_bot": self.via_bot and self.via_bot.as_json(),
            "show_caption_above_media": self.caption_above or None,
            "has_media_spoiler": self.spoiler or None,
        }
        return {name: value for name, value in marks.items() if value is not None}

    def _content(self) -> Json:
        data: Json = {}
        if self.document:
            data["document"] = self.document.as_json()
        if self.photo:
            data["photo"] = [self.photo.as_json()]
        text, entities = ("caption", "caption_entities") if self.file else ("text", "entities")
        if self.text:
            data[text] = self.text
        if self.entities:
            data[entities] = self.entities
        return data


@dataclass(eq=False)
class Update:
    """A queued update; `created` and `delivered` (first hand-out) in epoch seconds."""

    id: int
    kind: str
    payload: Json
    created: float
    delivered: float | None = None

    def as_json(self) -> Json:
        return {"update_id": self.id, self.kind: self.payload}

    @property
    def lane(self) -> int:
        """The chat, or else the person: updates of one lane keep their order on the way to a webhook."""
        message = self.payload.get("message") or {}
        place = self.payload.get("chat") or message.get("chat") or self.payload.get("from") or {}
        return int(place.get("id", 0))


@dataclass(frozen=True)
class Result:
    """A result that comes with words about it."""

    value: Any
    description: str


@dataclass(frozen=True)
class Answer:
    """The bot's answer to a tap or inline query; `after` in seconds since the tap."""

    after: float
    text: str = ""
    show_alert: bool = False
    url: str = ""
    results: list[Json] = field(default_factory=list)
    next_offset: str = ""
    button: Json | None = None


@dataclass(eq=False)
class Query:
    """A tap on a button or a typed inline query; awaiting it gives the bot's answer.

    `text` and `offset` are what was typed inline, `data` what a tapped button carries.
    """

    id: str
    person: User
    at: float
    update: Update
    answered: "asyncio.Future[Answer]" = field(repr=False)
    message: Message | None = None
    data: str = ""
    text: str = ""
    offset: str = ""

    async def answer(self, timeout: float = 10.0) -> Answer:  # noqa: ASYNC109 - seconds are the test's wish
        """Wait for the answer; TimeoutError after `timeout` real seconds."""
        async with asyncio.timeout(timeout):
            return await asyncio.shield(self.answered)

    def __await__(self) -> Any:
        return self.answer().__await__()
