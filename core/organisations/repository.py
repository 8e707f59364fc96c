"""Finding the organisation, and making the one that everybody starts with."""

from sqlalchemy import Connection, bindparam, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from core.db.base import entity_of, table_of
from core.db.prepared import Prepared
from core.organisations.model import Organisation

DEFAULT_NAME = "Chimera"
_homes = table_of(Organisation).c
_HOME = Prepared(select(*_homes).where(_homes.id == bindparam("one")))


def read_home(connection: Connection, organisation_id: int) -> Organisation:
    """Return an organisation that exists, for reading only."""
    (row,) = _HOME.rows(connection, one=organisation_id)
    return entity_of(Organisation, row)


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
