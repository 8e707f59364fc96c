"""Messages that were sent twice, because the first answer never came: a tap shows them, and takes them away.

Only the copy whose id came back is kept up to date, and only there buttons count. Nobody tells
the other one's id, until somebody taps on it.
"""

from contextlib import suppress
from datetime import timedelta

from aiogram.methods import DeleteMessage, EditMessageText
from aiogram.types import MaybeInaccessibleMessageUnion, Message

from core.clock import Clock
from core.i18n import Translator
from core.nursery import Nursery
from core.texts import T
from handlers.delivery.letters import NO_PREVIEW
from handlers.delivery.pacing import EDIT, PacerClosed
from handlers.delivery.postman import Postman
from handlers.delivery.troubles import Trouble
from handlers.formatting import say

COPY = T("This was sent twice by mistake. The one further down counts, so this one goes.")
_OLD_COPY = T("This was sent twice by mistake. The one further down counts.")
_DELETABLE = timedelta(hours=40)


class Copies:
    """Takes copies away, each in its chat's turn."""

    def __init__(self, postman: Postman, nursery: Nursery, clock: Clock) -> None:
        self._postman = postman
        self._nursery = nursery
        self._clock = clock
        self._taken: set[tuple[int, int]] = set()

    def take_away(self, copy: Message, translator: Translator) -> None:
        """Take a copy away, once however many taps on it were under way."""
        place = copy.chat.id, copy.message_id
        if place not in self._taken:
            self._taken.add(place)
            self._nursery.start("take copy away", self._take_away(copy, translator))

    async def _take_away(self, copy: Message, translator: Translator) -> None:
        """Delete a copy; Telegram deletes nothing that is two days old, and then it says so itself."""
        chat_id, message_id = copy.chat.id, copy.message_id
        call: DeleteMessage | EditMessageText = DeleteMessage(chat_id=chat_id, message_id=message_id)
        if self._clock.now() - copy.date > _DELETABLE:
            call = EditMessageText(
                chat_id=chat_id,
                message_id=message_id,
                text=say(translator, _OLD_COPY),
                link_preview_options=NO_PREVIEW,
            )
        with suppress(PacerClosed):
            async with self._postman.pacer.turn(chat_id, EDIT):
                if isinstance(await self._postman.deliver(chat_id, call), Trouble):
                    # It may be there still: the next tap on it tries again.
                    self._taken.discard((chat_id, message_id))


def bears(message: MaybeInaccessibleMessageUnion, data: str | None) -> bool:
    """Tell whether a message shows a button: Telegram tells what it shows, a tampered client only where it tapped."""
    markup = message.reply_markup if isinstance(message, Message) else None
    rows = markup.inline_keyboard if markup is not None else []
    return any(button.callback_data == data for row in rows for button in row)
