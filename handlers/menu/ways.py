"""Buttons that only lead somewhere."""

from aiogram.fsm.state import State

from handlers.dialogs.menu import Menu
from handlers.dialogs.widgets import Act


def going(state: State) -> Act:
    """Return the way to another window of the same dialog."""

    async def go(menu: Menu) -> None:
        await menu.go(state)

    return go


def opening(state: State) -> Act:
    """Return the way to another dialog; *back* there leads here again."""

    async def open_dialog(menu: Menu) -> None:
        await menu.open(state)

    return open_dialog
