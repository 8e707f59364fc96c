"""Everything at once, with flood control on: nothing is lost or doubled, and every run shows its end (item 2)."""

import asyncio
import time
from collections import defaultdict
from collections.abc import AsyncIterator
from itertools import pairwise

import pytest

from core.clock import ManualClock
from core.db.database import Database
from core.executions.model import Execution
from core.executions.states import Outcome, State
from core.notices.channels import Notices
from core.notices.chats import ChatRef
from core.outbox.model import Card, Message
from core.texts import T
from handlers.delivery.cards import Rhythm
from handlers.delivery.pacing import Paces
from handlers.service import Tempo
from sandbox.telegram import TelegramServer
from tests.handlers.kit import ANA, GROUP, RUI, TOKEN, VERA, Desk, until, until_sent

FASTER = 25.0
PRODUCTION = Tempo()
BRISK = Tempo(
    Paces(PRODUCTION.paces.private / FASTER, PRODUCTION.paces.group / FASTER, PRODUCTION.paces.overall / FASTER),
    Rhythm(PRODUCTION.rhythm.private / FASTER, PRODUCTION.rhythm.group / FASTER),
)
SEND, EDIT = "sendMessage", "editMessageText"
CHATS = (ANA, RUI, VERA, GROUP)
NOTICES = 6


@pytest.fixture
async def storm(database: Database, clock: ManualClock) -> AsyncIterator[Desk]:
    """A desk whose Telegram's clock runs faster than ours and which keeps to its limits."""
    begun = time.time()
    async with TelegramServer(TOKEN, clock=lambda: begun + (time.time() - begun) * FASTER) as telegram:
        telegram.flood_control = True
        made = Desk(database, clock, telegram)
        await made.furnish()
        yield made
        await made.container.close()
        assert telegram.violations == []


async def work(desk: Desk, run: int, rounds: int) -> None:
    """Let stores of a run change faster than anything may be edited."""
    for number in range(rounds):
        await desk.set_store(run, number % 2, Outcome.FAILED, T("step {n}", n=number), read=number)
        await asyncio.sleep(0.01)


async def finals(desk: Desk, number: int) -> None:
    async def shown() -> bool:
        cards = await desk.rows(Card)
        return len(cards) == number and all(card.state == "final" for card in cards)

    await until(shown, 25)
    await until_sent(desk)


def edits_of(desk: Desk) -> dict[tuple[int, int], list[float]]:
    """Return when each message was edited, by Telegram's clock."""
    times = defaultdict(list)
    for call in desk.telegram.calls:
        if call.method == EDIT and call.status == 200:
            times[int(call.params["chat_id"]), int(call.params["message_id"])].append(call.at)
    return times


@pytest.mark.slow
async def test_two_minutes_without_telegram_and_storms_of_429_lose_and_double_nothing(storm: Desk) -> None:
    desk, telegram = storm, storm.telegram
    async with desk.chat(BRISK):
        first = await desk.start_run(*CHATS)
        for number in range(NOTICES):
            for chat_id in CHATS:
                await desk.say(f"notice {number}", chat_id, key=f"n{number}:{chat_id}")
        telegram.faults.too_many_requests(1, times=2, method=EDIT)
        telegram.faults.too_many_requests(1, times=2, method=SEND, chat_id=GROUP)
        await work(desk, first, 40)
        await telegram.go_down()
        await desk.end_run(first, State.PARTIAL)
        second = await desk.start_run(*CHATS)
        await work(desk, second, 10)
        await asyncio.sleep(120 / FASTER - 0.4)
        await telegram.come_up()
        telegram.faults.server_error(502, times=3)
        await work(desk, second, 10)
        await desk.end_run(second, State.SUCCESS)
        await finals(desk, 2 * len(CHATS))

    for chat_id in CHATS:
        texts = desk.texts(chat_id)
        assert [text for text in texts if text.startswith("notice")] == [f"notice {n}" for n in range(NOTICES)]
        assert sorted(text.split("\n")[0] for text in texts if "Daily sync" in text) == [
            "⚠️ Partial: Daily sync",
            "✅ Success: Daily sync",
        ]


async def test_cards_change_at_most_every_three_seconds_in_private_and_six_in_groups(storm: Desk) -> None:
    desk = storm
    async with desk.chat(BRISK):
        run = await desk.start_run(*CHATS)
        await desk.telegram.wait_for(GROUP, "At work")
        await work(desk, run, 60)
        await desk.end_run(run)
        await finals(desk, len(CHATS))

    edits = edits_of(desk)
    assert len(edits) == len(CHATS)
    for (chat_id, _), times in edits.items():
        pause = 3.0 if chat_id > 0 else 6.0
        gaps = [later - earlier for earlier, later in pairwise(times)]
        assert gaps
        assert all(gap > pause * 0.9 for gap in gaps), (chat_id, gaps)


async def test_no_card_changes_sooner_amid_429s_taps_restarts_and_several_runs(storm: Desk) -> None:
    desk = storm
    async with desk.chat(BRISK):
        runs = [await desk.start_run(*CHATS) for _ in range(3)]
        await until(lambda: _noted(desk, len(CHATS) * len(runs)))
        desk.telegram.faults.too_many_requests(1, times=3, method=EDIT)
        cards = [one for one in desk.telegram.messages(GROUP) if one.is_from_bot]
        for run, card, button in zip(runs, cards, ("Cancel", "Details", "Log"), strict=True):
            await work(desk, run, 8)
            await desk.ana.taps(card, button)
    async with desk.chat(BRISK):
        for run in runs:
            await work(desk, run, 8)
            await desk.end_run(run)
        await finals(desk, len(CHATS) * len(runs))

    edits = edits_of(desk)
    gaps = {place: [later - earlier for earlier, later in pairwise(times)] for place, times in edits.items()}
    assert any(gaps.values())
    for (chat_id, _), between in gaps.items():
        assert all(gap > (3.0 if chat_id > 0 else 6.0) * 0.9 for gap in between), (chat_id, between)


async def _noted(desk: Desk, number: int) -> bool:
    cards = await desk.rows(Card)
    return len(cards) == number and all(card.message_id for card in cards)


async def test_a_restart_in_the_midst_of_a_run_goes_on_in_the_same_messages(storm: Desk) -> None:
    desk = storm
    async with desk.chat(BRISK):
        run = await desk.start_run(*CHATS)
        await work(desk, run, 5)
    async with desk.chat(BRISK):
        await work(desk, run, 5)
    await desk.end_run(run)
    async with desk.chat(BRISK):
        await finals(desk, len(CHATS))

    assert [len(desk.texts(chat_id)) for chat_id in CHATS] == [1, 1, 1, 1]


async def test_taps_replayed_forged_and_from_elsewhere_start_one_run_and_end_no_other(desk: Desk) -> None:
    async with desk.chat():
        run = await desk.start_run(GROUP, VERA)
        await desk.set_store(run, 0, Outcome.FAILED)
        await desk.set_store(run, 1, Outcome.VERIFIED)
        await desk.set_store(run, 2, Outcome.VERIFIED)
        await desk.end_run(run, State.PARTIAL)
        await finals(desk, 2)
        card = await desk.telegram.wait_for(GROUP, "Partial")
        (button,) = [one for row in card.buttons for one in row if one.text.startswith("Retry")]
        taps = [await desk.ana.taps(card, "Retry") for _ in range(4)]
        taps.append(await desk.vera.taps(card, "Retry"))
        forged = ("b:" + "x" * 22, "b:", "b:" + "9" * 50, "retry:1", str(button.data)[:-1])
        taps += [await desk.rui.taps(card, data=data) for data in forged]
        answers = [(await tap).text for tap in taps]
        await until_sent(desk)

    _, again = await desk.rows(Execution)
    assert (again.trigger, again.store_ids) == ("retry", [desk.store_ids[0]])
    assert "Started again" in answers[0]
    assert all("You may not do this" in text or "out of date" in text for text in answers[4:])
    assert all(row.state == "sent" for row in await desk.rows(Message))


async def test_a_topic_that_is_deleted_amid_a_run_ends_its_card_only(storm: Desk) -> None:
    desk, forum = storm, storm.telegram.group(-1009, "Forum", members=[storm.ana], supergroup=True, forum=True)
    thread, other = desk.telegram.topic(forum, "Ops"), desk.telegram.topic(forum, "Prices")
    run = await desk.start_run(ANA)
    await desk.set_row(Card, 1, chat_id=-1009, thread_id=thread)
    async with desk.database.writing() as session:
        await Notices(desk.clock).open_card(session, await session.get_one(Execution, run), ChatRef(ANA, "en"))
    async with desk.chat(BRISK):
        await desk.telegram.wait_for(-1009, "At work")
        desk.telegram.delete_topic(forum, thread)
        await work(desk, run, 4)
        await desk.say("still here", -1009, key="other", thread=other)
        await desk.end_run(run)
        await desk.telegram.wait_for(ANA, "Success")
        await desk.telegram.wait_for(-1009, "still here")
        await until_sent(desk)

        async def given_up() -> bool:
            return any(card.state == "dead" for card in await desk.rows(Card))

        await until(given_up)

    assert {card.chat_id: card.state for card in await desk.rows(Card)} == {-1009: "dead", ANA: "final"}
    assert len(desk.texts(ANA)) == 1


async def test_a_group_that_becomes_a_supergroup_amid_429s_shows_one_card_to_its_end(storm: Desk) -> None:
    desk = storm
    async with desk.chat(BRISK):
        run = await desk.start_run(ANA, GROUP)
        await desk.telegram.wait_for(GROUP, "At work")
        desk.telegram.faults.too_many_requests(1, times=2, method=EDIT, chat_id=GROUP)
        await work(desk, run, 4)
        new_id = desk.telegram.migrate(desk.group)
        await work(desk, run, 4)
        await desk.end_run(run)
        await desk.telegram.wait_for(new_id, "Success")
        await finals(desk, 2)

    assert [len(desk.texts(chat_id)) for chat_id in (ANA, new_id)] == [1, 1]


async def test_a_chat_that_blocks_the_bot_amid_a_run_holds_up_nobody(storm: Desk) -> None:
    desk = storm
    async with desk.chat(BRISK):
        run = await desk.start_run(*CHATS)
        await desk.telegram.wait_for(VERA, "At work")
        desk.vera.blocks_bot()
        desk.telegram.kick_bot(desk.group, desk.ana)
        await work(desk, run, 4)
        await desk.end_run(run)
        for chat_id in (ANA, RUI):
            await desk.telegram.wait_for(chat_id, "Success")
        await until_sent(desk)

    assert {card.chat_id: card.state for card in await desk.rows(Card)} == {
        ANA: "final",
        RUI: "final",
        VERA: "closed",
        GROUP: "closed",
    }
    assert sum("cannot write to the channel" in text for text in desk.texts(ANA)) == 1
