"""Who is told of what: a job's notification rules turned into cards and messages.

Everything here is written in the transaction of the change that causes it, and delivered
later by the outbox.
"""

from collections.abc import Mapping, Sequence

from sqlalchemy import Select, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from core.access import Role
from core.channels.model import Channel
from core.clock import Clock
from core.executions.model import Execution, Step
from core.executions.states import Event
from core.ids import new_id
from core.jobs.model import Job
from core.notices.chats import ALARM, NOTICE, TELEGRAM, ChatRef
from core.notices.quiet import CANNOT_WAIT, gather, quiet_until
from core.notices.words import tell_event
from core.organisations.model import Organisation
from core.outbox.content import Choice, Draft
from core.outbox.model import FINAL, NO_CHAT, REDRAWN, Card, Message
from core.outbox.writing import Outbox
from core.people.model import ADMITTED, Person
from core.stores.model import Store
from core.texts import Text


class Notices:
    """Writes cards and messages for events."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._outbox = Outbox(clock)

    async def on_event(self, session: AsyncSession, execution: Execution, job: Job, event: Event) -> None:
        """Open the run's card in every chat whose rule names the event; in quiet hours, tell of it afterwards."""
        chats, posts = await self.audience(session, job, event), await self._posts(session, job, event)
        if not (chats or posts):
            return
        moment = "start" if event is Event.START else "end"
        title, lines = tell_event(job.name, event, await _steps(session, execution), execution)
        if await self._waits(session, job, event, [*chats, *posts], [title, *lines], f"run:{execution.id}:{moment}"):
            return
        for chat in chats:
            await self.open_card(session, execution, chat)
        for post in posts:
            # Of an end that is several events at once, the first one speaks.
            key = f"run:{execution.id}:{moment}:c{post.channel_id}"
            await self._post(session, job, post, event, [title, *lines], key)

    async def open_card(self, session: AsyncSession, execution: Execution, chat: ChatRef) -> None:
        """Make sure that the run has its one card in a chat."""
        known = await session.scalar(
            select(Card.id).where(Card.execution_id == execution.id, Card.chat_id == chat.chat_id)
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
    ) -> None:
        """Queue a message about an event to every chat whose rule names it; `key` names the cause.

        `choices` are buttons below it, in Telegram only.
        """
        chats, posts = await self.audience(session, job, event), await self._posts(session, job, event)
        if await self._waits(session, job, event, [*chats, *posts], lines, key):
            return
        draft = Draft(lines, choices=choices)
        for chat in chats:
            said, about = f"{key}:{chat.chat_id}", {"event": event.value}
            await self._outbox.say(session, job.organisation_id, chat, draft, key=said, priority=ALARM, extra=about)
        for post in posts:
            await self._post(session, job, post, event, lines, f"{key}:c{post.channel_id}")

    async def say(
        self,
        session: AsyncSession,
        organisation_id: int | None,
        chat: ChatRef,
        lines: list[dict[str, object]],
        *,
        key: str,
        priority: int = NOTICE,
        extra: Mapping[str, str] | None = None,
    ) -> None:
        """Queue one message to one chat, once for its `key`; `extra` is for who delivers it."""
        if await session.scalar(select(Message.id).where(Message.dedupe_key == key)) is not None:
            return
        session.add(
            Message(
                organisation_id=organisation_id,
                chat_id=chat.chat_id,
                thread_id=chat.thread_id,
                priority=priority,
                body={"lines": lines, "locale": chat.locale, **(extra or {})},
                dedupe_key=key,
                created_at=self._clock.now(),
                channel_id=chat.channel_id,
            )
        )

    async def _waits(
        self, session: AsyncSession, job: Job, event: Event, chats: Sequence[ChatRef], lines: Sequence[Text], cause: str
    ) -> bool:
        """Keep what can wait until the quiet hours are over. False: it is told now."""
        organisation = await session.get_one(Organisation, job.organisation_id)
        now = self._clock.now()
        until = quiet_until(organisation, now)
        if until is None or event in CANNOT_WAIT:
            return False
        for chat in chats:
            await gather(session, organisation, chat, lines, cause=cause, now=now, until=until)
        return True

    async def _post(
        self, session: AsyncSession, job: Job, post: ChatRef, event: Event, lines: Sequence[Text], key: str
    ) -> None:
        body: list[dict[str, object]] = [line.to_json() for line in lines]
        extra = {"event": event.value, "notice": new_id()}
        await self.say(session, job.organisation_id, post, body, key=key, extra=extra)

    async def _posts(self, session: AsyncSession, job: Job, event: Event) -> list[ChatRef]:
        """Return the channels beyond Telegram that a job's rules name for an event."""
        names = [rule["channel"] for rule in job.notify if event in rule["on"]]
        if not names:
            return []
        organisation = await session.get_one(Organisation, job.organisation_id)
        found = await session.scalars(_working(organisation, names).where(Channel.module != TELEGRAM))
        return [ChatRef(NO_CHAT, organisation.locale, channel_id=channel.id) for channel in found]

    async def audience(self, session: AsyncSession, job: Job, event: Event) -> list[ChatRef]:
        """Return the chats that a job's rules name for an event.

        When no rule names it, what somebody must act on goes to the admins themselves, and the
        morning digest to the owners.
        """
        names = [rule["channel"] for rule in job.notify if event in rule["on"]]
        organisation = await session.get_one(Organisation, job.organisation_id)
        chats = await _chats(session, organisation, names)
        if not chats and event in CANNOT_WAIT:
            return await _people(session, organisation, Role.ADMIN, Role.OWNER)
        if not chats and event is Event.DIGEST:
            return await _people(session, organisation, Role.OWNER)
        return chats


async def _chats(session: AsyncSession, organisation: Organisation, names: list[str]) -> list[ChatRef]:
    found = await session.scalars(_working(organisation, names).where(Channel.module == TELEGRAM))
    return [
        ChatRef(channel.settings["chat_id"], organisation.locale, channel.settings.get("thread_id"), channel.id)
        for channel in found
        if isinstance(channel.settings["chat_id"], int)
    ]


def _working(organisation: Organisation, names: list[str]) -> Select[Channel]:
    return select(Channel).where(
        Channel.organisation_id == organisation.id,
        Channel.name.in_(names),
        Channel.enabled,
        Channel.deleted_at.is_(None),
        Channel.disabled_reason.is_(None),
    )


async def _steps(session: AsyncSession, execution: Execution) -> list[tuple[str, Step]]:
    wanted = select(Store.name, Step).join(Store, Store.id == Step.store_id)
    found = await session.execute(wanted.where(Step.execution_id == execution.id).order_by(Step.position))
    return [(name, step) for name, step in found]


async def _people(session: AsyncSession, organisation: Organisation, *roles: Role) -> list[ChatRef]:
    """Return the private chats of those who hold one of the roles."""
    people = await session.scalars(
        select(Person).where(
            Person.organisation_id == organisation.id,
            ADMITTED,
            Person.private_chat,
            Person.role.in_([role.key for role in roles]),
        )
    )
    return [ChatRef(person.telegram_id, person.locale or organisation.locale) for person in people]
