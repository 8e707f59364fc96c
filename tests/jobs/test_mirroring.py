"""Telegram is away for minutes: what cannot wait comes by e-mail too, once, and says why."""

from datetime import timedelta

from core.executions.states import Event
from core.notices.mirroring import PATIENCE, MirrorAlarms
from core.outbox.model import NO_CHAT, Message
from tests.jobs.test_channels_told import mail_channel, posts
from tests.jobs.test_quiet_hours import tell
from tests.kit.chain import Chain


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


async def test_only_what_cannot_wait_and_has_waited_is_mailed_once(lone: Chain) -> None:
    await mail_channel(lone, 1, "failure")
    for chat_id in (-1, -2):
        await waiting(lone, chat_id, Event.NEEDS_CREDENTIALS)
    await waiting(lone, -1, Event.DIGEST)
    mirror = MirrorAlarms(lone.database, lone.clock)
    await mirror.tick()
    assert await posts(lone) == []
    lone.clock.move(PATIENCE + timedelta(seconds=1))
    for _ in range(2):
        await mirror.tick()
    (mail,) = await posts(lone)
    assert mail.chat_id == NO_CHAT
    assert "Telegram brings it too" in str(mail.body["lines"][-1])


async def test_what_the_mail_channel_was_told_by_its_own_rule_is_not_mailed_again(lone: Chain) -> None:
    await mail_channel(lone, 1, "needs_credentials")
    await tell(lone, Event.NEEDS_CREDENTIALS, "refused", f"{Event.NEEDS_CREDENTIALS}:1")
    await waiting(lone, -1, Event.NEEDS_CREDENTIALS)
    lone.clock.move(PATIENCE)
    await MirrorAlarms(lone.database, lone.clock).tick()
    assert len(await posts(lone)) == 1
