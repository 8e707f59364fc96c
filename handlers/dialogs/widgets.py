"""The few widgets that windows are made of."""

from collections.abc import Awaitable, Callable
from typing import Any

from aiogram.enums import ButtonStyle, ContentType, ParseMode
from aiogram.fsm.state import State
from aiogram.types import CallbackQuery, Message
from aiogram_dialog import DialogManager, DialogProtocol, Window
from aiogram_dialog.api.entities import NewMessage
from aiogram_dialog.widgets.input import MessageInput
from aiogram_dialog.widgets.kbd import Button, Group, Keyboard, Row, Url
from aiogram_dialog.widgets.style import Style
from aiogram_dialog.widgets.text import Text as TextWidget

from core.texts import T, Text
from handlers.dialogs.menu import Menu
from handlers.dialogs.messages import MenuMessage
from handlers.dialogs.page import FOLD, Page, draw
from handlers.formatting import say, shorten

Show = Callable[[Menu], Awaitable[Page]]
Act = Callable[[Menu], Awaitable[Text | None]]
Pick = Callable[[Menu, str], Awaitable[Text | None]]
LABEL = 60
"""A button never says more; a phone cuts it long before."""
_VERBS = 2
_BACK = T("⬅ Back")


class _Screen(Window):
    async def render(self, dialog: DialogProtocol, manager: DialogManager) -> NewMessage:
        """Draw the window, as an answer to whoever asked for it."""
        drawn = vars(await super().render(dialog, manager))
        event = manager.event
        tapped = event.message if isinstance(event, CallbackQuery) and isinstance(event.message, Message) else None
        return MenuMessage(**drawn, reply_to=Menu(manager).talk.reply_to, tapped=tapped)


class Words(TextWidget):
    """A text of ours in the reader's language: fixed, or taken from the window's data."""

    def __init__(self, words: Text | Callable[[dict[str, Any]], Text]) -> None:
        super().__init__()
        self._words = words

    async def _render_text(self, data: dict[str, Any], manager: DialogManager) -> str:
        words = self._words if isinstance(self._words, Text) else self._words(data)
        return shorten(say(Menu(manager).talk.translator, words), LABEL)


class _Address(TextWidget):
    """Where a link leads."""

    def __init__(self, address: Callable[[Menu], Awaitable[str]]) -> None:
        super().__init__()
        self._address = address

    async def _render_text(self, data: dict[str, Any], manager: DialogManager) -> str:
        del data
        return await self._address(Menu(manager))


class _PageText(TextWidget):
    """The whole text of a window, below what is to be noted."""

    async def _render_text(self, data: dict[str, Any], manager: DialogManager) -> str:
        menu = Menu(manager)
        return draw(data["page"], menu.notes, menu.talk.translator)


def screen(
    state: State, show: Show, *widgets: Keyboard | MessageInput, back: State | Act | None = None, home: bool = True
) -> Window:
    """Return a window: its page, its keyboard, and the same last row everywhere.

    `back` is another window of the dialog, or an own way back. Without one, and at the window
    where the dialog was opened, it closes.
    """

    async def getter(dialog_manager: DialogManager, **_: Any) -> dict[str, Any]:
        menu = Menu(dialog_manager)
        page = await show(menu)
        return {"page": page.unfold() if menu.unfolded else page}

    footer = [_footer(back)] if home else []
    return _Screen(_PageText(), *widgets, *footer, state=state, getter=getter, parse_mode=ParseMode.HTML)


def verb(name: str, label: Text | None, act: Act, *, offered: bool = False, danger: bool = False) -> Button:
    """Return a button that does something; what it came to is noted above the next window.

    Without a label the page has one for it. An `offered` one is shown only when the page offers
    it. That is a courtesy: the right is checked by the use case behind it.
    """

    async def click(_query: CallbackQuery, _button: Button, manager: DialogManager) -> None:
        await do(manager, act)

    def shown(data: dict[str, Any]) -> Text:
        page: Page = data["page"]
        return label or page.labels[name]

    when = (lambda data, _widget, _manager: name in data["page"].offers) if offered else None
    style = Style(style=ButtonStyle.DANGER) if danger else Style()
    return Button(Words(shown), id=name, on_click=click, when=when, style=style)


def link(name: str, label: Text, address: Callable[[Menu], Awaitable[str]], *, offered: bool = False) -> Url:
    """Return a button that leads out of the chat; an `offered` one is shown only when the page offers it."""
    when = (lambda data, _widget, _manager: name in data["page"].offers) if offered else None
    return Url(Words(label), _Address(address), when=when)


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
