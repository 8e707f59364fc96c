"""Who is told of what: a job's notification rules turned into cards and messages.

Everything here is written in the transaction of the change that causes it, and delivered
later by the outbox.
"""

from collections.abc import Mapping, Sequence

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from core.clock import Clock
from core.executions.model import Execution, Step
from core.executions.states import Event
from core.ids import new_id
from core.jobs.model import Job
from core.notices.chats import ALARM, NOTICE, ChatRef
from core.notices.facts import about, about_run
from core.notices.listeners import Listener, listeners
from core.notices.quiet import CANNOT_WAIT, gather, quiet_until
from core.organisations.model import Organisation
from core.outbox.content import Attachment, Choice, Draft
from core.outbox.model import FINAL, REDRAWN, Card
from core.outbox.writing import Outbox
from core.stores.model import Store
from core.texts import Text

NO_PICTURES: Mapping[str, Attachment] = {}


class Notices:
    """Writes cards and messages for events."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._outbox = Outbox(clock)

    async def on_event(self, session: AsyncSession, execution: Execution, job: Job, *events: Event) -> None:
        """Open the run's card in every chat whose rule names one of the events, and tell other channels.

        Of an end that is several events at once, a channel is told once: of the one for which it has
        words of its own, else of the first. In quiet hours it is told of it afterwards.
        """
        home = await session.get_one(Organisation, job.organisation_id)
        named: dict[ChatRef, tuple[Listener, list[Event]]] = {}
        for event in events:
            for listener in await listeners(session, home, job, event):
                named.setdefault(listener.chat, (listener, []))[1].append(event)
        if not named:
            return
        steps = await steps_of(session, execution)
        cause = f"run:{execution.id}:{'start' if Event.START in events else 'end'}"
        for listener, its in named.values():
            event = next((one for one in its if one in listener.templates), its[0])
            facts = about_run(home, job.name, event, execution, steps, self._clock.now())
            own = listener.own_words(facts, home)
            words = own or facts.lines
            if await self._waits(session, home, listener, its, words, cause):
                continue
            key = f"{cause}:c{listener.chat.channel_id}"
            if listener.beyond_telegram:
                await self._post(session, home, listener.chat, event, words, key)
                continue
            await self.open_card(session, execution, listener.chat)
            if own is not None:
                await self._outbox.say(session, home.id, listener.chat, Draft(own), key=key, priority=NOTICE)

    async def open_card(self, session: AsyncSession, execution: Execution, chat: ChatRef) -> None:
        """Make sure that the run has its one card in a chat, or in a topic of it."""
        known = await session.scalar(
            select(Card.id).where(
                Card.execution_id == execution.id, Card.chat_id == chat.chat_id, Card.thread_id == chat.thread_id
            )
        )
        if known is None:
            session.add(
                Card(
                    organisation_id=execution.organisation_id,
                    execution_id=execution.id,
                    chat_id=chat.chat_id,
                    thread_id=chat.thread_id,
                    locale=chat.locale,
                    channel_id=chat.channel_id,
                )
            )

    async def redraw(self, session: AsyncSession, execution_id: int) -> None:
        """Have the finished cards of a run drawn once more: something on them no longer holds."""
        await session.execute(
            update(Card).where(Card.execution_id == execution_id, Card.state == FINAL).values(state=REDRAWN)
        )

    async def tell(
        self,
        session: AsyncSession,
        job: Job,
        event: Event,
        lines: Sequence[Text],
        *,
        key: str,
        choices: Sequence[Sequence[Choice]] = (),
        pictures: Mapping[str, Attachment] = NO_PICTURES,
    ) -> None:
        """Queue a message about an event to every chat whose rule names it; `key` names the cause.

        `choices` are buttons below it, `pictures` one by language with it, in Telegram only.
        """
        home = await session.get_one(Organisation, job.organisation_id)
        facts = about(home, job.name, event, lines, self._clock.now())
        for listener in await listeners(session, home, job, event):
            chat, words = listener.chat, listener.own_words(facts, home) or lines
            if await self._waits(session, home, listener, [event], words, key):
                continue
            if listener.beyond_telegram:
                await self._post(session, home, chat, event, words, f"{key}:c{chat.channel_id}")
                continue
            draft = Draft(words, choices=choices, file=pictures.get(chat.locale))
            said, extra = f"{key}:{chat.place}", {"event": event.value}
            await self._outbox.say(session, home.id, chat, draft, key=said, priority=ALARM, extra=extra)

    async def _waits(
        self,
        session: AsyncSession,
        home: Organisation,
        listener: Listener,
        events: Sequence[Event],
        lines: Sequence[Text],
        cause: str,
    ) -> bool:
        """Keep what can wait until the listener's quiet hours are over. False: it is told now."""
        now = self._clock.now()
        until = quiet_until(listener.quiet_hours, home.zone, now)
        if until is None or not CANNOT_WAIT.isdisjoint(events):
            return False
        await gather(session, home, listener.chat, lines, cause=cause, now=now, until=until)
        return True

    async def _post(
        self, session: AsyncSession, home: Organisation, post: ChatRef, event: Event, lines: Sequence[Text], key: str
    ) -> None:
        extra = {"event": event.value, "notice": new_id()}
        await self._outbox.say(session, home.id, post, Draft(lines), key=key, priority=NOTICE, extra=extra)


async def steps_of(session: AsyncSession, execution: Execution) -> list[tuple[str, Step]]:
    """Return the stores of a run, each with its name, in the job's order."""
    wanted = select(Store.name, Step).join(Store, Store.id == Step.store_id)
    found = await session.execute(wanted.where(Step.execution_id == execution.id).order_by(Step.position))
    return [(name, step) for name, step in found]
