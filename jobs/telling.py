"""Channels at work: a notice in the reader's words, and the message that tests a channel (CH-14)."""

from core.access import Actor
from core.clock import Clock
from core.db.database import Database
from core.i18n import Translator
from core.ids import new_id
from core.notices.chats import ChatRef
from core.organisations.model import Organisation
from core.outbox.content import Draft
from core.outbox.writing import Outbox
from core.texts import T, Text
from integrations.contract import Connection, Notice, Notifier
from integrations.telegram import TelegramConnection

TEST = "test"


class ChannelTest:
    """Sends one message through a channel that need not be saved yet, and says where to look for it."""

    def __init__(self, database: Database, clock: Clock, outbox: Outbox) -> None:
        self._database = database
        self._clock = clock
        self._outbox = outbox

    async def __call__(self, actor: Actor, name: str, connection: Connection, spoken: str | None) -> list[Text] | None:
        """Say what was reached; None for what is no channel. Raises the errors of `Notifier.notify`.

        `spoken` is the channel's own language, None for that of the organisation.
        """
        lines = [
            T("🔔 Test of the channel “{name}”", name=name),
            T("{who} asked for it. If you can read this, the channel works.", who=actor.name),
        ]
        async with self._database.reading() as session:
            home = await session.get_one(Organisation, actor.organisation_id)
        locale = spoken or home.locale
        if isinstance(connection, TelegramConnection):
            await self._write(actor, connection, lines, locale)
            return [T("A message is on its way to the chat. If it does not come, see /outbox.")]
        if not isinstance(connection, Notifier):
            return None
        title, *rest = map(Translator(locale, home.zone, home.currency), lines)
        took = await connection.notify(Notice(new_id(), TEST, title, rest, self._clock.now(), home.name))
        return [*([took] if took is not None else []), T("A test message was taken. Look whether it has arrived.")]

    async def _write(self, actor: Actor, connection: TelegramConnection, lines: list[Text], locale: str) -> None:
        place = connection.settings
        chat = ChatRef(place.chat_id, locale, place.thread_id)
        async with self._database.writing() as session:
            await self._outbox.say(session, actor.organisation_id, chat, Draft(lines), key=f"{TEST}:{new_id()}")
