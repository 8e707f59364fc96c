"""/start, /menu, /status: commands that open windows of the menu."""

from aiogram import Router
from aiogram.filters import Command
from aiogram_dialog import DialogManager

from core.texts import T
from handlers.dialogs.menu import Menu
from handlers.dialogs.places import Home
from handlers.talk import Talk


def menus_router() -> Router:
    """Return the router of the commands that open menus."""
    router = Router(name="menus")
    router.message(Command("start", ignore_case=True))(start)
    router.message(Command("menu", ignore_case=True))(home)
    router.message(Command("status", ignore_case=True))(status)
    return router


async def start(_message: object, talk: Talk, dialog_manager: DialogManager) -> None:
    menu = Menu(dialog_manager)
    menu.note(
        T("Hello, {name}! I bring the discounts of your stores live and tell you how it went.", name=talk.actor.name)
    )
    await menu.anew(Home.main)


async def home(_message: object, dialog_manager: DialogManager) -> None:
    await Menu(dialog_manager).anew(Home.main)


async def status(_message: object, dialog_manager: DialogManager) -> None:
    await Menu(dialog_manager).anew(Home.status)
