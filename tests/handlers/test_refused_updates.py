"""Updates that the database refuses: they are not lost, hold up nobody, and do not come for ever (X-9)."""

from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest
from sqlalchemy import text
from structlog.testing import capture_logs

from core.chat.model import HandledUpdate, ReceivedUpdate
from core.chat.updates import Updates
from core.history.model import AuditEntry
from core.outbox.model import Card
from core.people.choosing import SetApp, SetPin
from core.people.codes import new_key
from core.people.confirming import TRIES
from core.people.model import Person, Way
from core.stores.model import Store
from handlers.receiving import Watching
from tests.handlers.kit import ANA, HURRY, RUI, Desk, until, until_sent
from tests.handlers.menu_kit import Walk, is_menu
from tests.handlers.test_webhook import Doorway, command, door, hooked

__all__ = ["door"]
HASTY = replace(HURRY, watching=Watching(given_up_after=0.1))


@asynccontextmanager
async def refusing(desk: Desk, table: str, when: str = "1") -> AsyncIterator[None]:
    """Have the database refuse new rows of a table, as a full disk does."""
    trigger = f"CREATE TRIGGER refusing BEFORE INSERT ON {table} WHEN {when} BEGIN SELECT json('no'); END"
    await execute(desk, trigger)
    yield
    await execute(desk, "DROP TRIGGER refusing")


async def execute(desk: Desk, statement: str) -> None:
    async with desk.database.writing() as session:
        await session.execute(text(statement))


async def comes_again(desk: Desk, act: Awaitable[object]) -> None:
    """Do something, and wait until the update that it makes was brought and is asked for once more."""
    before = polls(desk)
    await act
    await until(lambda: polls(desk) >= before + 2)
    assert desk.telegram.world.updates.pending == 1


def polls(desk: Desk) -> int:
    return sum(call.method == "getUpdates" for call in desk.telegram.calls)


def last_update(desk: Desk) -> int:
    return desk.telegram.world.updates._last_id


async def test_an_update_that_cannot_be_settled_comes_again_and_is_answered_once(desk: Desk) -> None:
    async with desk.chat():
        async with refusing(desk, "handled_updates"):
            await comes_again(desk, desk.ana.says("/help"))
            assert desk.texts(ANA) == []
        await desk.telegram.wait_for(ANA, "what I can do")
        await until(lambda: desk.telegram.world.updates.pending == 0)
        await until_sent(desk)

    assert len(desk.texts(ANA)) == 1


async def test_the_log_tells_of_all_updates_that_the_database_refuses_in_one_line(desk: Desk) -> None:
    with capture_logs() as lines:
        async with desk.chat(), refusing(desk, "handled_updates"):
            for _ in range(3):
                await desk.ana.says("/help")
            await until(lambda: sum(line["event"] == "update_refused" for line in lines) > 3)

    assert len({repr(line) for line in lines if line["event"] == "update_refused"}) == 1


async def test_a_tap_is_answered_while_the_database_is_away_and_what_came_of_it_follows(desk: Desk) -> None:
    async with desk.chat():
        await desk.start_run(ANA)
        card = await desk.telegram.wait_for(ANA, "At work")
        await until(lambda: _noted(desk))
        await execute(desk, "ALTER TABLE handled_updates RENAME TO away")
        answer = await (await desk.ana.taps(card, "Log"))
        await execute(desk, "ALTER TABLE away RENAME TO handled_updates")
        await desk.telegram.wait_for(ANA, "Nothing was logged in this run.")
        await until(lambda: desk.telegram.world.updates.pending == 0)

    assert answer.text == "One moment …"
    assert desk.telegram.violations == []


async def test_a_menu_opens_as_usual_after_the_database_refused_to_be_read_for_it(desk: Desk) -> None:
    async with desk.chat():
        await execute(desk, "ALTER TABLE dialog_states RENAME TO away")
        await desk.ana.says("/menu")
        await desk.telegram.wait_for(ANA, "refused to work")
        await execute(desk, "ALTER TABLE away RENAME TO dialog_states")
        await desk.ana.says("/menu")
        await desk.telegram.wait_for(ANA, is_menu)


async def test_a_posted_update_that_cannot_be_settled_is_kept_until_it_can(desk: Desk, door: Doorway) -> None:
    async with hooked(desk, door):
        async with refusing(desk, "handled_updates"):
            assert await door.post(command(desk, "/help", 8)) == 200
            await until(lambda: desk.rows(ReceivedUpdate))
        # The next one that comes brings it along.
        assert await door.post(command(desk, "/status", 9)) == 200
        await desk.telegram.wait_for(ANA, "what I can do")
        await until(lambda: _none_kept(desk))

    assert sum("what I can do" in one for one in desk.texts(ANA)) == 1


async def test_an_update_that_takes_long_and_cannot_be_kept_is_not_confirmed(desk: Desk) -> None:
    desk.telegram.faults.too_many_requests(60, method="sendMessage", chat_id=ANA)
    async with refusing(desk, "received_updates"), desk.chat():
        await comes_again(desk, desk.ana.says("/menu"))
    assert desk.telegram.world.updates.pending == 1
    desk.telegram.world.limits.forget()
    async with desk.chat():
        await desk.telegram.wait_for(ANA, is_menu)
        await until(lambda: desk.telegram.world.updates.pending == 0)

    assert sum(is_menu(one) for one in desk.telegram.messages(ANA)) == 1


async def test_one_update_that_is_always_refused_holds_up_nobody_and_is_given_up(desk: Desk) -> None:
    await desk.set_person(RUI, private_chat=True)
    async with desk.chat(HASTY), refusing(desk, "handled_updates", f"NEW.update_id = {last_update(desk) + 1}"):
        await desk.ana.says("/help")
        await desk.rui.says("/help")
        await desk.telegram.wait_for(RUI, "what I can do")
        await until(lambda: desk.telegram.world.updates.pending == 0)

    assert desk.texts(ANA) == []
    assert [row.update_id for row in await desk.rows(HandledUpdate)] == [last_update(desk)]


async def test_a_change_whose_note_was_refused_is_not_taken_back_twice(desk: Desk) -> None:
    walk = Walk(desk, desk.ana)
    async with desk.chat():
        await walk.says("/menu")
        await walk.taps("Stores", "Manage", "001 Centro", "Change", "Limit per customer")
        await walk.says("300")
        await walk.taps("Save")
        async with refusing(desk, "handled_updates"):
            await comes_again(desk, desk.ana.taps(walk.message, "Undo"))
        await desk.telegram.wait_for(ANA, "took effect")

    # A tap may be answered at both tries; that alone does no harm.
    assert {one.kind for one in desk.telegram.violations} <= {"late_answer"}
    desk.telegram.violations.clear()
    assert [store.limit for store in await desk.rows(Store)] == [None] * 3
    assert [row.action for row in await desk.rows(AuditEntry)] == ["changed", "changed"]


@pytest.mark.parametrize("way", Way)
async def test_a_wrong_pin_or_code_that_is_cut_off_is_not_said_to_have_taken_effect(desk: Desk, way: Way) -> None:
    """The pause after too many of them goes into the audit; it is not what the person asked for."""
    (ana,) = [one.actor("chat", "en") for one in await desk.rows(Person) if one.telegram_id == ANA]
    if way is Way.APP:
        await (await desk.container.get(SetApp))(ana, new_key(), 1)
    else:
        await (await desk.container.get(SetPin))(ana, "482913")
    walk = Walk(desk, desk.ana)
    async with desk.chat():
        await walk.says("/pin")
        await walk.taps("🔢 PIN")
        for typed in ("602817", "602817"):
            await walk.says(typed)
        for _ in range(TRIES):
            await desk.ana.says("11122")
        await until(lambda: _paused(desk))
    assert not await (await desk.container.get(Updates)).took_effect(last_update(desk))


async def _noted(desk: Desk) -> bool:
    return all(card.message_id for card in await desk.rows(Card))


async def _paused(desk: Desk) -> bool:
    return any(row.action in ("pin_paused", "app_paused") for row in await desk.rows(AuditEntry))


async def _none_kept(desk: Desk) -> bool:
    return await desk.rows(ReceivedUpdate) == []
