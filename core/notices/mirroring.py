"""When Telegram cannot be reached, what cannot wait also goes by e-mail (CH-14)."""

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from core.channels.model import Channel
from core.clock import Clock
from core.db.database import Database
from core.executions.model import Execution
from core.executions.states import Event, Outcome, State, event_of
from core.ids import new_id
from core.jobs.model import Job
from core.notices.channels import steps_of
from core.notices.chats import ALARM
from core.notices.facts import about_run
from core.notices.listeners import Listener, listener_of, working
from core.notices.quiet import CANNOT_WAIT
from core.organisations.model import Organisation
from core.outbox.content import Draft
from core.outbox.model import LIVE, NO_CHAT, Card, Message
from core.outbox.queue import WAITING
from core.outbox.reach import Reach
from core.outbox.writing import Outbox
from core.texts import T, Text

PATIENCE = timedelta(minutes=3)
_EMAIL = "email"
_FAILURES = [state for state in State if not state.open and event_of(state) is Event.FAILURE]
_NOTE = T("Telegram cannot be reached, so this comes by e-mail; Telegram brings it too once it is back.")


class MirrorAlarms:
    """Queues a mail for each critical notice, and each run that failed or was held, once, while Telegram is away.

    One chat that cannot be written to is not Telegram being away (`Reach`). The mail says that Telegram
    will bring the same notice, so that nobody takes it for a second one.
    """

    def __init__(self, database: Database, clock: Clock, reach: Reach) -> None:
        self._database = database
        self._clock = clock
        self._reach = reach
        self._outbox = Outbox(clock)

    async def tick(self) -> None:
        if self._reach.away_for < PATIENCE:
            return
        async with self._database.reading() as session:
            messages, runs = await self._late_messages(session), await self._late_runs(session)
        if not (messages or runs):
            return
        async with self._database.writing() as session:
            for message in messages:
                # One cause is told in several chats; the mail about it goes out once.
                cause = message.dedupe_key.rpartition(":")[0]
                lines = [Text.from_json(line) for line in message.body["lines"]]
                for mailbox in await _mailboxes(session, message.organisation_id):
                    await self._mail(session, message.organisation_id, mailbox, message.body["event"], lines, cause)
            for run in runs:
                await self._mail_run(session, run)

    async def _late_messages(self, session: AsyncSession) -> list[Message]:
        wanted = select(Message).where(
            Message.state.in_(WAITING),
            Message.chat_id != NO_CHAT,
            Message.priority == ALARM,
            Message.created_at <= self._clock.now() - PATIENCE,
            Message.organisation_id.is_not(None),
        )
        return [one for one in await session.scalars(wanted) if one.body.get("event") in CANNOT_WAIT]

    async def _late_runs(self, session: AsyncSession) -> list[Execution]:
        """Return the runs whose cards do not show yet how they ended."""
        wanted = select(Execution).where(
            Execution.id.in_(select(Card.execution_id).where(Card.state == LIVE)),
            Execution.finished_at <= self._clock.now() - PATIENCE,
            Execution.dry_run.is_(False),
        )
        return list(await session.scalars(wanted.order_by(Execution.id)))

    async def _mail_run(self, session: AsyncSession, run: Execution) -> None:
        steps = await steps_of(session, run)
        # What somebody must decide comes before what went wrong.
        events = [Event.HELD] if any(step.outcome == Outcome.HELD for _, step in steps) else []
        events += [Event.FAILURE] if run.state in _FAILURES else []
        if not events:
            return
        home = await session.get_one(Organisation, run.organisation_id)
        job = await session.get_one(Job, run.job_id)
        for mailbox in await _mailboxes(session, home.id):
            event = next((one for one in events if one in mailbox.templates), events[0])
            facts = about_run(home, job.name, event, run, steps, self._clock.now())
            lines = mailbox.own_words(facts, home) or facts.lines
            await self._mail(session, home.id, mailbox, event, lines, f"run:{run.id}:end")

    async def _mail(
        self,
        session: AsyncSession,
        organisation_id: int | None,
        mailbox: Listener,
        event: str,
        lines: Sequence[Text],
        cause: str,
    ) -> None:
        key, channel_id = f"mail:{mailbox.chat.channel_id}:{cause}", mailbox.chat.channel_id
        if await session.scalar(select(Message.id).where(Message.dedupe_key == f"{cause}:c{channel_id}")):
            return
        extra = {"event": event, "notice": new_id()}
        draft = Draft([*lines, _NOTE])
        await self._outbox.say(session, organisation_id, mailbox.chat, draft, key=key, priority=ALARM, extra=extra)


async def _mailboxes(session: AsyncSession, organisation_id: int | None) -> list[Listener]:
    home = await session.get_one(Organisation, organisation_id)
    found = await session.scalars(working(home).where(Channel.module == _EMAIL))
    return [one for channel in found if (one := listener_of(home, channel)) is not None]
