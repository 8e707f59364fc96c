"""Telegram is away for minutes: what cannot wait comes by e-mail too, once, and says why."""

from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest
from sqlalchemy import select

from core.channels.model import Channel
from core.executions.states import Event
from core.jobs.model import Job
from core.notices.mirroring import PATIENCE, MirrorAlarms
from core.outbox.model import NO_CHAT, Card, Message
from core.outbox.reach import Reach
from core.texts import Text
from sandbox.faults import Fault
from tests.jobs.test_channels_told import mail_channel, posts
from tests.jobs.test_foreign import TODAY
from tests.jobs.test_quiet_hours import tell
from tests.kit.chain import Chain

LATER = PATIENCE + timedelta(seconds=1)


async def waiting(chain: Chain, chat_id: int, event: Event) -> None:
    async with chain.database.writing() as session:
        session.add(
            Message(
                organisation_id=chain.organisation_id,
                chat_id=chat_id,
                thread_id=None,
                priority=10,
                body={"lines": [{"message": "not live"}], "locale": "en", "event": event.value},
                dedupe_key=f"{event}:1:{chat_id}",
                created_at=chain.clock.now(),
                attempts=1,
            )
        )


def away(chain: Chain) -> MirrorAlarms:
    """Return the mirror of a process that has just found Telegram out of reach."""
    reach = Reach(chain.clock)
    reach.failed()
    return MirrorAlarms(chain.database, chain.clock, reach)


async def told_in_the_group(chain: Chain, *events: str) -> int:
    """Add a mailbox that no rule names, let the job tell the group alone, and return the mailbox's number."""
    number = await mail_channel(chain, 1)
    await chain.change(await chain.row(Job, chain.sync_job), notify=[{"channel": "Ops", "on": list(events)}])
    return number


async def test_only_what_cannot_wait_and_has_waited_is_mailed_once(lone: Chain) -> None:
    await mail_channel(lone, 1, "failure")
    for chat_id in (-1, -2):
        await waiting(lone, chat_id, Event.NEEDS_CREDENTIALS)
    await waiting(lone, -1, Event.DIGEST)
    mirror = away(lone)
    await mirror.tick()
    assert await posts(lone) == []
    lone.clock.move(LATER)
    for _ in range(2):
        await mirror.tick()
    (mail,) = await posts(lone)
    assert mail.chat_id == NO_CHAT
    assert "Telegram brings it too" in str(mail.body["lines"][-1])


async def test_what_the_mail_channel_was_told_by_its_own_rule_is_not_mailed_again(lone: Chain) -> None:
    await mail_channel(lone, 1, "needs_credentials")
    mirror = away(lone)
    await tell(lone, Event.NEEDS_CREDENTIALS, "refused", f"{Event.NEEDS_CREDENTIALS}:1")
    await waiting(lone, -1, Event.NEEDS_CREDENTIALS)
    lone.clock.move(PATIENCE)
    await mirror.tick()
    assert len(await posts(lone)) == 1


async def test_one_chat_that_has_to_wait_is_not_telegram_being_away(lone: Chain) -> None:
    await mail_channel(lone, 1, "failure")
    await waiting(lone, -1, Event.NEEDS_CREDENTIALS)
    reach = Reach(lone.clock)
    reach.failed()
    lone.clock.move(LATER)
    reach.answered()
    reach.failed()
    await MirrorAlarms(lone.database, lone.clock, reach).tick()
    assert await posts(lone) == []


async def fails(chain: Chain) -> None:
    chain.platform.faults.add(Fault("lose_lines", store=chain.stores[0].cnpj))
    await chain.sync()


async def is_held(chain: Chain) -> None:
    line = {"code": "8001", "price": "10.00", "final_price": "8.00"}
    chain.platform.add_foreign(chain.stores[0].cnpj, [line], TODAY)
    await chain.sync()


@pytest.mark.parametrize(
    ("ends", "event", "said"),
    [(fails, "failure", "❌ Daily sync: failed"), (is_held, "held", "✋ Daily sync: held, somebody must decide")],
)
async def test_a_run_that_failed_or_was_held_is_mailed_with_its_stores(
    lone: Chain, ends: Callable[[Chain], Awaitable[None]], event: str, said: str
) -> None:
    await told_in_the_group(lone, "start", event)
    await ends(lone)
    mirror = away(lone)
    lone.clock.move(LATER)
    for _ in range(2):
        await mirror.tick()

    (mail,) = await posts(lone)
    lines = [str(Text.from_json(line)) for line in mail.body["lines"]]
    assert lines[0] == said
    assert any(line.startswith("• Loja 1") for line in lines)
    assert mail.body["event"] == event


async def test_the_mail_speaks_the_words_and_the_language_of_the_mailbox(lone: Chain) -> None:
    box = await told_in_the_group(lone, "failure")
    await lone.change(await lone.row(Channel, box), locale="es", templates={"failure": "{job} {result}"})
    await fails(lone)
    mirror = away(lone)
    lone.clock.move(LATER)
    await mirror.tick()
    (mail,) = await posts(lone)
    assert (mail.body["locale"], str(Text.from_json(mail.body["lines"][0]))) == ("es", "Daily sync con falla")


async def test_a_run_whose_card_shows_its_end_or_that_went_well_is_not_mailed(lone: Chain) -> None:
    await told_in_the_group(lone, "success", "failure")
    await lone.sync()
    await fails(lone)
    async with lone.database.writing() as session:
        for card in await session.scalars(select(Card).where(Card.execution_id == 2)):
            card.state = "final"
    mirror = away(lone)
    lone.clock.move(LATER)
    await mirror.tick()
    assert await posts(lone) == []


async def test_the_late_runs_are_found_in_either_database(either_chain: Chain) -> None:
    await told_in_the_group(either_chain, "partial")
    await is_held(either_chain)
    mirror = away(either_chain)
    either_chain.clock.move(LATER)
    await mirror.tick()
    (mail,) = await posts(either_chain)
    assert mail.body["event"] == Event.HELD
