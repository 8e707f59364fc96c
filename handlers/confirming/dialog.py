"""/pin: choose what confirms the gravest actions, a PIN or an authenticator app. All that is typed is taken away."""

from typing import Any

from aiogram_dialog import Dialog, DialogManager

from core.access import Actor
from core.errors import BadInput
from core.people.choosing import ProveApp, SetApp, SetPin
from core.people.confirming import ShowWay
from core.people.model import Way
from core.people.pins import check_form
from core.texts import T, Text
from handlers.confirming.asking import confirm_box, guarded, secret_typed
from handlers.confirming.pictures import show_key, take_picture_away
from handlers.confirming.states import Confirming
from handlers.dialogs.area import Area
from handlers.dialogs.menu import Menu
from handlers.dialogs.page import Page
from handlers.dialogs.widgets import screen, verb, verbs
from handlers.menu.ways import going

_TITLE = T("🔐 PIN or authenticator app")
_NEW_PIN, _APP = T("🔐 Your PIN"), T("🔐 Your authenticator app")
_NOW: dict[Way | None, Text] = {
    None: T("Choose what you want to confirm with."),
    Way.PIN: T("Now you confirm with your PIN. It is asked for once more before a change counts."),
    Way.APP: T("Now you confirm with your authenticator app. A code is asked for before a change counts."),
}
_OFFERED = frozenset({"pin", "app"})


def confirming_dialog() -> Dialog:
    choices = verbs(
        verb("pin", T("🔢 PIN"), going(Confirming.pin), offered=True),
        verb("app", T("📱 Authenticator app"), _begin_app, offered=True),
        width=1,
    )
    return Area(
        # Who types at once means a PIN, and it must not stay in the chat.
        screen(Confirming.ways, _ways_page, choices, secret_typed(_take_pin)),
        screen(Confirming.pin, _pin_page, secret_typed(_take_pin), back=_begin_anew),
        screen(Confirming.again, _again_page, secret_typed(_take_again), back=_begin_anew),
        screen(Confirming.app, _app_page, secret_typed(_take_first_code), back=_begin_anew),
        confirm_box(Confirming.present, _save, back=_begin_anew),
        on_close=_forget,
    )


async def _ways_page(menu: Menu) -> Page:
    if not menu.talk.private:
        return _elsewhere(_TITLE)
    asked = T("It is asked for before what cannot easily be mended: another host of an integration, owners, imports.")
    now = _NOW[await menu.use(ShowWay)(menu.actor)]
    return Page(_TITLE, [asked, now], offers=_OFFERED)


async def _pin_page(menu: Menu) -> Page:
    line = T("Type a new one of 6 to 12 digits. I take your message away at once.")
    return _private(menu, Page(_NEW_PIN, [line]))


async def _again_page(menu: Menu) -> Page:
    return _private(menu, Page(_NEW_PIN, [T("Type the new PIN once more.")]))


async def _app_page(menu: Menu) -> Page:
    lines = [
        T("Scan the picture above with the app, or copy the key below it into the app."),
        T("Then type the six digits that the app shows. I take the picture away as soon as they are right."),
    ]
    return _private(menu, Page(_APP, lines))


def _private(menu: Menu, page: Page) -> Page:
    return page if menu.talk.private else _elsewhere(page.title)


def _elsewhere(title: Text) -> Page:
    return Page(title, [T("Others read along here. Send /pin in our private chat.")])


async def _take_pin(menu: Menu, typed: str) -> None:
    check_form(typed)
    menu.data["pin"] = typed
    await menu.go(Confirming.again)


async def _take_again(menu: Menu, typed: str) -> None:
    if typed != menu.data.get("pin"):
        await _begin_anew(menu)
        await menu.go(Confirming.pin)
        raise BadInput(T("The two were not the same. Type the new PIN again."))
    await guarded(menu, Confirming.present, _save)


async def _begin_app(menu: Menu) -> None:
    if not menu.talk.private:
        raise BadInput(T("Others read along here. Send /pin in our private chat."))
    await show_key(menu)
    await menu.go_below(Confirming.app)


async def _take_first_code(menu: Menu, typed: str) -> None:
    menu.data["step"] = await menu.use(ProveApp)(menu.actor, menu.data["key"], typed)
    await take_picture_away(menu)
    await guarded(menu, Confirming.present, _save)


async def _save(menu: Menu, actor: Actor) -> None:
    if "step" in menu.data:
        await menu.use(SetApp)(actor, menu.data["key"], menu.data["step"])
        menu.note(T("🔐 Your authenticator app is set. From now on I ask for its codes."))
    else:
        await menu.use(SetPin)(actor, menu.data["pin"])
        menu.note(T("🔐 Your PIN is set."))
    await menu.back()


async def _begin_anew(menu: Menu) -> None:
    """Go back to the choice; what was typed and shown so far counts no more."""
    await take_picture_away(menu)
    for name in ("pin", "key", "step"):
        menu.data.pop(name, None)
    await menu.go(Confirming.ways)


async def _forget(_result: Any, manager: DialogManager) -> None:
    await take_picture_away(Menu(manager))
