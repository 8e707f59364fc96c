"""Telegram's own lists of commands: each person's by role and language, a short one for groups."""

import asyncio
import hashlib
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import structlog
from aiogram import Bot
from aiogram.exceptions import AiogramError, TelegramBadRequest, TelegramForbiddenError
from aiogram.methods import DeleteMyCommands, SetMyCommands
from aiogram.types import (
    BotCommand,
    BotCommandScopeAllGroupChats,
    BotCommandScopeAllPrivateChats,
    BotCommandScopeChat,
    BotCommandScopeUnion,
)

from core.access import Role
from core.chat.commands import Reader, Shelf, ShownCommands
from core.db.database import StorageFailed
from core.i18n import LOCALES, SOURCE_LOCALE, Translator
from core.outbox.wake import Listener
from core.texts import T
from handlers.commands.catalogue import COMMANDS, CommandInfo
from handlers.talk import UTC

_CALL_SECONDS = 10
_LOOK_SECONDS = 60.0
_RETRY_SECONDS = 30.0
_CHAT = "chat:"
_STRANGERS = (CommandInfo("start", T("begin")),)
_IN_GROUPS = tuple(info for info in COMMANDS if info.role < Role.ADMIN or info.name == "link")
"""Everybody sees them there; whoever uses one is judged by their own role."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class _List:
    """What a place shows, by language as Telegram names it (None: every other)."""

    scope: BotCommandScopeUnion
    commands: dict[str | None, list[BotCommand]]

    @property
    def digest(self) -> str:
        shown = [
            [language, [[one.command, one.description] for one in all_]] for language, all_ in self.commands.items()
        ]
        return hashlib.sha256(json.dumps(shown).encode()).hexdigest()


class CommandLists:
    """Keeps the lists as roles, languages and blocks are now; what Telegram has already is not set again.

    They are a convenience only: what Telegram does not take is tried again later.
    """

    def __init__(self, bot: Bot, shown: ShownCommands, wake: Listener, *, rest: float) -> None:
        self._bot = bot
        self._shown = shown
        self._wake = wake
        self._rest = rest

    async def run(self) -> None:
        """Look at every ring, though not at each of many, and now and then by oneself: others change people too."""
        while True:
            wait = _LOOK_SECONDS
            try:
                await self._refresh()
            except (AiogramError, StorageFailed) as error:
                log.warning("commands_not_set", detail=str(error))
                wait = _RETRY_SECONDS
            await asyncio.sleep(self._rest)
            await self._wake.wait(wait)

    async def _refresh(self) -> None:
        shelf = await self._shown.look()
        wanted = dict(_wanted(shelf))
        for place, list_ in wanted.items():
            if shelf.shown.get(place) != list_.digest:
                await self._set(place, list_)
        for place in shelf.shown.keys() - wanted.keys():
            await self._take_away(place)

    async def _set(self, place: str, list_: _List) -> None:
        for language, commands in list_.commands.items():
            await self._call(SetMyCommands(commands=commands, scope=list_.scope, language_code=language), place)
        await self._shown.note(place, list_.digest)

    async def _take_away(self, place: str) -> None:
        """Let somebody see again what strangers see."""
        scope = BotCommandScopeChat(chat_id=int(place.removeprefix(_CHAT)))
        for language in _LANGUAGES:
            await self._call(DeleteMyCommands(scope=scope, language_code=language), place)
        await self._shown.note(place, None)

    async def _call(self, call: SetMyCommands | DeleteMyCommands, place: str) -> None:
        try:
            await self._bot(call, request_timeout=_CALL_SECONDS)
        except (TelegramBadRequest, TelegramForbiddenError) as error:
            # A chat that is gone has no list; that is no better at the next try.
            log.info("commands_refused", place=place, detail=str(error))


def _wanted(shelf: Shelf) -> Iterator[tuple[str, _List]]:
    yield "private", _List(BotCommandScopeAllPrivateChats(), _said(_STRANGERS, lambda own: own))
    yield "groups", _List(BotCommandScopeAllGroupChats(), _said(_IN_GROUPS, lambda own: own))
    for reader in shelf.readers:
        yield f"{_CHAT}{reader.telegram_id}", _own(reader)


def _own(reader: Reader) -> _List:
    """Return somebody's list: in the language they chose, whatever their Telegram speaks."""
    commands = tuple(info for info in COMMANDS if info.role <= reader.role)
    return _List(BotCommandScopeChat(chat_id=reader.telegram_id), _said(commands, lambda own: reader.locale or own))


def _said(commands: tuple[CommandInfo, ...], spoken: Callable[[str], str]) -> dict[str | None, list[BotCommand]]:
    return {language: _in(commands, spoken(locale)) for language, locale in _LANGUAGES.items()}


def _in(commands: tuple[CommandInfo, ...], locale: str) -> list[BotCommand]:
    say = Translator(locale, UTC)
    return [BotCommand(command=info.name, description=say(info.does)) for info in commands]


_LANGUAGES: dict[str | None, str] = {
    None if locale == SOURCE_LOCALE else locale.split("_")[0]: locale for locale in LOCALES
}
"""Our languages as Telegram names them; the source language is for everybody who has none of the others."""
