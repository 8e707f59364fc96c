"""/help: the commands that somebody may use."""

import functools

from aiogram import Router

from core.access import Role
from core.texts import T, Text
from handlers.commands.catalogue import COMMANDS
from handlers.middlewares.spoken import Named
from handlers.talk import Talk


def add_help(router: Router) -> None:
    """Add /help, which anybody tries first."""
    router.message(Named("help"))(show_help)


async def show_help(_message: object, talk: Talk) -> None:
    talk.say(*_lines(talk.actor.role), title=T("This is what I can do:"))


@functools.cache
def _lines(role: Role) -> list[Text]:
    known = [info for info in COMMANDS if info.role <= role]
    lines = [T("/{command}: {does}", command=info.name, does=info.does) for info in known]
    if any(info.name == "sync" for info in known):
        lines.append(T("Only some stores: /sync 001 002. Just to see what would happen: /sync dry 001."))
    return lines
