"""Jobs by taps: the usual ones, copies, schedules, who is told, pausing, deleting."""

from collections.abc import AsyncIterator

import pytest

from core.access import Actor
from core.configuration.wanted import Section
from core.entities.saving import SaveEntity
from core.executions.states import Event
from core.jobs.model import Job
from handlers.entities.states import Entities
from tests.handlers.kit import GROUP, Desk
from tests.handlers.menu_kit import Walk, opener

ERP = {"name": "ERP", "module": "rp", "settings": {"base_url": "http://127.0.0.1:1", "username": "1", "password": "p"}}
LOYALTY = {"name": "Loyalty", "module": "crescevendas", "settings": {"email": "a@example.com", "token": "tok-1234"}}


@pytest.fixture
async def walk(desk: Desk) -> AsyncIterator[Walk]:
    """Ana, whose chain has an ERP, a platform and a daily sync that names them."""
    save, system = await desk.container.get(SaveEntity), Actor.system(desk.organisation_id, "cli")
    for fields in (ERP, LOYALTY):
        await save(system, Section.INTEGRATIONS, None, fields)
    settings = {"source": "ERP", "target": "Loyalty"}
    await save(system, Section.JOBS, desk.job_id, {"settings": settings, "schedule": "10 5 * * *"})
    async with opener(desk, {"jobs": Entities.all}, {"jobs": {"section": "jobs"}}):
        yield Walk(desk, desk.ana)


async def jobs(desk: Desk) -> list[Job]:
    return await desk.rows(Job)


def plain(text: str) -> str:
    return text.replace("\u202f", " ")


async def test_a_usual_job_is_ready_to_save_with_one_tap_and_asks_for_a_name_only_when_its_own_is_taken(
    desk: Desk, walk: Walk
) -> None:
    await walk.says("/jobs")
    await walk.taps("Add")
    assert plain(walk.labels[0]) == "⭐ Daily sync, 5:10 AM"
    await walk.taps("⭐ Daily compare")
    assert "every day at 6:20 AM" in plain(walk.text)
    assert "Stores: all stores" in walk.text
    assert "Who is told: Ops" in walk.text
    assert plain(walk.text).count("/26, 6:20 AM") == 5
    await walk.taps("Save", "Back")
    made = (await jobs(desk))[-1]
    assert (made.name, made.schedule, made.settings["source"]) == ("Daily compare", "20 6 * * *", "ERP")
    assert made.notify == [{"channel": "Ops", "on": ["start", "success", "partial", "failure"]}]
    assert "New job · Name" in await walk.taps("Add", "⭐ Daily sync")
    assert "save this?" in await walk.says("Second sync")
    await walk.taps("Save", "Back")
    (told,) = (await jobs(desk))[-1].notify
    assert told["on"] == ["start", "success", "partial", "failure", "held", "not_live_before_opening"]


async def test_a_usual_job_tells_nobody_by_itself_where_several_channels_could_be_meant(desk: Desk, walk: Walk) -> None:
    save, system = await desk.container.get(SaveEntity), Actor.system(desk.organisation_id, "cli")
    second = {"name": "Second", "module": "telegram", "settings": {"chat_id": GROUP - 1}}
    await save(system, Section.CHANNELS, None, second)
    await walk.says("/jobs")
    await walk.taps("Add")
    assert plain(walk.labels[0]) == "⭐ Daily sync, 5:10 AM"
    await walk.taps("⭐ Daily compare")
    assert "Who is told: not set" in walk.text


async def test_the_stores_of_a_job_that_is_not_saved_yet_are_all_and_can_be_chosen(desk: Desk, walk: Walk) -> None:
    await walk.says("/jobs")
    await walk.taps("Add")
    assert plain(walk.labels[0]) == "⭐ Daily sync, 5:10 AM"
    await walk.taps("⭐ Daily compare")
    assert "Stores: all stores" in await walk.taps("Back")
    await walk.taps("Stores")
    assert "✅ All stores" in walk.labels
    await walk.taps("001 Centro", "Done")
    assert "Stores: 1 store: 001 Centro" in walk.text
    await walk.taps("Save")
    assert (await jobs(desk))[-1].stores == {"names": ["001 Centro"]}


async def test_a_copy_asks_for_a_name_and_has_everything_else(desk: Desk, walk: Walk) -> None:
    await walk.says("/jobs")
    assert "New job · Name" in await walk.taps("Daily sync", "More", "Copy")
    await walk.says("Noon sync")
    await walk.taps("Save")
    first, second = await jobs(desk)
    assert (second.name, second.schedule, second.settings) == ("Noon sync", first.schedule, first.settings)
    assert second.id != first.id


async def test_a_schedule_is_tapped_together_with_its_next_runs_in_sight(desk: Desk, walk: Walk) -> None:
    await walk.says("/jobs")
    await walk.taps("Daily sync", "Schedule", "Sun")
    assert "Now: Monday to Saturday at 5:10 AM" in plain(walk.text)
    assert "Before: every day at 5:10 AM" in plain(walk.text)
    await walk.taps("+1 h", "−5 min")  # noqa: RUF001 - a minus sign
    assert plain(walk.text).count(", 6:05 AM") == 5
    await walk.taps("Time", "✅ Mon", "Tue", "Wed", "Thu", "Fri", "+1 h")
    assert "▸ 2. Saturday at 8:05 AM" in plain(walk.text)
    assert "Now:" not in walk.text
    await walk.taps("Save")
    assert (await jobs(desk))[0].schedule == "5 6 * * mon,tue,wed,thu,fri,sat; 5 8 * * sat"
    await walk.taps("Undo")
    assert (await jobs(desk))[0].schedule == "10 5 * * *"


async def test_often_monthly_typed_times_and_by_hand(desk: Desk, walk: Walk) -> None:
    await walk.says("/jobs")
    assert "every 30 minutes" in await walk.taps("Daily sync", "Schedule", "Often")
    assert "every 4 hours" in await walk.taps("4 h")
    await walk.taps("Monthly", "Last", "✅ 1")
    assert "Now: on the last day of the month at 5:10 AM" in plain(walk.text)
    assert "One day has to stay" in await walk.taps("Last")
    assert "no schedule that I understand" in await walk.says("whenever")
    await walk.says("6h")
    assert "on the last day of the month at 6:00 AM" in plain(walk.text)
    await walk.taps("Back", "Schedule", "By hand", "Save")
    assert (await jobs(desk))[0].schedule is None


@pytest.mark.parametrize("schedule", ["10 5 * * *", "10 5 1,12 * *; 0 8 15 * *", "10 5 * * mon; 0 8 * * sat"])
async def test_what_is_done_with_a_schedule_stands_two_in_a_row_and_leaves_room_for_its_days(
    desk: Desk, walk: Walk, schedule: str
) -> None:
    await desk.set_row(Job, desk.job_id, schedule=schedule)
    await walk.says("/jobs")
    await walk.taps("Daily sync", "Schedule")
    for tap in ((), ("+1 h",)):
        await walk.taps(*tap)
        rows = [[button.text for button in row] for row in walk.message.buttons]
        verbs = rows[next(number for number, row in enumerate(rows) if "+1 h" in row) + 1 : -1]
        assert [len(row) for row in verbs[:-1]] == [2] * (len(verbs) - 1), rows
        assert len(verbs[-1]) <= 2, rows
        assert len(rows) <= 8, rows
        assert ("✋ By hand" in walk.labels) is (";" not in schedule), "several times are removed one by one"


async def test_who_is_told_is_ticked_by_event_and_channel(desk: Desk, walk: Walk) -> None:
    await walk.says("/jobs")
    assert "Who is told: nobody yet" in await walk.taps("Daily sync")
    assert "“Ops” is told of nothing." in await walk.taps("Who is told")
    await walk.taps("Failure", "Held", "Failure")
    assert (await jobs(desk))[0].notify == [{"channel": "Ops", "on": ["held"]}]
    save = await desk.container.get(SaveEntity)
    board = {"name": "Board", "module": "telegram", "settings": {"chat_id": GROUP}}
    await save(Actor.system(desk.organisation_id, "cli"), Section.CHANNELS, None, board)
    await walk.taps("Back", "🔔 Board")
    await walk.says("success, partial")
    await walk.taps("Back", "🔔 Ops", "Held")
    assert (await jobs(desk))[0].notify == [{"channel": "Board", "on": ["success", "partial"]}]


async def test_a_job_is_paused_resumed_and_deleted_with_the_numbers_told(desk: Desk, walk: Walk) -> None:
    await desk.start_run()
    await walk.says("/jobs")
    assert "it does not run until somebody resumes it" in await walk.taps("Daily sync", "Pause the job")
    assert not (await jobs(desk))[0].enabled
    assert "▶️ Run" not in walk.labels
    await walk.taps("Resume job")
    assert (await jobs(desk))[0].enabled
    assert "Daily sync · sync" in await walk.taps("▶️ Run")
    assert "▶️ Run now" in walk.labels
    assert "Switched on" in await walk.taps("Back")
    await walk.taps("More", "Delete")
    for words in ("the next time would be", "It runs for 3 stores now.", "1 run of it stays in the history."):
        assert words in walk.text
    await walk.taps("Yes, delete")
    assert (await jobs(desk))[0].deleted_at is not None


async def test_a_forged_tap_of_the_grid_changes_nothing(desk: Desk, walk: Walk) -> None:
    await walk.says("/jobs")
    await walk.taps("Daily sync", "Schedule")
    forged = walk.data("Sun").replace("day:sun", "day:moon")
    await walk.forges(forged)
    assert "no longer among the choices" in walk.text
    assert "Now: every day at 5:10 AM" in plain(walk.text)


async def test_all_events_are_told_with_one_tap_and_none_with_another(desk: Desk, walk: Walk) -> None:
    await walk.says("/jobs")
    await walk.taps("Daily sync", "Who is told", "All")
    assert not any("▫️" in label for label in walk.labels)
    assert (await jobs(desk))[0].notify == [{"channel": "Ops", "on": [one.value for one in Event]}]
    await walk.taps("Run starts")
    assert [label for label in walk.labels if "▫️" in label] == ["▫️ Run starts"]
    await walk.taps("All", "All")
    assert "“Ops” is told of nothing" in walk.text
    assert (await jobs(desk))[0].notify == []
