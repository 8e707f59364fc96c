"""Buttons that open windows: below a welcome the menu and the first steps of a new chain, below details the run."""

from aiogram import Router
from aiogram.types import CallbackQuery
from aiogram_dialog import DialogManager

from core.chat.model import Button
from core.people.words import FIRST_STEPS, OPEN_MENU
from core.texts import Text
from handlers.buttons import Tap
from handlers.commands.settings import open_menu
from handlers.dialogs.places import Home
from handlers.menu.history.states import History
from handlers.taps.doubled import BELOW


def beginning_taps() -> Router:
    """Return the router of the buttons, which open windows."""
    router = Router(name="beginning_taps")
    router.callback_query(Tap(OPEN_MENU))(menu)
    router.callback_query(Tap(FIRST_STEPS))(steps)
    router.callback_query(Tap("open_run"))(run)
    return router


async def menu(_query: CallbackQuery, dialog_manager: DialogManager) -> Text:
    await open_menu(dialog_manager, Home.main)
    return BELOW


async def steps(_query: CallbackQuery, dialog_manager: DialogManager) -> Text:
    await open_menu(dialog_manager, Home.steps)
    return BELOW


async def run(_query: CallbackQuery, dialog_manager: DialogManager, button: Button) -> Text:
    await open_menu(dialog_manager, History.run, run=button.arguments["execution"])
    return BELOW
