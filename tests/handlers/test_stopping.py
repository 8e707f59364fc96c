"""A stop and a start around what people do: what a process was handed it answers, what it did not end goes on."""

import asyncio
from itertools import pairwise

import pytest

from core.chat.model import HandledUpdate, ReceivedUpdate
from core.executions.states import Outcome
from handlers.delivery.cards import Rhythm
from handlers.service import Tempo
from sandbox.telegram import Message
from tests.handlers.kit import ANA, GROUP, HURRY, Desk, until, until_sent
from tests.handlers.menu_kit import is_menu
from tests.handlers.test_webhook import QUICK, Doorway, door, hooked

__all__ = ["door"]
SLOW = Tempo(HURRY.paces, Rhythm(0.8, 1.2))


async def card_in(desk: Desk, chat_id: int) -> tuple[int, Message]:
    """Start a run; returns it with its card, once that is noted."""
    run = await desk.start_run(chat_id)
    card = await desk.telegram.wait_for(chat_id, "At work")

    async def noted() -> bool:
        return (await desk.card()).message_id == card.id

    await until(noted)
    return run, card


async def test_a_tap_that_a_stop_meets_on_its_way_is_answered_by_the_process_that_got_it(desk: Desk) -> None:
    async with desk.chat() as chat:
        _, card = await card_in(desk, GROUP)
        query = await desk.ana.taps(card, "Details")
        # The waiting call is answered at this moment, and cut off before the answer is read.
        await asyncio.sleep(0)
        await chat.stop_listening()
        assert query.answered.done()
    assert desk.telegram.world.updates.pending == 0
    async with desk.chat():
        await until_sent(desk)

    assert sum("Details of run" in text for text in desk.texts(GROUP)) == 1
    assert desk.telegram.violations == []


async def test_a_tap_that_comes_after_the_last_look_is_left_to_the_next_process(desk: Desk) -> None:
    async with desk.chat() as chat:
        _, card = await card_in(desk, GROUP)
        await chat.stop_listening()
        query = await desk.ana.taps(card, "Log")
        await asyncio.sleep(0.2)
        assert query.update.delivered is None
    async with desk.chat():
        assert (await query).text


async def test_a_stop_while_telegram_is_away_does_not_wait_for_it(desk: Desk) -> None:
    async with desk.chat() as chat:
        await until(lambda: chat.online)
        await desk.telegram.go_down()
        await until(lambda: not chat.online)
        await chat.stop_listening()
        assert chat._quiet.is_set(), "it ended by itself: nobody had to give it up"
    await desk.telegram.come_up()


@pytest.mark.parametrize("posted", [False, True], ids=["polling", "webhook"])
async def test_what_takes_longer_than_a_stop_waits_is_done_after_the_restart(
    desk: Desk, door: Doorway, *, posted: bool
) -> None:
    """The menu may not be sent for a minute, so its command is confirmed long before it is handled."""
    desk.telegram.faults.too_many_requests(60, method="sendMessage", chat_id=ANA)
    async with hooked(desk, door) if posted else desk.chat():
        await desk.ana.says("/menu")
        await until(lambda: desk.telegram.world.updates.pending == 0)
        assert await desk.rows(HandledUpdate) == []
        assert len(await desk.rows(ReceivedUpdate)) == 1
    assert len(await desk.rows(ReceivedUpdate)) == 1
    desk.telegram.world.limits.forget()
    async with desk.chat():
        await desk.telegram.wait_for(ANA, is_menu)
        await until(lambda: _nothing_kept(desk))

    assert sum(is_menu(one) for one in desk.telegram.messages(ANA)) == 1


async def test_a_tap_that_was_answered_before_the_stop_is_not_answered_again_after_it(desk: Desk) -> None:
    async with desk.chat():
        await desk.ana.says("/menu")
        menu = await desk.telegram.wait_for(ANA, is_menu)
        # A second menu stands for this one and must be sent, which Telegram does not let us do for a minute.
        desk.telegram.faults.too_many_requests(60, method="sendMessage", chat_id=ANA)
        await desk.ana.says("/stores")
        await until(lambda: desk.rows(ReceivedUpdate))
        query = await desk.ana.taps(menu, "Status")
        await query
        assert not await _handled(desk, query.update.id)
    desk.telegram.world.limits.forget()
    async with desk.chat():
        await until(lambda: _handled(desk, query.update.id))

    answers = [call for call in desk.telegram.calls if call.method == "answerCallbackQuery"]
    assert [call.params["callback_query_id"] for call in answers] == [query.id]
    assert desk.telegram.violations == []


async def test_a_tap_that_comes_again_while_it_is_handled_is_answered_once(desk: Desk) -> None:
    async with desk.chat():
        await desk.ana.says("/menu")
        menu = await desk.telegram.wait_for(ANA, is_menu)
        desk.telegram.faults.too_many_requests(3, method="sendMessage", chat_id=ANA)
        await desk.ana.says("/stores")
        query = await desk.ana.taps(menu, "Status")
        desk.telegram.world.updates._waiting.append(query.update)
        await until(lambda: _handled(desk, query.update.id))

    answers = [call for call in desk.telegram.calls if call.method == "answerCallbackQuery"]
    assert [call.params["callback_query_id"] for call in answers] == [query.id]
    assert desk.telegram.violations == []


async def test_a_post_that_a_stop_meets_is_answered_by_who_took_it_or_comes_again(desk: Desk, door: Doorway) -> None:
    async with hooked(desk, door) as chat:
        _, card = await card_in(desk, GROUP)
        queries = [await desk.ana.taps(card, "Log") for _ in range(4)]
        await until(lambda: any(query.update.delivered for query in queries))
        await chat.stop_listening()
        taken = [query for query in queries if not desk.telegram.world.updates.holds(query.update)]
        await until(lambda: all(query.answered.done() for query in taken))
    desk.telegram.world.deliverer.pauses = (0.05,)
    async with hooked(desk, door, QUICK):
        for query in queries:
            await query
        await until(lambda: _nothing_kept(desk))

    assert desk.telegram.violations == []


@pytest.mark.parametrize("chat_id", [ANA, GROUP])
async def test_a_card_is_edited_no_sooner_because_the_process_was_stopped_or_begun(desk: Desk, chat_id: int) -> None:
    async with desk.chat(SLOW):
        run, _ = await card_in(desk, chat_id)
        await desk.set_store(run, 0, Outcome.VERIFIED)
        await until(lambda: len(_edits(desk)) == 1)
        await desk.set_store(run, 1, Outcome.VERIFIED)
    async with desk.chat(SLOW):
        await until(lambda: len(_edits(desk)) == 2)
        await desk.end_run(run)
    async with desk.chat(SLOW):
        await desk.telegram.wait_for(chat_id, "Success")

    gaps = [later - earlier for earlier, later in pairwise(_edits(desk))]
    assert all(gap >= SLOW.rhythm.of(chat_id) * 0.98 for gap in gaps), gaps
    assert len(gaps) == 2


def _edits(desk: Desk) -> list[float]:
    return [call.at for call in desk.telegram.calls if call.method == "editMessageText"]


async def _handled(desk: Desk, update_id: int) -> bool:
    return any(row.update_id == update_id for row in await desk.rows(HandledUpdate))


async def _nothing_kept(desk: Desk) -> bool:
    return await desk.rows(ReceivedUpdate) == []
