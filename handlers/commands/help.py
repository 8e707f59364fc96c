"""/help: the commands that somebody may use."""

from aiogram import Router
from aiogram.filters import Command

from core.texts import T
from handlers.commands.catalogue import COMMANDS
from handlers.talk import Talk


def help_router() -> Router:
    """Return the router of the first commands anybody tries."""
    router = Router(name="help")
    router.message(Command("help", ignore_case=True))(show_help)
    return router


async def show_help(_message: object, talk: Talk) -> None:
    known = [info for info in COMMANDS if info.role <= talk.actor.role]
    lines = [T("/{command}: {does}", command=info.name, does=info.does) for info in known]
    if any(info.name == "sync" for info in known):
        lines.append(T("Only some stores: /sync 001 007. Just to see what would happen: /sync dry 001."))
    talk.say(*lines, title=T("This is what I can do:"))
