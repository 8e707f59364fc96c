"""The state behind the server: it outlives bots and outages of the server itself."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from sandbox.telegram.entities import utf16_slice
from sandbox.telegram.errors import bad_request
from sandbox.telegram.faults import Faults
from sandbox.telegram.feed import ChangeKind, Feed
from sandbox.telegram.journal import Call, Violation
from sandbox.telegram.keeping import Keep, forget_oldest, trim
from sandbox.telegram.limits import FloodControl
from sandbox.telegram.model import Answer, Chat, Json, Message, Query, StoredFile, User
from sandbox.telegram.updates import UpdateQueue
from sandbox.telegram.webhook import Deliverer, Reply

Clock = Callable[[], float]


@dataclass(frozen=True)
class CachedAnswer:
    """An inline answer the server gives again without asking the bot, until an epoch second."""

    answer: Answer
    until: float


class World:
    """Everything a Telegram would remember about one bot. `clock` gives UTC epoch seconds."""

    def __init__(self, bot: User, clock: Clock, *, privacy: bool) -> None:
        self.bot = bot
        self.clock = clock
        self.privacy = privacy
        self.updates = UpdateQueue(clock)
        self.deliverer = Deliverer(self.updates, clock, self._reply)
        self.reply_to_webhook: Reply | None = None
        self.limits = FloodControl(clock)
        self.faults = Faults()
        self.feed = Feed()
        self.users: dict[int, User] = {bot.id: bot}
        self.chats: dict[int, Chat] = {}
        self.files: dict[str, StoredFile] = {}
        self.queries: dict[str, Query] = {}
        self.inline_cache: dict[tuple[int | None, str, str], CachedAnswer] = {}
        self.inline_messages: dict[str, Message] = {}
        self.commands: dict[tuple[str, str], list[Json]] = {}
        self.profile: dict[tuple[str, str], Any] = {}
        self.calls: list[Call] = []
        self.violations: list[Violation] = []
        self.keep = Keep()
        self._file_bytes = 0
        self._last_message_id = 0

    async def _reply(self, call: Json) -> None:
        """Process a call that came as the answer of a webhook."""
        if self.reply_to_webhook is not None:
            await self.reply_to_webhook(call)

    def next_message_id(self, chat: Chat) -> int:
        """Count ids as Telegram does: supergroups on their own, all other chats of the bot together."""
        if chat.type == "supergroup":
            return max(chat.messages, default=0) + 1
        return self._last_message_id + 1

    def post(self, chat: Chat, sender: User, **fields: Any) -> Message:
        """Store a new message of anyone and tell the watchers."""
        message = Message(chat, self.next_message_id(chat), sender, self.clock(), **fields)
        if chat.type != "supergroup":
            self._last_message_id = message.id
        chat.messages[message.id] = message
        forget_oldest(chat.messages, self.keep.messages, chat.pinned.__contains__)
        self.feed.publish("new", message)
        return message

    def note_change(self, message: Message, kind: ChangeKind) -> None:
        if kind == "deleted":
            message.deleted = True
        else:
            message.edits += 1
            message.edited_at = self.clock()
        self.feed.publish(kind, message)

    def tell_bot(self, message: Message, kind: str = "message") -> None:
        """Queue an update about a message if the bot gets to see it."""
        if message.sender is not self.bot and self._sees(message):
            self.updates.put(kind, message.as_json())

    def manages(self, chat: Chat) -> bool:
        """Tell whether the bot is administrator there."""
        return chat.bot_status == "administrator"

    def _sees(self, message: Message) -> bool:
        chat = message.chat
        if chat.bot_status in {"left", "kicked"}:
            return False
        if chat.is_private or message.service or message.via_bot is self.bot or not self.privacy or self.manages(chat):
            return True
        replied = chat.messages.get(message.reply_to or 0)
        return (replied is not None and replied.sender is self.bot) or self._is_commanded(message)

    def _is_commanded(self, message: Message) -> bool:
        for one in message.entities:
            if one["type"] == "bot_command":
                command = utf16_slice(message.text, one["offset"], one["length"])
                addressee = command.partition("@")[2]
                return not addressee or addressee.lower() == self.bot.username.lower()
        return False

    def keep_file(self, name: str, data: bytes, content_type: str, size: tuple[int, int] = (0, 0)) -> StoredFile:
        """Keep bytes under a new file id; `size` in pixels makes it a photo."""
        file = StoredFile(f"F{uuid4().hex}", name.replace("/", "_") or "file", data, content_type, *size)
        self.files[file.file_id] = file
        self._file_bytes += len(data)
        while self._file_bytes > self.keep.file_bytes and len(self.files) > 1:
            self._forget_file()
        return file

    def _forget_file(self) -> None:
        """Forget the oldest file; messages that show it have its name still, and no bytes."""
        oldest = self.files.pop(next(iter(self.files)))
        self._file_bytes -= len(oldest.data)
        oldest.data = b""

    def note_call(self, call: Call) -> None:
        self.calls.append(call)
        trim(self.calls, self.keep.notes)

    def note_query(self, query: Query) -> None:
        self.queries[query.id] = query
        forget_oldest(self.queries, self.keep.notes)

    def violate(self, kind: str, method: str, detail: str, params: Json | None = None) -> None:
        self.violations.append(Violation(kind, method, detail, self.clock(), params or {}))
        trim(self.violations, self.keep.notes)

    def chat(self, raw: str) -> Chat:
        """Find a chat by the text of its id, or by the @name of a public one; raises ApiError 400."""
        if not raw:
            raise bad_request("chat_id is empty")
        number = raw.removeprefix("-")
        chat = self.chats.get(int(raw)) if number.isdigit() else self._public(raw)
        if chat is None:
            raise bad_request("chat not found")
        return chat

    def _public(self, name: str) -> Chat | None:
        named = (one for one in self.chats.values() if not one.is_private and one.username)
        return next((one for one in named if f"@{one.username}".lower() == name.lower()), None)
