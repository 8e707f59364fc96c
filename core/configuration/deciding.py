"""Puts the sections together: everything that shall change, or all the reasons why nothing may."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from core.access import Actor, Role
from core.channels.model import Channel
from core.configuration.modules import ModuleSettings
from core.configuration.reading import Draft
from core.configuration.references import JobSettler, World
from core.configuration.settling import ConnectedSettler, UserSettler, settle_organisation, settle_stores
from core.configuration.stored import Fields, Stored
from core.configuration.wanted import Row, Section, Wanted, match_rows
from core.connections.model import Integration
from core.forms.words import folded
from core.jobs.model import Job
from core.organisations.model import Organisation
from core.people.model import Person
from core.secrets import SecretBox
from core.stores.model import Store
from core.texts import T

S = TypeVar("S", Store, Integration, Channel, Job)


@dataclass(slots=True)
class Decision:
    """All entities that the document concerns. `absent` are stored ones that a section leaves out."""

    organisation: Wanted[Organisation]
    stores: list[Wanted[Store]]
    integrations: list[Wanted[Integration]]
    channels: list[Wanted[Channel]]
    jobs: list[Wanted[Job]] = field(default_factory=list)
    users: list[Wanted[Person]] = field(default_factory=list)
    absent: dict[Section, list[Row]] = field(default_factory=dict)

    def wanted(self) -> list[Wanted[Row]]:
        """Return all of them in the order of the document."""
        one: list[Wanted[Row]] = [self.organisation]
        return [*one, *self.stores, *self.integrations, *self.channels, *self.jobs, *self.users]


def decide(
    draft: Draft,
    stored: Stored,
    actor: Actor,
    modules: ModuleSettings,
    box: SecretBox,
    *,
    prune: bool,
    unfinished: bool = False,
) -> Decision:
    """Compare the document with what is stored. Raises BadInput with all problems of both steps.

    With `unfinished`, an entry may lack secrets that it needs: it is switched off until they come.
    """
    connected = ConnectedSettler(draft.problems, modules, box, unfinished=unfinished)
    decision = Decision(
        organisation=settle_organisation(draft, stored),
        stores=settle_stores(draft, stored),
        integrations=connected.settle(Section.INTEGRATIONS, draft.integrations, stored.integrations),
        channels=connected.settle(Section.CHANNELS, draft.channels, stored.channels),
    )
    shelves: list[tuple[Section, Mapping[str, Row], Iterable[Wanted[Row]]]] = [
        (Section.STORES, stored.stores.live, decision.stores),
        (Section.INTEGRATIONS, stored.integrations.live, decision.integrations),
        (Section.CHANNELS, stored.channels.live, decision.channels),
    ]
    for section, live, wanted in shelves:
        decision.absent[section] = _unnamed(live, wanted)
        gone = prune and section in draft.sections
        _refuse_lookalikes(draft, [] if gone else decision.absent[section], wanted)
    world = _world(draft, decision, pruned=draft.sections if prune else frozenset())
    _settle_jobs(draft, stored, decision, JobSettler(draft.problems, modules, world), prune=prune)
    _settle_users(draft, stored, decision, actor, world)
    draft.problems.raise_any()
    decision.absent = {section: rows for section, rows in decision.absent.items() if section in draft.sections and rows}
    return decision


def _refuse_lookalikes(draft: Draft, absent: Iterable[Row], wanted: Iterable[Wanted[Row]]) -> None:
    """Refuse a new name that differs from another one only in what people leave out when they type it.

    Names are what entities are known by: with “Centro” and “centro” somebody pauses, or sends to, the wrong one.
    """
    known = {_as_typed(row.name): row.name for row in absent}
    for item in sorted(wanted, key=lambda one: one.before is None or one.renamed):
        other = known.setdefault(_as_typed(item.name), item.name)
        if other != item.name and (item.before is None or item.renamed):
            problem = T("differs from “{other}” only in capitals, accents or blanks. Take another one.", other=other)
            draft.problems.add((*item.path, "name"), problem)


def _as_typed(name: str) -> str:
    return " ".join(folded(name).split())


def _unnamed(live: Mapping[str, Row], wanted: Iterable[Wanted[Row]]) -> list[Row]:
    named = {id(item.row) for item in wanted}
    return [row for row in live.values() if id(row) not in named]


def _world(draft: Draft, decision: Decision, *, pruned: frozenset[str]) -> World:
    """Return the names that jobs may use. Entries with problems count, so that one mistake is told once."""
    stores: dict[str, frozenset[str]] = dict.fromkeys(draft.lost["stores"], frozenset())
    integrations: dict[str, str | None] = dict.fromkeys(draft.lost["integrations"])
    channels = set(draft.lost["channels"]) | {item.entry.name for item in draft.channels}
    integrations |= {item.entry.name: item.entry.module for item in draft.integrations}
    for section, rows in decision.absent.items():
        for row in rows if section not in pruned else ():
            match row:
                case Store():
                    stores[row.name] = frozenset(row.tags)
                case Integration():
                    integrations[row.name] = row.module
                case Channel():
                    channels.add(row.name)
    stores |= {item.name: frozenset(item.after["tags"]) for item in decision.stores}
    integrations |= {item.name: item.after["module"] for item in decision.integrations}
    renamed = {
        Section.STORES: _renamed(decision.stores),
        Section.INTEGRATIONS: _renamed(decision.integrations),
        Section.CHANNELS: _renamed(decision.channels),
    }
    return World(stores, integrations, frozenset(channels), renamed)


def _renamed(wanted: Iterable[Wanted[Row]]) -> dict[str, str]:
    return {item.before["name"]: item.after["name"] for item in wanted if item.before and item.renamed}


def _settle_jobs(draft: Draft, stored: Stored, decision: Decision, settler: JobSettler, *, prune: bool) -> None:
    decision.jobs = settler.settle(match_rows(draft.jobs, stored.jobs))
    absent = _unnamed(stored.jobs.live, decision.jobs)
    decision.absent[Section.JOBS] = absent
    gone = prune and Section.JOBS in draft.sections
    _refuse_lookalikes(draft, [] if gone else absent, decision.jobs)
    if not gone:
        decision.jobs += settler.follow([row for row in absent if isinstance(row, Job)], ("jobs",))


def _settle_users(draft: Draft, stored: Stored, decision: Decision, actor: Actor, world: World) -> None:
    names = {row.id: row.name for row in decision.absent[Section.STORES] if isinstance(row, Store)}
    names |= {item.row.id: item.name for item in decision.stores if item.row is not None}
    names = {id_: name for id_, name in names.items() if name in world.stores}
    decision.users = UserSettler(draft, stored, actor, set(world.stores), world.tags).settle(names)
    named = {item.after["telegram_id"] for item in decision.users}
    active = [person for person in stored.people.values() if person.active]
    left = [person for person in active if person.telegram_id not in named]
    coming = [item for item in decision.users if _owns(item.after)]
    owners = [person for person in left if person.admitted and person.role == Role.OWNER.key]
    had_owner = any(person.admitted and person.role == Role.OWNER.key for person in active)
    if had_owner and not coming and not owners:
        lost = next(item for item in decision.users if item.before and _owns(item.before))
        field = "blocked" if lost.after.get("role") == Role.OWNER.key else "role"
        draft.problems.add((*lost.path, field), T("this is the last owner. Name another owner first."))
    spared = {owners[0].id} if owners and not coming else set()
    decision.absent[Section.USERS] = [
        person
        for person in left
        if person.id not in spared | {actor.person_id} and Role.named(person.role) <= actor.role
    ]


def _owns(fields: Fields) -> bool:
    """Tell whether somebody is an owner who may act as one."""
    return fields.get("role") == Role.OWNER.key and not fields["blocked"]
