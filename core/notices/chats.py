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

    @property
    def place(self) -> str:
        """Name the chat, or the topic, within a dedupe key."""
        return str(self.chat_id) if self.thread_id is None else f"{self.chat_id}/{self.thread_id}"
