"""Quiet hours: what can wait comes as one message when they are over, what cannot is told at once."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from core.executions.states import Event
from core.jobs.model import Job
from core.notices.channels import Notices
from core.notices.quiet import quiet_until
from core.organisations.model import Organisation
from core.outbox.model import Message
from core.outbox.queue import OutboxQueue
from core.texts import T
from tests.jobs.test_channels_told import mail_channel, posts
from tests.kit.chain import Chain

ALL = ["start", "success", "failure", "digest", "held", "not_live_before_opening"]


async def quiet(chain: Chain, hours: str) -> None:
    await chain.change(await chain.row(Organisation, chain.organisation_id), quiet_hours=hours)


async def tell(chain: Chain, event: Event, text: str, key: str) -> None:
    async with chain.database.writing() as session:
        job = await session.get_one(Job, chain.sync_job)
        await Notices(chain.clock).tell(session, job, event, [T("{text}", text=text)], key=key)


async def test_what_can_wait_is_one_message_after_the_quiet_hours(lone: Chain) -> None:
    await mail_channel(lone, 1, *ALL)
    now = lone.clock.now().astimezone(ZoneInfo("America/Sao_Paulo"))
    await quiet(lone, f"{now:%H}:00-{(now.hour + 2) % 24:02}:00")
    await lone.sync()
    for _ in range(2):
        await tell(lone, Event.DIGEST, "Good morning", "digest:1")
    await tell(lone, Event.NOT_LIVE_BEFORE_OPENING, "not live", "notlive:1")

    waiting, alarm = await posts(lone)
    words = [line["params"] for line in waiting.body["lines"][1:]]
    assert "started" in str(words)
    assert "success" in str(words)
    assert str(words).count("Good morning") == 1
    assert alarm.body["event"] == Event.NOT_LIVE_BEFORE_OPENING
    queue = OutboxQueue(lone.database, lone.clock)
    assert (await queue.next_post(alarm.channel_id or 0)).message.id == alarm.id  # type: ignore[union-attr]
    assert waiting.not_before is not None
    lone.clock.move(waiting.not_before - lone.clock.now())
    async with lone.database.writing() as session:
        await session.delete(await session.get_one(Message, alarm.id))
    assert (await queue.next_post(waiting.channel_id or 0)).message.id == waiting.id  # type: ignore[union-attr]


def test_they_span_midnight_and_end_on_the_right_day() -> None:
    zone = ZoneInfo("America/Sao_Paulo")

    def until(hour: int, minute: int = 0) -> str | None:
        found = quiet_until("22:00-06:00", zone, datetime(2026, 11, 26, hour, minute, tzinfo=zone).astimezone(UTC))
        return None if found is None else f"{found:%d %H:%M}"

    assert (until(21, 59), until(22), until(23), until(0), until(5, 59), until(6)) == (
        None,
        "27 06:00",
        "27 06:00",
        "26 06:00",
        "26 06:00",
        None,
    )
