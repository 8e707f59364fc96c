"""P-7: the whole chat stack per update against parsing the update alone, with no network.

`python -m benchmarks.updates JSON` measures in a fresh process and prints updates/s by contender.
The real dispatcher with all its middlewares, routers and dialogs handles `/help`; what it reads
and writes is real, or kept in memory where a contender does without.
"""

import asyncio
import json
import sys
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

from aiogram import Bot, Dispatcher
from aiogram.client.session.base import BaseSession
from aiogram.filters import Command
from aiogram.methods import TelegramMethod
from aiogram.types import Update
from dishka import AsyncContainer, Provider, Scope, provide

from benchmarks.measure import Ratio, run_child
from benchmarks.product import BEFORE_OPENING
from bot.environment import Environment
from bot.wiring import make_container
from core.access import Role
from core.chat.memory import Memory
from core.chat.updates import Arrival, Reply, Updates
from core.clock import SystemClock
from core.db.database import Database, async_url
from core.db.migrate import migrate
from core.interpreter import settle
from core.nursery import Nursery
from core.organisations.repository import DEFAULT_NAME, ensure_organisation
from core.outbox.closing import Chats
from core.outbox.reach import Reach
from core.people.knowing import Identify
from core.people.model import Person
from core.redact import Redactor
from core.secrets import SecretBox
from handlers.delivery.pacing import Pacer, Paces
from handlers.delivery.postman import Postman
from handlers.providers import ChatProvider
from handlers.setup import build_dispatcher

OWNER = 4001
PACES = Paces()
_AT_ONCE = 4
"""Updates in flight where a database is waited for, as in the measurement that set the goal."""

Contender = Callable[[], Awaitable[float]]


def measure(updates: int = 2000, rounds: int = 5) -> list[Ratio]:
    """Measure all in a fresh process, in turn."""
    speed = run_child("benchmarks.updates", updates=updates, rounds=rounds)
    parse = speed["parse"]
    whole = f"; with all it reads and writes {speed['whole'] / parse:.4f}, {speed['whole']:,.0f}/s"
    return [
        Ratio(
            "P-7",
            "an update without database against parsing",
            speed["memory"] / parse,
            0.25,
            True,
            f"{speed['memory']:,.0f}/s of {parse:,.0f}; a bare dispatcher {speed['bare'] / parse:.2f}",
        ),
        Ratio(
            "P-7",
            "an update with one SELECT against parsing",
            speed["select"] / parse,
            0.03,
            True,
            f"{speed['select']:,.0f}/s of {parse:,.0f}{whole}",
        ),
    ]


class _Silent(BaseSession):
    """Answers every call at once."""

    async def close(self) -> None:
        """Nothing is open."""

    async def make_request(self, bot: Bot, method: TelegramMethod[Any], timeout: int | None = None) -> Any:  # noqa: ASYNC109
        del bot, method, timeout
        return True

    async def stream_content(self, *args: Any, **kwargs: Any) -> AsyncGenerator[bytes, None]:
        del args, kwargs
        yield b""


class _NotKept(Updates):
    """Neither looks whether an update is known nor keeps what it was answered."""

    async def arrived(self, update_id: int, telegram_id: int, group_id: int | None) -> Arrival:
        del update_id
        return Arrival(member=await Identify(self._database)(telegram_id, group_id))

    async def finish(self, update_id: int, replies: Sequence[Reply], memories: Sequence[Memory] = ()) -> bool:
        assert not memories
        assert update_id
        assert replies
        return True


class _Remembered(_NotKept):
    """Asks the database once for all."""

    async def arrived(self, update_id: int, telegram_id: int, group_id: int | None) -> Arrival:
        if not hasattr(self, "_arrival"):
            self._arrival = await super().arrived(update_id, telegram_id, group_id)
        return self._arrival


class _Selecting(ChatProvider):
    """Reads who speaks from the database, and nothing else."""

    scope = Scope.APP
    updates = provide(_NotKept, provides=Updates)


class _InMemory(ChatProvider):
    """Reads nothing from the database."""

    scope = Scope.APP
    updates = provide(_Remembered, provides=Updates)


async def run(updates: int, rounds: int) -> dict[str, float]:
    """Return the median updates/s of every contender."""
    bot = Bot("42:" + "A" * 35, session=_Silent())
    with TemporaryDirectory() as folder:
        async with AsyncExitStack() as stack:
            contenders = {
                "parse": _parse(bot, updates),
                "bare": _feed(_bare(), bot, updates, 1),
                "memory": _feed(await _stack(stack, Path(folder), bot, _InMemory()), bot, updates, 1),
                "select": _feed(await _stack(stack, Path(folder), bot, _Selecting()), bot, updates // 4, _AT_ONCE),
                "whole": _feed(await _stack(stack, Path(folder), bot, ChatProvider()), bot, updates // 4, _AT_ONCE),
            }
            return await _rounds(contenders, rounds)


async def _rounds(contenders: dict[str, Contender], rounds: int) -> dict[str, float]:
    speeds: dict[str, list[float]] = {name: [] for name in contenders}
    for feed in contenders.values():
        await feed()
    settle()
    for number in range(rounds):
        for name in list(contenders) if number % 2 else list(reversed(contenders)):
            speeds[name].append(await contenders[name]())
    return {name: median(found) for name, found in speeds.items()}


def _parse(bot: Bot, count: int) -> Contender:
    raws = _Raws().take(count)

    async def parse() -> float:
        began = time.perf_counter()
        for raw in raws:
            Update.model_validate(raw, context={"bot": bot})
        return count / (time.perf_counter() - began)

    return parse


def _feed(dispatcher: Dispatcher, bot: Bot, count: int, at_once: int) -> Contender:
    raws = _Raws()

    async def feed() -> float:
        left = iter(raws.take(count))

        async def work() -> None:
            for raw in left:
                await dispatcher.feed_raw_update(bot, raw)

        began = time.perf_counter()
        await asyncio.gather(*(work() for _ in range(at_once)))
        return count / (time.perf_counter() - began)

    return feed


class _Raws:
    """Updates as they come from the wire, each with a number of its own."""

    def __init__(self) -> None:
        self._last = 0

    def take(self, count: int) -> list[dict[str, Any]]:
        first, self._last = self._last + 1, self._last + count
        return [_raw(number) for number in range(first, self._last + 1)]


def _raw(number: int) -> dict[str, Any]:
    person = {"first_name": "Ana", "username": "ana"}
    return {
        "update_id": number,
        "message": {
            "message_id": number,
            "date": 1700000000,
            "text": "/help",
            "from": {"id": OWNER, "is_bot": False, "language_code": "pt", **person},
            "chat": {"id": OWNER, "type": "private", **person},
            "entities": [{"type": "bot_command", "offset": 0, "length": 5}],
        },
    }


def _bare() -> Dispatcher:
    """Return a dispatcher with one handler, which does nothing."""
    dispatcher = Dispatcher(disable_fsm=True)

    async def nothing(_message: object) -> None:
        return None

    dispatcher.message.register(nothing, Command("help"))
    return dispatcher


async def _stack(stack: AsyncExitStack, folder: Path, bot: Bot, chat: Provider) -> Dispatcher:
    dispatcher, _ = await product_dispatcher(stack, folder, bot, chat)
    return dispatcher


async def product_dispatcher(
    stack: AsyncExitStack, folder: Path, bot: Bot, chat: Provider, paces: Paces = PACES
) -> tuple[Dispatcher, AsyncContainer]:
    """Return the product's dispatcher on a database of its own, with an owner who was seen just now."""
    environment = Environment(_env_file=None, data_dir=folder / type(chat).__name__)
    environment.data_dir.mkdir()
    await migrate(async_url(environment.url))
    clock, box = SystemClock.starting_at(BEFORE_OPENING), SecretBox(SecretBox.new_key())
    container = make_container(environment, clock, box, Redactor(), chat)
    stack.push_async_callback(container.close)
    async with (await container.get(Database)).writing() as session:
        home = await ensure_organisation(session, DEFAULT_NAME, "America/Sao_Paulo", "pt_BR")
        await session.flush()
        session.add(
            Person(
                organisation_id=home.id,
                telegram_id=OWNER,
                name="Ana",
                role=Role.OWNER.key,
                last_seen_at=clock.now(),
                client_locale="pt_BR",
                created_at=BEFORE_OPENING,
                private_chat=True,
            )
        )
    postman = Postman(bot, Pacer(paces), await container.get(Chats), await container.get(Reach))
    return await build_dispatcher(container, postman, Nursery()), container


if __name__ == "__main__":
    print(json.dumps(asyncio.run(run(**json.loads(sys.argv[1])))))
