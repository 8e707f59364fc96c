"""A person in the chat of a running Chimera, who reads what is there before the next step."""

from collections.abc import Callable

from sandbox.telegram import Chat, Message, Person
from tests.handlers.menu_kit import is_menu
from tests.kit.inside import Inside
from tests.kit.town import until

_PATIENCE = 100.0


class Guest:
    """Every step returns once the process has handled it, with the words that the menu shows then."""

    def __init__(self, inside: Inside, person: Person, chat: Chat | None = None) -> None:
        self.inside, self.town, self.person = inside, inside.town, person
        self.chat = chat or person.chat

    @property
    def messages(self) -> list[Message]:
        """What the bot said here and is still there, oldest first."""
        return [one for one in self.town.telegram.messages(self.chat.id) if one.is_from_bot and not one.deleted]

    @property
    def menu(self) -> Message:
        """The newest menu."""
        return [one for one in self.messages if is_menu(one)][-1]

    @property
    def labels(self) -> list[str]:
        return [button.text for row in self.menu.buttons for button in row]

    async def says(self, text: str, *, reply_to: Message | None = None) -> str:
        await self.person.says(text, chat=self.chat, reply_to=reply_to)
        return await self._handled()

    async def sends(self, name: str, content: bytes) -> str:
        await self.person.sends_file(name, content, chat=self.chat)
        return await self._handled()

    async def taps(self, *labels: str) -> str:
        """Tap one button of the menu after the other."""
        for label in labels:
            await self.presses(self.menu, label)
        return self._words()

    async def presses(self, message: Message, label: str) -> str:
        """Tap a button of any message; returns what Telegram shows above the chat."""
        buttons = [button.text for row in message.buttons for button in row]
        plain = [text for text in buttons if text.partition(" ")[2] == label]
        query = await self.person.taps(message, plain[0] if len(plain) == 1 else label)
        answer = await query
        await self._handled()
        return answer.text or ""

    async def replays(self, message: Message, data: str) -> str:
        """Send what a button of somebody else sends."""
        query = await self.person.taps(message, data=data)
        answer = await query
        await self._handled()
        return answer.text or ""

    async def sees(self, wanted: str | Callable[[Message], bool], after: Message | None = None) -> Message:
        """Wait for a message of the bot."""
        return await self.town.telegram.wait_for(self.chat.id, wanted, timeout=_PATIENCE, after=after)

    def _words(self) -> str:
        return self.menu.text if any(is_menu(one) for one in self.messages) else ""

    async def _handled(self) -> str:
        await until(self.inside.settled, _PATIENCE, "an update was not handled")
        return self._words()
