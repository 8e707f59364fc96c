"""A configured chain, and every use case that edits it, for tests."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from core.access import Actor
from core.clock import ManualClock
from core.configuration.editing import Edited
from core.configuration.wanted import Section
from core.db.database import Database
from core.entities.audit import SearchAudit
from core.entities.bulk import ChangeStores
from core.entities.changing import Changing
from core.entities.history import RollBack, ShowDifference, ShowHistory, Undo
from core.entities.removing import DeleteEntity, ForetellDeletion, ForetellSwitchOff, RestoreEntity
from core.entities.saving import SaveEntity
from core.entities.viewing import ListEntities, ShowEntity
from core.history.model import AuditEntry, Version
from core.history.recorder import Recorder
from core.people.choosing import SetPin
from core.people.confirming import ConfirmAction, ShowWay
from core.people.model import Person
from tests.kit.configuration import Configuration, make_configuration

DOCUMENT = """\
version: 1
stores:
  - {name: 001 Centro, cnpj: 11222333000181, tags: [south]}
  - {name: 002 São Luís, cnpj: 11222333000262}
integrations:
  - {name: ERP, module: erp, settings: {base_url: "http://127.0.0.1:9000", password: hush-hush-1234}}
  - {name: Loyalty, module: platform, settings: {base_url: "http://127.0.0.1:9100", email: a@b.c, token: tok-1}}
channels:
  - {name: Ops, module: chat, settings: {chat_id: -1001}}
  - {name: Mail, module: mail, settings: {host: mail.example, password: letters}}
jobs:
  - name: Daily
    type: sync_products
    schedule: 10 5 * * *
    stores: [001 Centro]
    settings: {source: ERP, target: Loyalty}
    notify: [{channel: Ops, on: [failure]}]
users:
  - {telegram_id: 1000, name: Olga, role: owner}
  - {telegram_id: 1001, name: Ana, role: admin}
  - {telegram_id: 1002, name: Rui, role: manager, stores: [001 Centro]}
"""
OLGA, ANA, RUI = 1000, 1001, 1002


@dataclass
class Chain:
    """The use cases by name, and who acts: Olga owns, Ana is admin, Rui manages one store."""

    configuration: Configuration
    people: dict[int, Person]

    def __post_init__(self) -> None:
        base = self.configuration
        database, clock, recorder = base.database, base.clock, Recorder(base.clock)
        changing = Changing(base.editor)
        self.list = ListEntities(database)
        self.show = ShowEntity(database, base.box)
        self.save = SaveEntity(database, base.editor)
        self.delete = DeleteEntity(database, changing)
        self.restore = RestoreEntity(database, changing)
        self.foretell = ForetellDeletion(database, clock)
        self.foretell_off = ForetellSwitchOff(database, clock)
        self.history = ShowHistory(database)
        self.difference = ShowDifference(database)
        self.roll_back = RollBack(database, changing)
        self.undo = Undo(database, changing)
        self.change_stores = ChangeStores(database, base.editor)
        self.audit = SearchAudit(database)
        self.set_pin = SetPin(database, clock, recorder)
        self.confirm = ConfirmAction(database, clock, recorder, base.box)
        self.way = ShowWay(database)

    def actor(self, telegram_id: int) -> Actor:
        return self.people[telegram_id].actor("chat", "en")

    @property
    def ana(self) -> Actor:
        return self.actor(ANA)

    async def id_of(self, section: Section, name: str, *, removed: bool = False) -> int:
        listing = await self.list(self.configuration.actor, section, removed=removed)
        (found,) = [item.id for item in listing.rows if item.name == name]
        return found

    async def change(self, section: Section, name: str, fields: dict[str, Any], **options: Any) -> Edited:
        """Let Ana change an entity."""
        edited: Edited = await self.save(self.ana, section, await self.id_of(section, name), fields, **options)
        return edited

    async def field(self, section: Section, name: str, key: str) -> Any:
        view = await self.show(self.configuration.actor, section, await self.id_of(section, name))
        return view.fields[key]

    async def versions(self, section_entity: str, entity_id: int) -> list[Version]:
        async with self.configuration.database.reading() as session:
            wanted = select(Version).where(Version.entity == section_entity, Version.entity_id == entity_id)
            return list(await session.scalars(wanted.order_by(Version.number)))

    async def written_down(self) -> str:
        """Return everything that history keeps, to look for secrets in it."""
        async with self.configuration.database.reading() as session:
            versions = [row.document for row in await session.scalars(select(Version))]
            entries = [(row.before, row.after) for row in await session.scalars(select(AuditEntry))]
        return repr((versions, entries))


async def make_chain(database: Database, clock: ManualClock, name: str = "Chimera", document: str = DOCUMENT) -> Chain:
    configuration = await make_configuration(database, clock, name)
    await configuration.apply(document)
    async with database.reading() as session:
        wanted = select(Person).where(Person.organisation_id == configuration.actor.organisation_id)
        people = {person.telegram_id: person for person in await session.scalars(wanted)}
    return Chain(configuration, people)
