"""P-17: CPU of a tap in the heaviest menu against a bare window of the dialog library of the same size.

`python -m benchmarks.tap_cpu JSON` measures in a fresh process and prints milliseconds a tap. Ours is the whole
stack, with all that a tap reads and writes; the bare one keeps its dialogs in memory and knows no database.
"""

import asyncio
import json
import sys
import time
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

from aiogram import Bot, Dispatcher
from aiogram.client.session.base import BaseSession
from aiogram.filters import Command
from aiogram.fsm.state import State, StatesGroup
from aiogram.fsm.storage.memory import MemoryStorage
from aiogram.methods import TelegramMethod
from aiogram.types import Chat, InlineKeyboardButton, InlineKeyboardMarkup, Message
from aiogram_dialog import Dialog, DialogManager, StartMode, Window, setup_dialogs
from aiogram_dialog.widgets.kbd import Button, Group
from aiogram_dialog.widgets.text import Const, Format
from dishka import AsyncContainer
from sqlalchemy import select

from benchmarks.measure import Ratio, run_child
from benchmarks.updates import OWNER, product_dispatcher
from core.access import Actor
from core.cnpj import check_digits
from core.configuration.wanted import Section
from core.db.database import Database
from core.entities.saving import SaveEntity
from core.interpreter import settle
from core.people.model import Person
from handlers.delivery.pacing import Paces
from handlers.providers import ChatProvider

GOAL = 3.0
STORES = 30
_WAYS: dict[str, tuple[str, ...]] = {
    "status": ("/menu", "Status", "Refresh"),
    "stores": ("/menu", "Stores", "2 ▶"),
    "form": ("/integrations", "ERP", "Change", "2 ▶"),
    "several": ("/menu", "Stores", "Manage", "More", "Several", "2 ▶"),
}
"""From a command to a tap that draws the same window again."""


def measure(taps: int = 20, rounds: int = 11) -> list[Ratio]:
    """Measure every menu in turn with a bare window of its size; the heaviest counts."""
    spent: dict[str, list[float]] = run_child("benchmarks.tap_cpu", taps=taps, rounds=rounds)
    ratios = {name: ours / bare for name, (ours, bare) in spent.items()}
    worst = max(ratios, key=lambda name: ratios[name])
    ours, bare = spent[worst]
    others = ", ".join(f"{name} {ratio:.1f}" for name, ratio in sorted(ratios.items()) if name != worst)
    details = f"{worst}: {ours:.1f} ms a tap, bare {bare:.1f}; {others}"
    return [Ratio("P-17", "CPU of a tap against a bare window", ratios[worst], GOAL, False, details)]


class _Screen(BaseSession):
    """Answers every call at once, and remembers what the chat shows."""

    def __init__(self) -> None:
        super().__init__()
        self.text = ""
        self.markup: InlineKeyboardMarkup | None = None
        self.message_id = 0

    async def close(self) -> None:
        """Nothing is open."""

    async def make_request(self, bot: Bot, method: TelegramMethod[Any], timeout: int | None = None) -> Any:  # noqa: ASYNC109
        del bot, timeout
        markup = getattr(method, "reply_markup", None)
        if not hasattr(method, "text") or not isinstance(markup, InlineKeyboardMarkup):
            return True
        self.text, self.markup = getattr(method, "text"), markup  # noqa: B009 - of several methods
        self.message_id = getattr(method, "message_id", None) or self.message_id + 1
        return Message(message_id=self.message_id, date=datetime.now(UTC), chat=Chat(id=OWNER, type="private"))

    async def stream_content(self, *args: Any, **kwargs: Any) -> AsyncGenerator[bytes, None]:
        del args, kwargs
        yield b""

    @property
    def buttons(self) -> list[list[InlineKeyboardButton]]:
        return self.markup.inline_keyboard if self.markup else []

    def data(self, label: str) -> str:
        """Return what the button with some words sends."""
        found = next((one for row in self.buttons for one in row if label in one.text), None)
        if found is None:
            raise RuntimeError(f"no button {label!r} in {self.text!r}")
        return found.callback_data or ""


class _Chat:
    """One person's chat with a dispatcher."""

    def __init__(self, dispatcher: Dispatcher, bot: Bot, screen: _Screen) -> None:
        self._dispatcher, self._bot, self.screen = dispatcher, bot, screen
        self._updates = 0

    async def goes(self, command: str, *labels: str) -> None:
        entity = {"type": "bot_command", "offset": 0, "length": len(command)}
        await self._feed("message", self._message(1) | {"text": command, "entities": [entity]})
        for label in labels:
            await self.taps(label)

    async def taps(self, label: str) -> None:
        message = self._message(self.screen.message_id) | {"text": self.screen.text}
        query = {"id": str(self._updates), "chat_instance": "1", "data": self.screen.data(label), "message": message}
        await self._feed("callback_query", query)

    async def _feed(self, kind: str, content: dict[str, Any]) -> None:
        self._updates += 1
        person = {"id": OWNER, "is_bot": False, "first_name": "Ana", "language_code": "en"}
        await self._dispatcher.feed_raw_update(
            self._bot, {"update_id": self._updates, kind: content | {"from": person}}
        )

    def _message(self, number: int) -> dict[str, Any]:
        return {"message_id": number, "date": int(time.time()), "chat": {"id": OWNER, "type": "private"}}


async def run(taps: int, rounds: int) -> dict[str, list[float]]:
    """Return the median milliseconds of CPU a tap, ours and bare, by menu."""
    with TemporaryDirectory() as folder:
        async with AsyncExitStack() as stack:
            ours = await _ours(stack, Path(folder))
            settle()
            return {name: await _pair(ours, way, taps, rounds) for name, way in _WAYS.items()}


async def _pair(ours: _Chat, way: tuple[str, ...], taps: int, rounds: int) -> list[float]:
    command, *labels = way
    await ours.goes(command, *labels)
    bare = _bare(ours.screen)
    await bare.goes("/bare")
    spent: list[list[float]] = [[], []]
    for _ in range(rounds):
        for side, chat in zip(spent, (ours, bare), strict=True):
            side.append(await _cpu(_turning(chat, labels[-1]), taps))
    return [median(side) for side in spent]


def _turning(chat: _Chat, label: str) -> Callable[[], Awaitable[None]]:
    """Return a tap that draws the window again: to the next page, whichever that is by now."""

    async def turn() -> None:
        nearest = [one.text for row in chat.screen.buttons for one in row if one.text.endswith("▶")]
        await chat.taps(nearest[0] if nearest and label.endswith("▶") else label)

    return turn


async def _cpu(turn: Callable[[], Awaitable[None]], taps: int) -> float:
    await turn()
    began = time.process_time()
    for _ in range(taps):
        await turn()
    return (time.process_time() - began) * 1e3 / taps


async def _ours(stack: AsyncExitStack, folder: Path) -> _Chat:
    screen = _Screen()
    bot = Bot("42:" + "A" * 35, session=screen)
    dispatcher, container = await product_dispatcher(stack, folder, bot, ChatProvider(), Paces(0.0, 0.0, 0.0))
    await _furnish(container)
    return _Chat(dispatcher, bot, screen)


async def _furnish(container: AsyncContainer) -> None:
    """Give the owner English menus, an ERP, and more stores than a page holds."""
    async with (await container.get(Database)).writing() as session:
        owner = (await session.scalars(select(Person))).one()
        owner.locale = "en"
    save, actor = await container.get(SaveEntity), Actor.system(owner.organisation_id, "cli")
    settings = {"base_url": "http://127.0.0.1:1", "username": "1", "password": "p"}
    await save(actor, Section.INTEGRATIONS, None, {"name": "ERP", "module": "rp", "settings": settings})
    for number in range(STORES):
        root = f"11222333{number + 1:04}"
        await save(actor, Section.STORES, None, {"name": f"{number:03} Loja", "cnpj": root + check_digits(root)})


class _Bare(StatesGroup):
    page = State()


def _bare(like: _Screen) -> _Chat:
    """Return a chat with a window that has the same words and buttons, and does nothing."""
    groups = [
        Group(*(Button(Const(one.text), id=f"b{number}_{place}") for place, one in enumerate(row)), width=len(row))
        for number, row in enumerate(like.buttons)
    ]

    async def words(**_: Any) -> dict[str, str]:
        return {"words": like_text}

    like_text = like.text
    window = Window(Format("{words}"), *groups, state=_Bare.page, getter=words)
    dispatcher = Dispatcher(storage=MemoryStorage())

    async def open_it(_message: object, dialog_manager: DialogManager) -> None:
        await dialog_manager.start(_Bare.page, mode=StartMode.RESET_STACK)

    dispatcher.message.register(open_it, Command("bare"))
    dispatcher.include_router(Dialog(window))
    setup_dialogs(dispatcher)
    screen = _Screen()
    return _Chat(dispatcher, Bot("43:" + "A" * 35, session=screen), screen)


if __name__ == "__main__":
    print(json.dumps(asyncio.run(run(**json.loads(sys.argv[1])))))
