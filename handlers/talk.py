"""One update as handlers see it: who speaks, where, and what will be answered."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from zoneinfo import ZoneInfo

from aiogram.types import CallbackQuery, Message

from core.access import Actor
from core.chat.updates import Reply
from core.i18n import SOURCE_LOCALE, Translator, translator
from core.notices.chats import ChatRef
from core.outbox.content import Choice, Draft
from core.texts import Text

UTC = ZoneInfo("UTC")


@dataclass(slots=True)
class Talk:
    """Somebody of the organisation speaks. `replies` are written once the update is handled.

    `reply_to` is the message that answers point to (in groups). A group has its language, who
    speaks there has one too: `spoken`.
    """

    update_id: int
    actor: Actor
    chat: ChatRef
    zone: ZoneInfo
    currency: str
    private: bool
    spoken: str
    reply_to: int | None = None
    replies: list[Reply] = field(default_factory=list)

    @property
    def key(self) -> str:
        """Name this update as the cause of what it starts."""
        return f"tg:{self.update_id}"

    @property
    def translator(self) -> Translator:
        return translator(self.chat.locale, self.zone, self.currency)

    @property
    def aside(self) -> Translator:
        """Speak to the one person alone, in a pop-up that nobody else in the group sees."""
        locale = self.chat.locale if self.private else self.spoken
        return translator(locale, self.zone, self.currency)

    def say(self, *lines: Text, title: Text | None = None, choices: Sequence[Sequence[Choice]] = ()) -> None:
        """Answer with one message in the chat."""
        self.send(Draft(lines, title, choices, self.reply_to))

    def turn(self, query: CallbackQuery, draft: Draft) -> None:
        """Show something in place of the message that was tapped; a picture cannot become words again."""
        shown = query.message
        stays = not isinstance(shown, Message) or (shown.photo and draft.file is None)
        self.send(draft if stays or shown is None else replace(draft, replaces=shown.message_id))

    def send(self, draft: Draft) -> None:
        self.replies.append(Reply(self.actor.organisation_id, self.chat, draft))


@dataclass(frozen=True, slots=True)
class Visitor:
    """Somebody unknown who taps a button."""

    telegram_id: int
    name: str
    locale: str = SOURCE_LOCALE

    @property
    def translator(self) -> Translator:
        return Translator(self.locale, UTC)

    @property
    def aside(self) -> Translator:
        return self.translator
