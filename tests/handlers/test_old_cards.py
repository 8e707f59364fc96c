"""Buttons on old cards: what has been done since is not done again unasked (X-9, X-11)."""

from typing import Any

import pytest

from core.catalogue.model import Hold
from core.executions.model import Execution, Step
from core.executions.states import Outcome, State
from core.outbox.model import Card
from sandbox.telegram import Message
from tests.handlers.kit import ANA, GROUP, Desk, until, until_sent

GOOD, BAD, AWAY = Outcome.VERIFIED, Outcome.FAILED, Outcome.CANCELLED


async def ended(desk: Desk, *outcomes: Outcome, chat: int | None = None, **values: Any) -> int:
    """A run that has ended so."""
    run = await desk.start_run(*([chat] if chat else []), outcomes=outcomes)
    await desk.set_row(Execution, run, **values)
    await desk.end_run(run, State.PARTIAL)
    return run


async def card_in(desk: Desk, chat: int, word: str = "Partial") -> Message:
    shown = await desk.telegram.wait_for(chat, word)
    await until(lambda: _all_noted(desk))
    return shown


async def _all_noted(desk: Desk) -> bool:
    return all(card.message_id for card in await desk.rows(Card))


def labels(message: Message) -> list[str]:
    return [button.text for row in message.buttons for button in row]


async def test_an_old_retry_asks_and_runs_only_what_is_still_not_good(desk: Desk) -> None:
    async with desk.chat():
        await ended(desk, BAD, BAD, Outcome.HELD, chat=GROUP)
        card = await card_in(desk, GROUP)
        await ended(desk, BAD, GOOD, GOOD)
        answer = await (await desk.ana.taps(card, "Retry failed"))
        question = await desk.telegram.wait_for(GROUP, "Retry 1 store?")
        await until_sent(desk)
        assert len(await desk.rows(Execution)) == 2
        refused = await (await desk.rui.taps(question, "Retry now"))
        started = await (await desk.ana.taps(question, "Retry now"))

    assert "confirm" in answer.text
    assert "of the 3 stores here, 1 is still not good" in question.text
    assert "somebody else" in refused.text
    assert "Started again" in started.text
    *_, retried = await desk.rows(Execution)
    assert (retried.trigger, retried.store_ids) == ("retry", [desk.store_ids[0]])


async def test_a_question_that_has_become_old_itself_is_asked_anew(desk: Desk) -> None:
    async with desk.chat():
        await ended(desk, BAD, BAD, BAD, chat=GROUP)
        card = await card_in(desk, GROUP)
        await ended(desk, BAD, BAD, GOOD)
        await (await desk.ana.taps(card, "Retry failed"))
        question = await desk.telegram.wait_for(GROUP, "Retry 2 stores?")
        await until_sent(desk)
        await ended(desk, GOOD, BAD, GOOD)
        await (await desk.ana.taps(question, "Retry now"))
        await desk.telegram.wait_for(GROUP, "Retry 1 store?")

    assert len(await desk.rows(Execution)) == 3


async def test_an_old_retry_of_stores_that_are_good_by_now_says_so(desk: Desk) -> None:
    async with desk.chat():
        await ended(desk, GOOD, BAD, GOOD, chat=GROUP)
        card = await card_in(desk, GROUP)
        await ended(desk, GOOD, Outcome.ALREADY_LIVE, BAD)
        answer = await (await desk.ana.taps(card, "Retry failed"))

    assert "All of these stores are good since the run of" in answer.text
    assert len(await desk.rows(Execution)) == 2


async def test_a_second_tap_long_after_the_first_points_to_the_run_that_came_of_it(desk: Desk) -> None:
    async with desk.chat():
        await ended(desk, GOOD, BAD, GOOD, chat=GROUP)
        card = await card_in(desk, GROUP)
        await (await desk.ana.taps(card, "Retry failed"))
        *_, retried = await desk.rows(Execution)
        await desk.set_store(retried.id, 1, BAD)
        await desk.end_run(retried.id, State.FAILED)
        answer = await (await desk.ana.taps(card, "Retry failed"))

    assert "This was started before and ended at" in answer.text
    assert len(await desk.rows(Execution)) == 2


@pytest.mark.parametrize("newer", [{}, {"dry_run": True}, {"type": "compare_data"}])
async def test_what_did_not_come_to_the_failed_stores_makes_no_card_old(desk: Desk, newer: dict[str, Any]) -> None:
    async with desk.chat():
        await ended(desk, GOOD, BAD, GOOD, chat=GROUP)
        card = await card_in(desk, GROUP)
        await ended(desk, GOOD, GOOD if newer else AWAY, BAD, **newer)
        answer = await (await desk.ana.taps(card, "Retry failed"))

    assert "Started again" in answer.text


async def test_run_again_on_an_old_card_tells_of_the_newer_run_first_and_asks_each_person_once(desk: Desk) -> None:
    async with desk.chat():
        await ended(desk, GOOD, GOOD, BAD, chat=GROUP)
        card = await card_in(desk, GROUP)
        await ended(desk, GOOD, GOOD, GOOD)
        taps = [await desk.ana.taps(card, "Run again") for _ in range(6)]
        assert all(["confirm" in (await tap).text for tap in taps])
        await (await desk.rui.taps(card, "Run again"))
        question = await desk.telegram.wait_for(GROUP, "Run Daily sync again for 3 stores?")
        await until_sent(desk)

    assert "A newer run has finished since, at 11/23/26" in question.text
    assert sum("Run Daily sync again" in text for text in desk.texts(GROUP)) == 2, "one for each of the two people"
    assert len(await desk.rows(Execution)) == 2


async def test_a_released_card_no_longer_offers_to_release(desk: Desk) -> None:
    async with desk.chat():
        run = await held(desk)
        card = await card_in(desk, GROUP)
        await (await desk.ana.taps(card, "Release"))
        await until(lambda: "Release" not in labels(card))
        await until(lambda: _is(desk, run, "final"))

    assert "Run again" in labels(card)
    assert "Released since by Ana: 003 Sul." in card.text


async def test_a_released_card_that_somebody_deleted_stays_away(desk: Desk) -> None:
    async with desk.chat():
        run = await held(desk, ANA)
        await until(lambda: _all_noted(desk))
        desk.telegram.delete_by_person(await card_in(desk, ANA))
        await (await desk.ana.taps(await card_in(desk, GROUP), "Release"))
        await until(lambda: _is(desk, run, "dead", "final"))

    assert desk.texts(ANA) == []


async def held(desk: Desk, *also: int) -> int:
    """A finished run with one held store, shown in the group and elsewhere."""
    run = await desk.start_run(GROUP, *also, outcomes=(GOOD, GOOD, Outcome.HELD))
    async with desk.database.writing() as session:
        common: dict[str, Any] = {
            "organisation_id": desk.organisation_id,
            "store_id": desk.store_ids[2],
            "execution_id": run,
        }
        session.add(
            Hold(**common, kind="store", reason="min_lines", created_at=desk.clock.now(), digest="d", details={})
        )
    await desk.end_run(run, State.PARTIAL)
    return run


async def _is(desk: Desk, run: int, *states: str) -> bool:
    return {card.state for card in await desk.rows(Card) if card.execution_id == run} == set(states)


DIFFERS = (Outcome.EQUAL, Outcome.DIFFERENT, Outcome.DIFFERENT)


async def test_stores_that_differ_are_synced_by_one_tap_where_nothing_of_today_is_replaced(desk: Desk) -> None:
    async with desk.chat():
        await ended(desk, *DIFFERS, chat=GROUP, type="compare_data")
        card = await card_in(desk, GROUP)
        refused = await (await desk.vera.taps(card, "Sync 2 stores"))
        answer = await (await desk.ana.taps(card, "Sync 2 stores"))

    assert "You may not do this" in refused.text
    assert answer.text == "Started: Daily sync."
    *_, synced = await desk.rows(Execution)
    assert (synced.type, synced.store_ids) == ("sync_products", desk.store_ids[1:])
    assert labels(card)[:2] == ["Sync 2 stores", "Run again"]


async def test_an_old_comparison_syncs_only_what_is_not_good_since(desk: Desk) -> None:
    async with desk.chat():
        await ended(desk, *DIFFERS, chat=GROUP, type="compare_data")
        card = await card_in(desk, GROUP)
        await ended(desk, BAD, GOOD, AWAY)
        await (await desk.ana.taps(card, "Sync 2 stores"))
        *_, synced = await desk.rows(Execution)
        await desk.set_store(synced.id, 2, GOOD)
        await desk.end_run(synced.id)
        answer = await (await desk.ana.taps(card, "Sync 2 stores"))

    assert synced.store_ids == [desk.store_ids[2]]
    assert "All of these stores are good since the run of" in answer.text
    assert len(await desk.rows(Execution)) == 3


async def test_held_stores_are_no_part_of_the_sync_below_a_comparison_and_are_counted(desk: Desk) -> None:
    async with desk.chat():
        await held(desk)
        run = await desk.start_run(ANA, outcomes=(Outcome.DIFFERENT, Outcome.EQUAL, Outcome.DIFFERENT))
        await desk.set_row(Execution, run, type="compare_data")
        await desk.set_store(run, 2, Outcome.DIFFERENT, held_store=1)
        await desk.end_run(run, State.PARTIAL)
        card = await card_in(desk, ANA)
        assert labels(card)[0] == "Sync 1 store"
        (hold,) = await desk.rows(Hold)
        await desk.set_row(Hold, hold.id, store_id=desk.store_ids[0])
        await desk.set_row(Step, (run, desk.store_ids[2]), outcome=Outcome.EQUAL)
        refused = await (await desk.ana.taps(card, "Sync 1 store"))
        await desk.set_row(Hold, hold.id, store_id=desk.store_ids[2])
        await desk.set_row(Step, (run, desk.store_ids[2]), outcome=Outcome.DIFFERENT)
        await (await desk.ana.taps(card, "Sync 1 store"))
        await desk.telegram.wait_for(ANA, "1 store is left out: it is held")

    assert "The store that differs is held: release it" in refused.text
    assert (await desk.rows(Execution))[-1].store_ids == [desk.store_ids[0]]
