"""The chat in a terminal: new messages, and old ones when they changed."""

import asyncio

from rich.console import Console

from sandbox.telegram import Message, TelegramServer

_SETTLE_SECONDS = 0.4


class Screen:
    """Prints what the owner's chat shows, as it changes."""

    def __init__(self, telegram: TelegramServer, chat_id: int) -> None:
        self.console = Console(soft_wrap=True, highlight=False)
        self._telegram = telegram
        self._chat_id = chat_id
        self._shown: dict[int, str] = {}

    def say(self, sentence: str) -> None:
        """Print a line of the narrator."""
        self.console.print(f"\n── {sentence}", style="bold cyan", markup=False)

    async def follow(self) -> None:
        """Print changes for ever; quick successions of edits are shown once."""
        async for change in self._telegram.changes():
            if change.message.chat.id != self._chat_id:
                continue
            if change.message.is_from_bot:
                await asyncio.sleep(_SETTLE_SECONDS)
            self.show(change.message)

    def show(self, message: Message) -> None:
        text = _drawn(message)
        if message.deleted or self._shown.get(message.id) == text:
            return
        mark = "✎ " if message.id in self._shown else ""
        self._shown[message.id] = text
        who, style = ("Chimera", "green") if message.is_from_bot else ("Ana", "yellow")
        self.console.print(f"\n{mark}{who}", style=style, markup=False)
        self.console.print(text, markup=False)


def _drawn(message: Message) -> str:
    lines = [message.text or ""]
    lines += ["  ".join(f"[{button.text}]" for button in row) for row in message.buttons]
    return "\n".join(f"  {line}" for part in lines for line in part.splitlines())
