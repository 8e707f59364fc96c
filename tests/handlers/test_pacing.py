"""Telegram's limits are kept before Telegram has to point them out (CH-14)."""

import asyncio
import time

import pytest

from core.clock import ManualClock
from core.db.database import Database
from core.executions.states import Outcome
from handlers.delivery.cards import Rhythm
from handlers.delivery.pacing import EDIT, Pacer, PacerClosed, Paces
from handlers.service import Tempo
from sandbox.telegram import TelegramServer
from tests.handlers.kit import ANA, GROUP, TOKEN, Desk, until_sent
from tests.kit.leaping import leaping

FASTER = 25.0
"""The server's clock runs so many times faster than ours, so that a minute passes in a test."""
PRODUCTION = Tempo()


def quick(**seconds: float) -> Paces:
    return Paces(**{"private": 0.0, "group": 0.0, "overall": 0.0, **seconds})


async def leave(pacer: Pacer, chat_id: int, priority: int, seconds: float = 0.0) -> None:
    """Take a turn and make a call that takes so long."""
    async with pacer.turn(chat_id, priority):
        await asyncio.sleep(seconds)


@leaping
async def test_chats_that_nobody_writes_to_any_more_are_forgotten_and_those_at_work_are_not() -> None:
    pacer = Pacer(quick(private=0.01))
    for chat_id in range(1, 20):
        await leave(pacer, chat_id, EDIT)
        assert pacer.free(1000 + chat_id)
    await asyncio.sleep(0.02)
    pacer.hold(GROUP, 60)
    async with pacer.turn(ANA, EDIT):
        await leave(pacer, 2, EDIT)
        assert (pacer.lines, pacer.free(ANA), pacer.free(GROUP)) == (3, False, False)


async def test_a_busy_morning_trips_no_limit(database: Database, clock: ManualClock) -> None:
    begun = time.time()
    paces, rhythm = PRODUCTION.paces, PRODUCTION.rhythm
    tempo = Tempo(
        Paces(paces.private / FASTER, paces.group / FASTER, paces.overall / FASTER),
        Rhythm(rhythm.private / FASTER, rhythm.group / FASTER),
    )
    async with TelegramServer(TOKEN, clock=lambda: begun + (time.time() - begun) * FASTER) as telegram:
        telegram.flood_control = True
        desk = Desk(database, clock, telegram)
        await desk.furnish()
        for number in range(26):
            await desk.say(f"group {number}", GROUP, key=f"g{number}")
            await desk.say(f"ana {number}", ANA, key=f"a{number}")
        async with desk.chat(tempo):
            run = await desk.start_run(GROUP, ANA)
            for number in range(20):
                await desk.set_store(run, number % 3, (Outcome.VERIFIED, Outcome.HELD)[number % 2])
                await asyncio.sleep(0.1)
            await desk.end_run(run)
            await telegram.wait_for(GROUP, "Success")
            await telegram.wait_for(ANA, "Success")
            await until_sent(desk)
        await desk.container.close()

        assert telegram.violations == []
        assert not any(call.status == 429 for call in telegram.calls)
        assert sum("group" in text for text in desk.texts(GROUP)) == 26


@leaping
async def test_two_turns_of_a_chat_are_apart_and_other_chats_do_not_wait() -> None:
    pacer, loop = Pacer(quick(private=0.1)), asyncio.get_running_loop()
    begun = loop.time()
    await leave(pacer, 1, 0)
    await leave(pacer, 2, 0)
    assert loop.time() == begun
    await leave(pacer, 1, 0)
    assert loop.time() - begun == pytest.approx(0.1)


@leaping
async def test_a_group_is_left_alone_for_a_while_after_a_start_and_a_private_chat_is_not() -> None:
    pacer, loop = Pacer(quick(group=0.2, private=0.2)), asyncio.get_running_loop()
    begun = loop.time()
    await leave(pacer, ANA, 0)
    assert loop.time() == begun
    await leave(pacer, GROUP, 0)
    assert loop.time() - begun == pytest.approx(0.2)


@leaping
async def test_all_chats_together_keep_the_overall_pace() -> None:
    pacer, loop = Pacer(quick(overall=0.02)), asyncio.get_running_loop()
    begun = loop.time()
    await asyncio.gather(*(leave(pacer, chat, 0) for chat in range(1, 11)))

    assert loop.time() - begun == pytest.approx(0.18)


@leaping
async def test_answers_go_before_notices_and_notices_before_edits() -> None:
    pacer, served = Pacer(quick(private=0.02)), []

    async def wait(priority: int) -> None:
        await leave(pacer, 1, priority)
        served.append(priority)

    await leave(pacer, 1, 0)
    await asyncio.gather(*(wait(priority) for priority in (EDIT, 20, EDIT, 0, 20, 0, 10)))

    assert served == [0, 0, 10, 20, 20, EDIT, EDIT]


@leaping
async def test_an_edit_that_waited_long_goes_before_answers_that_never_end() -> None:
    pacer, loop = Pacer(quick(private=0.02, patience=0.1)), asyncio.get_running_loop()
    ended = asyncio.Event()

    async def ask() -> None:
        while not ended.is_set():
            await leave(pacer, 1, 0)

    asking = [asyncio.create_task(ask()) for _ in range(3)]
    await asyncio.sleep(0)
    begun = loop.time()
    await leave(pacer, 1, EDIT)
    waited = loop.time() - begun
    ended.set()
    await asyncio.gather(*asking)

    assert 0.1 <= waited < 0.2


@leaping
async def test_edits_that_waited_long_leave_answers_every_second_turn() -> None:
    pacer, served = Pacer(quick(private=0.01, patience=0.05)), []

    async def wait(priority: int) -> None:
        await leave(pacer, 1, priority)
        served.append(priority)

    pacer.hold(1, 0.1)
    await asyncio.gather(*(wait(priority) for priority in (EDIT, EDIT, EDIT, 0, 0, 0)))

    assert served == [EDIT, 0, EDIT, 0, EDIT, 0]


@leaping
async def test_who_has_waited_long_only_when_the_door_opens_is_let_in_by_the_one_before_it() -> None:
    pacer, served = Pacer(quick(private=0.1, patience=0.15)), []

    async def wait(priority: int, seconds: float = 0.0) -> None:
        await leave(pacer, 1, priority, seconds)
        served.append(priority)

    await asyncio.gather(wait(20, 0.1), wait(EDIT), wait(0))

    assert served == [20, EDIT, 0]


@leaping
async def test_an_answer_overtakes_edits_that_wait_for_the_overall_pace() -> None:
    pacer, served = Pacer(quick(overall=0.05)), []

    async def wait(chat: int, priority: int) -> None:
        await leave(pacer, chat, priority)
        served.append(chat)

    await leave(pacer, 9, 0)
    edits = [asyncio.create_task(wait(chat, EDIT)) for chat in (1, 2)]
    await asyncio.sleep(0.01)
    await wait(3, 0)
    await asyncio.gather(*edits)

    assert served == [3, 1, 2]


@leaping
async def test_a_slow_call_is_followed_by_a_whole_rest_and_nothing_leaves_beside_it() -> None:
    pacer, loop = Pacer(quick(private=0.1)), asyncio.get_running_loop()
    begun = loop.time()
    slow = asyncio.create_task(leave(pacer, 1, 0, seconds=0.15))
    await asyncio.sleep(0)
    await leave(pacer, 2, 0)
    assert loop.time() == begun
    await leave(pacer, 1, 0)
    assert slow.done()
    assert loop.time() - begun == pytest.approx(0.25)


@leaping
async def test_a_call_that_breaks_leaves_its_chat_to_the_next_one() -> None:
    pacer = Pacer(quick(private=0.01))
    with pytest.raises(ZeroDivisionError):
        async with pacer.turn(1, 0):
            _ = 1 / 0
    await leave(pacer, 1, 0)


@leaping
async def test_a_flooded_chat_waits_alone_but_two_at_once_stop_everybody() -> None:
    pacer, loop = Pacer(quick()), asyncio.get_running_loop()
    begun = loop.time()
    pacer.flooded(1, 0.1)
    await leave(pacer, 3, 0)
    assert loop.time() == begun
    pacer.flooded(2, 0.1)
    await leave(pacer, 3, 0)
    assert loop.time() - begun == pytest.approx(0.3)


@leaping
async def test_who_gives_up_waiting_blocks_nobody() -> None:
    pacer = Pacer(quick(private=0.05))
    await leave(pacer, 1, 0)
    first = asyncio.create_task(leave(pacer, 1, 0))
    second = asyncio.create_task(leave(pacer, 1, 0))
    await asyncio.sleep(0)
    first.cancel()
    await second


@leaping
async def test_closing_sends_home_who_waits_and_who_comes_later() -> None:
    pacer = Pacer(quick(private=10))
    await leave(pacer, 1, 0)
    waiting = asyncio.create_task(leave(pacer, 1, 0))
    await asyncio.sleep(0.01)
    pacer.close()

    with pytest.raises(PacerClosed):
        await waiting
    with pytest.raises(PacerClosed):
        await leave(pacer, 2, 0)
