"""One living message per run and chat, whatever happens to it (X-11)."""

import asyncio
from datetime import timedelta

from core.executions.states import Outcome, State
from core.outbox.model import Card
from core.texts import T
from handlers.delivery.cards import Rhythm
from handlers.delivery.pacing import Paces
from handlers.service import Tempo
from sandbox.telegram import Message
from tests.handlers.kit import ANA, GROUP, HURRY, RUI, VERA, Desk, until

SEND, EDIT = "sendMessage", "editMessageText"


async def test_a_card_is_edited_from_its_start_to_its_end_in_one_message(desk: Desk) -> None:
    async with desk.chat():
        run = await desk.start_run(GROUP)
        first = await desk.telegram.wait_for(GROUP, "At work: Daily sync")
        await desk.set_store(run, 0, Outcome.VERIFIED)
        await desk.telegram.wait_for(GROUP, "1 of 3 stores")
        await desk.set_store(run, 1, Outcome.ALREADY_LIVE)
        await desk.set_store(run, 2, Outcome.VERIFIED, held_lines=4)
        await desk.end_run(run)
        last = await desk.telegram.wait_for(GROUP, "Success: Daily sync")

    assert last is first
    for words in ("2 verified", "1 already live", "4 products held", "All 3 stores carry", "Took 3 min 20 sec"):
        assert words in last.text
    assert (await desk.card()).state == "final"


async def test_nothing_is_edited_while_nothing_changes(desk: Desk) -> None:
    async with desk.chat():
        await desk.start_run(GROUP)
        card = await desk.telegram.wait_for(GROUP, "At work")
        before = card.edits
        for _ in range(5):
            await desk.ring()
            await asyncio.sleep(0.1)

    assert card.edits == before


async def test_many_changes_are_few_edits_and_the_end_arrives(desk: Desk) -> None:
    tempo = Tempo(Paces(0.01, 0.01, 0.001), Rhythm(0.3, 0.3))
    async with desk.chat(tempo):
        run = await desk.start_run(ANA)
        card = await desk.telegram.wait_for(ANA, "At work")
        for number in range(30):
            await desk.set_store(run, number % 2, Outcome.VERIFIED, T("{n}", n=number))
            await asyncio.sleep(0.01)
        await desk.set_store(run, 2, Outcome.FAILED, T("The ERP is away."))
        await desk.end_run(run, State.PARTIAL)
        await desk.telegram.wait_for(ANA, "Partial: Daily sync")

    assert "003 Sul: failed. The ERP is away." in card.text
    assert card.edits <= 5


async def test_after_a_restart_the_same_message_goes_on(desk: Desk) -> None:
    async with desk.chat():
        run = await desk.start_run(GROUP)
        first = await desk.telegram.wait_for(GROUP, "At work")
        await until(lambda: _noted(desk))
    await desk.end_run(run, State.CANCELLED)
    async with desk.chat():
        last = await desk.telegram.wait_for(GROUP, "Cancelled: Daily sync")

    assert last is first
    assert len(desk.texts(GROUP)) == 1


async def test_a_card_rests_after_a_restart_as_if_the_last_process_was_killed_amid_an_edit(desk: Desk) -> None:
    tempo, loop = Tempo(HURRY.paces, Rhythm(0.6, 0.6)), asyncio.get_running_loop()
    async with desk.chat(tempo):
        run = await desk.start_run(GROUP)
        card = await desk.telegram.wait_for(GROUP, "At work")
        await until(lambda: _noted(desk))
    desk.clock.move(timedelta(minutes=1))
    await desk.end_run(run)
    begun = loop.time()
    async with desk.chat(tempo):
        await until(lambda: "Success" in card.text)
        assert loop.time() - begun >= 0.6


async def test_a_card_written_while_telegram_was_away_shows_the_end_at_once(desk: Desk) -> None:
    desk.telegram.faults.drop(times=None, method=SEND)
    async with desk.chat():
        run = await desk.start_run(GROUP)
        await until(lambda: _tries(desk) > 0)
        await desk.end_run(run, State.FAILED)
        tried = _tries(desk)
        # What was drawn before the end is past with one more failure; the chat rests after it.
        await until(lambda: _tries(desk) > tried)
        desk.telegram.faults.clear()
        card = await desk.telegram.wait_for(GROUP, "Failed: Daily sync")

    assert card.edits == 0


def _tries(desk: Desk) -> int:
    return sum(call.method == SEND for call in desk.telegram.calls)


async def test_an_edit_during_an_outage_is_made_up_for(desk: Desk) -> None:
    async with desk.chat():
        run = await desk.start_run(GROUP)
        await desk.telegram.wait_for(GROUP, "At work")
        desk.telegram.faults.server_error(502, times=2, method=EDIT)
        await desk.end_run(run)
        await desk.telegram.wait_for(GROUP, "Success")


async def test_an_edit_whose_answer_was_lost_counts_as_made(desk: Desk) -> None:
    async with desk.chat():
        run = await desk.start_run(GROUP)
        card = await desk.telegram.wait_for(GROUP, "At work")
        before = card.edits
        desk.telegram.faults.store_then_cut(method=EDIT)
        await desk.end_run(run)
        await until(lambda: _in_state(desk, "final"))

    assert "Success" in card.text
    assert card.edits == before + 1
    # Telegram says of the second try that nothing changed; that is the proof, not a fault.
    assert {one.kind for one in desk.telegram.violations} == {"not_modified"}
    desk.telegram.violations.clear()


async def test_a_card_that_a_person_deleted_is_sent_anew_once(desk: Desk) -> None:
    async with desk.chat():
        run = await desk.start_run(GROUP)
        first = await desk.telegram.wait_for(GROUP, "At work")
        await until(lambda: _noted(desk))
        desk.telegram.delete_by_person(first)
        await desk.set_store(run, 0, Outcome.VERIFIED)
        second = await desk.telegram.wait_for(GROUP, "1 of 3 stores", after=first)
        await until(lambda: _noted(desk))
        desk.telegram.delete_by_person(second)
        await desk.set_store(run, 1, Outcome.VERIFIED)
        await until(lambda: _in_state(desk, "dead"))

    assert desk.texts(GROUP) == []
    assert (await desk.card()).reason == "a person deleted it twice"


async def test_a_card_in_a_group_that_shut_the_bot_out_rests_and_holds_up_nobody(desk: Desk) -> None:
    async with desk.chat():
        run = await desk.start_run(GROUP, ANA)
        await desk.telegram.wait_for(GROUP, "At work")
        desk.group.bot_status = "kicked"
        await desk.set_store(run, 0, Outcome.VERIFIED)
        await desk.telegram.wait_for(ANA, "channel “Ops”")
        await desk.end_run(run)
        await desk.telegram.wait_for(ANA, "Success")

    states = {card.chat_id: card.state for card in await desk.rows(Card)}
    assert states == {GROUP: "closed", ANA: "final"}


async def _blocked_during_a_run(desk: Desk) -> tuple[int, Message]:
    """Rui starts a run and blocks the bot; return the run, and the card that he saw."""
    run = await desk.start_run(RUI)
    card = await desk.telegram.wait_for(RUI, "At work")
    await until(lambda: _noted(desk))
    desk.rui.blocks_bot()
    await until(lambda: _in_state(desk, "closed"))
    return run, card


async def test_who_lets_the_bot_back_in_sees_the_end_of_a_run_that_went_on_meanwhile(desk: Desk) -> None:
    async with desk.chat():
        run, card = await _blocked_during_a_run(desk)
        await desk.end_run(run)
        await asyncio.sleep(0.2)
        assert "At work" in card.text
        desk.rui.unblocks_bot()
        await until(lambda: _in_state(desk, "final"))

    assert "Success" in card.text
    assert len(desk.texts(RUI)) == 1


async def test_who_lets_the_bot_back_in_during_a_run_sees_its_end_though_the_card_was_deleted(desk: Desk) -> None:
    async with desk.chat():
        run, card = await _blocked_during_a_run(desk)
        desk.telegram.delete_by_person(card)
        desk.rui.unblocks_bot()
        await until(lambda: _in_state(desk, "live"))
        await desk.set_store(run, 0, Outcome.VERIFIED)
        await desk.end_run(run)
        await desk.telegram.wait_for(RUI, "Success")

    assert len(desk.texts(RUI)) == 1


async def test_who_lets_the_bot_in_during_a_run_gets_the_card_that_could_not_be_sent(desk: Desk) -> None:
    desk.rui.blocks_bot()
    async with desk.chat():
        run = await desk.start_run(RUI)
        await until(lambda: _in_state(desk, "closed"))
        desk.rui.unblocks_bot()
        await desk.telegram.wait_for(RUI, "At work")
        await desk.end_run(run)
        await desk.telegram.wait_for(RUI, "Success")


async def test_a_429_on_an_edit_delays_the_card_and_the_end_still_arrives(desk: Desk) -> None:
    async with desk.chat():
        run = await desk.start_run(GROUP)
        await desk.telegram.wait_for(GROUP, "At work")
        desk.telegram.faults.too_many_requests(1, method=EDIT, chat_id=GROUP)
        await desk.end_run(run)
        await desk.telegram.wait_for(GROUP, "Success")


async def test_a_card_follows_its_group_into_the_supergroup(desk: Desk) -> None:
    async with desk.chat():
        run = await desk.start_run(GROUP)
        await desk.telegram.wait_for(GROUP, "At work")
        await until(lambda: _noted(desk))
        new_id = desk.telegram.migrate(desk.group)
        await desk.end_run(run)
        await desk.telegram.wait_for(new_id, "Success")

    assert (await desk.card()).state == "final"


async def test_a_shifted_clock_stands_on_every_card(desk: Desk) -> None:
    async with desk.chat(clock_note=T("The clock was set to {at}.", at=desk.clock.now() - timedelta(days=1))):
        await desk.start_run(GROUP)
        card = await desk.telegram.wait_for(GROUP, "At work")

    assert "The clock was set to 11/22/26" in card.text


async def _noted(desk: Desk) -> bool:
    return (await desk.card()).message_id is not None


async def _in_state(desk: Desk, state: str) -> bool:
    return (await desk.card()).state == state


async def test_the_next_run_answers_the_last_card_of_its_job_in_the_chat(desk: Desk) -> None:
    async with desk.chat():
        first = await _ended(desk, "Success")
        second = await _ended(desk, "Failed", State.FAILED, after=first)
        desk.telegram.delete_by_person(second)
        third = await _ended(desk, "Success", after=second)

    assert (first.reply_to, second.reply_to, third.reply_to) == (None, first.id, None)


async def test_a_run_of_another_job_or_in_another_chat_starts_a_thread_of_its_own(desk: Desk) -> None:
    async with desk.chat():
        await _ended(desk, "Success")
        run = await desk.start_run(ANA)
        await desk.end_run(run)
        private = await desk.telegram.wait_for(ANA, "Success")

    assert private.reply_to is None


async def test_a_private_card_offers_its_reader_what_they_may_do_and_shows_their_stores(desk: Desk) -> None:
    await desk.set_person(RUI, store_ids=[desk.store_ids[0]])
    async with desk.chat():
        run = await desk.start_run(RUI, VERA, GROUP)
        await desk.set_store(run, 0, Outcome.VERIFIED)
        await desk.set_store(run, 1, Outcome.FAILED, T("The ERP is away."))
        await desk.set_store(run, 2, Outcome.FAILED, T("The ERP is away."))
        await desk.end_run(run, State.PARTIAL)
        limited = await desk.telegram.wait_for(RUI, "Partial")
        viewer = await desk.telegram.wait_for(VERA, "Partial")
        group = await desk.telegram.wait_for(GROUP, "Partial")

    looking = ["Details", "Report", "Log"]
    assert "002 Norte" not in limited.text
    assert "1 of 1 store" in limited.text
    assert _labels(viewer) == looking
    assert _labels(group) == ["Retry failed", "Run again", *looking]


async def test_somebody_who_was_removed_sees_no_more_of_the_run(desk: Desk) -> None:
    async with desk.chat():
        run = await desk.start_run(RUI)
        card = await desk.telegram.wait_for(RUI, "At work")
        await desk.set_person(RUI, active=False)
        await desk.set_store(run, 0, Outcome.VERIFIED)
        await until(lambda: _in_state(desk, "dead"))

    assert "verified" not in card.text


async def _ended(desk: Desk, word: str, state: State = State.SUCCESS, after: Message | None = None) -> Message:
    """Let a run begin and end; returns its card."""
    run = await desk.start_run(GROUP)
    await desk.telegram.wait_for(GROUP, "At work", after=after)
    await desk.end_run(run, state)
    found = await desk.telegram.wait_for(GROUP, word, after=after)

    async def noted() -> bool:
        return all(card.state == "final" for card in await desk.rows(Card))

    await until(noted)
    return found


def _labels(message: Message) -> list[str]:
    return [button.text for row in message.buttons for button in row]
