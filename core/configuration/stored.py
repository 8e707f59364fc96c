"""What is stored, in the document's own words: one mapping of fields per entity, without secrets."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Generic, TypeVar

from sqlalchemy import BindParameter, Select, bindparam, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Session

from core.channels.model import Channel
from core.connections.model import Integration
from core.i18n import CURRENCY
from core.jobs.model import Job
from core.organisations.model import Organisation
from core.people.model import Person
from core.stores.model import Store
from core.stores.opening import DEFAULT_OPENING

Fields = dict[str, Any]
_home: BindParameter[int] = bindparam("organisation_id")
_OTHERS = select(Organisation.name).where(Organisation.id != _home)
PEOPLE = select(Person).where(Person.organisation_id == _home).order_by(Person.telegram_id)
R = TypeVar("R", Store, Integration, Channel, Job)
S = TypeVar("S", bound=Store | Integration | Channel | Job)

NEW_ORGANISATION: Fields = {"currency": CURRENCY, "quiet_hours": None}
NEW_STORE: Fields = {
    "tags": [],
    "limit": None,
    "timezone": None,
    "opening": DEFAULT_OPENING,
    "unit": None,
    "platform_registration": None,
    "active": True,
    "cut_over": True,
}
NEW_CONNECTED: Fields = {"settings": {}, "enabled": True}
NEW_CHANNEL: Fields = NEW_CONNECTED | {"locale": None, "quiet_hours": None, "templates": {}}
NEW_JOB: Fields = {"schedule": None, "stores": {"all": True}, "settings": {}, "notify": [], "enabled": True}
NEW_PERSON: Fields = {"locale": None, "may_release": False, "stores": None, "blocked": False}


@dataclass(frozen=True, slots=True)
class Shelf(Generic[R]):
    """Rows of one kind by name: those in use, and removed ones, whose names are still taken."""

    live: dict[str, R]
    removed: dict[str, R]


@dataclass(frozen=True, slots=True)
class Stored:
    """One organisation's whole configuration. `people` is by Telegram id, with the inactive ones."""

    organisation: Organisation
    other_organisations: frozenset[str]
    stores: Shelf[Store]
    integrations: Shelf[Integration]
    channels: Shelf[Channel]
    jobs: Shelf[Job]
    people: dict[int, Person]


async def load_stored(session: AsyncSession, organisation_id: int, *, lock: bool = False) -> Stored:
    """Load the configuration within a unit of work; `lock` makes other writers of it wait."""
    return await session.run_sync(read_stored, organisation_id, lock=lock)


def read_stored(session: Session, organisation_id: int, *, lock: bool = False) -> Stored:
    """Load the configuration, as a unit of work of its own or in another one."""
    organisation = session.get_one(Organisation, organisation_id, with_for_update=lock or None)
    ours = {"organisation_id": organisation_id}
    return Stored(
        organisation=organisation,
        other_organisations=frozenset(session.scalars(_OTHERS, ours)),
        stores=_shelf(session, Store, organisation_id),
        integrations=_shelf(session, Integration, organisation_id),
        channels=_shelf(session, Channel, organisation_id),
        jobs=_shelf(session, Job, organisation_id),
        people={person.telegram_id: person for person in session.scalars(PEOPLE, ours)},
    )


def _shelf(session: Session, kind: type[R], organisation_id: int) -> Shelf[R]:
    rows = list(session.scalars(all_of(kind), {"organisation_id": organisation_id}))
    rows.sort(key=lambda row: row.name)
    return Shelf(
        {row.name: row for row in rows if row.deleted_at is None},
        {row.name: row for row in rows if row.deleted_at is not None},
    )


@cache
def all_of(kind: type[S]) -> Select[S]:
    """Return the statement for all rows of a kind; built once, since that costs more than running it."""
    return select(kind).where(kind.organisation_id == _home)


def organisation_fields(row: Organisation) -> Fields:
    """Return a chain's fields in the document's words."""
    return {"name": row.name, "timezone": row.timezone, "locale": row.locale} | {
        key: getattr(row, key) for key in NEW_ORGANISATION
    }


def store_fields(row: Store) -> Fields:
    """Return a store's fields in the document's words."""
    return {"name": row.name, "cnpj": row.cnpj} | {key: getattr(row, key) for key in NEW_STORE}


def new_connected(row: Integration | Channel) -> Fields:
    """Return what counts where an integration or channel says nothing."""
    return NEW_CHANNEL if isinstance(row, Channel) else NEW_CONNECTED


def connected_fields(row: Integration | Channel) -> Fields:
    """Return an integration's or a channel's fields in the document's words, without secrets."""
    return {"name": row.name, "module": row.module} | {key: getattr(row, key) for key in new_connected(row)}


def job_fields(row: Job) -> Fields:
    """Return a job's fields in the document's words."""
    return {"name": row.name, "type": row.type} | {key: getattr(row, key) for key in NEW_JOB}


def person_fields(row: Person, store_names: Mapping[int, str]) -> Fields:
    """Return a person's fields; `store_names` are the names by id of the stores in use."""
    return {
        "telegram_id": row.telegram_id,
        "name": row.name,
        "role": row.role,
        "locale": row.locale,
        "may_release": row.may_release,
        "stores": scope_fields(row.store_ids, row.store_tags, store_names),
        "blocked": row.blocked,
    }


def scope_fields(ids: list[int] | None, tags: list[str], store_names: Mapping[int, str]) -> Any:
    """Return which stores a person sees as the document writes it; None means all."""
    if ids is None:
        return None
    names = [store_names[id_] for id_ in ids if id_ in store_names]
    if not tags:
        return names
    return {"tags": list(tags), "names": names} if names else {"tags": list(tags)}


def recorded(row: Organisation | Store | Integration | Channel | Job | Person) -> Fields:
    """Return what versions and the audit keep of an entity: secrets by name only, people by their ids."""
    match row:
        case Organisation():
            return organisation_fields(row)
        case Store():
            return store_fields(row)
        case Integration() | Channel():
            return connected_fields(row) | {"secrets": sorted(row.secrets)}
        case Job():
            return job_fields(row)
        case Person():
            kept = ("telegram_id", "role", "locale", "may_release", "active", "blocked")
            return {key: getattr(row, key) for key in kept} | {"store_ids": row.store_ids, "store_tags": row.store_tags}
