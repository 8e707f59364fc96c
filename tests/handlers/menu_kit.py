"""Walking through menus as a person does: type, tap a button by its label, read."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Any

from aiogram import Router
from aiogram.filters import Command
from aiogram.fsm.state import State
from aiogram_dialog import DialogManager

from core.chat.model import HandledUpdate
from handlers.dialogs.menu import Menu
from handlers.service import ChatService
from handlers.setup import WINDOWS
from sandbox.telegram import Chat, Message, Person
from sandbox.telegram.model import Answer
from tests.handlers.kit import Desk, until

SEPARATOR = "\x1d"
Given = Callable[[Desk], Awaitable[Mapping[str, Any]]]


class Walk:
    """One person's way through the menu in one chat. Every step returns once the bot is done with it."""

    def __init__(self, desk: Desk, person: Person, chat: Chat | None = None) -> None:
        self.desk, self.person = desk, person
        self.chat = chat or person.chat
        self.answer: Answer | None = None

    @property
    def message(self) -> Message:
        """The newest living message that is a menu."""
        return next(one for one in reversed(self.desk.telegram.messages(self.chat.id)) if is_menu(one))

    @property
    def text(self) -> str:
        return self.message.text

    @property
    def labels(self) -> list[str]:
        return [button.text for row in self.message.buttons for button in row]

    async def says(self, text: str, *, reply: bool = False) -> str:
        await self.person.says(text, chat=self.chat, reply_to=self.message if reply else None)
        await settled(self.desk)
        return self.text

    async def taps(self, *labels: str) -> str:
        """Tap one button after the other, each in the menu as it is by then."""
        for label in labels:
            query = await self.person.taps(self.message, label)
            self.answer = await query
            await settled(self.desk)
        return self.text

    async def forges(self, data: str, message: Message | None = None) -> str:
        """Tap with any data, as a tampered client could; returns the words of the answer."""
        query = await self.person.taps(message or self.message, data=data)
        self.answer = await query
        await settled(self.desk)
        return self.answer.text or ""

    def data(self, label: str) -> str:
        """Return what a button sends when it is tapped."""
        (found,) = [one.data for row in self.message.buttons for one in row if label in one.text]
        assert found is not None
        return found


def is_menu(message: Message) -> bool:
    buttons = [button for row in message.buttons for button in row]
    return message.is_from_bot and not message.deleted and any(SEPARATOR in (one.data or "") for one in buttons)


async def settled(desk: Desk) -> None:
    """Wait until every update so far was handled, and no edit waits for its turn."""
    last = desk.telegram.world.updates._last_id

    async def handled() -> bool:
        async with desk.database.reading() as session:
            done = await session.get(HandledUpdate, last) is not None
        # Looked at afterwards: an update may put its edit off while the database is read.
        return done and not (desk.menus and desk.menus._put_off)

    await until(handled)


@asynccontextmanager
async def opener(desk: Desk, states: Mapping[str, State], given: Mapping[str, Any]) -> AsyncIterator[ChatService]:
    """Run the chat with one command more: `/open NAME` opens any window, with what it is given."""

    async def open_window(_message: object, command: Any, dialog_manager: DialogManager) -> None:
        await Menu(dialog_manager).anew(states[command.args], **given[command.args])

    router = Router(name="opener")
    router.message(Command("open"))(open_window)
    async with desk.chat() as chat:
        (windows,) = (one for one in chat.dispatcher.sub_routers if one.name == WINDOWS)
        windows.sub_routers.insert(0, router)
        router._parent_router = windows
        yield chat
