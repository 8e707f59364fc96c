"""Finding people and the organisation that somebody new would belong to."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy import Connection, bindparam, select
from sqlalchemy.ext.asyncio import AsyncSession

from core.access import Actor, Role
from core.channels.model import Channel
from core.db.base import entity_of, table_of
from core.db.prepared import Prepared
from core.errors import NotFound
from core.notices.chats import TELEGRAM
from core.organisations.model import Organisation
from core.people.model import ADMITTED, Person
from core.people.scopes import tagged_stores
from core.texts import T

_person, _home = table_of(Person).columns, table_of(Organisation).columns
_MEMBERS = Prepared(
    select(*_person, *_home)
    .where(_home.id == _person.organisation_id, _person.telegram_id == bindparam("telegram_id"), ADMITTED)
    .order_by(_person.id)
)
_CHANNELS = Prepared(
    select(Channel.organisation_id, Channel.settings, Channel.locale).where(
        Channel.module == TELEGRAM, Channel.deleted_at.is_(None)
    )
)


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody the bot knows, in the organisation for which they speak here.

    `languages` are those of a group by its topic (None: the group itself), where it is a channel with its own;
    `tagged` are the stores that have one of the person's tags now.
    """

    person: Person
    organisation: Organisation
    languages: Mapping[int | None, str] = field(default_factory=dict)
    tagged: frozenset[int] = frozenset()

    def actor(self, source: str, locale: str) -> Actor:
        return self.person.actor(source, locale, self.tagged)

    def language_in(self, thread_id: int | None) -> str:
        """Return what is spoken in the group, or in one of its topics."""
        return self.languages.get(thread_id) or self.languages.get(None) or self.organisation.locale


def find_member(connection: Connection, telegram_id: int, group_id: int | None) -> Member | None:
    """Return who a Telegram user is, in a group (`group_id`) or in the private chat (None).

    A group that is a channel of an organisation is a place for that organisation's people
    only (X-4); elsewhere the first organisation that knows the person counts.
    """
    member = _find(connection, telegram_id, group_id)
    if member is None or not member.person.store_tags:
        return member
    return replace(member, tagged=tagged_stores(connection, member.person))


def _find(connection: Connection, telegram_id: int, group_id: int | None) -> Member | None:
    members = [_member(row) for row in _MEMBERS.rows(connection, telegram_id=telegram_id)]
    if members and group_id is not None and (channels := _channels_of_chat(connection, group_id)):
        owners = {channel.organisation_id for channel in channels}
        members = [member for member in members if member.organisation.id in owners]
        return replace(members[0], languages=_languages(channels, members[0].organisation)) if members else None
    return members[0] if members else None


def _member(row: Sequence[Any]) -> Member:
    split = len(_person)
    return Member(entity_of(Person, row[:split]), entity_of(Organisation, row[split:]))


def _channels_of_chat(connection: Connection, chat_id: int) -> list[Any]:
    return [channel for channel in _CHANNELS.rows(connection) if channel.settings.get("chat_id") == chat_id]


def _languages(channels: list[Any], home: Organisation) -> dict[int | None, str]:
    ours = (one for one in channels if one.organisation_id == home.id)
    return {one.settings.get("thread_id"): one.locale for one in ours if one.locale is not None}


async def first_organisation(session: AsyncSession) -> Organisation:
    """Return the organisation that people join who come without an invitation."""
    organisation = await session.scalar(select(Organisation).order_by(Organisation.id).limit(1))
    if organisation is None:
        raise NotFound(T("There is no organisation yet."))
    return organisation


async def find_person(session: AsyncSession, organisation_id: int, telegram_id: int) -> Person | None:
    """Return somebody's row in an organisation, active or not."""
    wanted = select(Person).where(Person.organisation_id == organisation_id, Person.telegram_id == telegram_id)
    found: Person | None = await session.scalar(wanted)
    return found


async def is_blocked(session: AsyncSession, telegram_id: int) -> bool:
    """Tell whether somebody is blocked in any organisation."""
    wanted = select(Person.id).where(Person.telegram_id == telegram_id, Person.active, Person.blocked)
    return await session.scalar(wanted.limit(1)) is not None


async def owner_exists(session: AsyncSession, organisation_id: int) -> bool:
    """Tell whether the organisation has an owner who is let in."""
    wanted = select(Person.id).where(Person.organisation_id == organisation_id, Person.role == Role.OWNER.key, ADMITTED)
    return await session.scalar(wanted.limit(1)) is not None


async def admins_of(session: AsyncSession, organisation_id: int) -> list[Person]:
    """Return the admins and owners that can be written to in private."""
    return await reachable(session, organisation_id, Role.ADMIN)


async def reachable(session: AsyncSession, organisation_id: int, least: Role) -> list[Person]:
    """Return who has a role, or a higher one, and can be written to in private."""
    roles = [role.key for role in Role if role >= least]
    found = await session.scalars(
        select(Person)
        .where(Person.organisation_id == organisation_id, ADMITTED, Person.private_chat, Person.role.in_(roles))
        .order_by(Person.id)
    )
    return list(found)
