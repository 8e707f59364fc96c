"""Blocked people: members still, yet nobody to the bot; and the last owner who stays whatever happens."""

import asyncio
from collections.abc import Awaitable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from core.access import Actor, Role
from core.clock import ManualClock
from core.configuration.problems import BadFields
from core.configuration.wanted import Section
from core.db.database import Database
from core.entities.history import Mark
from core.errors import ChimeraError, Conflict, Forbidden
from core.executions.states import Event
from core.history.recorder import Recorder
from core.jobs.model import Job
from core.notices.listeners import listeners
from core.organisations.model import Organisation
from core.outbox.model import Message
from core.outbox.writing import Outbox
from core.people.accepting import AcceptInvitation
from core.people.confirming import ConfirmationMissing
from core.people.invitations import InvitePerson, ListInvitations
from core.people.joining import AskForAccess, GrantAccess, GreetStranger
from core.people.knowing import Identify
from core.people.model import Person, Stranger
from tests.kit.entities import ANA, OLGA, RUI, Chain, make_chain

USERS = Section.USERS


@pytest.fixture
async def chain(database: Database, clock: ManualClock) -> Chain:
    return await make_chain(database, clock)


async def put(chain: Chain, name: str, actor: Actor | None = None, **fields: object) -> None:
    await chain.save(actor or chain.configuration.actor, USERS, await chain.id_of(USERS, name), fields)


async def rows(chain: Chain, table: type[Any]) -> list[Any]:
    async with chain.configuration.database.reading() as session:
        return list(await session.scalars(select(table)))


async def test_who_is_blocked_is_nobody_at_the_next_update_and_again_somebody_when_let_in(chain: Chain) -> None:
    identify = Identify(chain.configuration.database)
    await put(chain, "Rui", chain.ana, blocked=True)
    assert await identify(RUI, None) is None
    (shown,) = [one for one in (await chain.list(chain.ana, USERS)).rows if one.name == "Rui"]
    assert (shown.on, shown.fields["blocked"]) == (False, True)
    await put(chain, "Rui", chain.ana, blocked=False)
    member = await identify(RUI, None)
    assert member is not None
    assert member.person.store_ids == chain.people[RUI].store_ids


async def test_blocking_is_a_version_like_any_change_and_can_be_taken_back(chain: Chain) -> None:
    edited = await chain.save(chain.ana, USERS, chain.people[RUI].id, {"blocked": True})
    await chain.undo(chain.ana, USERS, [Mark(chain.people[RUI].id, edited.version)])
    assert await Identify(chain.configuration.database)(RUI, None) is not None


async def test_a_document_that_says_nothing_of_it_lets_nobody_in_again(chain: Chain) -> None:
    await put(chain, "Rui", blocked=True)
    await chain.configuration.apply("version: 1\nusers: [{telegram_id: 1002, name: Rui, role: viewer}]")
    assert await Identify(chain.configuration.database)(RUI, None) is None
    assert "blocked: true" in await chain.configuration.export()


async def test_who_is_blocked_is_not_greeted_cannot_ask_and_comes_in_by_no_link(
    chain: Chain, database: Database, clock: ManualClock
) -> None:
    outbox, recorder = Outbox(clock), Recorder(clock)
    link = await InvitePerson(database, clock, recorder)(chain.ana, Role.ADMIN, None, lifetime=timedelta(days=1))
    await put(chain, "Rui", blocked=True)
    await GreetStranger(database, clock, outbox)(RUI, "Rui", "en", key="1")
    assert not await AskForAccess(database, clock, outbox)(RUI, "Rui", "en")
    assert await AcceptInvitation(database, clock, recorder, outbox)(RUI, "Rui", "en", link.code, key="2")
    assert await rows(chain, Message) == []
    assert await Identify(database)(RUI, None) is None


async def test_an_old_request_of_who_is_blocked_or_in_by_now_is_not_granted(
    chain: Chain, database: Database, clock: ManualClock
) -> None:
    now = clock.now()
    async with database.writing() as session:
        session.add_all([Stranger(telegram_id=one, name="Old", answered_at=now, asked_at=now) for one in (OLGA, RUI)])
    grant = GrantAccess(database, clock, Recorder(clock), Outbox(clock))
    await put(chain, "Rui", blocked=True)
    with pytest.raises(Conflict, match="Rui is blocked"):
        await grant(chain.ana, RUI, Role.VIEWER, locale="en")
    with pytest.raises(Conflict, match="Olga is in, as owner"):
        await grant(chain.ana, OLGA, Role.VIEWER, locale="en")
    assert {one.telegram_id: one.role for one in await rows(chain, Person)}[OLGA] == "owner"


async def test_links_of_who_is_blocked_let_nobody_in(chain: Chain, database: Database, clock: ManualClock) -> None:
    await InvitePerson(database, clock, Recorder(clock))(chain.ana, Role.VIEWER, None, lifetime=timedelta(days=1))
    await put(chain, "Ana", blocked=True)
    assert await ListInvitations(database, clock)(chain.actor(OLGA)) == []


async def test_what_still_waited_for_who_is_blocked_or_deleted_is_not_sent(
    chain: Chain, database: Database, clock: ManualClock
) -> None:
    async with database.writing() as session:
        for number, who in enumerate((RUI, ANA, OLGA)):
            home = chain.ana.organisation_id
            session.add(
                Message(
                    organisation_id=home,
                    chat_id=who,
                    thread_id=None,
                    priority=1,
                    body={},
                    dedupe_key=str(number),
                    created_at=clock.now(),
                )
            )
    await put(chain, "Rui", blocked=True)
    await chain.delete(chain.configuration.actor, USERS, chain.people[ANA].id)
    assert [one.chat_id for one in await rows(chain, Message)] == [OLGA]


async def test_admins_who_are_blocked_are_told_of_nothing(chain: Chain, database: Database) -> None:
    async with database.writing() as session:
        for person in [await session.get_one(Person, chain.people[one].id) for one in (OLGA, ANA)]:
            person.private_chat = True
    await put(chain, "Ana", blocked=True)
    async with database.reading() as session:
        job = await session.get_one(Job, await chain.id_of(Section.JOBS, "Daily"))
        job.notify = []
        told = await listeners(session, await session.get_one(Organisation, job.organisation_id), job, Event.HELD)
    assert [one.chat.chat_id for one in told] == [OLGA]


async def test_nobody_blocks_themselves_or_a_higher_role(chain: Chain) -> None:
    with pytest.raises(BadFields) as caught:
        await put(chain, "Ana", chain.ana, blocked=True)
    assert "your own access" in str(caught.value.problems[0])
    with pytest.raises(BadFields):
        await put(chain, "Olga", chain.ana, blocked=True)


async def test_an_owner_is_blocked_with_the_pin_only(chain: Chain) -> None:
    await put(chain, "Ana", role="owner")
    with pytest.raises(ConfirmationMissing):
        await put(chain, "Ana", chain.actor(OLGA), blocked=True)


@pytest.mark.parametrize("fields", [{"blocked": True}, {"role": "admin"}])
async def test_the_last_owner_is_neither_blocked_nor_demoted(chain: Chain, fields: dict[str, Any]) -> None:
    with pytest.raises(BadFields) as caught:
        await put(chain, "Olga", **fields)
    assert "last owner" in str(caught.value.problems[0])


async def test_the_last_owner_who_kept_one_store_only_takes_all_of_them_again(chain: Chain) -> None:
    await put(chain, "Olga", stores=["001 Centro"])
    (olga,) = [one for one in await rows(chain, Person) if one.telegram_id == OLGA]
    assert len(olga.store_ids) == 1
    await put(chain, "Olga", replace(olga.actor("chat", "en"), confirmed=True), stores="all")
    (olga,) = [one for one in await rows(chain, Person) if one.telegram_id == OLGA]
    assert olga.store_ids is None


async def test_an_owner_who_is_blocked_is_no_other_owner(chain: Chain) -> None:
    await put(chain, "Ana", role="owner", blocked=True)
    with pytest.raises(BadFields):
        await put(chain, "Olga", blocked=True)
    with pytest.raises(Conflict, match="last owner"):
        await chain.delete(chain.configuration.actor, USERS, chain.people[OLGA].id)
    await chain.delete(chain.configuration.actor, USERS, chain.people[ANA].id)


@pytest.mark.parametrize("way", ["block", "delete", "demote"])
async def test_two_owners_who_turn_on_each_other_at_once_leave_one(chain: Chain, way: str) -> None:
    await put(chain, "Ana", role="owner")
    fields: dict[str, dict[str, Any]] = {"block": {"blocked": True}, "demote": {"role": "viewer"}}

    def turn(me: int, other: int) -> Awaitable[object]:
        actor = replace(chain.actor(me), role=Role.OWNER, confirmed=True)
        if way == "delete":
            return chain.delete(actor, USERS, chain.people[other].id)
        return chain.save(actor, USERS, chain.people[other].id, fields[way])

    done = await asyncio.gather(turn(OLGA, ANA), turn(ANA, OLGA), return_exceptions=True)
    assert len([one for one in done if isinstance(one, ChimeraError)]) == 1, done
    left = [one for one in await rows(chain, Person) if one.role == "owner" and one.admitted]
    assert len(left) == 1


async def test_a_manager_blocks_nobody(chain: Chain) -> None:
    with pytest.raises(Forbidden):
        await put(chain, "Ana", chain.actor(RUI), blocked=True)
