"""Buttons: the right one in the right hand does one thing once, every other does nothing (X-3)."""

import asyncio
from dataclasses import replace
from decimal import Decimal

import pytest

from core.catalogue.model import Hold
from core.chat.model import Button
from core.executions.model import Execution
from core.executions.states import Outcome, State
from core.ids import new_id
from core.organisations.model import Organisation
from core.outbox.model import Card
from core.texts import T
from sandbox.telegram import Message
from tests.handlers.kit import ANA, GROUP, RUI, VERA, Desk, until

OUTDATED = "out of date"


async def held_run(desk: Desk, *chats: int) -> int:
    """A finished run with one good store, one with a held line, one that failed."""
    run = await desk.start_run(*chats)
    await desk.set_store(run, 0, Outcome.VERIFIED)
    await desk.set_store(run, 1, Outcome.VERIFIED, held_lines=1)
    await desk.set_store(run, 2, Outcome.FAILED, T("The ERP is away."))
    async with desk.database.writing() as session:
        session.add(
            Hold(
                organisation_id=desk.organisation_id,
                store_id=desk.store_ids[1],
                execution_id=run,
                kind="line",
                reason="max_discount_percent",
                created_at=desk.clock.now(),
                code="123",
                base=Decimal("10.00"),
                final=Decimal("1.50"),
                details={"name": "Coffee\n500 g", "actual": "85.0", "allowed": "80"},
            )
        )
    await desk.end_run(run, State.PARTIAL)
    return run


async def card_of(desk: Desk, chat_id: int) -> Message:
    """Wait for the card, and until the row knows its message."""
    shown = await desk.telegram.wait_for(chat_id, "Partial")

    async def noted() -> bool:
        return all(card.message_id for card in await desk.rows(Card))

    await until(noted)
    return shown


async def test_cancel_on_a_card_asks_the_run_to_stop_and_the_button_goes(desk: Desk) -> None:
    async with desk.chat():
        run = await desk.start_run(GROUP)
        card = await desk.telegram.wait_for(GROUP, "At work")
        answer = await (await desk.ana.taps(card, "Cancel"))
        await desk.telegram.wait_for(GROUP, "Cancelling")

    assert "It stops" in answer.text
    assert [button.text for row in card.buttons for button in row] == ["Details", "Log"]
    (row,) = await desk.rows(Execution)
    assert (row.id, row.cancel_requested_by) == (run, "Ana")


async def test_a_tap_in_a_group_is_answered_in_the_language_of_who_tapped(desk: Desk) -> None:
    """Only they read the pop-up; the message is for all, and stays in the group's language."""
    desk.ana.user.language = "pt-br"
    async with desk.chat():
        await held_run(desk, GROUP)
        card = await card_of(desk, GROUP)
        assert (await (await desk.ana.taps(card, "Release"))).text == "Liberado. O envio das lojas começa agora."
        await desk.set_person(ANA, locale="es")
        assert "Ya en curso: Daily sync" in (await (await desk.ana.taps(card, "Release"))).text
        await desk.telegram.wait_for(GROUP, "Released since by Ana")


async def test_a_refusal_in_a_groups_menu_is_in_the_language_of_who_tapped(desk: Desk) -> None:
    desk.rui.user.language = "es"
    async with desk.chat():
        await desk.ana.says("/menu", chat=desk.group)
        menu = await desk.telegram.wait_for(GROUP, "Home")
        refused = await (await desk.rui.taps(menu, "Status"))

    assert "Este menú es de otra persona." in refused.text


async def test_release_sends_the_held_store_again_and_two_taps_release_once(desk: Desk) -> None:
    async with desk.chat():
        await held_run(desk, GROUP)
        card = await card_of(desk, GROUP)
        first, second = await desk.ana.taps(card, "Release"), await desk.ana.taps(card, "Release")
        assert "Released" in (await first).text
        assert "Already at work" in (await second).text

    _, again = await desk.rows(Execution)
    assert (again.trigger, again.store_ids) == ("release", [desk.store_ids[1]])
    (hold,) = await desk.rows(Hold)
    assert (hold.state, hold.decided_by) == ("released", "Ana")


async def test_retry_runs_the_failed_stores_once_however_often_it_is_tapped(desk: Desk) -> None:
    async with desk.chat():
        await held_run(desk, GROUP)
        card = await card_of(desk, GROUP)
        for _ in range(3):
            await (await desk.ana.taps(card, "Retry"))

    _, again = await desk.rows(Execution)
    assert (again.trigger, again.store_ids) == ("retry", [desk.store_ids[2]])


async def test_tomorrow_is_planned_once_however_often_it_is_tapped_and_status_shows_it(desk: Desk) -> None:
    async with desk.chat():
        late = await desk.start_run(GROUP, outcomes=(Outcome.TOO_LATE, Outcome.VERIFIED, Outcome.TOO_LATE))
        await desk.end_run(late, State.PARTIAL)
        card = await card_of(desk, GROUP)
        for _ in range(3):
            await (await desk.ana.taps(card, "Tomorrow"))
        await desk.ana.says("/status")
        status = await desk.telegram.wait_for(ANA, "Planned for")

    _, planned = await desk.rows(Execution)
    assert (planned.state, planned.trigger) == ("pending", "tomorrow")
    assert planned.store_ids == [desk.store_ids[0], desk.store_ids[2]]
    assert "Daily sync, 2 stores" in status.text


async def test_details_say_how_the_run_stood_then_and_show_its_end_once_it_has_ended(desk: Desk) -> None:
    async with desk.chat():
        run = await desk.start_run(GROUP)
        card = await desk.telegram.wait_for(GROUP, "At work")
        await (await desk.vera.taps(card, "Details"))
        before = await desk.telegram.wait_for(GROUP, "Details of run")
        assert "⏳ At work, 11/23/26, 5:10\u202fAM\n⏳ 001 Centro: not done yet" in before.text
        for store in range(3):
            await desk.set_store(run, store, Outcome.VERIFIED)
        await desk.end_run(run)
        card = await desk.telegram.wait_for(GROUP, "Success")
        await (await desk.vera.taps(card, "Details"))
        after = await desk.telegram.wait_for(GROUP, "✅ Success, ")

    assert "✅ 003 Sul: verified" in after.text
    assert "not done yet" not in after.text


async def test_details_show_reasons_and_held_prices_once_for_a_double_tap(desk: Desk) -> None:
    async with desk.chat():
        await held_run(desk, GROUP)
        card = await card_of(desk, GROUP)
        await (await desk.vera.taps(card, "Details"))
        await (await desk.vera.taps(card, "Details"))
        details = await desk.telegram.wait_for(GROUP, "Details of run")

        await (await desk.vera.taps(details, "Store by store"))
        await desk.telegram.wait_for(GROUP, "Stores, problems first")

    assert "003 Sul: failed. The ERP is away." in details.text
    assert "Coffee\\n500 g (123): R$10.00 → R$1.50, -85%. Held: larger discount" in details.text
    assert sum("Details of run" in text for text in desk.texts(GROUP)) == 1


async def test_a_tap_whose_answer_met_a_429_is_answered_after_it_and_everybody_waits_for_that(desk: Desk) -> None:
    async with desk.chat():
        await held_run(desk, GROUP)
        card = await card_of(desk, GROUP)
        desk.telegram.faults.too_many_requests(1, method="answerCallbackQuery")
        put_off = await desk.vera.taps(card, "Details")
        await until(lambda: any(call.status == 429 for call in desk.telegram.calls))
        await asyncio.sleep(0.3)
        answer = await (await desk.ana.taps(card, "Log"))

    assert (await put_off).text == "It is below."
    assert answer.text == "Nothing was logged in this run."
    assert desk.telegram.violations == []


async def test_a_tap_whose_answer_met_a_broken_gateway_is_answered_after_it(desk: Desk) -> None:
    async with desk.chat():
        await held_run(desk, GROUP)
        desk.telegram.faults.server_error(502, times=1, method="answerCallbackQuery")
        tap = await desk.vera.taps(await card_of(desk, GROUP), "Details")
        assert (await tap).text == "It is below."


async def test_a_tap_whose_answer_is_put_off_for_too_long_is_left(desk: Desk) -> None:
    async with desk.chat():
        await held_run(desk, GROUP)
        desk.telegram.faults.too_many_requests(60, method="answerCallbackQuery")
        await desk.vera.taps(await card_of(desk, GROUP), "Details")
        await desk.telegram.wait_for(GROUP, "Details of run")

    calls = [call.status for call in desk.telegram.calls if call.method == "answerCallbackQuery"]
    assert calls == [429]


@pytest.mark.parametrize("label", ["Release", "Retry"])
async def test_the_right_is_checked_at_the_tap_and_not_when_the_card_was_drawn(desk: Desk, label: str) -> None:
    await desk.set_person(RUI, may_release=False)
    async with desk.chat():
        await held_run(desk, GROUP)
        card = await card_of(desk, GROUP)
        refused = await (await desk.vera.taps(card, label))

    assert "You may not do this" in refused.text
    assert len(await desk.rows(Execution)) == 1


async def test_a_manager_without_the_right_to_release_may_not(desk: Desk) -> None:
    await desk.set_person(RUI, may_release=False)
    async with desk.chat():
        await held_run(desk, GROUP)
        refused = await (await desk.rui.taps(await card_of(desk, GROUP), "Release"))

    assert "You may not do this" in refused.text
    (hold,) = await desk.rows(Hold)
    assert hold.state == "open"


@pytest.mark.parametrize("data", ["b:", "b:" + "A" * 22, "b:../../etc/passwd", "x", "b:' OR 1=1 --", "b:\N{BOMB}"])
async def test_a_forged_button_does_nothing_and_says_so(desk: Desk, data: str) -> None:
    async with desk.chat():
        await held_run(desk, GROUP)
        answer = await (await desk.ana.taps(await card_of(desk, GROUP), data=data))

    assert OUTDATED in answer.text
    assert len(await desk.rows(Execution)) == 1


async def test_a_button_of_another_chat_or_message_does_nothing(desk: Desk) -> None:
    async with desk.chat():
        await held_run(desk, GROUP, ANA)
        group_card, own_card = await card_of(desk, GROUP), await card_of(desk, ANA)
        (release,) = [one.data for row in group_card.buttons for one in row if one.text == "Release"]
        elsewhere = await (await desk.ana.taps(own_card, data=release))
        await desk.ana.says("/status", chat=desk.group)
        other = await desk.telegram.wait_for(GROUP, "How things stand")
        wrong_message = await (await desk.ana.taps(other, data=release))

    assert OUTDATED in elsewhere.text
    assert OUTDATED in wrong_message.text
    assert len(await desk.rows(Execution)) == 1


async def test_the_same_message_number_in_another_chat_is_another_message(desk: Desk) -> None:
    async with desk.chat():
        await held_run(desk, GROUP)
        card = await card_of(desk, GROUP)
        async with desk.database.writing() as session:
            for row in await desk.rows(Button):
                (await session.get_one(Button, row.id)).chat_id = ANA
        answer = await (await desk.ana.taps(card, "Retry"))

    assert OUTDATED in answer.text
    assert len(await desk.rows(Execution)) == 1


async def test_a_button_of_another_organisation_does_nothing(desk: Desk) -> None:
    async with desk.chat():
        run = await held_run(desk, GROUP)
        card = await card_of(desk, GROUP)
        async with desk.database.writing() as session:
            other = Organisation(name="Outra Rede", timezone="America/Sao_Paulo", locale="en")
            session.add(other)
            await session.flush()
            session.add(
                Button(
                    id=(forged := new_id()),
                    organisation_id=other.id,
                    chat_id=GROUP,
                    message_key=f"card:{(await desk.card()).id}",
                    action="retry",
                    created_at=desk.clock.now(),
                    arguments={"execution": run},
                )
            )
        answer = await (await desk.ana.taps(card, data=f"b:{forged}"))

    assert OUTDATED in answer.text


async def test_a_button_meant_for_one_person_is_refused_to_others(desk: Desk) -> None:
    async with desk.chat():
        await held_run(desk, GROUP)
        card = await card_of(desk, GROUP)
        async with desk.database.writing() as session:
            for row in await desk.rows(Button):
                (await session.get_one(Button, row.id)).telegram_id = ANA
        answer = await (await desk.rui.taps(card, "Retry"))

    assert "for somebody else" in answer.text


async def test_a_button_in_a_private_chat_is_for_its_owner_whoever_else_may_do_the_same(desk: Desk) -> None:
    async with desk.chat():
        await held_run(desk, ANA)
        card = await card_of(desk, ANA)
        (release,) = [one.data for row in card.buttons for one in row if one.text == "Release"]
        shown = {"message": card.as_json(), "chat_instance": "1", "data": release}
        answer = await desk.rui._asks("callback_query", card, shown)

    assert not answer.text
    assert len(await desk.rows(Execution)) == 1
    assert all(hold.state == "open" for hold in await desk.rows(Hold))


async def test_a_tap_on_a_message_of_no_chat_is_answered_too(desk: Desk) -> None:
    async with desk.chat():
        await held_run(desk, ANA)
        card = await card_of(desk, ANA)
        answer = await (await desk.ana.taps(replace(card, inline_id="abc"), data="b:x"))

    assert answer is not None


async def test_a_stranger_in_the_group_learns_nothing_from_a_tap(desk: Desk) -> None:
    eve = desk.telegram.person(6666, "Eve")
    desk.group.members[eve.id] = eve.user
    async with desk.chat():
        await held_run(desk, GROUP)
        answer = await (await eve.taps(await card_of(desk, GROUP), "Details"))

    assert "for somebody else" in answer.text
    assert not any("Details of run" in text for text in desk.texts(GROUP))


async def test_a_tap_is_answered_at_once_even_when_the_work_takes_longer(desk: Desk) -> None:
    async with desk.chat():
        await held_run(desk, GROUP)
        card = await card_of(desk, GROUP)
        async with desk.database.writing():
            answer = await (await desk.ana.taps(card, "Retry"))
            assert answer.after < 1.2
            assert "One moment" in answer.text
        await desk.telegram.wait_for(GROUP, "Started again")


async def test_a_tap_from_before_a_long_outage_is_done_and_told_in_words(desk: Desk, skew: list[float]) -> None:
    async with desk.chat():
        run = await desk.start_run(ANA)
        card = await desk.telegram.wait_for(ANA, "At work")
        await until(lambda: _noted(desk))
    tap = await desk.ana.taps(card, "Cancel")
    skew[0] = 60
    async with desk.chat():
        await desk.telegram.wait_for(ANA, "It stops")

    assert not tap.answered.done()
    (row,) = await desk.rows(Execution)
    assert (row.id, row.cancel_requested_by) == (run, "Ana")


async def test_a_second_choice_on_an_ended_run_says_why_it_cannot_be(desk: Desk) -> None:
    async with desk.chat():
        run = await desk.start_run()
        await desk.set_person(VERA, role="admin")
        await desk.vera.says("/cancel")
        choice = await desk.telegram.wait_for(VERA, "Which run")
        await desk.end_run(run)
        answer = await (await desk.vera.taps(choice, "Cancel run"))

    assert "has ended already" in answer.text


async def _noted(desk: Desk) -> bool:
    return (await desk.card()).message_id is not None
