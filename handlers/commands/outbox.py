"""/outbox: what could not be delivered, to be sent again or dropped."""

from aiogram import Router
from aiogram.types import CallbackQuery, Message
from dishka.integrations.aiogram import FromDishka, inject

from core.chat.model import Button
from core.outbox.content import Choice
from core.outbox.undelivered import ListUndelivered, SettleUndelivered, Undelivered
from core.texts import TN, T, Text
from handlers.buttons import Tap
from handlers.middlewares.spoken import Named
from handlers.talk import Talk

_AGAIN, _DROP = "outbox_again", "outbox_drop"


def add_outbox(router: Router) -> None:
    """Add /outbox."""
    router.message(Named("outbox"))(outbox)


def outbox_taps() -> Router:
    """Return the router of the buttons of /outbox."""
    router = Router(name="outbox")
    router.callback_query(Tap(_AGAIN, _DROP))(settle)
    return router


@inject
async def outbox(_message: Message, talk: Talk, list_undelivered: FromDishka[ListUndelivered]) -> None:
    found, total = await list_undelivered(talk.actor)
    if not found:
        talk.say(T("✅ Every message was delivered."))
        return
    lines = [_line(number, one) for number, one in enumerate(found, 1)]
    if total > len(found):
        lines.append(TN("… and {n} older one", "… and {n} older ones", total - len(found)))
    title = TN("{n} message could not be delivered", "{n} messages could not be delivered", total)
    talk.say(*lines, title=title, choices=_choices(talk, found, total))


@inject
async def settle(_query: CallbackQuery, talk: Talk, button: Button, settle_them: FromDishka[SettleUndelivered]) -> Text:
    again = button.action == _AGAIN
    number = await settle_them(talk.actor, button.arguments["messages"], again=again)
    if not number:
        return T("That was settled already.")
    if again:
        return TN("{n} message is sent again.", "{n} messages are sent again.", number)
    return TN("{n} message was dropped.", "{n} messages were dropped.", number)


def _line(number: int, one: Undelivered) -> Text:
    return T(
        "{number}. {at}, {chat}: “{beginning}”. Why: {reason}",
        number=number,
        at=one.written_at,
        chat=one.chat,
        beginning=one.beginning,
        reason=one.reason,
    )


def _choices(talk: Talk, found: list[Undelivered], total: int) -> list[list[Choice]]:
    def pair(again: Text, drop: Text, messages: list[int] | None) -> list[Choice]:
        whose = talk.actor.telegram_id
        about = {"messages": messages}
        return [Choice(again, _AGAIN, about, whose), Choice(drop, _DROP, about, whose)]

    rows = [
        pair(T("Send {number} again", number=number), T("Drop {number}", number=number), [one.id])
        for number, one in enumerate(found, 1)
    ]
    return [*rows, pair(T("Send all again"), T("Drop all"), None)] if total > 1 else rows
