"""Commands: every message is read for one once, and handlers ask for it by its name."""

import re
from typing import Any

from aiogram import BaseMiddleware
from aiogram.filters import Command, CommandObject, Filter
from aiogram.filters.command import CommandException
from aiogram.types import Message, TelegramObject, Update

from handlers.middlewares.tracing import Handler

_WORD = re.compile(r"\w+")


class _AnyCommand(Command):
    """Whatever word stands after the slash. A path of the server such as /etc/acme.pem is a value, not a command."""

    def __init__(self) -> None:
        super().__init__(_WORD)

    def validate_command(self, command: CommandObject) -> CommandObject:
        if _WORD.fullmatch(command.command) is None:
            raise CommandException
        return command


class Spoken(BaseMiddleware):
    """Puts the command of a message before the handlers, unless it is for another bot."""

    def __init__(self) -> None:
        self._any = _AnyCommand()

    async def __call__(self, handler: Handler, event: TelegramObject, data: dict[str, Any]) -> Any:
        if isinstance(event, Update) and event.message is not None:
            found = await self._any(event.message, data["bot"])
            if isinstance(found, dict):
                data.update(found)
        return await handler(event, data)


class Named(Filter):
    """Lets a handler have one command, in capitals or not; without a name, all of them."""

    def __init__(self, name: str | None = None) -> None:
        self._name = name

    async def __call__(self, _message: Message, command: CommandObject | None = None) -> bool:
        return command is not None and self._name in (None, command.command.casefold())
