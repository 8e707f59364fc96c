"""What a new chain needs before it runs by itself, and how much of it is done."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import ColumnElement, Connection, Exists, String, and_, bindparam, cast, exists, or_, select

from core.access import Actor, Permission, UseCase
from core.channels.model import Channel
from core.configuration.modules import SOURCE, TARGET, ModuleSettings
from core.connections.model import Integration
from core.db.base import table_of
from core.db.database import Database
from core.db.prepared import Prepared
from core.errors import BadInput, Forbidden
from core.executions.model import Execution
from core.executions.states import State
from core.history.model import Version
from core.jobs.model import Job, JobType
from core.organisations.model import Organisation
from core.organisations.repository import DEFAULT_NAME
from core.people.model import Confirmation, Person
from core.stores.model import Store
from core.texts import T

_Kind = type[Store | Integration | Channel | Job]


class Step(StrEnum):
    """The steps, in the order in which they make sense."""

    NAME = "name"
    SOURCE = "source"
    TARGET = "target"
    STORES = "stores"
    JOB = "job"
    CHANNEL = "channel"
    PIN = "pin"
    RUN = "run"


@dataclass(frozen=True, slots=True)
class FirstSteps:
    """Which steps are done; the PIN is the person's own, and so is whether they put the steps away.

    `has_job` tells that there is a job, though it may be paused or have no schedule, `has_channel` that
    there is a place to tell results in, though no job may tell it anything. Of the steps `off` the
    integration is there, but switched off.
    """

    done: dict[Step, bool]
    put_away: bool
    has_job: bool
    has_channel: bool
    off: frozenset[Step] = frozenset()

    @property
    def left(self) -> list[Step]:
        return [step for step, done in self.done.items() if not done]

    @property
    def due(self) -> bool:
        """Whether the home menu offers them."""
        return bool(self.left) and not self.put_away


_home, _integration = table_of(Organisation).c, table_of(Integration).c
_person, _confirmation = table_of(Person).c, table_of(Confirmation).c
_version = table_of(Version).c
_before = table_of(Version).alias("before").c


def _any(kind: _Kind, *which: ColumnElement[bool]) -> Exists:
    columns = table_of(kind).c
    return exists().where(columns.organisation_id == _home.id, columns.deleted_at.is_(None), *which)


def _named() -> ColumnElement[bool]:
    """Tell whether somebody gave the chain its name, or saved the one it came with as it is (`SaveEntity`).

    That is a version which changes nothing; one that changes something else says nothing of the name.
    """
    same = exists().where(
        *(_before[key] == _version[key] for key in ("entity", "entity_id", "checksum")),
        _before.number == _version.number - 1,
    )
    kept = exists().where(_version.entity == "organisation", _version.entity_id == _home.id, same)
    return or_(_home.name != DEFAULT_NAME, kept)


_jobs, _runs = table_of(Job).c, table_of(Execution).c
_good = or_(*(_runs.state == state.value for state in (State.SUCCESS, State.PARTIAL)))
_synced = (_runs.organisation_id == _home.id, _runs.type == JobType.SYNC_PRODUCTS.value, ~_runs.dry_run, _good)
_linked = _any(Channel, table_of(Channel).c.enabled)
_away = select(_person.steps_put_away).where(_person.id == bindparam("person_id")).scalar_subquery()
_STEPS = Prepared(
    select(
        _named().label(Step.NAME.value),
        _any(Store, table_of(Store).c.active).label(Step.STORES.value),
        _any(Job, _jobs.enabled, _jobs.schedule.is_not(None)).label(Step.JOB.value),
        and_(_linked, _any(Job, _jobs.enabled, cast(_jobs.notify, String) != "[]")).label(Step.CHANNEL.value),
        exists().where(_confirmation.person_id == bindparam("person_id")).label(Step.PIN.value),
        exists().where(*_synced).label(Step.RUN.value),
        _any(Job).label("has_job"),
        _linked.label("has_channel"),
        _away.label("away"),
        _integration.module,
        _integration.enabled,
        _integration.needs_credentials_at.is_(None).label("let_in"),
    )
    .outerjoin_from(
        table_of(Organisation),
        table_of(Integration),
        and_(_integration.organisation_id == _home.id, _integration.deleted_at.is_(None)),
    )
    .where(_home.id == bindparam("home"))
)
"""A row for each integration, or one without a module: home asks at every tap, in one statement."""
_CAPABILITIES = {Step.SOURCE: SOURCE, Step.TARGET: TARGET}


def read_steps(connection: Connection, actor: Actor, modules: ModuleSettings) -> FirstSteps:
    """Return how far the actor's chain is."""
    rows = _STEPS.rows(connection, home=actor.organisation_id, person_id=actor.person_id)
    there = [row for row in rows if row.module is not None]
    able = _able(modules, {row.module for row in there if row.enabled and row.let_in})
    resting = _able(modules, {row.module for row in there if not row.enabled})
    found = {step: capability in able for step, capability in _CAPABILITIES.items()}
    off = frozenset(step for step, capability in _CAPABILITIES.items() if capability in resting and not found[step])
    row = rows[0]
    done = {step: found[step] if step in found else bool(getattr(row, step.value)) for step in Step}
    return FirstSteps(done, bool(row.away), bool(row.has_job), bool(row.has_channel), off)


def _able(modules: ModuleSettings, names: Iterable[str]) -> set[str]:
    """Return what the modules in use can do; one that is broken can do nothing."""
    able: set[str] = set()
    for name in names:
        try:
            able |= modules.capabilities(name)
        except BadInput:
            continue
    return able


class ShowFirstSteps(UseCase):
    """Tell of every step whether it is done."""

    permission = Permission.CONFIGURE

    def __init__(self, database: Database, modules: ModuleSettings) -> None:
        self._database = database
        self._modules = modules

    async def __call__(self, actor: Actor) -> FirstSteps:
        return await self._database.glance(lambda session: read_steps(session.connection(), actor, self._modules))


class PutStepsAway(UseCase):
    """Take the steps off one's own home menu, or put them back there."""

    permission = Permission.CONFIGURE

    def __init__(self, database: Database) -> None:
        self._database = database

    async def __call__(self, actor: Actor, *, away: bool) -> None:
        if actor.person_id is None:
            raise Forbidden(T("Only a person has a home menu of their own."))
        async with self._database.writing() as session:
            person = await session.get_one(Person, actor.person_id)
            person.steps_put_away = away
