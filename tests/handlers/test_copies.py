"""Messages that came twice, as the answer to their sending was lost: one counts, a tap takes the other away."""

from datetime import UTC, datetime, timedelta

from core.executions.model import Execution
from core.executions.states import Outcome, State
from core.outbox.model import Card
from sandbox.telegram import Message
from tests.handlers.kit import GROUP, Desk, until


async def twice(desk: Desk, state: State | None = None) -> tuple[int, Message, Message]:
    """Start a run whose card arrives twice; returns the run, the copy that nobody knows, and the card."""
    desk.telegram.faults.store_then_cut(method="sendMessage")
    run = await desk.start_run(GROUP)
    copy = await desk.telegram.wait_for(GROUP, "Daily sync, run 1")
    if state is not None:
        await desk.set_store(run, 0, Outcome.FAILED)
        await desk.end_run(run, state)
    card = await desk.telegram.wait_for(GROUP, "At work" if state is None else "Partial", after=copy)

    async def noted() -> bool:
        return (await desk.card()).message_id == card.id

    await until(noted)
    return run, copy, card


async def test_a_tap_on_a_copy_takes_it_away_and_does_nothing_else(desk: Desk) -> None:
    async with desk.chat():
        run, copy, card = await twice(desk)
        answer = await (await desk.rui.taps(copy, "Cancel"))
        await until(lambda: copy.deleted)
        assert "sent twice" in answer.text
        (row,) = await desk.rows(Execution)
        assert row.cancel_requested_by is None
        await (await desk.rui.taps(card, "Cancel"))
        await desk.end_run(run, State.CANCELLED)
        await desk.telegram.wait_for(GROUP, "Cancelled")

    assert not card.deleted
    assert [text.split("\n")[0] for text in desk.texts(GROUP)] == ["🚫 Cancelled: Daily sync"]


async def test_a_copy_says_nothing_that_the_end_makes_wrong_and_goes_at_the_first_tap(desk: Desk) -> None:
    async with desk.chat():
        _, copy, _ = await twice(desk, State.PARTIAL)
        assert copy.text == "▶️ Daily sync, run 1\nManual, by Ana\n3 stores"
        first, second = await desk.ana.taps(copy, "Details"), await desk.rui.taps(copy, "Log")
        await first
        await second
        await until(lambda: copy.deleted)

    assert len(desk.texts(GROUP)) == 1
    assert desk.telegram.violations == []


async def test_a_copy_that_could_not_be_taken_away_goes_at_the_next_tap(desk: Desk) -> None:
    async with desk.chat():
        _, copy, _ = await twice(desk)
        desk.telegram.faults.server_error(method="deleteMessage")
        await (await desk.ana.taps(copy, "Details"))
        await until(lambda: any(call.method == "deleteMessage" for call in desk.telegram.calls))
        assert not copy.deleted

        async def gone_by_a_tap() -> bool:
            if not copy.deleted:
                await (await desk.ana.taps(copy, "Details"))
            return copy.deleted

        await until(gone_by_a_tap)


async def test_a_copy_that_is_too_old_to_be_deleted_says_what_it_is(desk: Desk) -> None:
    async with desk.chat():
        _, copy, card = await twice(desk)
        desk.clock.instant = datetime.now(UTC)
        copy.date = int((desk.clock.instant - timedelta(days=2)).timestamp())
        await desk.ana.taps(copy, "Details")
        await until(lambda: "sent twice" in copy.text)

    assert (copy.deleted, copy.buttons) == (False, [])
    assert "At work" in card.text
    assert desk.telegram.violations == []


async def test_a_tampered_tap_takes_no_other_message_away(desk: Desk) -> None:
    async with desk.chat():
        await desk.say("somebody else's notice", GROUP, key="other")
        other = await desk.telegram.wait_for(GROUP, "notice")
        await desk.start_run(GROUP)
        card = await desk.telegram.wait_for(GROUP, "At work")
        await until(lambda: _noted(desk))
        data = card.buttons[0][0].data
        answer = await (await desk.vera.taps(other, data=data))

    assert "out of date" in answer.text
    assert len(desk.texts(GROUP)) == 2


async def _noted(desk: Desk) -> bool:
    cards: list[Card] = await desk.rows(Card)
    return all(card.message_id for card in cards)
