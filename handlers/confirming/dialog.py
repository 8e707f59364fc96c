"""/pin: set or change the PIN that the gravest actions ask for. Every typed PIN is taken away at once."""

from typing import Any

from aiogram_dialog import Dialog, DialogManager

from core.errors import BadInput
from core.people.confirming import ConfirmAction, HasPin, SetPin, check_form
from core.texts import T
from handlers.confirming.asking import pin_typed
from handlers.confirming.states import Confirming
from handlers.dialogs.area import Area
from handlers.dialogs.menu import Menu
from handlers.dialogs.page import Page
from handlers.dialogs.widgets import screen

_TITLE = T("🔐 Your PIN")


def confirming_dialog() -> Dialog:
    return Area(
        screen(Confirming.present, _present_page, pin_typed(_take_present)),
        screen(Confirming.new, _new_page, pin_typed(_take_new)),
        screen(Confirming.again, _again_page, pin_typed(_take_again)),
        on_start=_begin,
    )


async def _begin(_data: Any, manager: DialogManager) -> None:
    menu = Menu(manager)
    if menu.manager.current_context().state == Confirming.present and not await (await menu.get(HasPin))(menu.actor):
        await menu.go(Confirming.new)


async def _present_page(menu: Menu) -> Page:
    return _private(menu, Page(_TITLE, [T("Type your present PIN.")]))


async def _new_page(menu: Menu) -> Page:
    lines = [
        T("It is asked for before what cannot easily be mended: another host of an integration, owners, imports."),
        T("Type a new one of 6 to 12 digits. I take your message away at once."),
    ]
    return _private(menu, Page(_TITLE, lines))


async def _again_page(menu: Menu) -> Page:
    return _private(menu, Page(_TITLE, [T("Type the new PIN once more.")]))


def _private(menu: Menu, page: Page) -> Page:
    return page if menu.talk.private else Page(_TITLE, [T("Others read along here. Send /pin in our private chat.")])


async def _take_present(menu: Menu, typed: str) -> None:
    await (await menu.get(ConfirmAction))(menu.actor, typed)
    menu.data["present"] = typed
    await menu.go(Confirming.new)


async def _take_new(menu: Menu, typed: str) -> None:
    check_form(typed)
    menu.data["new"] = typed
    await menu.go(Confirming.again)


async def _take_again(menu: Menu, typed: str) -> None:
    new, present = menu.data.pop("new", None), menu.data.get("present")
    if typed != new:
        await menu.go(Confirming.new)
        raise BadInput(T("The two were not the same. Type the new PIN again."))
    actor = menu.actor
    if present is not None:
        actor = await (await menu.get(ConfirmAction))(actor, present)
    try:
        await (await menu.get(SetPin))(actor, typed)
    except BadInput:
        await menu.go(Confirming.new)
        raise
    menu.data.pop("present", None)
    menu.note(T("🔐 Your PIN is set."))
    await menu.back()
