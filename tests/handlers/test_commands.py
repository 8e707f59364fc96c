"""What people type, and what they get for it."""

from typing import Any

import pytest
from sqlalchemy import text

from core.executions.model import Execution
from core.jobs.model import JobType
from core.organisations.model import Organisation
from core.outbox.model import Message
from tests.handlers.kit import ANA, GROUP, VERA, Desk, until, until_sent


async def test_sync_starts_the_one_job_and_its_card_is_the_answer(desk: Desk) -> None:
    async with desk.chat():
        await desk.ana.says("/sync")
        card = await desk.telegram.wait_for(ANA, "0 of 3 stores")

        (run,) = await desk.rows(Execution)
        assert run.requested_by == "Ana"
        assert run.store_ids == desk.store_ids
        assert [row[0].text for row in card.buttons] == ["Cancel", "Details"]


async def test_sync_beside_a_running_run_points_to_it_and_brings_its_card(desk: Desk) -> None:
    await desk.start_run(GROUP)
    async with desk.chat():
        await desk.ana.says("/sync")

        await desk.telegram.wait_for(ANA, "Already at work: Daily sync")
        await desk.telegram.wait_for(ANA, "0 of 3 stores")

    assert len(await desk.rows(Execution)) == 1


async def test_sync_of_all_beside_a_run_of_one_names_that_run_and_runs_the_rest_after_it(desk: Desk) -> None:
    async with desk.chat():
        await desk.ana.says("/sync 2")
        await desk.telegram.wait_for(ANA, "0 of 1 store")
        await desk.ana.says("/sync")
        told = await desk.telegram.wait_for(ANA, "Already at work: Daily sync, run 1")
        assert "What you asked for 2 stores is no part of it" in told.text
        assert [row[0].text for row in told.buttons] == ["See run 1", "Start 2 stores after it"]
        await (await desk.ana.taps(told, "See run 1"))
        await desk.telegram.wait_for(ANA, "Details of run 1")
        answer = await (await desk.ana.taps(told, "Start 2 stores after it"))
        assert "goes on with these stores once run 1 has ended" in answer.text
        await desk.ana.says("/sync")
        await desk.telegram.wait_for(ANA, "0 of 2 stores")
        await (await desk.ana.taps(told, "Start 2 stores after it"))

    _, rest = await desk.rows(Execution)
    assert (rest.state, rest.store_ids) == ("pending", [desk.store_ids[0], desk.store_ids[2]])


async def test_stores_and_a_dry_run_are_taken_from_the_words(desk: Desk) -> None:
    async with desk.chat():
        await desk.ana.says("/sync dry 001")
        card = await desk.telegram.wait_for(ANA, "Dry run")

    (run,) = await desk.rows(Execution)
    assert run.dry_run
    assert run.store_ids == desk.store_ids[:1]
    assert "0 of 1 store" in card.text


async def test_a_store_is_known_by_its_number_without_the_zeros(desk: Desk) -> None:
    async with desk.chat():
        await desk.ana.says("/sync 2")
        await desk.telegram.wait_for(ANA, "0 of 1 store")

    (run,) = await desk.rows(Execution)
    assert run.store_ids == desk.store_ids[1:2]


_FILE = {"file_id": "f", "file_unique_id": "u", "file_size": 3, "duration": 2, "width": 9, "height": 9}


@pytest.mark.parametrize(
    "content",
    [
        {"voice": _FILE},
        {"photo": [_FILE]},
        {"video": _FILE},
        {"document": _FILE | {"file_name": "menu.pdf"}},
        {"sticker": _FILE | {"type": "regular", "is_animated": False, "is_video": False}},
        {"location": {"latitude": -27.1, "longitude": -48.6}},
        {"contact": {"phone_number": "+550000", "first_name": "Eva"}},
        {"dice": {"emoji": "🎲", "value": 3}},
    ],
    ids=lambda content: next(iter(content)),
)
@pytest.mark.parametrize("open_window", ["/menu", "/jobs"])
async def test_what_no_window_takes_gets_a_word_and_changes_nothing(
    desk: Desk, content: dict[str, Any], open_window: str
) -> None:
    async with desk.chat():
        sent = await desk.ana.says(open_window)
        await desk.telegram.wait_for(ANA, "Home" if open_window == "/menu" else "Jobs")
        before = [one.text for one in desk.telegram.messages(ANA) if one.buttons]
        raw = {name: value for name, value in sent.as_json().items() if name not in ("text", "entities")}
        desk.telegram.world.updates.put("message", raw | {"message_id": 900, **content})
        if open_window == "/jobs" and "document" in content:
            await desk.telegram.wait_for(ANA, "files for stores only")
            return
        await desk.telegram.wait_for(ANA, "I can only read text")
        assert [one.text for one in desk.telegram.messages(ANA) if one.buttons] == before


async def test_an_album_that_no_window_takes_gets_one_word_and_the_next_album_one_of_its_own(desk: Desk) -> None:
    async with desk.chat():
        sent = (await desk.ana.says("/menu")).as_json()
        await desk.telegram.wait_for(ANA, "Home")
        photo = [{"file_id": "f", "file_unique_id": "u", "width": 9, "height": 9}]
        raw = {name: value for name, value in sent.items() if name not in ("text", "entities")} | {"photo": photo}
        for number in range(15):
            album = {"message_id": 900 + number, "media_group_id": "first" if number < 10 else "second"}
            desk.telegram.world.updates.put("message", raw | album)
        await desk.ana.says("/help")
        await desk.telegram.wait_for(ANA, "/sync")

    assert sum("I can only read text" in text for text in desk.texts(ANA)) == 2


async def test_what_is_said_among_people_of_a_group_is_not_commented_on(desk: Desk) -> None:
    async with desk.chat():
        await desk.ana.sends_file("menu.pdf", b"%PDF-1.4", chat=desk.group)
        await desk.ana.edits(await desk.ana.says("good morning", chat=desk.group), "good evening")
        await desk.ana.says("/help")
        await desk.telegram.wait_for(ANA, "/sync")

    assert desk.texts(GROUP) == []


async def test_a_message_changed_afterwards_is_not_carried_out_and_its_writer_learns_that(desk: Desk) -> None:
    async with desk.chat():
        said = await desk.ana.says("/help")
        await desk.telegram.wait_for(ANA, "/sync")
        await desk.ana.edits(said, "/sync")
        await desk.telegram.wait_for(ANA, "send it once more")

    assert await desk.rows(Execution) == []


async def test_an_unknown_store_is_answered_with_the_known_ones(desk: Desk) -> None:
    async with desk.chat():
        await desk.ana.says("/sync 099")
        answer = await desk.telegram.wait_for(ANA, "no active store")

    assert "001 Centro, 002 Norte, 003 Sul" in answer.text
    assert await desk.rows(Execution) == []


async def test_several_jobs_are_chosen_by_button_and_a_double_tap_starts_one_run(desk: Desk) -> None:
    await desk.add_job("Evening sync")
    async with desk.chat():
        await desk.ana.says("/sync 002")
        choice = await desk.telegram.wait_for(ANA, "Which job")
        first = await desk.ana.taps(choice, "Evening sync")
        second = await desk.ana.taps(choice, "Evening sync")

        assert "Evening sync" in (await first).text
        assert "Evening sync" in (await second).text
        await desk.telegram.wait_for(ANA, "Waiting to start: Evening sync")

    (run,) = await desk.rows(Execution)
    assert run.store_ids == [desk.store_ids[1]]


async def test_compare_runs_the_compare_job(desk: Desk) -> None:
    async with desk.chat():
        await desk.add_job("Daily compare", JobType.COMPARE_DATA)
        await desk.ana.says("/compare")
        await desk.telegram.wait_for(ANA, "Daily compare")


async def test_a_viewer_may_look_but_not_start_or_pause(desk: Desk) -> None:
    async with desk.chat():
        await desk.vera.says("/sync")
        await desk.telegram.wait_for(VERA, "You may not do this")
        await desk.vera.says("/pause")
        await until(lambda: sum("You may not do this" in one for one in desk.texts(VERA)) == 2)
        await desk.vera.says("/status")
        await desk.telegram.wait_for(VERA, "How things stand")

    assert await desk.rows(Execution) == []
    (home,) = await desk.rows(Organisation)
    assert home.paused_at is None


async def test_a_role_taken_away_counts_at_the_next_message(desk: Desk) -> None:
    async with desk.chat():
        await desk.rui.says("/history")
        await desk.telegram.wait_for(desk.rui.id, "Nothing has run yet")
        await desk.set_person(desk.rui.id, role="viewer")
        await desk.rui.says("/sync")
        await desk.telegram.wait_for(desk.rui.id, "You may not do this")


async def test_pause_and_resume_say_what_they_did(desk: Desk) -> None:
    async with desk.chat():
        for words, answer in (
            ("/pause", "Sending is paused: nothing"),
            ("/pause", "paused already"),
            ("/status", "Sending is paused since"),
            ("/sync", "Sending is paused (by Ana)"),
            ("/resume", "Sending goes on"),
            ("/resume", "is not paused"),
        ):
            await desk.ana.says(words)
            await desk.telegram.wait_for(ANA, answer)


async def test_cancel_lists_what_runs_and_stops_what_is_tapped(desk: Desk) -> None:
    async with desk.chat():
        await desk.ana.says("/cancel")
        await desk.telegram.wait_for(ANA, "nothing to cancel")
        run_id = await desk.start_run()
        await desk.ana.says("/cancel")
        choice = await desk.telegram.wait_for(ANA, "Which run")
        answer = await (await desk.ana.taps(choice, f"Cancel run {run_id}"))

    assert "It stops" in answer.text
    (run,) = await desk.rows(Execution)
    assert run.cancel_requested_by == "Ana"


async def test_commands_for_other_bots_and_idle_talk_in_groups_are_left_alone(desk: Desk) -> None:
    desk.telegram.world.privacy = False
    async with desk.chat():
        await desk.ana.says("/sync@another_bot", chat=desk.group)
        await desk.ana.says("/weather", chat=desk.group)
        await desk.ana.says("good morning", chat=desk.group)
        await desk.ana.says("/status@chimera_sandbox_bot", chat=desk.group)
        await desk.telegram.wait_for(GROUP, "How things stand")

    assert len(desk.texts(GROUP)) == 1
    assert await desk.rows(Execution) == []


async def test_unknown_commands_and_plain_words_in_private_get_a_hint(desk: Desk) -> None:
    async with desk.chat():
        await desk.ana.says("/weather")
        await desk.telegram.wait_for(ANA, "I do not know /weather")
        await desk.ana.says("hello")
        await desk.telegram.wait_for(ANA, "I understand commands")


async def test_help_shows_what_the_role_may_do(desk: Desk) -> None:
    async with desk.chat():
        await desk.vera.says("/help")
        answer = await desk.telegram.wait_for(VERA, "This is what I can do")

    assert "/status" in answer.text
    assert "/sync" not in answer.text


async def test_an_answer_in_a_topic_stays_in_the_topic_and_points_to_the_question(desk: Desk) -> None:
    forum = desk.telegram.group(-1000000004002, "Forum", members=[desk.ana], forum=True)
    topic = desk.telegram.topic(forum, "Discounts")
    async with desk.chat():
        asked = await desk.ana.says("/status", chat=forum, thread_id=topic)
        answer = await desk.telegram.wait_for(forum.id, "How things stand")

    assert answer.thread_id == topic
    assert answer.reply_to == asked.id


async def test_an_error_nobody_expected_is_an_apology_with_a_number(desk: Desk) -> None:
    async with desk.database.writing() as session:
        await session.execute(text("UPDATE jobs SET type = 'sync_products', stores = '[]'"))
    async with desk.chat():
        await desk.ana.says("/sync")
        answer = await desk.telegram.wait_for(ANA, "Sorry, that went wrong")

    assert "Traceback" not in answer.text
    last = desk.telegram.world.updates._last_id
    assert answer.text.split("under ")[1].rstrip(".") == f"tg:{last}"


async def test_updates_that_waited_while_the_bot_was_down_are_answered(desk: Desk) -> None:
    await desk.ana.says("/status")
    await desk.ana.says("/help")
    async with desk.chat():
        await desk.telegram.wait_for(ANA, "How things stand")
        await desk.telegram.wait_for(ANA, "This is what I can do")


async def test_answers_are_rows_first_and_each_update_leaves_its_key(desk: Desk) -> None:
    async with desk.chat():
        await desk.ana.says("/help")
        await desk.telegram.wait_for(ANA, "what I can do")
        await until_sent(desk)

    (row,) = await desk.rows(Message)
    assert row.dedupe_key.startswith("tg:")


@pytest.mark.parametrize("words", ["/cancel", "/run"])
async def test_somebody_who_only_looks_is_offered_no_run_to_start_or_stop(desk: Desk, words: str) -> None:
    async with desk.chat():
        await desk.start_run()
        await desk.vera.says(words)
        refused = await desk.telegram.wait_for(VERA, "You may not do this")

    assert not any("Cancel" in one.text or "Daily sync ·" in one.text for row in refused.buttons for one in row)
