"""How people come in, on both databases."""

import hashlib
from datetime import timedelta

import pytest
from sqlalchemy import select

from core.access import Actor, Role
from core.clock import ManualClock
from core.db.database import Database
from core.errors import Conflict, Forbidden
from core.history.model import AuditEntry
from core.history.recorder import Recorder
from core.organisations.model import Organisation
from core.outbox.model import Message
from core.outbox.writing import Outbox
from core.people.claiming import ClaimOwner, EnsureOwner, IssueClaimCode
from core.people.joining import AskForAccess, GrantAccess, GreetStranger, RefuseAccess
from core.people.model import OneTimeCode, Person, Stranger

EVE = 6_000_000_001
"""Larger than 32 bits, as Telegram's ids are today."""


@pytest.fixture
async def home(database: Database, clock: ManualClock) -> int:
    async with database.writing() as session:
        made = Organisation(name="Mercado Azul", timezone="America/Sao_Paulo", locale="en")
        session.add(made)
        await session.flush()
        ana = Person(organisation_id=made.id, telegram_id=1, name="Ana", role="admin", created_at=clock.now())
        ana.private_chat = True
        session.add(ana)
    return made.id


def admin(home: int, role: Role = Role.ADMIN) -> Actor:
    return Actor(home, role, "Ana", "chat", person_id=1, telegram_id=1)


async def asked(database: Database, clock: ManualClock) -> None:
    outbox = Outbox(clock)
    await GreetStranger(database, clock, outbox)(EVE, "Eve", "en", key="tg:1:0")
    assert await AskForAccess(database, clock, outbox)(EVE, "Eve", "en")


def grant(database: Database, clock: ManualClock) -> GrantAccess:
    return GrantAccess(database, clock, Recorder(clock), Outbox(clock))


def refuse(database: Database, clock: ManualClock) -> RefuseAccess:
    return RefuseAccess(database, clock, Recorder(clock), Outbox(clock))


async def test_a_code_has_128_bits_is_kept_hashed_and_the_newest_counts(
    database: Database, clock: ManualClock, home: int
) -> None:
    issue, claim = IssueClaimCode(database, clock), ClaimOwner(database, clock, Recorder(clock))
    first, second = await issue(), await issue()
    assert first is not None
    assert second is not None
    async with database.reading() as session:
        (row,) = await session.scalars(select(OneTimeCode))

    assert len(second) == 22
    assert row.hash == hashlib.sha256(second.encode()).hexdigest()
    assert await claim(EVE, "Eve", first) is None
    owner = await claim(EVE, "Eve", second)
    assert owner is not None
    assert (owner.role, owner.organisation_id, owner.private_chat) == ("owner", home, True)
    assert await claim(EVE + 1, "Mallory", second) is None


async def test_an_admin_named_as_owner_is_promoted_and_that_is_in_the_audit(
    database: Database, clock: ManualClock, home: int
) -> None:
    assert await EnsureOwner(database, clock, Recorder(clock))(1)
    async with database.reading() as session:
        (person,) = await session.scalars(select(Person))
        (entry,) = await session.scalars(select(AuditEntry))

    assert (person.name, person.role) == ("Ana", "owner")
    assert (entry.organisation_id, entry.before, entry.after) == (home, {"role": "admin"}, {"role": "owner"})


async def test_a_grant_lets_in_once_and_tells_the_newcomer(database: Database, clock: ManualClock, home: int) -> None:
    await asked(database, clock)
    assert await grant(database, clock)(admin(home), EVE, Role.VIEWER, locale="en") == "Eve"
    with pytest.raises(Conflict, match="Eve is in, as viewer"):
        await grant(database, clock)(admin(home), EVE, Role.ADMIN, locale="en")
    async with database.reading() as session:
        said = await session.scalars(select(Message).where(Message.chat_id == EVE).order_by(Message.id))
        texts = [one.body["lines"][0]["message"] for one in said]
        assert list(await session.scalars(select(Stranger))) == []

    assert texts[-1] == "You are in, as {role}. Welcome!"


@pytest.mark.parametrize(
    ("own", "given"), [(Role.ADMIN, Role.OWNER), (Role.OWNER, Role.OWNER), (Role.MANAGER, Role.VIEWER)]
)
async def test_nobody_gives_more_than_they_may(
    database: Database, clock: ManualClock, home: int, own: Role, given: Role
) -> None:
    await asked(database, clock)
    with pytest.raises(Forbidden):
        await grant(database, clock)(admin(home, own), EVE, given, locale="en")


async def test_who_never_asked_cannot_be_let_in(database: Database, clock: ManualClock, home: int) -> None:
    with pytest.raises(Conflict):
        await grant(database, clock)(admin(home), EVE, Role.VIEWER, locale="en")


async def test_after_a_refusal_the_next_word_is_heard_a_day_later(
    database: Database, clock: ManualClock, home: int
) -> None:
    await asked(database, clock)
    assert await refuse(database, clock)(admin(home), EVE, locale="en") == "Eve"
    with pytest.raises(Conflict):
        await refuse(database, clock)(admin(home), EVE, locale="en")
    greet = GreetStranger(database, clock, Outbox(clock))
    await greet(EVE, "Eve", "en", key="tg:2:0")
    clock.move(timedelta(days=1))
    await greet(EVE, "Eve", "en", key="tg:3:0")
    async with database.reading() as session:
        keys = {one.dedupe_key for one in await session.scalars(select(Message))}

    assert "tg:2:0" not in keys
    assert "tg:3:0" in keys


async def test_a_person_who_was_switched_off_may_ask_again(database: Database, clock: ManualClock, home: int) -> None:
    async with database.writing() as session:
        made = Person(organisation_id=home, telegram_id=EVE, name="Eve", role="admin", created_at=clock.now())
        made.active = False
        session.add(made)
    await asked(database, clock)
    await grant(database, clock)(admin(home), EVE, Role.VIEWER, locale="en")
    async with database.reading() as session:
        person = await session.scalar(select(Person).where(Person.telegram_id == EVE))

    assert person is not None
    assert (person.active, person.role) == (True, "viewer")
