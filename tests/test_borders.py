"""Two organisations in one database are kept apart (X-4): every use case there is tries to cross.

A new use case is found by itself. Where it asks for something that nothing here knows how to
aim at the other organisation, say so in `Aim.values`.
"""

import inspect
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from dishka import AsyncContainer
from sqlalchemy.orm import Session

from bot.environment import Environment
from bot.wiring import make_container
from core.access import Actor, Role, UseCase
from core.clock import Clock, ManualClock
from core.configuration.wanted import Section
from core.db.database import Database
from core.db.tables import METADATA
from core.entities.audit import Query
from core.entities.bulk import StoreChange
from core.entities.history import Mark
from core.entities.viewing import EntityView
from core.errors import ChimeraError
from core.executions.byhand import Deed
from core.executions.history import Filter
from core.executions.model import Execution, Step
from core.executions.starting import Order
from core.executions.states import Event, Outcome, State
from core.ids import hashed
from core.paging import Paging
from core.people.model import Invitation, Person
from core.redact import Redactor
from core.secrets import SecretBox
from core.stores.pausing import ScopeReach
from handlers.providers import ChatProvider
from tests.kit.entities import DOCUMENT, Chain, make_chain
from tests.kit.use_cases import use_cases

MARK = "Alheio"
"""Part of every name in the other organisation: it may appear in no answer."""
THEIRS = (
    DOCUMENT.replace("001 Centro", f"901 {MARK}")
    .replace("002 São Luís", f"902 {MARK}")
    .replace("name: ERP", f"name: ERP {MARK}")
    .replace("source: ERP", f"source: ERP {MARK}")
    .replace("name: Ops", f"name: Ops {MARK}")
    .replace("channel: Ops", f"channel: Ops {MARK}")
    .replace("name: Daily", f"name: Daily {MARK}")
    .replace("name: Rui", f"name: Rui {MARK}")
)

_OF_A_SECTION = {"section", "entity_id", "marks", "query"}


def use_cases_for(section: Section) -> Iterator[type[UseCase]]:
    """Return all of them for the first section; for others, those to which it makes a difference."""
    for kind in use_cases():
        if section is next(iter(Section)) or _OF_A_SECTION & inspect.signature(kind.__call__).parameters.keys():
            yield kind


class Aim:
    """What a use case of ours is given, all of it belonging to them."""

    def __init__(self, theirs: Chain, execution_id: int, section: Section, entity_id: int, store_id: int) -> None:
        self.given = [f"901 {MARK}", f"Daily {MARK}"]
        rui = next(person for person in theirs.people.values() if MARK in person.name)
        self.values: dict[str, Any] = {
            "execution_id": execution_id,
            "store_id": store_id,
            "store_ids": [store_id],
            "section": section,
            "entity_id": entity_id,
            "fields": {"name": "Taken"},
            "marks": [Mark(entity_id, 1)],
            "number": 1,
            "before": 1,
            "after": 1,
            "query": Query(entity="store", entity_id=entity_id, person_id=rui.id),
            "change": StoreChange.DEACTIVATE,
            "telegram_id": rui.telegram_id,
            "role": Role.VIEWER,
            "locale": "en",
            "key": "border:1",
            "words": self.given[:1],
            "order": Order("border:2", words=self.given[:1], job_name=f"Daily {MARK}"),
            "text": f"version: 1\njobs: [{{name: Daily {MARK}, enabled: false}}]",
            "pin": "829107",
            "typed": "829107",
            "step": 1,
            "code": "1",
            "limit": 10,
            "paging": Paging(),
            "wish": Filter(),
            "message_ids": None,
            "again": False,
            "days": 7,
            "deed": Deed.CLEAR,
            "content": f"nome;cnpj\n901 {MARK};11222333000181\n".encode(),
            "dry_run": False,
            "away": True,
            "paused": True,
            "reach": ScopeReach.STORE,
            "name": f"901 {MARK}",
            "ean": "7891000100103",
            "chat_id": -1001,
            "title": "Taken",
            "scope": None,
            "lifetime": timedelta(days=1),
            "lasting": timedelta(hours=1),
            "invitation_id": 1,
            "event": Event.SUCCESS,
            "template": "{job}: {details}",
            "module": "email",
            "spoken": None,
            "view": EntityView(section, entity_id, "Taken", on=True, version=1, fields={"type": "cleanup"}, secrets={}),
            "slug": "acme-prices",
            "digest": "0" * 64,
        }

    def arguments(self, kind: type[UseCase]) -> dict[str, Any]:
        parameters = list(inspect.signature(kind.__call__).parameters.values())[2:]
        unknown = {one.name for one in parameters if one.default is one.empty} - self.values.keys()
        assert not unknown, f"say in Aim.values how {kind.__name__} is aimed: {unknown}"
        return {one.name: self._value(one) for one in parameters if one.name in self.values}

    def _value(self, parameter: inspect.Parameter) -> Any:
        value = self.values[parameter.name]
        return value[0] if parameter.annotation is str and isinstance(value, list) else value


@pytest.fixture
async def container(database: Database, tmp_path: Path, clock: ManualClock) -> AsyncIterator[AsyncContainer]:
    environment = Environment(
        data_dir=tmp_path, database_url=database.url.render_as_string(hide_password=False), _env_file=None
    )
    box = SecretBox(SecretBox.new_key())
    made = make_container(environment, clock, box, Redactor(), ChatProvider())
    yield made
    await made.close()


@pytest.fixture
async def theirs(database: Database, clock: ManualClock) -> Chain:
    return await make_chain(database, clock, f"{MARK} S.A.", THEIRS)


async def their_run(database: Database, clock: Clock, organisation_id: int, job_id: int, store_id: int) -> int:
    async with database.writing() as session:
        run = Execution(
            organisation_id=organisation_id,
            job_id=job_id,
            type="sync_products",
            state=State.PARTIAL,
            trigger="manual",
            requested_by=MARK,
            requested_by_id=None,
            dedupe_key="theirs",
            correlation_id="c",
            created_at=clock.now(),
            store_ids=[store_id],
        )
        session.add(run)
        await session.flush()
        inviter = await session.scalar(sa.select(Person).where(Person.organisation_id == organisation_id))
        assert inviter is not None
        session.add(
            Invitation(
                organisation_id=organisation_id,
                hash=hashed("theirs"),
                role="viewer",
                invited_by=inviter.id,
                created_at=clock.now(),
                expires_at=clock.now() + timedelta(days=1),
            )
        )
        session.add(Step(execution_id=run.id, store_id=store_id, position=0, outcome=Outcome.HELD, stage="done"))
        return run.id


async def everything_of(database: Database, organisation_id: int) -> str:
    """Return all rows of an organisation, as they are in the database."""
    rows: list[tuple[str, list[tuple[Any, ...]]]] = []

    def look(session: Session) -> None:
        for table in METADATA.sorted_tables:
            wanted = sa.select(table).order_by(*table.primary_key.columns)
            if "organisation_id" in table.columns:
                wanted = wanted.where(table.c.organisation_id == organisation_id)
            elif table.name == "organisations":
                wanted = wanted.where(table.c.id == organisation_id)
            elif table.name != "steps":
                continue
            rows.append((table.name, [tuple(row) for row in session.execute(wanted)]))

    await database.read(look)
    return repr(rows)


@pytest.mark.parametrize("section", Section)
async def test_no_use_case_reaches_across_the_border(
    container: AsyncContainer, theirs: Chain, clock: ManualClock, section: Section
) -> None:
    database = theirs.configuration.database
    home = theirs.configuration.actor
    entity = (await theirs.list(home, section)).rows[0].id
    job = (await theirs.list(home, Section.JOBS)).rows[0].id
    store = (await theirs.list(home, Section.STORES)).rows[0].id
    run = await their_run(database, clock, home.organisation_id, job, store)
    ours = await our_actor(database, clock)
    aim = Aim(theirs, run, section, entity, store)
    before = await everything_of(database, home.organisation_id)
    for kind in use_cases_for(section):
        use_case: Any = await container.get(kind)
        try:
            answer = repr(await use_case(ours, **aim.arguments(kind)))
        except ChimeraError as error:
            answer = repr((error, getattr(error, "problems", [])))
        for given in aim.given:
            answer = answer.replace(given, "")
        assert MARK not in answer, f"{kind.__name__} tells of the other organisation: {answer}"
        assert await everything_of(database, home.organisation_id) == before, f"{kind.__name__} changes it"


async def our_actor(database: Database, clock: ManualClock) -> Actor:
    """Return the owner of a second organisation, which has nothing of its own."""
    async with database.writing() as session:
        await session.execute(
            sa.text("INSERT INTO organisations (name, timezone, locale) VALUES ('Nosso', 'America/Sao_Paulo', 'en')")
        )
    async with database.writing() as session:
        number = await session.scalar(sa.text("SELECT id FROM organisations WHERE name = 'Nosso'"))
        owner = Person(
            organisation_id=number, telegram_id=7007, name="Nina", role=Role.OWNER.key, created_at=clock.now()
        )
        session.add(owner)
        await session.flush()
        actor = owner.actor("chat", "en")
    return replace(actor, confirmed=True)
