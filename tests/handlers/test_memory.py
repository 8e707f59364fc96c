"""What conversations keep: sealed forms that survive restarts, locks that are forgotten."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from aiogram.fsm.storage.base import StorageKey

from core.chat.memory import Memories, remember
from core.chat.model import Button, DialogState, ReceivedUpdate
from core.chat.updates import Updates
from core.clock import ManualClock
from core.people.model import Stranger
from core.secrets import SecretBox
from handlers.isolation import Isolation
from handlers.storage import SqlStorage
from tests.handlers.kit import ANA, BOX, Desk
from tests.kit.databases import Databases
from tests.kit.postgres import PostgresServer

KEY = StorageKey(bot_id=42, chat_id=ANA, user_id=ANA)


def storage(desk: Desk, box: SecretBox = BOX) -> SqlStorage:
    return SqlStorage(Memories(desk.database), desk.clock, box)


async def test_state_and_data_are_there_after_a_restart_and_sealed_meanwhile(desk: Desk) -> None:
    await storage(desk).set_state(KEY, "form:password")
    await storage(desk).set_data(KEY, {"password": "hunter2-in-clear", "page": 3})

    assert await storage(desk).get_state(KEY) == "form:password"
    assert await storage(desk).get_data(KEY) == {"password": "hunter2-in-clear", "page": 3}
    (row,) = await desk.rows(DialogState)
    assert "hunter2" not in row.data


async def test_a_cleared_conversation_leaves_no_row(desk: Desk) -> None:
    await storage(desk).set_state(KEY, "form:name")
    await storage(desk).set_data(KEY, {"a": 1})
    await storage(desk).set_state(KEY, None)
    await storage(desk).set_data(KEY, {})

    assert await desk.rows(DialogState) == []
    assert await storage(desk).get_data(KEY) == {}


async def test_no_copy_of_a_secret_outlives_its_form_in_memory(desk: Desk) -> None:
    one, form = storage(desk), {"password": "hunter2-in-clear"}
    for after in ({"saved": True}, {}):
        await one.set_data(KEY, form)
        assert "hunter2" in repr(one._held)
        await one.set_data(KEY, after)
        assert "hunter2" not in repr(one._held)


async def test_a_form_that_is_swept_by_its_age_does_not_live_on_in_memory(desk: Desk) -> None:
    kept, other = storage(desk), replace(KEY, user_id=1)
    await kept.set_data(KEY, {"password": "hunter2-in-clear"})
    desk.clock.move(timedelta(days=8))
    await (await desk.container.get(Updates)).sweep()

    await kept.set_data(other, {"page": 1})
    assert "hunter2" not in repr(kept._held)
    assert await kept.get_data(KEY) == {}
    assert await kept.get_data(other) == {"page": 1}


async def test_what_is_no_json_is_refused_before_anything_is_written(desk: Desk) -> None:
    with pytest.raises(TypeError):
        await storage(desk).set_data(KEY, {"price": Decimal("1.00")})
    assert await desk.rows(DialogState) == []


async def test_a_form_sealed_with_a_lost_key_begins_anew(desk: Desk) -> None:
    await storage(desk).set_data(KEY, {"a": 1})

    assert await storage(desk, SecretBox(SecretBox.new_key())).get_data(KEY) == {}


async def test_conversations_are_kept_apart(desk: Desk) -> None:
    other = StorageKey(bot_id=42, chat_id=ANA, user_id=ANA, destiny="aiogd:context:1")
    await storage(desk).set_data(KEY, {"a": 1})
    await storage(desk).set_data(other, {"a": 2})

    assert (await storage(desk).get_data(KEY), await storage(desk).get_data(other)) == ({"a": 1}, {"a": 2})


async def test_what_an_update_left_counts_once_it_is_written_and_not_before(desk: Desk) -> None:
    kept = storage(desk)
    await kept.set_data(KEY, {"page": 1})

    with kept.collecting():
        await kept.set_data(KEY, {"page": 2})
    assert await kept.get_data(KEY) == {"page": 1}

    with kept.collecting() as unit:
        await kept.set_data(KEY, {"page": 3})
    await desk.database.write(lambda session: remember(session.connection(), unit.memories, desk.clock.now()))
    kept.written(unit)
    assert await kept.get_data(KEY) == await storage(desk).get_data(KEY) == {"page": 3}


async def test_what_another_process_wrote_counts_at_once(
    postgres: PostgresServer, databases: Databases, clock: ManualClock
) -> None:
    with postgres.lent() as url:
        async with databases.at(url) as database:
            here, there = SqlStorage(Memories(database), clock, BOX), SqlStorage(Memories(database), clock, BOX)
            await here.set_data(KEY, {"page": 1})
            assert await there.get_data(KEY) == {"page": 1}
            await there.set_data(KEY, {"page": 2})

            assert await here.get_data(KEY) == {"page": 2}


async def test_more_conversations_than_are_held_in_memory_are_all_kept(desk: Desk) -> None:
    kept = storage(desk)
    keys = [replace(KEY, user_id=number) for number in range(600)]
    with kept.collecting() as unit:
        for number, key in enumerate(keys):
            await kept.set_data(key, {"page": number})
    await desk.database.write(lambda session: remember(session.connection(), unit.memories, desk.clock.now()))
    kept.written(unit)

    assert [(await kept.get_data(key))["page"] for key in keys] == list(range(600))


async def test_forgotten_forms_and_old_buttons_are_swept_by_age(desk: Desk) -> None:
    await storage(desk).set_data(KEY, {"a": 1})
    now = desk.clock.now()
    async with desk.database.writing() as session:
        own = desk.organisation_id
        session.add(
            Button(id="b", organisation_id=own, chat_id=ANA, message_key="card:1", action="details", created_at=now)
        )
    updates = await desk.container.get(Updates)
    desk.clock.move(timedelta(days=8))
    await updates.sweep()

    assert await desk.rows(DialogState) == []
    assert len(await desk.rows(Button)) == 1, "a button may be tapped much later"
    desk.clock.move(timedelta(days=90))
    await updates.sweep()
    assert await desk.rows(Button) == []


async def test_strangers_who_wrote_once_are_forgotten_but_not_who_still_waits_for_an_answer(desk: Desk) -> None:
    now = desk.clock.now()
    async with desk.database.writing() as session:
        session.add(Stranger(telegram_id=1, name="Once", answered_at=now))
        session.add(Stranger(telegram_id=2, name="Asked", answered_at=now, asked_at=now + timedelta(days=30)))
        session.add(ReceivedUpdate(update_id=7, received_at=now, body="sealed with a key that is lost"))
    desk.clock.move(timedelta(days=91))
    await (await desk.container.get(Updates)).sweep()

    assert [one.name for one in await desk.rows(Stranger)] == ["Asked"]
    assert await desk.rows(ReceivedUpdate) == []


async def test_updates_of_one_conversation_wait_for_each_other_and_no_lock_stays() -> None:
    isolation, inside, most = Isolation(), 0, 0

    async def work() -> None:
        nonlocal inside, most
        async with isolation.lock(KEY):
            inside += 1
            most = max(most, inside)
            await asyncio.sleep(0.001)
            inside -= 1

    await asyncio.gather(*(work() for _ in range(20)))

    assert most == 1
    assert isolation.held == 0


async def test_a_conversation_that_broke_leaves_its_lock_free() -> None:
    isolation = Isolation()
    with pytest.raises(ZeroDivisionError):
        async with isolation.lock(KEY):
            raise ZeroDivisionError
    async with isolation.lock(KEY):
        assert isolation.held == 1
    assert isolation.held == 0
