"""Messages arrive, whatever Telegram does meanwhile (CH-14, X-9)."""

import asyncio
import base64
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import delete, update
from structlog.testing import capture_logs

from core.channels.model import Channel
from core.chat.updates import Updates
from core.executions.states import Outcome
from core.notices.chats import ChatRef
from core.outbox.closing import Chats
from core.outbox.content import Attachment, Choice, Draft
from core.outbox.model import Message, OutboxFile
from core.outbox.queue import OutboxQueue
from core.outbox.reach import Reach
from core.outbox.writing import Outbox
from core.people.model import Person
from core.texts import T, Text
from handlers.delivery.pacing import Paces
from handlers.service import Tempo
from tests.handlers.kit import ANA, GROUP, HURRY, RUI, VERA, Desk, until, until_sent

PIXEL = base64.b64decode("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR42mNk+A8AAQUBAScY42YAAAAASUVORK5CYII=")


async def test_messages_of_a_chat_arrive_in_the_order_they_were_written(desk: Desk) -> None:
    for number in range(12):
        await desk.say(f"line {number}", GROUP, key=f"k{number}")
    async with desk.chat():
        await until_sent(desk)

    assert desk.texts(GROUP) == [f"line {number}" for number in range(12)]


async def test_the_same_cause_says_the_same_thing_once(desk: Desk) -> None:
    async with desk.chat():
        await desk.say("once", GROUP, key="cause")
        await until_sent(desk)
        await desk.say("once", GROUP, key="cause")
        await until_sent(desk)

    assert desk.texts(GROUP) == ["once"]


async def test_telegram_down_at_the_start_and_for_a_while_delays_messages_only(desk: Desk) -> None:
    await desk.telegram.go_down()
    await desk.say("at the start", GROUP, key="k1")
    async with desk.chat() as chat:
        await asyncio.sleep(0.4)
        assert not chat.online
        await desk.telegram.come_up()
        await desk.telegram.wait_for(GROUP, "at the start")
        await until(lambda: chat.online)
        await desk.telegram.go_down()
        await desk.say("in between", GROUP, key="k2")
        await asyncio.sleep(0.3)
        await desk.telegram.come_up()
        await desk.telegram.wait_for(GROUP, "in between")

    assert desk.texts(GROUP) == ["at the start", "in between"]


async def test_an_outage_is_told_in_the_same_two_lines_whatever_waits_and_however_long(desk: Desk) -> None:
    await desk.telegram.go_down()
    for chat_id in (ANA, RUI, VERA, GROUP):
        await desk.say("at the start", chat_id, key=f"k:{chat_id}")
    with capture_logs() as lines:
        async with desk.chat():
            await until(lambda: sum(line["event"] == "telegram_unreachable" for line in lines) > 2)
            await desk.telegram.come_up()
            await until_sent(desk)

    assert len(lines) > 6
    assert len({repr(line) for line in lines}) == 2, lines


@pytest.mark.parametrize("status", [500, 502, 503])
async def test_a_server_error_is_tried_again(desk: Desk, status: int) -> None:
    desk.telegram.faults.server_error(status, times=2, method="sendMessage")
    async with desk.chat():
        await desk.say("after all", GROUP, key="k")
        await desk.telegram.wait_for(GROUP, "after all")
        await until_sent(desk)

    assert (await desk.message("k")).attempts == 3


async def test_for_a_chat_that_must_wait_nobody_else_waits(desk: Desk) -> None:
    desk.telegram.faults.too_many_requests(60, method="sendMessage", chat_id=GROUP)
    async with desk.chat():
        await desk.say("slow", GROUP, key="k1")
        await until(lambda: any(call.status == 429 for call in desk.telegram.calls))
        await desk.say("quick", ANA, key="k2")
        await desk.telegram.wait_for(ANA, "quick")
        assert desk.texts(GROUP) == []


async def test_an_answer_goes_before_a_notice_that_waits_for_its_turn(desk: Desk) -> None:
    desk.telegram.faults.too_many_requests(1, method="sendMessage", chat_id=GROUP)
    async with desk.chat():
        await desk.say("notice", GROUP, key="k1")
        await until(lambda: any(call.status == 429 for call in desk.telegram.calls))
        await asyncio.sleep(0.4)  # by now the notice waits for its next turn
        await send(desk, Draft([T("answer")]), key="k2")
        await desk.telegram.wait_for(GROUP, "notice")

    assert desk.texts(GROUP) == ["answer", "notice"]


async def test_a_runs_end_shows_in_a_chat_full_of_questions_before_they_are_all_answered(desk: Desk) -> None:
    tempo = Tempo(Paces(0.15, 0.15, 0.001, patience=0.3), HURRY.rhythm, rest=0.1)
    async with desk.chat(tempo):
        run = await desk.start_run(GROUP)
        card = await desk.telegram.wait_for(GROUP, "At work")
        for number in range(20):
            await send(desk, Draft([T("answer")]), key=f"k{number}")
        await desk.end_run(run)
        await until(lambda: "Success" in card.text)
        waiting = sum(row.state == "pending" for row in await desk.rows(Message))
        await until_sent(desk)

    assert waiting > 5


async def test_a_notice_that_waited_long_goes_before_further_answers_but_only_every_second_time(desk: Desk) -> None:
    for number in range(3):
        await desk.say(f"notice {number}", GROUP, key=f"n{number}")
    desk.clock.move(timedelta(seconds=20))
    for number in range(3):
        await send(desk, Draft([T("answer")]), key=f"a{number}")
    async with desk.chat():
        await until_sent(desk)

    assert desk.texts(GROUP) == ["answer", "notice 0", "answer", "notice 1", "answer", "notice 2"]


async def test_what_stands_there_already_counts_as_sent(desk: Desk) -> None:
    draft = Draft([T("The same words.")])
    async with desk.chat():
        await send(desk, draft, key="k1")
        shown = await desk.telegram.wait_for(GROUP, "The same words.")
        await send(desk, replace(draft, replaces=shown.id), key="k2")
        await until_sent(desk)

    again = await desk.message("k2")
    assert (again.state, again.message_id) == ("sent", shown.id)
    assert [one.kind for one in desk.telegram.violations] == ["not_modified"]
    desk.telegram.violations.clear()


async def test_a_chat_that_must_wait_is_not_telegram_being_away_but_silence_is(desk: Desk) -> None:
    reach = await desk.container.get(Reach)
    desk.telegram.faults.too_many_requests(1, method="sendMessage", chat_id=GROUP)
    async with desk.chat():
        await desk.say("slow", GROUP, key="k1")
        await until(lambda: any(call.status == 429 for call in desk.telegram.calls))
        desk.clock.move(timedelta(hours=1))
        assert reach.away_for == timedelta()
        await desk.telegram.wait_for(GROUP, "slow")
        await desk.telegram.go_down()
        await desk.say("later", ANA, key="k2")
        await until(lambda: reach.failing)
        desk.clock.move(timedelta(minutes=3))
        assert reach.away_for == timedelta(minutes=3)
        await desk.telegram.come_up()
        await desk.telegram.wait_for(ANA, "later")
        await until(lambda: not reach.away_for)


async def test_a_doubtful_send_is_made_again_rather_than_lost(desk: Desk) -> None:
    desk.telegram.faults.store_then_cut(method="sendMessage")
    async with desk.chat():
        await desk.say("twice at worst", GROUP, key="k")
        await until_sent(desk)

    assert set(desk.texts(GROUP)) == {"twice at worst"}
    assert len(desk.texts(GROUP)) == 2


async def test_a_doubtful_send_is_made_again_at_the_usual_pace(desk: Desk) -> None:
    desk.telegram.flood_control = True
    desk.telegram.faults.store_then_cut(method="sendMessage")
    async with desk.chat(Tempo(Paces(), HURRY.rhythm)):
        await desk.say("not too soon", ANA, key="k")
        await until_sent(desk)

    assert len(desk.texts(ANA)) == 2
    assert not any(call.status == 429 for call in desk.telegram.calls)


async def test_a_message_that_a_crash_left_in_flight_is_sent_after_the_restart(desk: Desk) -> None:
    await desk.say("was in flight", GROUP, key="k1")
    await desk.say("comes after it", GROUP, key="k2")
    queue = await desk.container.get(OutboxQueue)
    assert await queue.begin((await desk.message("k1")).id)

    async with desk.chat():
        await until_sent(desk)

    assert desk.texts(GROUP) == ["was in flight", "comes after it"]


async def test_a_group_that_shut_the_bot_out_disables_its_channel_and_tells_the_admins_once(desk: Desk) -> None:
    desk.group.bot_status = "kicked"
    for number in range(3):
        await desk.say(f"line {number}", GROUP, key=f"k{number}", channel_id=desk.channel_id)
    async with desk.chat():
        told = await desk.telegram.wait_for(ANA, "channel “Ops”")
        await until_sent(desk)
        await desk.say("one more", GROUP, key="late", channel_id=desk.channel_id)
        await until_sent(desk)

    assert "blocked or removed" in told.text
    assert len(desk.texts(ANA)) == 1
    assert desk.texts(VERA) == []
    (channel,) = await desk.rows(Channel)
    assert "blocked or removed" in str(Text.from_json(channel.disabled_reason))
    states = {row.dedupe_key: row.state for row in await desk.rows(Message) if row.chat_id == GROUP}
    assert set(states.values()) == {"dead"}


async def test_a_group_that_is_gone_is_reported_once_and_what_waits_for_it_is_given_up(desk: Desk) -> None:
    del desk.telegram.world.chats[GROUP]
    for number in range(3):
        await desk.say(f"line {number}", GROUP, key=f"k{number}", channel_id=desk.channel_id)
    async with desk.chat():
        await desk.start_run(GROUP)
        told = await desk.telegram.wait_for(ANA, "channel “Ops”")
        await until_sent(desk)
        await desk.say("one more", GROUP, key="late", channel_id=desk.channel_id)
        await until_sent(desk)
        await until(lambda: _rests(desk))

    assert "does not exist any more" in told.text
    assert len(desk.texts(ANA)) == 1
    assert {row.state for row in await desk.rows(Message) if row.chat_id == GROUP} == {"dead"}
    assert {one.kind for one in desk.telegram.violations} == {"invalid_call"}
    desk.telegram.violations.clear()


async def _rests(desk: Desk) -> bool:
    return (await desk.card()).state == "closed"


async def test_a_group_that_lets_the_bot_back_in_gets_its_channel_back(desk: Desk) -> None:
    async with desk.chat():
        desk.telegram.kick_bot(desk.group, desk.ana)
        await desk.telegram.wait_for(ANA, "channel “Ops”")
        desk.telegram.add_bot(desk.group, desk.ana)

        async def open_again() -> bool:
            (channel,) = await desk.rows(Channel)
            return channel.disabled_reason is None

        await until(open_again)


async def test_a_person_who_blocked_the_bot_is_not_written_to_any_more(desk: Desk) -> None:
    desk.ana.blocks_bot()
    await desk.say("hello", ANA, key="k")
    async with desk.chat():
        await until_sent(desk)

        async def unreachable() -> bool:
            return not any(one.private_chat for one in await desk.rows(Person) if one.telegram_id == ANA)

        await until(unreachable)

    row = await desk.message("k")
    assert (row.state, "blocked" in str(row.reason)) == ("dead", True)


async def test_a_group_that_becomes_a_supergroup_keeps_channel_waiting_messages_and_dead_letters(desk: Desk) -> None:
    await desk.say("dead", GROUP, key="k0", channel_id=desk.channel_id)
    async with desk.database.writing() as session:
        await session.execute(update(Message).values(state="dead"))
    new_id = desk.telegram.migrate(desk.group)
    desk.telegram.world.updates.drop_all()
    await desk.say("one", GROUP, key="k1", channel_id=desk.channel_id)
    await desk.say("two", GROUP, key="k2", channel_id=desk.channel_id)
    async with desk.chat():
        await until_sent(desk)

    assert desk.texts(new_id) == ["one", "two"]
    assert (await desk.message("k0")).chat_id == new_id
    (channel,) = await desk.rows(Channel)
    assert channel.settings["chat_id"] == new_id


async def _moved(desk: Desk) -> int:
    """Move the group, and wait until its channel has followed; return its new id."""
    new_id = desk.telegram.migrate(desk.group)

    async def followed() -> bool:
        (channel,) = await desk.rows(Channel)
        return bool(channel.settings["chat_id"] == new_id)

    await until(followed)
    return new_id


async def test_the_move_of_a_group_is_followed_before_anything_is_sent(desk: Desk) -> None:
    async with desk.chat():
        await _moved(desk)


async def test_what_still_names_the_old_id_of_a_moved_group_is_said_in_the_new_one_without_a_call_to_the_old(
    desk: Desk,
) -> None:
    async with desk.chat():
        new_id = await _moved(desk)
        # As the answer to a question that was asked before the group moved.
        await desk.say("late", GROUP, key="k1")
        await until_sent(desk)

    assert desk.texts(new_id) == ["late"]
    assert [call for call in desk.telegram.calls if call.params.get("chat_id") == str(GROUP)] == []


async def test_a_deleted_topic_closes_its_channel_only(desk: Desk) -> None:
    forum = desk.telegram.group(-1000000004002, "Forum", members=[desk.ana], forum=True)
    topic = desk.telegram.topic(forum, "Discounts")
    async with desk.database.writing() as session:
        settings = {"chat_id": forum.id, "thread_id": topic}
        session.add(Channel(organisation_id=desk.organisation_id, name="Topic", module="telegram", settings=settings))
    desk.telegram.delete_topic(forum, topic)
    await desk.say("in the topic", forum.id, key="k1", thread=topic)
    await desk.say("in the forum", forum.id, key="k2")
    async with desk.chat():
        await until_sent(desk)
        await desk.telegram.wait_for(ANA, "channel “Topic”")

    assert desk.texts(forum.id) == ["in the forum"]


async def test_a_closed_topic_is_given_up_alone_whether_edited_in_or_sent_to(desk: Desk) -> None:
    forum = desk.telegram.group(-1000000004002, "Forum", members=[desk.ana], forum=True)
    edited, sent_to = (desk.telegram.topic(forum, name) for name in ("Edited", "Sent to"))
    async with desk.database.writing() as session:
        for name, topic in (("Edited", edited), ("Sent to", sent_to), ("General", None)):
            settings = {"chat_id": forum.id, "thread_id": topic}
            session.add(Channel(organisation_id=desk.organisation_id, name=name, module="telegram", settings=settings))
    async with desk.chat():
        run = await desk.start_run(forum.id, thread=edited)
        await desk.telegram.wait_for(forum.id, "At work")
        desk.telegram.close_topic(forum, edited)
        await desk.set_store(run, 0, Outcome.VERIFIED)
        await desk.telegram.wait_for(ANA, "channel “Edited”")
        desk.telegram.close_topic(forum, sent_to)
        for key, topic in (("k1", edited), ("k2", sent_to), ("for all", None)):
            await desk.say(key, forum.id, key=key, thread=topic)
        await desk.telegram.wait_for(ANA, "channel “Sent to”")
        await until_sent(desk)

    assert desk.texts(forum.id)[1:] == ["for all"]
    assert len(desk.texts(ANA)) == 2
    assert (await desk.card()).state == "dead"
    closed = {channel.name for channel in await desk.rows(Channel) if channel.disabled_reason is not None}
    assert closed == {"Edited", "Sent to"}


async def test_a_closed_general_topic_closes_no_other(desk: Desk) -> None:
    chats = await desk.container.get(Chats)
    async with desk.database.writing() as session:
        settings = {"chat_id": GROUP, "thread_id": 7}
        session.add(Channel(organisation_id=desk.organisation_id, name="Topic", module="telegram", settings=settings))
    await desk.say("in general", GROUP, key="k1")
    await desk.say("in the topic", GROUP, key="k2", thread=7)
    await chats.close_topic(GROUP, None, T("the topic was deleted or closed."))

    assert [(await desk.message(key)).state for key in ("k1", "k2")] == ["dead", "pending"]
    assert [one.name for one in await desk.rows(Channel) if one.disabled_reason is not None] == ["Ops"]


async def test_an_answer_to_a_deleted_question_is_sent_without_it(desk: Desk) -> None:
    question = await desk.ana.says("/nothing", chat=desk.group)
    desk.telegram.delete_by_person(question)
    desk.telegram.world.updates.drop_all()
    await _queue(desk, "k", {"lines": [{"message": "the answer"}], "locale": "en", "reply_to": question.id})
    async with desk.chat():
        answer = await desk.telegram.wait_for(GROUP, "the answer")

    assert answer.reply_to is None


async def test_a_long_message_goes_out_in_parts_and_in_order(desk: Desk) -> None:
    await desk.say("x" * 9000, GROUP, key="k1")
    await desk.say("after", GROUP, key="k2")
    async with desk.chat():
        await until_sent(desk)

    assert [len(text) for text in desk.texts(GROUP)] == [4096, 4096, 808, 5]


async def test_a_row_that_cannot_be_drawn_dies_and_blocks_nobody(desk: Desk) -> None:
    await desk.say("good", GROUP, key="k2")
    await _queue(desk, "k1", {"lines": [{"message": "{missing}"}], "locale": "en"})
    async with desk.chat():
        await desk.telegram.wait_for(GROUP, "good")

    assert (await desk.message("k1")).state == "dead"


async def test_a_message_for_later_waits_and_lets_others_pass(desk: Desk) -> None:
    await desk.say("in an hour", GROUP, key="k1")
    async with desk.database.writing() as session:
        row = await session.get_one(Message, (await desk.message("k1")).id)
        row.not_before = desk.clock.now() + timedelta(hours=1)
    await desk.say("now", GROUP, key="k2")
    async with desk.chat():
        await desk.telegram.wait_for(GROUP, "now")
        assert desk.texts(GROUP) == ["now"]
        desk.clock.move(timedelta(hours=1))
        await desk.ring()
        await desk.telegram.wait_for(GROUP, "in an hour")


async def send(desk: Desk, draft: Draft, key: str = "k") -> None:
    """Queue an answer to the group."""
    async with desk.database.writing() as session:
        await Outbox(desk.clock).say(session, desk.organisation_id, ChatRef(GROUP, "en"), draft, key=key)
    await desk.ring()


async def test_a_file_that_nobody_could_be_sent_is_kept_for_two_weeks(desk: Desk) -> None:
    await send(desk, Draft([T("Words.")], file=Attachment("run.xlsx", b"data")))
    updates = await desk.container.get(Updates)
    desk.clock.move(timedelta(days=13))
    await updates.sweep()
    assert len(await desk.rows(OutboxFile)) == 1
    desk.clock.move(timedelta(days=2))
    await updates.sweep()
    assert await desk.rows(OutboxFile) == []


async def test_a_file_bears_its_words_as_a_caption_with_the_buttons(desk: Desk) -> None:
    choice = Choice(T("Details"), "details", {"execution": 1})
    await send(desk, Draft([T("Words.")], T("Report"), [[choice]], file=Attachment("run.xlsx", b"data")))
    async with desk.chat():
        found = await desk.telegram.wait_for(GROUP, "Words.")
        await until_sent(desk)

    assert found.document is not None
    assert (found.document.name, found.document.data) == ("run.xlsx", b"data")
    assert found.text == "Report\nWords."
    assert [[button.text for button in row] for row in found.buttons] == [["Details"]]
    assert await desk.rows(OutboxFile) == []


async def test_words_that_are_too_long_for_a_caption_go_before_the_file(desk: Desk) -> None:
    choice = Choice(T("Details"), "details", {"execution": 1})
    await send(desk, Draft([T("{x}", x="x" * 1500)], choices=[[choice]], file=Attachment("run.xlsx", b"data")))
    async with desk.chat():
        await until_sent(desk)

    words, file = [one for one in desk.telegram.messages(GROUP) if one.is_from_bot]
    assert (words.text, words.document, words.buttons) == ("x" * 1500, None, [])
    assert file.document is not None
    assert (file.text, file.buttons[0][0].text) == ("", "Details")


async def test_a_picture_travels_as_a_picture(desk: Desk) -> None:
    await send(desk, Draft([T("A chart.")], file=Attachment("chart.png", PIXEL, photo=True)))
    async with desk.chat():
        found = await desk.telegram.wait_for(GROUP, "A chart.")

    assert found.photo is not None
    assert found.photo.data == PIXEL


async def test_words_without_end_become_a_text_file_below_their_heading(desk: Desk) -> None:
    lines = [T("{n}: {x}", n=number, x="x" * 90) for number in range(400)]
    await send(desk, Draft(lines, T("Details of run 7")))
    async with desk.chat():
        found = await desk.telegram.wait_for(GROUP, "Details of run 7")
        await until_sent(desk)

    assert found.document is not None
    words = found.document.data.decode().splitlines()
    assert (len(words), words[0], words[-1][:4]) == (401, "Details of run 7", "399:")
    assert len(desk.texts(GROUP)) == 1


async def test_a_file_whose_answer_was_lost_and_a_file_that_is_gone_block_nobody(desk: Desk) -> None:
    await send(desk, Draft([T("First.")], file=Attachment("a.txt", b"a")), "k1")
    await send(desk, Draft([T("Second.")], file=Attachment("b.txt", b"b")), "k2")
    async with desk.database.writing() as session:
        await session.execute(delete(OutboxFile).where(OutboxFile.name == "a.txt"))
    desk.telegram.faults.drop(method="sendDocument")
    async with desk.chat():
        await desk.telegram.wait_for(GROUP, "Second.")
        await until_sent(desk)

    assert ((await desk.message("k1")).state, str((await desk.message("k1")).reason)) == (
        "dead",
        "{'message': 'its file is gone.'}",
    )
    assert desk.texts(GROUP) == ["Second."]


async def _queue(desk: Desk, key: str, body: dict[str, Any]) -> None:
    """Queue a row for the group as it may lie in the database."""
    async with desk.database.writing() as session:
        session.add(
            Message(
                organisation_id=desk.organisation_id,
                chat_id=GROUP,
                thread_id=None,
                priority=0,
                body=body,
                dedupe_key=key,
                created_at=desk.clock.now(),
            )
        )
