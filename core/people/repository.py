"""Finding people and the organisation that somebody new would belong to."""

from dataclasses import dataclass

from sqlalchemy import bindparam, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Session

from core.access import Role
from core.channels.model import Channel
from core.errors import NotFound
from core.organisations.model import Organisation
from core.people.model import ADMITTED, Person
from core.texts import T

_MEMBERS = (
    select(Person, Organisation)
    .join(Organisation, Organisation.id == Person.organisation_id)
    .where(Person.telegram_id == bindparam("telegram_id"), ADMITTED)
    .order_by(Person.id)
)


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody the bot knows, in the organisation for which they speak here."""

    person: Person
    organisation: Organisation


def find_member(session: Session, telegram_id: int, group_id: int | None) -> Member | None:
    """Return who a Telegram user is, in a group (`group_id`) or in the private chat (None).

    A group that is a channel of an organisation is a place for that organisation's people
    only (X-4); elsewhere the first organisation that knows the person counts.
    """
    found = session.execute(_MEMBERS, {"telegram_id": telegram_id})
    members = [Member(person, organisation) for person, organisation in found]
    if members and group_id is not None and (owners := _organisations_of_chat(session, group_id)):
        members = [member for member in members if member.organisation.id in owners]
    return members[0] if members else None


def _organisations_of_chat(session: Session, chat_id: int) -> set[int]:
    channels = session.scalars(select(Channel).where(Channel.module == "telegram", Channel.deleted_at.is_(None)))
    return {channel.organisation_id for channel in channels if channel.settings.get("chat_id") == chat_id}


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
    wanted = select(Person.id).where(Person.organisation_id == organisation_id, Person.role == Role.OWNER.key, ADMITTED)
    return await session.scalar(wanted.limit(1)) is not None


async def admins_of(session: AsyncSession, organisation_id: int) -> list[Person]:
    """Return the admins and owners that can be written to in private."""
    found = await session.scalars(
        select(Person)
        .where(
            Person.organisation_id == organisation_id,
            ADMITTED,
            Person.private_chat,
            Person.role.in_([Role.ADMIN.key, Role.OWNER.key]),
        )
        .order_by(Person.id)
    )
    return list(found)
