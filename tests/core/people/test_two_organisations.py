"""Somebody who belongs to two organisations: which one they speak for, where, and what blocks count."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from core.access import Actor, Role
from core.channels.model import Channel
from core.clock import ManualClock
from core.configuration.wanted import Section
from core.db.database import Database
from core.history.recorder import Recorder
from core.organisations.model import Organisation
from core.outbox.writing import Outbox
from core.people.accepting import AcceptInvitation
from core.people.invitations import InvitePerson
from core.people.knowing import Identify
from core.people.model import Person
from tests.kit.configuration import Configuration
from tests.kit.entities import DOCUMENT, RUI, Chain, make_chain

BLUE, GREEN = "Azul", "Verde"
GROUP = -2002


@pytest.fixture
async def blue(database: Database, clock: ManualClock) -> Chain:
    return await make_chain(database, clock, BLUE)


@pytest.fixture
async def green(blue: Chain, database: Database, clock: ManualClock) -> Chain:
    """A second chain whose people are others; Rui, of the first one, comes in by a link."""
    document = DOCUMENT
    for number in (1000, 1001, 1002):
        document = document.replace(f"telegram_id: {number}", f"telegram_id: {number + 500}")
    async with database.writing() as session:
        home = Organisation(name=GREEN, timezone="America/Sao_Paulo", locale="es")
        session.add(home)
        await session.flush()
    configuration = Configuration(database, clock, Actor.system(home.id, "cli"))
    await configuration.apply(document)
    async with database.reading() as session:
        people = await session.scalars(select(Person).where(Person.organisation_id == home.id))
        made = Chain(configuration, {person.telegram_id: person for person in people})
    ana = made.actor(1501)
    recorder = Recorder(clock)
    link = await InvitePerson(database, clock, recorder)(ana, Role.VIEWER, None, lifetime=timedelta(days=1))
    assert await AcceptInvitation(database, clock, recorder, Outbox(clock))(RUI, "Rui", "en", link.code, key="1")
    return made


async def speaks_for(database: Database, group_id: int | None = None) -> tuple[str, str] | None:
    member = await Identify(database)(RUI, group_id)
    return None if member is None else (member.organisation.name, member.person.role)


async def their_id(database: Database, organisation_id: int) -> int:
    async with database.reading() as session:
        wanted = select(Person.id).where(Person.organisation_id == organisation_id, Person.telegram_id == RUI)
        found: int | None = await session.scalar(wanted)
        assert found is not None
        return found


async def block(chain: Chain, *, blocked: bool) -> None:
    owner, database = chain.configuration.actor, chain.configuration.database
    rui = await their_id(database, owner.organisation_id)
    await chain.save(owner, Section.USERS, rui, {"blocked": blocked})


async def test_in_private_the_first_organisation_counts_and_in_a_group_the_one_whose_channel_it_is(
    database: Database, green: Chain
) -> None:
    async with database.writing() as session:
        home = green.configuration.actor.organisation_id
        session.add(Channel(organisation_id=home, name="Green ops", module="telegram", settings={"chat_id": GROUP}))
    assert await speaks_for(database) == (BLUE, "manager")
    assert await speaks_for(database, GROUP) == (GREEN, "viewer")
    assert await speaks_for(database, -9999) == (BLUE, "manager")


async def test_blocked_or_deleted_in_one_they_speak_for_the_other(
    database: Database, blue: Chain, green: Chain
) -> None:
    await block(blue, blocked=True)
    assert await speaks_for(database) == (GREEN, "viewer")
    await block(blue, blocked=False)
    assert await speaks_for(database) == (BLUE, "manager")
    rui = await their_id(database, blue.configuration.actor.organisation_id)
    await blue.delete(blue.configuration.actor, Section.USERS, rui)
    assert await speaks_for(database) == (GREEN, "viewer")


async def test_blocked_in_both_they_are_nobody(database: Database, blue: Chain, green: Chain) -> None:
    await block(blue, blocked=True)
    await block(green, blocked=True)
    assert await speaks_for(database) is None


async def test_a_tag_stands_for_the_stores_of_one_organisation_only(
    blue: Chain, green: Chain, database: Database
) -> None:
    await blue.change(Section.USERS, "Rui", {"stores": {"tags": ["south"]}})
    member = await Identify(database)(RUI, None)
    assert member is not None
    assert member.actor("chat", "en").store_ids == frozenset({await blue.id_of(Section.STORES, "001 Centro")})
