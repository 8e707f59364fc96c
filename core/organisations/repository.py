"""Finding the organisation, and making the one that everybody starts with."""

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from core.organisations.model import Organisation

DEFAULT_NAME = "Chimera"


async def ensure_organisation(session: AsyncSession, name: str, timezone: str, locale: str) -> Organisation:
    """Return the first organisation; made from these defaults when there is none yet.

    What is stored wins over the defaults (`rules.md` 6). Of two processes that start at once
    the second one gets what the first one made.
    """
    if (found := await _first(session)) is not None:
        return found
    made = Organisation(name=name, timezone=timezone, locale=locale)
    try:
        async with session.begin_nested():
            session.add(made)
    except IntegrityError:
        return (await session.scalars(select(Organisation).where(Organisation.name == name))).one()
    return made


async def _first(session: AsyncSession) -> Organisation | None:
    found: Organisation | None = await session.scalar(select(Organisation).order_by(Organisation.id).limit(1))
    return found
