"""What could not be delivered is seen, sent again, or dropped (CH-14)."""

from core.history.model import AuditEntry
from core.notices.chats import ChatRef
from core.outbox.content import Attachment, Draft
from core.outbox.model import Message, OutboxFile
from core.outbox.writing import Outbox
from core.texts import T
from tests.handlers.kit import ANA, GROUP, RUI, VERA, Desk, until_sent


async def refused(desk: Desk, *texts: str) -> None:
    """Let some messages fail for good, in a group that lets the bot back in afterwards."""
    desk.group.bot_status = "kicked"
    for text in texts:
        await desk.say(text, GROUP, key=f"k:{text}", channel_id=desk.channel_id)
    await until_sent(desk)
    desk.group.bot_status = "member"


async def test_an_admin_sees_what_was_given_up_and_why_and_sends_it_again(desk: Desk) -> None:
    async with desk.chat():
        await refused(desk, "first", "second")
        await desk.ana.says("/outbox")
        listed = await desk.telegram.wait_for(ANA, "2 messages could not be delivered")
        await until_sent(desk)
        again = await (await desk.ana.taps(listed, "Send 2 again"))
        await desk.telegram.wait_for(GROUP, "first")
        twice = await (await desk.ana.taps(listed, "Send 2 again"))

    assert "Ops: “second”. Why: " in listed.text
    assert "Why: the bot was blocked or removed there." in listed.text
    assert again.text == "1 message is sent again."
    assert twice.text == "That was settled already."
    assert desk.texts(GROUP) == ["first"]
    assert [entry.action for entry in await desk.rows(AuditEntry)] == ["sent_again"]


async def test_what_is_dropped_takes_its_file_along(desk: Desk) -> None:
    async with desk.chat():
        desk.rui.blocks_bot()
        outbox = await desk.container.get(Outbox)
        draft = Draft([T("A report.")], file=Attachment("report.txt", b"words"))
        async with desk.database.writing() as session:
            await outbox.say(session, desk.organisation_id, ChatRef(RUI, "en"), draft, key="k")
        await desk.ring()
        await until_sent(desk)
        await desk.ana.says("/outbox")
        listed = await desk.telegram.wait_for(ANA, "1 message could not be delivered")
        await until_sent(desk)
        answer = await (await desk.ana.taps(listed, "Drop 1"))

    assert "Rui: “A report.”" in listed.text
    assert answer.text == "1 message was dropped."
    assert (await desk.message("k")).state == "dropped"
    assert await desk.rows(OutboxFile) == []


async def test_all_can_be_settled_at_once(desk: Desk) -> None:
    async with desk.chat():
        await refused(desk, *(f"text {number}" for number in range(7)))
        await desk.ana.says("/outbox")
        listed = await desk.telegram.wait_for(ANA, "7 messages could not be delivered")
        await until_sent(desk)
        answer = await (await desk.ana.taps(listed, "Send all again"))
        await until_sent(desk)

    assert "… and 2 older ones" in listed.text
    assert answer.text == "7 messages are sent again."
    assert desk.texts(GROUP) == [f"text {number}" for number in range(7)]


async def test_nobody_below_an_admin_sees_or_settles_them(desk: Desk) -> None:
    async with desk.chat():
        await refused(desk, "secret")
        await desk.vera.says("/outbox")
        told = await desk.telegram.wait_for(VERA, "may not do this")
        await desk.ana.says("/outbox")
        listed = await desk.telegram.wait_for(ANA, "1 message could not")
        await until_sent(desk)
        await desk.set_person(ANA, role="manager")
        answer = await (await desk.ana.taps(listed, "Drop 1"))

    assert "secret" not in told.text
    assert "may not do this" in answer.text
    assert (await desk.message("k:secret")).state == "dead"


async def test_with_nothing_undelivered_it_says_so(desk: Desk) -> None:
    async with desk.chat():
        await desk.ana.says("/outbox")
        await desk.telegram.wait_for(ANA, "Every message was delivered")

    assert all(row.state == "sent" for row in await desk.rows(Message))
