"""Who a job's notification rules name for an event, and how each of them is spoken to (CH-14, X-8)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import structlog
from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncSession

from core.access import Role
from core.channels.model import Channel
from core.configuration.fields import NO_QUIET, FieldProblem
from core.executions.states import Event
from core.i18n import Translator
from core.jobs.model import Job
from core.notices.chats import TELEGRAM, ChatRef
from core.notices.facts import Facts
from core.notices.quiet import CANNOT_WAIT
from core.notices.templates import check_template
from core.organisations.model import Organisation
from core.outbox.model import NO_CHAT
from core.people.repository import reachable
from core.texts import Text

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Listener:
    """A channel or a person's private chat: its language, its quiet hours, its own words by event."""

    chat: ChatRef
    quiet_hours: str | None
    templates: Mapping[str, str] = field(default_factory=dict)

    @property
    def beyond_telegram(self) -> bool:
        return self.chat.chat_id == NO_CHAT

    def own_words(self, facts: Facts, home: Organisation) -> list[Text] | None:
        """Return the notice in the channel's own words; None where the standard text is told."""
        template = self.templates.get(facts.event)
        if template is None:
            return None
        try:
            checked = check_template(facts.event, template)
        except FieldProblem as error:
            # Kept by an older version that knew more placeholders: being told counts for more than how.
            log.warning(
                "template_unusable", channel=self.chat.channel_id, told=facts.event.value, reason=str(error.text)
            )
            return None
        if checked is None:
            return None
        return facts.in_words(checked, Translator(self.chat.locale, home.zone, home.currency)) or None


async def listeners(session: AsyncSession, home: Organisation, job: Job, event: Event) -> list[Listener]:
    """Return who is told of an event of a job.

    When no rule names a chat for it, what somebody must act on goes to the admins themselves,
    and the morning digest to the owners.
    """
    names = [rule["channel"] for rule in job.notify if event in rule["on"]]
    found = await _channels(session, home, names)
    if all(one.beyond_telegram for one in found):
        if event in CANNOT_WAIT:
            found += await _people(session, home, Role.ADMIN)
        elif event is Event.DIGEST:
            found += await _people(session, home, Role.OWNER)
    return found


async def _channels(session: AsyncSession, home: Organisation, names: Sequence[str]) -> list[Listener]:
    if not names:
        return []
    found = await session.scalars(working(home).where(Channel.name.in_(names)))
    listening = (listener_of(home, channel) for channel in found)
    return [one for one in listening if one is not None]


def working(home: Organisation) -> Select[Channel]:
    """Return the query for the channels of an organisation that can be told something."""
    mine = (Channel.organisation_id == home.id, Channel.deleted_at.is_(None))
    return select(Channel).where(*mine, Channel.enabled, Channel.disabled_reason.is_(None)).order_by(Channel.id)


def listener_of(home: Organisation, channel: Channel) -> Listener | None:
    """Return a channel as a listener; None for a Telegram channel whose chat is no number."""
    quiet = home.quiet_hours if channel.quiet_hours is None else channel.quiet_hours
    place: dict[str, Any] = channel.settings if channel.module == TELEGRAM else {"chat_id": NO_CHAT}
    if not isinstance(place.get("chat_id"), int):
        return None
    chat = ChatRef(place["chat_id"], channel.locale or home.locale, place.get("thread_id"), channel.id)
    return Listener(chat, None if quiet == NO_QUIET else quiet, channel.templates)


async def _people(session: AsyncSession, home: Organisation, least: Role) -> list[Listener]:
    """Return the private chats of those who have a role, or a higher one."""
    people = await reachable(session, home.id, least)
    return [Listener(ChatRef(person.telegram_id, person.language(home.locale)), home.quiet_hours) for person in people]
