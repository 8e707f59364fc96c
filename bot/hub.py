"""The whole process: start in the order that loses nothing, stop in the order that loses nothing.

Start: signals -> token -> folder lock, key, migration -> HTTP socket -> engine (resumes runs)
-> dispatcher, schedule, opening watch -> chat.
Stop: schedule, dispatcher -> polling -> steps in flight, engine -> last edits of cards -> HTTP -> the rest.
"""

import asyncio
import logging
import os
import signal
import sys
from dataclasses import dataclass

import structlog
import typer
from fastapi import FastAPI

from api.health import make_app
from api.telegram import webhook_router
from bot.chat import open_chat
from bot.environment import Environment, spoken_language
from bot.opening import House, open_house
from bot.token import TokenState, check_token
from bot.web import WebServer
from core.errors import ChimeraError, TokenRefused
from core.i18n import Translator
from core.interpreter import settle
from core.nursery import Nursery
from core.people.claiming import EnsureOwner, IssueClaimCode
from core.texts import T, Text
from handlers.providers import ChatProvider
from handlers.service import ChatService
from handlers.webhook import WEBHOOK_PATH
from jobs.alerts import OpeningWatch
from jobs.digest import MorningDigest
from jobs.dispatcher import Dispatcher
from jobs.housekeeping import Housekeeping
from jobs.indexing import ProductWatch
from jobs.port import Engine
from jobs.posting import ChannelSender
from jobs.scheduler import Scheduler
from jobs.weekly import WeeklyReport

log = structlog.get_logger(__name__)


def main(environment: Environment) -> None:
    """Run until a signal comes, then leave without the interpreter's slow farewell."""
    code = asyncio.run(run(environment))
    logging.shutdown()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


async def run(environment: Environment) -> int:
    """Start everything, wait for the end, stop everything. Raises StartError."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    state, _ = await check_token(environment)
    if state is TokenState.REFUSED:
        raise TokenRefused
    async with open_house(environment, chat=ChatProvider()) as house:
        return await Hub(house, stop).live()


@dataclass(slots=True)
class Hub:
    """The parts at work, from the first to the last."""

    house: House
    stop: asyncio.Event

    async def live(self) -> int:
        """Serve until told to stop, or until the chat finds out that it must not go on."""
        get = self.house.container.get
        engine = await get(Engine)
        chat = await open_chat(self.house)
        web = WebServer(self._make_app(chat), self._environment.http_host, self._environment.http_port)
        await self._introduce()
        nursery, clockwork = Nursery(), Nursery()
        serving = nursery.start("http", web.serve())
        named = nursery.start("name", self.house.worker.keep())
        await engine.launch()
        clockwork.keep("dispatcher", (await get(Dispatcher)).run)
        clockwork.keep("scheduler", (await get(Scheduler)).run)
        clockwork.keep("opening", (await get(OpeningWatch)).run)
        clockwork.keep("housekeeping", (await get(Housekeeping)).run)
        clockwork.keep("digest", (await get(MorningDigest)).run)
        clockwork.keep("weekly", (await get(WeeklyReport)).run)
        clockwork.keep("products", (await get(ProductWatch)).run)
        clockwork.keep("channels", (await get(ChannelSender)).run)
        talking = nursery.start("chat", chat.run())
        settle()
        log.info("ready", http=web.port, clock_shifted=self.house.clock.shifted)
        code = await self._wait(talking, named)
        await clockwork.close()
        await self._wind_down(chat, engine)
        web.stop()
        await serving
        await nursery.close()
        return code

    @property
    def _environment(self) -> Environment:
        return self.house.environment

    async def _wait(self, *vital: asyncio.Task[None]) -> int:
        """Wait for a signal; a chat, or a hold on our name, that ends by itself ends the process with its reason."""
        stopping = asyncio.ensure_future(self.stop.wait())
        await asyncio.wait({stopping, *vital}, return_when=asyncio.FIRST_COMPLETED)
        stopping.cancel()
        for task in vital:
            if task.done() and isinstance(error := task.exception(), ChimeraError):
                typer.echo(self._say(error.text), err=True)
                return 2
        return 0 if self.stop.is_set() else 1

    async def _wind_down(self, chat: ChatService, engine: Engine) -> None:
        await chat.stop_listening()
        await engine.stop()
        await chat.stop()

    async def _introduce(self) -> None:
        """Name the owner from the environment, or print the code that makes the first one."""
        if self._environment.owner_id is not None:
            await (await self.house.container.get(EnsureOwner))(self._environment.owner_id)
            return
        code = await (await self.house.container.get(IssueClaimCode))()
        if code is not None:
            typer.echo(self._say(T("No owner yet. Write to the bot in a private chat: /start {code}", code=code)))

    def _say(self, text: Text) -> str:
        home = self.house.organisation
        return Translator(spoken_language(), home.zone, home.currency)(text)

    def _make_app(self, chat: ChatService) -> FastAPI:
        """Return the HTTP side, with a door for Telegram's posts when they come here."""
        token = self._environment.metrics_token
        app = make_app(
            lambda: {"chat": chat.online},
            lambda: {"telegram": chat.mode},
            public=self._environment.public,
            metrics_token=token.get_secret_value() if token else "",
        )
        if chat.webhook is not None:
            app.include_router(webhook_router(chat.webhook, WEBHOOK_PATH))
        return app
