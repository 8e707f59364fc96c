"""/start, /menu, /status, /run, /stores, /history: commands that open windows of the menu."""

from collections.abc import Awaitable, Callable

from aiogram import Router
from aiogram.fsm.state import State
from aiogram_dialog import DialogManager

from core.access import Permission
from core.texts import T
from handlers.dialogs.menu import Menu
from handlers.dialogs.places import Home
from handlers.menu.history.states import History
from handlers.menu.home.actions import runnable
from handlers.menu.stores.states import Stores
from handlers.middlewares.spoken import Named
from handlers.talk import Talk

_WINDOWS = {"menu": Home.main, "status": Home.status, "stores": Stores.all, "history": History.runs}


def menus_router() -> Router:
    """Return the router of the commands that open menus."""
    router = Router(name="menus")
    router.message(Named("start"))(start)
    router.message(Named("run"))(run)
    for name, state in _WINDOWS.items():
        router.message(Named(name))(_opening(state))
    return router


async def start(_message: object, talk: Talk, dialog_manager: DialogManager) -> None:
    menu = Menu(dialog_manager)
    menu.note(
        T("Hello, {name}! I bring the discounts of your stores live and tell you how it went.", name=talk.actor.name)
    )
    await menu.anew(Home.main)


async def run(_message: object, dialog_manager: DialogManager) -> None:
    """Lead to the job, or to the choice among several."""
    menu = Menu(dialog_manager)
    found = await runnable(menu) if menu.actor.may(Permission.RUN) else []
    if len(found) == 1:
        await menu.anew(Home.job, job=found[0].id)
    else:
        await menu.anew(Home.run)


def _opening(state: State) -> Callable[..., Awaitable[None]]:
    async def open_window(_message: object, dialog_manager: DialogManager) -> None:
        await Menu(dialog_manager).anew(state)

    return open_window
