"""What people type, forward or send while a form is open."""

import structlog
from aiogram import Bot
from aiogram.exceptions import AiogramError
from aiogram.types import ChatMemberAdministrator, Message, MessageOriginChannel, MessageOriginChat, MessageOriginUser
from aiogram_dialog import DialogManager
from aiogram_dialog.widgets.input import MessageInput

from core.clock import local_date
from core.errors import BadInput
from core.forms.fields import Kind
from core.forms.form import Part
from core.forms.parsing import Reader, parse, pick
from core.forms.words import folded, plain
from core.people.pins import ConfirmPin
from core.texts import T
from handlers.dialogs.menu import Menu
from handlers.forms.actions import after_value, save_with_pin, turn_to
from handlers.forms.filling import Filling

_SECONDS = 10

log = structlog.get_logger(__name__)


async def typed_value(message: Message, _input: MessageInput, manager: DialogManager) -> None:
    """Fill the open field with what was typed. What cannot be read changes nothing, and is said."""
    menu = Menu(manager)
    filling = await Filling.of(menu)
    part = filling.part
    if part is None:
        return
    if part.field.kind is Kind.SECRET:
        await take_away(menu, message)
        if not menu.talk.private:
            raise BadInput(
                T("That was a secret, and others read along here. Change it, and give it in our private chat.")
            )
    text = _text(message, part)
    if _searches(part, text):
        filling.state["search"] = text
        menu.turn(0, "picks")
        return
    reader = Reader(menu.talk.chat.locale, local_date(message.date, menu.talk.zone))
    value = parse(part.field, text, reader)
    if part.field.kind is Kind.CHAT and isinstance(value, str):
        value = await _number_of(menu, value)
    filling.put(part, value)
    await after_value(menu, filling)


async def typed_search(message: Message, _input: MessageInput, manager: DialogManager) -> None:
    """Turn to the field whose name was typed, wherever it is on this form."""
    menu = Menu(manager)
    filling = await Filling.of(menu)
    wanted = folded(plain(message.text or ""))
    say = menu.talk.translator
    parts = {line.part.path: line.part for page in (filling.page, ()) for line in filling.form.lines(page)}
    found = [part for part in parts.values() if wanted in folded(say(part.field.label))]
    exact = [part for part in found if folded(say(part.field.label)) == wanted]
    if len(exact or found) == 1:
        await turn_to(menu, filling, (exact or found)[0])
        return
    if not found:
        raise BadInput(T("No field here is called “{text}”. Tap one.", text=(message.text or "")[:60]))
    raise BadInput(
        T("Several fields could be meant: {names}. Type more.", names=[say(part.field.label) for part in found[:8]])
    )


async def typed_pin(message: Message, _input: MessageInput, manager: DialogManager) -> None:
    """Save with the PIN that was typed."""
    menu = Menu(manager)
    await take_away(menu, message)
    if not menu.talk.private:
        raise BadInput(T("Others read along here. Change your PIN with /pin in our private chat."))
    confirmed = await (await menu.get(ConfirmPin))(menu.actor, message.text or "")
    note = await save_with_pin(menu, confirmed)
    if note is not None:
        menu.note(note)


async def take_away(menu: Menu, message: Message) -> None:
    """Delete a message that holds a secret; say so where the bot may not, or Telegram does not let it."""
    try:
        gone = await _may_delete(message) and await message.delete()
    except AiogramError as error:
        log.warning("secret_not_deleted", detail=str(error))
        gone = False
    if not gone:
        menu.note(T("I could not take your message away. Delete it yourself, it holds a secret."))


async def _may_delete(message: Message) -> bool:
    """Tell whether the bot may delete here: in a group only administrators take others' messages away."""
    if message.chat.type == "private" or message.bot is None:
        return True
    me = await message.bot.get_chat_member(message.chat.id, message.bot.id)
    return isinstance(me, ChatMemberAdministrator) and me.can_delete_messages


async def _number_of(menu: Menu, name: str) -> int:
    """Return the number of a public group or channel. Raises BadInput for what the bot cannot see."""
    bot: Bot = menu.manager.middleware_data["bot"]
    try:
        return (await bot.get_chat(name, request_timeout=_SECONDS)).id
    except AiogramError as error:
        text = T("I find no chat called {name}. Add me there first, or forward a message from it.", name=name)
        raise BadInput(text, detail=str(error)) from error


def _text(message: Message, part: Part) -> str:
    """Return the words of a message; where a chat is asked for, a forwarded message names it."""
    if part.field.kind is Kind.CHAT:
        match message.forward_origin:
            case MessageOriginChat(sender_chat=chat) | MessageOriginChannel(chat=chat):
                return str(chat.id)
            case MessageOriginUser(sender_user=user):
                return str(user.id)
    if message.text is None:
        raise BadInput(T("I can only read text here. Type it."))
    return message.text


def _searches(part: Part, text: str) -> bool:
    """Tell whether typed words narrow down what can be tapped rather than name it."""
    match part.field.kind:
        case Kind.STORES:
            return True
        case Kind.CHOICE:
            several = [one for one in part.field.choices if folded(text) in folded(one.label)]
            return pick(part.field.choices, text) is None and len(several) > 1
        case _:
            return False
