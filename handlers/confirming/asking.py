"""The PIN or code before what is hard to mend: one window for every dialog, and the way through it (`rules.md` 5)."""

from collections.abc import Awaitable, Callable

from aiogram.enums import ContentType
from aiogram.fsm.state import State
from aiogram.types import Message
from aiogram_dialog import DialogManager, Window
from aiogram_dialog.widgets.input import MessageInput

from core.access import Actor
from core.errors import BadInput
from core.people.confirming import ConfirmAction, ConfirmationMissing, ConfirmationNeeded, ShowWay
from core.people.model import Way
from core.texts import T, Text
from handlers.confirming.states import Confirming
from handlers.dialogs.menu import Menu
from handlers.dialogs.page import Page
from handlers.dialogs.secrecy import take_away
from handlers.dialogs.widgets import Act, screen

Deed = Callable[[Menu, Actor], Awaitable[Text | None]]
"""Something that may have to be confirmed; the actor is confirmed the second time."""
_PIN = T("🔐 Your PIN")
_PAGES: dict[Way | None, Page] = {
    None: Page(_PIN, [T("This needs your PIN. Type it; I take your message away at once.")]),
    Way.PIN: Page(_PIN, [T("This needs your PIN. Type it; I take your message away at once.")]),
    Way.APP: Page(
        T("🔐 A code of your app"),
        [T("This needs a code. Type the six digits that your authenticator app shows now.")],
    ),
}


async def guarded(menu: Menu, box: State, deed: Deed) -> Text | None:
    """Do something; where it must be confirmed, ask for that in the window `box`, or have a way chosen first."""
    try:
        return await deed(menu, menu.actor)
    except ConfirmationNeeded:
        await menu.go(box)
    except ConfirmationMissing:
        if not menu.talk.private:
            raise
        menu.note(T("This needs a PIN or an authenticator app; you have neither yet. Set one here, then do it again."))
        await menu.open(Confirming.ways)
    return None


def confirm_box(state: State, deed: Deed, *, back: State | Act) -> Window:
    """Return the window that takes the PIN or code and then does what was asked for."""

    async def confirm(menu: Menu, typed: str) -> None:
        note = await deed(menu, await menu.use(ConfirmAction)(menu.actor, typed))
        if note is not None:
            menu.note(note)

    return screen(state, _page, secret_typed(confirm), back=back)


def secret_typed(take: Callable[[Menu, str], Awaitable[None]]) -> MessageInput:
    """Return the input that takes a PIN or code, and the message away; where others read along it takes none."""

    async def took(message: Message, _input: MessageInput, manager: DialogManager) -> None:
        menu = Menu(manager)
        await take_away(menu, message)
        if not menu.talk.private:
            raise BadInput(T("Others read along here. Change your PIN with /pin in our private chat."))
        await take(menu, (message.text or "").strip())

    return MessageInput(took, content_types=[ContentType.TEXT])


async def _page(menu: Menu) -> Page:
    page = _PAGES[await menu.use(ShowWay)(menu.actor)]
    if menu.talk.private:
        return page
    return Page(page.title, [T("This must be confirmed, and others read along here. Do it in our private chat.")])
