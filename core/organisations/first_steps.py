"""What a new chain needs before its first run, and how much of it is done."""

from collections.abc import Iterable
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnExpressionArgument, Select, select
from sqlalchemy.ext.asyncio import AsyncSession

from core.access import Actor, Permission, UseCase
from core.channels.model import Channel
from core.configuration.modules import SOURCE, TARGET, ModuleSettings
from core.connections.model import Integration
from core.db.database import Database
from core.errors import BadInput
from core.jobs.model import Job
from core.organisations.model import Organisation
from core.organisations.repository import DEFAULT_NAME
from core.people.model import Pin
from core.stores.model import Store

_Kind = type[Store | Integration | Channel | Job]
_Condition = ColumnExpressionArgument[bool]


class Step(StrEnum):
    """The steps, in the order in which they make sense."""

    NAME = "name"
    SOURCE = "source"
    TARGET = "target"
    STORES = "stores"
    JOB = "job"
    CHANNEL = "channel"
    PIN = "pin"


class ShowFirstSteps(UseCase):
    """Tell of every step whether it is done; the PIN is the actor's own."""

    permission = Permission.CONFIGURE

    def __init__(self, database: Database, modules: ModuleSettings) -> None:
        self._database = database
        self._modules = modules

    async def __call__(self, actor: Actor) -> dict[Step, bool]:
        home = actor.organisation_id
        async with self._database.reading() as session:
            working = (Integration.enabled, Integration.needs_credentials_at.is_(None))
            found = await session.scalars(_of(Integration, home, *working))
            able = self._able(one.module for one in found)
            return {
                Step.NAME: (await session.get_one(Organisation, home)).name != DEFAULT_NAME,
                Step.SOURCE: SOURCE in able,
                Step.TARGET: TARGET in able,
                Step.STORES: await _any(session, Store, home, Store.active),
                Step.JOB: await _any(session, Job, home, Job.enabled),
                Step.CHANNEL: await _any(session, Channel, home, Channel.enabled),
                Step.PIN: actor.person_id is not None and await session.get(Pin, actor.person_id) is not None,
            }

    def _able(self, modules: Iterable[str]) -> set[str]:
        """Return what the modules in use can do; one that is broken can do nothing."""
        able: set[str] = set()
        for name in modules:
            try:
                able |= self._modules.capabilities(name)
            except BadInput:
                continue
        return able


def _of(kind: _Kind, home: int, *which: _Condition) -> Select[Any]:
    return select(kind).where(kind.organisation_id == home, kind.deleted_at.is_(None), *which)


async def _any(
    session: AsyncSession,
    kind: _Kind,
    home: int,
    which: _Condition,
) -> bool:
    return await session.scalar(_of(kind, home, which).limit(1)) is not None
