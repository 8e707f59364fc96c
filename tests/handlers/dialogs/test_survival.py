"""Menus outlive restarts, old age, other versions, and a Telegram that is away."""

import json

import pytest
from sqlalchemy import delete, select

from core.chat.model import DialogState
from handlers.delivery.cards import Rhythm
from handlers.delivery.pacing import Paces
from handlers.service import Tempo
from tests.handlers.kit import ANA, BOX, Desk
from tests.handlers.menu_kit import Walk, is_menu, settled


async def test_a_menu_goes_on_in_the_same_message_after_a_restart(desk: Desk) -> None:
    walk = Walk(desk, desk.ana)
    async with desk.chat():
        await walk.says("/menu")
        message = walk.message
        await walk.taps("Status")
    async with desk.chat():
        assert "Home" in await walk.taps("Back")
        assert "How things stand" in await walk.taps("Status")

    assert walk.message is message


async def test_a_tap_while_the_bot_was_down_counts_when_it_is_back(desk: Desk) -> None:
    walk = Walk(desk, desk.ana)
    async with desk.chat():
        await walk.says("/menu")
    await desk.ana.taps(walk.message, "Status")
    async with desk.chat():
        await settled(desk)

    assert "How things stand" in walk.text


async def test_a_menu_whose_memory_was_swept_leads_home(desk: Desk) -> None:
    async with desk.chat():
        walk = Walk(desk, desk.ana)
        await walk.says("/menu")
    async with desk.database.writing() as session:
        await session.execute(delete(DialogState))
    async with desk.chat():
        await walk.taps("Status")
        assert "out of date" in walk.text
        assert "How things stand" in await walk.taps("Status")


async def test_a_menu_half_of_whose_memory_was_swept_does_not_lock_the_person_out(desk: Desk) -> None:
    async with desk.chat():
        walk = Walk(desk, desk.ana)
        await walk.says("/menu")
    async with desk.database.writing() as session:
        await session.execute(delete(DialogState).where(DialogState.key.contains("context")))
    async with desk.chat():
        await desk.ana.says("/help")
        await desk.telegram.wait_for(ANA, "what I can do")
        assert "Home" in await walk.says("/menu")
        assert "How things stand" in await walk.taps("Status")


async def test_a_window_that_a_newer_version_no_longer_has_leads_home(desk: Desk) -> None:
    async with desk.chat():
        walk = Walk(desk, desk.ana)
        await walk.says("/menu")
    async with desk.database.writing() as session:
        rows = await session.scalars(select(DialogState).where(DialogState.key.contains("context")))
        (row,) = rows
        data = json.loads(BOX.open(row.data or "", "dialog_states.data"))
        row.data = BOX.seal(json.dumps(data | {"state": "Gone:window"}), "dialog_states.data")
    async with desk.chat():
        await walk.taps("Status")
        assert "out of date" in walk.text
        await desk.ana.says("anything")
        await desk.telegram.wait_for(ANA, "I understand commands")


async def test_a_menu_that_somebody_deleted_is_sent_anew(desk: Desk) -> None:
    async with desk.chat():
        walk = Walk(desk, desk.ana)
        await walk.says("/menu")
        message = walk.message
        query = await desk.ana.taps(message, "Status")
        message.deleted = True
        await query
        await settled(desk)

        assert "How things stand" in walk.text
    assert walk.message is not message


async def test_menus_keep_to_the_pace_of_everything_else(desk: Desk) -> None:
    desk.telegram.flood_control = True
    walk = Walk(desk, desk.ana)
    async with desk.chat(Tempo(Paces(1.05, 3.1, 0.036), Rhythm())):
        await walk.says("/menu")
        for _ in range(3):
            await walk.taps("Status", "Back")

    assert "Home" in walk.text
    assert not [call for call in desk.telegram.calls if call.status == 429]


@pytest.mark.parametrize("kind", ["too_many_requests", "server_error", "drop", "store_then_cut"])
async def test_a_call_that_fails_delays_the_menu_and_does_not_lose_it(desk: Desk, kind: str) -> None:
    walk = Walk(desk, desk.ana)
    async with desk.chat():
        await walk.says("/menu")
        message = walk.message
        fault = getattr(desk.telegram.faults, kind)
        fault(*([1] if kind == "too_many_requests" else []), method="editMessageText")
        await walk.taps("Status")

    assert "How things stand" in walk.text
    assert walk.message is message
    desk.telegram.violations[:] = [one for one in desk.telegram.violations if one.kind != "not_modified"]


@pytest.mark.parametrize("restarted", [False, True])
async def test_a_window_that_did_not_change_is_not_sent_again(desk: Desk, restarted: bool) -> None:
    walk = Walk(desk, desk.ana)
    async with desk.chat():
        await walk.says("/menu")
        await walk.taps("Status")
        if not restarted:
            await walk.taps("Refresh", "Refresh")
    if restarted:
        async with desk.chat():
            await walk.taps("Refresh", "Refresh")

    assert walk.message.edits == 1


async def test_nothing_of_a_menu_lies_in_the_database_in_clear_text(desk: Desk) -> None:
    async with desk.chat():
        await Walk(desk, desk.ana).says("/menu")

    rows = await desk.rows(DialogState)
    assert rows
    assert not any("Home" in (row.data or "") for row in rows)


async def test_typed_words_are_not_for_a_window_that_asks_for_none(desk: Desk) -> None:
    async with desk.chat():
        walk = Walk(desk, desk.ana)
        await walk.says("/menu")
        await desk.ana.says("hello")
        await desk.telegram.wait_for(ANA, "I understand commands")

    assert sum(map(is_menu, desk.telegram.messages(ANA))) == 1


async def test_a_menu_asked_for_before_its_group_moved_is_shown_where_the_group_is_now(desk: Desk) -> None:
    await desk.ana.says("/menu", chat=desk.group)
    new_id = desk.telegram.migrate(desk.group)
    async with desk.chat():
        await desk.telegram.wait_for(new_id, "Home")
        await settled(desk)

    assert len(desk.texts(new_id)) == 1


async def test_a_menu_in_a_topic_stays_there(desk: Desk) -> None:
    forum = desk.telegram.group(-1000000004002, "Forum", members=[desk.ana], forum=True)
    topic = desk.telegram.topic(forum, "Discounts")
    async with desk.chat():
        await desk.ana.says("/menu", chat=forum, thread_id=topic)
        walk = Walk(desk, desk.ana, forum)
        await settled(desk)
        message = walk.message
        assert "How things stand" in await walk.taps("Status")

    assert walk.message is message
    assert message.thread_id == topic
