"""Where a notice goes, and how urgent it is."""

from dataclasses import dataclass

TELEGRAM = "telegram"
NOTICE = 20
ALARM = 10


@dataclass(frozen=True, slots=True)
class ChatRef:
    """A chat, or a topic in it, and the language spoken there."""

    chat_id: int
    locale: str
    thread_id: int | None = None
    channel_id: int | None = None
