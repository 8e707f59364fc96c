"""What people type, forward or send while a form is open."""

from aiogram.exceptions import AiogramError
from aiogram.types import Message, MessageOriginChannel, MessageOriginChat, MessageOriginHiddenUser, MessageOriginUser
from aiogram_dialog import DialogManager
from aiogram_dialog.widgets.input import MessageInput

from core.clock import local_date
from core.errors import BadInput
from core.forms.choosing import matching, pick
from core.forms.fields import Kind
from core.forms.form import Part
from core.forms.parsing import Reader, parse
from core.forms.words import folded, plain
from core.texts import T
from handlers.dialogs.menu import Menu
from handlers.dialogs.secrecy import take_away
from handlers.forms.actions import after_value, turn_to
from handlers.forms.filling import Filling

_SECONDS = 10


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
    if _searches(part, text, menu.talk.chat.locale):
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


async def _number_of(menu: Menu, name: str) -> int:
    """Return the number of a public group or channel. Raises BadInput for what the bot cannot see."""
    try:
        return (await menu.bot.get_chat(name, request_timeout=_SECONDS)).id
    except AiogramError as error:
        text = T("I find no chat called {name}. Add me there first, or forward a message from it.", name=name)
        raise BadInput(text, detail=str(error)) from error


def _text(message: Message, part: Part) -> str:
    """Return the words of a message; where a chat is asked for, a forwarded message names it.

    One that a person wrote names that person, not the group: notices would go to them in private.
    """
    if part.field.kind is Kind.CHAT:
        match message.forward_origin:
            case MessageOriginChat(sender_chat=chat) | MessageOriginChannel(chat=chat):
                return str(chat.id)
            case MessageOriginUser() | MessageOriginHiddenUser():
                raise BadInput(
                    T(
                        "Telegram tells me who wrote that, not in which group. Send /link in the group, "
                        "or type its number or @name here."
                    )
                )
    if message.text is None:
        raise BadInput(T("I can only read text here. Type it."))
    return message.text


def _searches(part: Part, text: str, locale: str) -> bool:
    """Tell whether typed words narrow down what can be tapped rather than name it."""
    match part.field.kind:
        case Kind.STORES:
            return True
        case Kind.CHOICE:
            return pick(part.field, text, locale) is None and len(matching(part.field, text, locale)) > 1
        case _:
            return False
