"""Mails about runs leave through the outbox: retried over outages, given up with a reason, never lost (CH-14)."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import timedelta

import pytest
from sqlalchemy import select

from core.channels.model import Channel
from core.clock import ManualClock
from core.jobs.model import Job
from core.organisations.model import Organisation
from core.outbox.model import NO_CHAT, Message
from core.outbox.queue import OutboxQueue
from core.outbox.reach import Reach
from core.outbox.undelivered import ListUndelivered, SettleUndelivered
from core.redact import Redactor
from core.texts import Text
from integrations.registry import Registry
from jobs.connections import Connections
from jobs.posting import ATTEMPTS, ChannelSender
from sandbox.faults import Fault
from tests.kit.chain import Chain
from tests.kit.hub import BOX, Hub
from tests.kit.smtp import SmtpServer, smtp_server, words_of

ENDS = ["success", "partial", "failure", "held", "recovered"]


async def mail_channel(chain: Chain, port: int, *events: str) -> int:
    """Add an e-mail channel and let the sync job tell it alone."""
    settings = {"host": "127.0.0.1", "port": port, "security": "none", "sender": "bot@rede.test"}
    settings |= {"recipients": ["ana@rede.test"], "timeout_seconds": 3}
    async with chain.database.writing() as session:
        channel = Channel(organisation_id=chain.organisation_id, name="Mail", module="email", settings=settings)
        session.add(channel)
        await session.flush()
        number = channel.id
    rules = [{"channel": "Mail", "on": list(events or ENDS)}]
    await chain.change(await chain.row(Job, chain.sync_job), notify=rules)
    return number


def sender(chain: Chain, registry: Registry | None = None, connections: Connections | None = None) -> ChannelSender:
    return sender_of(chain.hub, registry, connections)


def sender_of(hub: Hub, registry: Registry | None = None, connections: Connections | None = None) -> ChannelSender:
    clock, queue = hub.clock, OutboxQueue(hub.database, hub.clock)
    parts = (BOX, clock, Redactor(), hub.wake, Reach(clock), connections or hub.connections)
    return ChannelSender(hub.database, queue, registry or Registry.builtin(), *parts)


async def posts(chain: Chain) -> list[Message]:
    async with chain.database.reading() as session:
        return list(await session.scalars(select(Message).where(Message.chat_id == NO_CHAT).order_by(Message.id)))


@asynccontextmanager
async def sending(*senders: ChannelSender) -> AsyncIterator[None]:
    tasks = [asyncio.create_task(one.run()) for one in senders]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def settle(chain: Chain) -> list[Message]:
    """Let the sender work until nothing is due, and return the rows."""
    queue = OutboxQueue(chain.database, chain.clock)
    async with sending(sender(chain)), asyncio.timeout(60):
        while True:
            if not await queue.channels():
                return await posts(chain)
            await asyncio.sleep(0.02)


async def test_a_run_is_told_by_one_mail_that_names_the_stores_in_trouble(chain: Chain) -> None:
    chain.platform.faults.add(Fault("lose_lines", store=chain.stores[1].cnpj))
    async with smtp_server(SmtpServer()) as server:
        await mail_channel(chain, server.port)
        await chain.sync()
        (row,) = await settle(chain)

    (mail,) = server.mails
    text = words_of(mail)
    assert mail["Subject"] == "⚠️ Daily sync: partial"
    assert "Good stores: 2 of 3." in text
    assert "• Loja 2: not verified. " in text
    assert "Release or retry them on the card of the run" in text
    assert (row.state, row.attempts) == ("sent", 1)


async def test_a_mail_about_a_dry_run_says_that_nothing_was_sent(lone: Chain) -> None:
    async with smtp_server(SmtpServer()) as server:
        await mail_channel(lone, server.port)
        await lone.sync(dry_run=True)
        await settle(lone)

    (mail,) = server.mails
    text = words_of(mail)
    assert "1 store would be fine. Nothing was sent." in text
    assert "•" not in text


async def test_start_and_end_are_two_mails_and_an_unnamed_event_is_none(lone: Chain) -> None:
    async with smtp_server(SmtpServer()) as server:
        await mail_channel(lone, server.port, "start", "success")
        await lone.sync()
        await settle(lone)
        await lone.change(await lone.row(Job, lone.sync_job), notify=[{"channel": "Mail", "on": ["failure"]}])
        await lone.sync()
        await settle(lone)

    assert [mail["Subject"] for mail in server.mails] == ["⏳ Daily sync: started", "✅ Daily sync: success"]


async def test_the_chats_sender_never_sees_what_is_for_other_channels(lone: Chain) -> None:
    await mail_channel(lone, 1)
    await lone.sync()

    assert len(await posts(lone)) == 1
    assert NO_CHAT not in await OutboxQueue(lone.database, lone.clock).chats()


async def test_a_mail_waits_for_a_server_that_is_away_longer_each_time_and_arrives_once(
    lone: Chain, clock: ManualClock
) -> None:
    server = SmtpServer()
    async with smtp_server(server):
        pass
    await mail_channel(lone, server.port)
    await lone.sync()
    waits = []
    for _ in range(3):
        (row,) = await settle(lone)
        assert row.state == "pending"
        assert row.not_before is not None
        waits.append(row.not_before - clock.now())
        clock.instant = row.not_before
    async with smtp_server(server):
        (row,) = await settle(lone)
        await settle(lone)

    assert waits == [timedelta(seconds=30), timedelta(seconds=60), timedelta(seconds=120)]
    assert (row.state, row.attempts, len(server.mails)) == ("sent", 4, 1)


async def test_after_ten_tries_it_is_given_up_with_the_reason_and_may_be_sent_again(
    lone: Chain, clock: ManualClock
) -> None:
    server = SmtpServer()
    async with smtp_server(server):
        pass
    await mail_channel(lone, server.port)
    await lone.sync()
    for _ in range(ATTEMPTS):
        (row,) = await settle(lone)
        clock.move(timedelta(hours=1))
    (lost,), total = await ListUndelivered(lone.database)(lone.admin)
    assert (total, lost.chat, row.attempts) == (1, "Mail", ATTEMPTS)
    assert "cannot be reached" in str(lost.reason)

    await SettleUndelivered(lone.database, lone.hub.recorder)(lone.admin, [lost.id], again=True)
    async with smtp_server(server):
        (row,) = await settle(lone)
    assert (row.state, len(server.mails)) == ("sent", 1)


async def test_a_clear_no_is_given_up_at_once_and_holds_up_nothing_behind_it(lone: Chain) -> None:
    server = SmtpServer(answers={".": "554 spam"})
    async with smtp_server(server):
        await mail_channel(lone, server.port, "start", "success")
        await lone.sync()
        rows = await settle(lone)

    assert [row.state for row in rows] == ["dead", "dead"]
    assert "SMTP 554" in str(Text.from_json(rows[0].reason or {}))
    assert "spam" not in str(rows[0].reason)


async def test_what_a_crash_cut_off_is_sent_again_under_the_same_id(lone: Chain) -> None:
    async with smtp_server(SmtpServer(answers={".": None})) as server:
        await mail_channel(lone, server.port)
        await lone.sync()
        (row,) = await settle(lone)
        async with lone.database.writing() as session:
            found = await session.get_one(Message, row.id)
            found.state, found.not_before = "sending", None
        server.answers.clear()
        await settle(lone)

    first, second = server.mails
    assert first["Message-ID"] == second["Message-ID"]


@pytest.mark.parametrize("change", [{"enabled": False}, {"module": "nowhere"}, {"settings": {"host": "x"}}])
async def test_a_channel_that_can_no_longer_deliver_says_so_in_the_outbox(
    lone: Chain, change: dict[str, object]
) -> None:
    number = await mail_channel(lone, 1)
    await lone.sync()
    await lone.change(await lone.row(Channel, number), **change)

    (row,) = await settle(lone)
    assert row.state == "dead"
    assert row.reason


async def test_a_channel_that_is_switched_off_is_not_told_at_all(lone: Chain) -> None:
    number = await mail_channel(lone, 1)
    await lone.change(await lone.row(Channel, number), enabled=False)
    await lone.sync()

    assert await posts(lone) == []


async def test_another_organisations_channel_of_the_same_name_is_not_told(lone: Chain) -> None:
    number = await mail_channel(lone, 1)
    async with lone.database.writing() as session:
        other = Organisation(name="Outra Rede", timezone="America/Sao_Paulo", locale="en")
        session.add(other)
        await session.flush()
        (await session.get_one(Channel, number)).organisation_id = other.id
    await lone.sync()

    assert await posts(lone) == []


class SlowSmtpServer(SmtpServer):
    """Says nothing to a caller before `answering` is set; `called` is released once for each caller."""

    def __init__(self) -> None:
        super().__init__()
        self.answering, self.called = asyncio.Event(), asyncio.Semaphore(0)

    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.called.release()
        await self.answering.wait()
        await super().talk(reader, writer)


async def test_two_processes_on_one_database_send_each_mail_once(shared: tuple[Chain, Hub, str]) -> None:
    chain, other, _ = shared
    slow = SlowSmtpServer()
    async with smtp_server(slow):
        channel = await mail_channel(chain, slow.port)
        await chain.sync()
        ours, theirs = sender(chain), sender_of(other)
        async with sending(ours), asyncio.timeout(60):
            await slow.called.acquire()
            async with sending(theirs):
                while channel not in theirs.busy:  # noqa: ASYNC110 - lanes tell nobody
                    await asyncio.sleep(0.01)
                with suppress(TimeoutError):
                    await asyncio.wait_for(slow.called.acquire(), 1)
                slow.answering.set()
                await asyncio.gather(ours.last_words(), theirs.last_words())

    assert len(slow.mails) == 1
    assert [(row.state, row.attempts) for row in await posts(chain)] == [("sent", 1)]
