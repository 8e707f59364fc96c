"""How menus reach the chat: at everybody's pace, edited in place, and only one of them alive."""

import asyncio
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

from aiogram import Bot
from aiogram.enums import ContentType
from aiogram.methods import (
    DeleteMessage,
    EditMessageReplyMarkup,
    EditMessageText,
    SendMessage,
    SendPhoto,
    TelegramMethod,
)
from aiogram.types import CallbackQuery, InlineKeyboardMarkup, Message
from aiogram_dialog import ShowMode
from aiogram_dialog.api.entities import NewMessage, OldMessage
from aiogram_dialog.api.protocols import MessageManagerProtocol, MessageNotModified

from core.nursery import Nursery
from core.outbox.writing import ANSWER
from handlers.delivery.letters import NO_PREVIEW, reply
from handlers.delivery.pacing import EDIT, PacerClosed
from handlers.delivery.postman import Postman
from handlers.delivery.troubles import Kind, Trouble

_PATIENCE_SECONDS = 150
_DELETABLE_SECONDS = 40 * 3600
_AFTER_ANSWERS = ANSWER + 1
"""A menu that takes the place of another goes before an edit of that one."""
_REMEMBERED = 512
"""Of so many menus it is known what they show."""
_WORTH_ANOTHER = (Kind.LATER, Kind.FLOOD)
_TRIES = 3


@dataclass
class MenuMessage(NewMessage):
    """A window on its way. In a group a new menu answers the message that asked for it.

    `tapped` is the message on which a tap asked for it: what it edits is still there.
    """

    reply_to: int | None = None
    tapped: Message | None = None


class MenuMessages(MessageManagerProtocol):
    """The library's hands: sends and edits the text messages of dialogs.

    What cannot be shown for minutes is left: the dialog is where it is, and a tap on
    what still stands in the chat leads home. An edit that the chat's pace or a failed call
    keeps back holds up no update meanwhile: it leaves when it may, and only the last one does.
    """

    def __init__(self, postman: Postman, nursery: Nursery) -> None:
        self._postman = postman
        self._nursery = nursery
        self._sent: dict[tuple[int, int], float] = {}
        self._put_off: dict[tuple[int, int], MenuMessage] = {}
        self._showing: dict[tuple[int, int], MenuMessage] = {}
        self._there: dict[tuple[int, int], MenuMessage | None] = {}
        """Of menus whose edit was put off, what is still to be seen of them."""

    async def show_message(self, bot: Bot, new_message: NewMessage, old_message: OldMessage | None) -> OldMessage:
        del bot
        if not isinstance(new_message, MenuMessage):
            raise TypeError("windows are made by screen()")
        edited = old_message.message_id if old_message and new_message.show_mode is ShowMode.EDIT else None
        if edited is not None and self._shows(new_message, edited):
            raise MessageNotModified
        if edited is not None and self._later(new_message, edited):
            return self._shown(new_message, edited)
        return await self._show(new_message, edited)

    async def _show(self, message: MenuMessage, edited: int | None) -> OldMessage:
        """Send or edit now, as often as it takes. Raises MessageNotModified when nothing helps."""
        loop = asyncio.get_running_loop()
        until = loop.time() + _PATIENCE_SECONDS
        while loop.time() < until:
            match await self._deliver(message.chat.id, _call(message, edited)):
                case int() as message_id:
                    if edited is None:
                        self._sent[message.chat.id, message_id] = loop.time()
                    return self._shown(message, edited or message_id)
                case Trouble(kind=Kind.SAME) if edited is not None:
                    return self._shown(message, edited)
                case Trouble(kind=Kind.LOST):
                    edited = None
                case Trouble(kind=Kind.MOVED, chat_id=there):
                    # Asked for before the group became a supergroup: what is not there yet is said in the new one.
                    chat = message.chat.model_copy(update={"id": there})
                    message, edited = replace(message, chat=chat, reply_to=None), None
                case Trouble(kind=kind) if kind not in _WORTH_ANOTHER:
                    break
                case Trouble() if edited is not None and message.tapped is not None:
                    self._put(message, edited)
                    return self._shown(message, edited)
        raise MessageNotModified

    def _later(self, message: MenuMessage, edited: int) -> bool:
        """Put an edit off if it may not leave now, in place of one that waits already."""
        waits = (message.chat.id, edited) in self._put_off
        if not waits and (message.tapped is None or self._postman.pacer.free(message.chat.id)):
            return False
        self._put(message, edited)
        return True

    def _put(self, message: MenuMessage, edited: int) -> None:
        place = message.chat.id, edited
        waits = place in self._put_off
        self._put_off[place] = message
        if not waits:
            self._there[place] = self._showing.get(place)
            self._nursery.start("edit menu", self._edit(*place))

    async def _edit(self, chat_id: int, edited: int) -> None:
        """Edit a message until it shows what was put off last, or another menu stands for it."""
        place = chat_id, edited
        until = asyncio.get_running_loop().time() + _PATIENCE_SECONDS
        try:
            while place in self._put_off and asyncio.get_running_loop().time() < until:
                async with self._postman.pacer.turn(chat_id, _AFTER_ANSWERS):
                    message = self._put_off.get(place)
                    if message is None or _alike(message, self._there.get(place)):
                        # Somebody who went to and fro meanwhile sees it already.
                        return
                    result = await self._postman.deliver(chat_id, _call(message, edited), edited_in=message.thread_id)
                again = isinstance(result, Trouble) and result.kind in _WORTH_ANOTHER
                if not again and self._put_off.get(place) is message:
                    return
                self._there[place] = None if isinstance(result, Trouble) else message
        except PacerClosed:
            return
        finally:
            self._put_off.pop(place, None)
            self._there.pop(place, None)

    def _shows(self, message: MenuMessage, edited: int) -> bool:
        """Tell whether a message shows this already; after a restart, the tap says what it showed."""
        shown = self._showing.get((message.chat.id, edited))
        if shown is not None:
            return _alike(message, shown)
        seen = message.tapped
        if seen is None or seen.message_id != edited or seen.text is None:
            return False
        return seen.html_text == message.text and _keys(seen.reply_markup) == _keys(message.reply_markup)

    def _shown(self, message: MenuMessage, message_id: int) -> OldMessage:
        place = message.chat.id, message_id
        self._showing.pop(place, None)
        if len(self._showing) == _REMEMBERED:
            del self._showing[next(iter(self._showing))]
        self._showing[place] = message
        return OldMessage(message.chat, message_id, None, None, text=message.text, content_type=ContentType.TEXT)

    async def remove_kbd(self, bot: Bot, show_mode: ShowMode, old_message: OldMessage | None) -> None:
        del bot, show_mode
        if old_message is not None:
            self.retire(old_message.chat.id, old_message.message_id)

    async def answer_callback(self, bot: Bot, callback_query: CallbackQuery) -> None:
        """Do nothing: every tap was answered before its work began."""

    def retire(self, chat_id: int, message_id: int) -> None:
        """Take a menu away that another one stands for now, when there is time for it."""
        self._put_off.pop((chat_id, message_id), None)
        self._showing.pop((chat_id, message_id), None)
        self._nursery.start("retire menu", self._retire(chat_id, message_id))

    async def _retire(self, chat_id: int, message_id: int) -> None:
        """Delete a menu, or at least its buttons: Telegram deletes nothing that is two days old."""
        now = asyncio.get_running_loop().time()
        self._sent = {key: at for key, at in self._sent.items() if now - at < _DELETABLE_SECONDS}
        call: TelegramMethod[Any] = EditMessageReplyMarkup(chat_id=chat_id, message_id=message_id)
        if self._sent.pop((chat_id, message_id), None) is not None:
            call = DeleteMessage(chat_id=chat_id, message_id=message_id)
        with suppress(PacerClosed):
            await self._in_turn(chat_id, call, EDIT)

    async def send(self, call: SendPhoto) -> int | None:
        """Send what a window goes with; None if that failed. Tried once: of a second copy nobody would know."""
        result = await self._deliver(int(call.chat_id), call)
        return None if isinstance(result, Trouble) else result

    async def take_away(self, chat_id: int, message_id: int) -> bool:
        """Delete a message, in the chat's turn and as often as it takes. False where Telegram refuses."""
        call = DeleteMessage(chat_id=chat_id, message_id=message_id)
        for _ in range(_TRIES):
            result = await self._deliver(chat_id, call)
            if not isinstance(result, Trouble) or result.kind not in _WORTH_ANOTHER:
                break
        return not isinstance(result, Trouble)

    async def _deliver(self, chat_id: int, call: TelegramMethod[Any]) -> int | Trouble:
        """Make the call that an update waits for.

        Once the process stops, this never returns: the update must not count as handled, since nothing of
        it was seen. It is cut off, and the next process handles it.
        """
        try:
            return await self._in_turn(chat_id, call, ANSWER)
        except PacerClosed:
            cut_off: asyncio.Future[int | Trouble] = asyncio.get_running_loop().create_future()
            return await cut_off

    async def _in_turn(self, chat_id: int, call: TelegramMethod[Any], priority: int) -> int | Trouble:
        async with self._postman.pacer.turn(chat_id, priority):
            return await self._postman.deliver(chat_id, call)


def _call(message: MenuMessage, edited: int | None) -> TelegramMethod[Any]:
    markup = message.reply_markup if isinstance(message.reply_markup, InlineKeyboardMarkup) else None
    if edited is not None:
        return EditMessageText(
            chat_id=message.chat.id,
            message_id=edited,
            text=message.text or "",
            parse_mode=message.parse_mode,
            reply_markup=markup,
            link_preview_options=NO_PREVIEW,
        )
    return SendMessage(
        chat_id=message.chat.id,
        message_thread_id=message.thread_id,
        text=message.text or "",
        parse_mode=message.parse_mode,
        reply_markup=markup,
        reply_parameters=reply(message.reply_to),
        link_preview_options=NO_PREVIEW,
    )


def _alike(message: MenuMessage, other: MenuMessage | None) -> bool:
    if other is None or message.text != other.text:
        return False
    return _keys(message.reply_markup) == _keys(other.reply_markup)


def _keys(markup: object) -> list[list[tuple[str | None, ...]]]:
    """Return what is to be seen of a keyboard, and where its buttons lead."""
    rows = markup.inline_keyboard if isinstance(markup, InlineKeyboardMarkup) else []
    return [[(key.text, key.callback_data, key.url, key.style) for key in row] for row in rows]
