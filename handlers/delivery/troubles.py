"""What a failed call to Telegram means: the one place that reads its error texts."""

from dataclasses import dataclass
from enum import StrEnum

from aiogram.exceptions import (
    AiogramError,
    ClientDecodeError,
    TelegramBadRequest,
    TelegramConflictError,
    TelegramEntityTooLarge,
    TelegramForbiddenError,
    TelegramMigrateToChat,
    TelegramNetworkError,
    TelegramNotFound,
    TelegramRetryAfter,
    TelegramServerError,
    TelegramUnauthorizedError,
)

from core.texts import T, Text


class Kind(StrEnum):
    """What can be done about it."""

    LATER = "later"
    FLOOD = "flood"
    MOVED = "moved"
    GONE = "gone"
    NO_TOPIC = "no_topic"
    NO_REPLY = "no_reply"
    LOST = "lost"
    SAME = "same"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Trouble:
    """A failed call. `seconds` to wait (FLOOD), `chat_id` to go on with (MOVED), `text` for people (GONE).

    LATER may have arrived or not: a time-out does not tell.
    """

    kind: Kind
    detail: str
    seconds: float = 0
    chat_id: int = 0
    text: Text | None = None


BLOCKED = T("the bot was blocked or removed there.")
_NO_CHAT = T("the chat does not exist any more.")
_MUTE = T("the bot may not write there.")
_NO_TOPIC = T("the topic was deleted or closed.")

# Fragments of Telegram's descriptions, lower case; the first that fits counts.
_MEANINGS: tuple[tuple[str, Kind, Text | None], ...] = (
    ("message is not modified", Kind.SAME, None),
    ("message to edit not found", Kind.LOST, None),
    ("message can't be edited", Kind.LOST, None),
    ("there is no text in the message to edit", Kind.LOST, None),
    ("message_id_invalid", Kind.LOST, None),
    ("message to be replied not found", Kind.NO_REPLY, None),
    ("message to reply not found", Kind.NO_REPLY, None),
    ("reply message not found", Kind.NO_REPLY, None),
    ("message thread not found", Kind.NO_TOPIC, _NO_TOPIC),
    ("topic_deleted", Kind.NO_TOPIC, _NO_TOPIC),
    ("topic_closed", Kind.NO_TOPIC, _NO_TOPIC),
    ("chat not found", Kind.GONE, _NO_CHAT),
    ("group chat was deactivated", Kind.GONE, _NO_CHAT),
    ("group chat was deleted", Kind.GONE, _NO_CHAT),
    ("peer_id_invalid", Kind.GONE, _NO_CHAT),
    ("user not found", Kind.GONE, _NO_CHAT),
    ("not enough rights", Kind.GONE, _MUTE),
    ("have no rights to send", Kind.GONE, _MUTE),
    ("chat_write_forbidden", Kind.GONE, _MUTE),
    ("need administrator rights", Kind.GONE, _MUTE),
    ("chat_restricted", Kind.GONE, _MUTE),
)


def understand(error: AiogramError) -> Trouble:
    """Return what a failure means. Texts that nobody knows count as refused for good."""
    match error:
        case TelegramRetryAfter():
            return Trouble(Kind.FLOOD, error.message, seconds=error.retry_after)
        case TelegramMigrateToChat():
            return Trouble(Kind.MOVED, error.message, chat_id=error.migrate_to_chat_id)
        case TelegramForbiddenError():
            return Trouble(Kind.GONE, error.message, text=BLOCKED)
        case TelegramBadRequest():
            return _read(error.message)
        case TelegramEntityTooLarge():
            return Trouble(Kind.REFUSED, error.message)
        case TelegramNetworkError() | TelegramServerError() | TelegramConflictError():
            return Trouble(Kind.LATER, error.message)
        case TelegramUnauthorizedError() | TelegramNotFound():
            # The token was revoked: somebody must act, and then the messages are still wanted.
            return Trouble(Kind.LATER, error.message)
        case ClientDecodeError():
            # A page of some gateway in place of an answer.
            return Trouble(Kind.LATER, error.message)
        case _:
            return Trouble(Kind.REFUSED, str(error))


def _read(description: str) -> Trouble:
    lower = description.lower()
    for fragment, kind, text in _MEANINGS:
        if fragment in lower:
            return Trouble(kind, description, text=text)
    return Trouble(Kind.REFUSED, description)
