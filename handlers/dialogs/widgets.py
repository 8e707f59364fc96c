"""The few widgets that windows are made of."""

from collections.abc import Awaitable, Callable
from typing import Any

from aiogram.enums import ButtonStyle, ContentType, ParseMode
from aiogram.fsm.state import State
from aiogram.types import CallbackQuery, InlineKeyboardMarkup, Message
from aiogram_dialog import DialogManager, DialogProtocol, Window
from aiogram_dialog.api.entities import EVENT_CONTEXT_KEY, EventContext, NewMessage
from aiogram_dialog.api.internal import RawKeyboard
from aiogram_dialog.widgets.input import MessageInput
from aiogram_dialog.widgets.kbd import Group, Keyboard, Row

from core.texts import T, Text
from handlers.dialogs.keys import Keys
from handlers.dialogs.menu import Menu
from handlers.dialogs.messages import MenuMessage
from handlers.dialogs.page import FOLD, Page, draw

Show = Callable[[Menu], Awaitable[Page]]
Act = Callable[[Menu], Awaitable[Text | None]]
Pick = Callable[[Menu, str], Awaitable[Text | None]]
_VERBS = 2
_BACK = T("⬅ Back")


class _Screen(Window):
    """A window that draws its page itself: the library's way there is longer than the drawing."""

    def __init__(self, state: State, show: Show, *widgets: Keyboard | MessageInput) -> None:
        super().__init__(*widgets, state=state)
        self._show = show

    async def render(self, dialog: DialogProtocol, manager: DialogManager) -> NewMessage:
        """Draw the window, as an answer to whoever asked for it."""
        del dialog
        menu, event = Menu(manager), manager.event
        page = await self._show(menu)
        page = page.unfold() if menu.unfolded else page
        keys = Keys(menu.talk.translator, manager.current_context().id)
        rows: Any = await self.keyboard.render_keyboard({"page": page, "keys": keys}, manager)
        where: EventContext = manager.middleware_data[EVENT_CONTEXT_KEY]
        return MenuMessage(
            where.chat,
            where.thread_id,
            text=draw(page, menu.notes, keys.translator),
            reply_markup=InlineKeyboardMarkup(inline_keyboard=rows),
            parse_mode=ParseMode.HTML,
            reply_to=menu.talk.reply_to,
            tapped=event.message if isinstance(event, CallbackQuery) and isinstance(event.message, Message) else None,
        )


class _Offered(Keyboard):
    """A button that the page may have to offer."""

    def __init__(self, name: str, label: Text | None, *, offered: bool) -> None:
        super().__init__(name)
        self._name, self._label, self._offered = name, label, offered

    def is_(self, data: dict[str, Any], manager: DialogManager) -> bool:
        del manager
        return not self._offered or self._name in page_of(data).offers

    def _words(self, data: dict[str, Any]) -> Text:
        return self._label or page_of(data).labels[self._name]


class _Verb(_Offered):
    """A button that does something."""

    def __init__(self, name: str, label: Text | None, act: Act, *, offered: bool, danger: bool) -> None:
        super().__init__(name, label, offered=offered)
        self._act = act
        self._style = ButtonStyle.DANGER if danger else None

    async def _render_keyboard(self, data: dict[str, Any], manager: DialogManager) -> RawKeyboard:
        del manager
        return [[keys_of(data).key(self._words(data), self._name, self._style)]]

    async def _process_own_callback(
        self, callback: CallbackQuery, dialog: DialogProtocol, manager: DialogManager
    ) -> bool:
        del callback, dialog
        await do(manager, self._act)
        return True


class _Link(_Offered):
    """A button that leads out of the chat."""

    def __init__(self, name: str, label: Text, address: Callable[[Menu], Awaitable[str]], *, offered: bool) -> None:
        super().__init__(name, label, offered=offered)
        self._address = address

    async def _render_keyboard(self, data: dict[str, Any], manager: DialogManager) -> RawKeyboard:
        return [[keys_of(data).link(self._words(data), await self._address(Menu(manager)))]]


def page_of(data: dict[str, Any]) -> Page:
    """Return the page that widgets are drawn for."""
    page: Page = data["page"]
    return page


def keys_of(data: dict[str, Any]) -> Keys:
    """Return what makes their buttons."""
    keys: Keys = data["keys"]
    return keys


def screen(
    state: State, show: Show, *widgets: Keyboard | MessageInput, back: State | Act | None = None, home: bool = True
) -> Window:
    """Return a window: its page, its keyboard, and the same last row everywhere.

    `back` is another window of the dialog, or an own way back. Without one, and at the window
    where the dialog was opened, it closes.
    """
    return _Screen(state, show, *widgets, *([_footer(back)] if home else []))


def verb(name: str, label: Text | None, act: Act, *, offered: bool = False, danger: bool = False) -> Keyboard:
    """Return a button that does something; what it came to is noted above the next window.

    Without a label the page has one for it. An `offered` one is shown only when the page offers
    it. That is a courtesy: the right is checked by the use case behind it.
    """
    return _Verb(name, label, act, offered=offered, danger=danger)


def link(name: str, label: Text, address: Callable[[Menu], Awaitable[str]], *, offered: bool = False) -> Keyboard:
    """Return a button that leads out of the chat; an `offered` one is shown only when the page offers it."""
    return _Link(name, label, address, offered=offered)


def verbs(*buttons: Keyboard, width: int = _VERBS) -> Group:
    return Group(*buttons, width=width)


def typed(take: Pick) -> MessageInput:
    """Return the input that takes typed words; what it came to is noted above the next window."""

    async def take_text(message: Message, _widget: MessageInput, manager: DialogManager) -> None:
        await do(manager, lambda menu: take(menu, (message.text or "").strip()))

    return MessageInput(take_text, content_types=[ContentType.TEXT])


def _footer(back: State | Act | None) -> Row:
    async def go_back(menu: Menu) -> Text | None:
        if isinstance(back, State) and not menu.entered_here:
            await menu.go(back)
        elif isinstance(back, State):
            await menu.back()
        elif back is not None:
            return await back(menu)
        else:
            await menu.back()
        return None

    async def go_home(menu: Menu) -> None:
        await menu.home()

    async def fold(_menu: Menu) -> None:
        """Show the list again, which comes back by itself."""

    fold_or_back = verb(FOLD, _BACK, fold, offered=True) | verb("back", _BACK, go_back)
    return Row(fold_or_back, verb("home", T("🏠 Home"), go_home))


async def do(manager: DialogManager, act: Act) -> None:
    """Do what a button means; what it came to is noted above the next window."""
    menu = Menu(manager)
    note = await act(menu)
    if note is not None:
        menu.note(note)
