"""The home menu: whole in private, short where others read along."""

from typing import Any

from core.connections.model import Integration
from core.executions.model import Execution
from core.executions.states import Outcome, State
from core.jobs.model import Job, JobType
from core.stores.model import Store
from tests.handlers.kit import RUI, VERA, Desk
from tests.handlers.menu_kit import Walk

SHORT = ["📊 Status", "▶️ Run", "📜 History", "🔎 Look up", "🔒 The whole menu, in private"]


async def test_in_a_group_the_menu_is_short_and_leads_to_the_whole_one_in_private(desk: Desk) -> None:
    await desk.set_person(RUI, role="owner")
    async with desk.chat():
        rui = Walk(desk, desk.rui, desk.group)
        await rui.says("/menu")
        assert rui.labels == SHORT
        (address,) = [one.url for row in rui.message.buttons for one in row if one.url]
        assert address == f"https://t.me/{desk.telegram.world.bot.username}?start=menu"
        await rui.taps("Status", "Home")
        assert rui.labels == SHORT
        private = Walk(desk, desk.rui)
        await private.says("/start menu")
        assert {"👥 People", "⚙️ Settings"} <= set(private.labels)


async def test_in_a_group_a_viewer_is_not_offered_to_run(desk: Desk) -> None:
    async with desk.chat():
        vera = Walk(desk, desk.vera, desk.group)
        await vera.says("/menu")

    assert vera.labels == [one for one in SHORT if "Run" not in one]


async def test_a_role_lost_meanwhile_counts_at_the_next_tap(desk: Desk) -> None:
    async with desk.chat():
        rui = Walk(desk, desk.rui, desk.group)
        await rui.says("/menu")
        await desk.set_person(RUI, role="viewer")
        assert "You may not do this" in await rui.taps("Run")


async def test_with_one_job_run_leads_straight_to_it_and_with_several_it_asks(desk: Desk) -> None:
    async with desk.chat():
        walk = Walk(desk, desk.ana)
        assert "Daily sync · sync" in await walk.says("/run")
        assert "▶️ Run now" in walk.labels
        assert "Home" in await walk.taps("Back")
        assert "Daily sync · sync" in await walk.taps("Run")
        assert "Home" in await walk.taps("Back")
        await desk.add_job("Cleanup", JobType.CLEANUP)
        assert "Run which job?" in await walk.says("/run")
        await walk.taps("Daily sync")
        assert "Run which job?" in await walk.taps("Back")
        rui = Walk(desk, desk.rui)
        assert "Daily sync · sync" in await rui.says("/run"), "the cleanup is not for him"
        await desk.vera.says("/run")
        await desk.telegram.wait_for(VERA, "You may not do this")


async def test_who_has_some_stores_only_is_told_of_those(desk: Desk) -> None:
    await desk.start_run(outcomes=(Outcome.VERIFIED, None, None))
    await desk.set_row(Store, desk.store_ids[0], cut_over=False)
    await desk.set_person(RUI, store_ids=desk.store_ids[1:])
    async with desk.chat():
        told = await Walk(desk, desk.rui).says("/status")
        assert "Daily sync, 0 of 2 stores" in told
        assert "worked out only" not in told
        await desk.set_person(RUI, store_ids=desk.store_ids[:1])
        told = await Walk(desk, desk.rui).says("/status")
        assert "Daily sync, 1 of 1 store" in told
        assert "1 store is worked out only" in told
        await desk.set_person(RUI, store_ids=[])
        assert "Nothing is running" in await Walk(desk, desk.rui).says("/status"), "of no store of his"
        assert "Daily sync, 1 of 3 stores" in await Walk(desk, desk.ana).says("/status")


async def end(desk: Desk, jobs: range, state: State) -> None:
    """Add jobs that ended once in a state."""
    home: dict[str, Any] = {"organisation_id": desk.organisation_id}
    now = desk.clock.now()
    async with desk.database.writing() as session:
        for number in jobs:
            job = Job(**home, name=f"Job {number}", type=JobType.SYNC_PRODUCTS, due_after=now)
            session.add(job)
            await session.flush()
            run: dict[str, Any] = {
                "trigger": "schedule",
                "requested_by": "",
                "requested_by_id": None,
                "correlation_id": "c",
                "store_ids": [],
            }
            about: dict[str, Any] = {"dedupe_key": job.name, "created_at": now, "finished_at": now}
            session.add(Execution(**home, **run, **about, job_id=job.id, type=job.type, state=state))


async def test_of_thirty_jobs_the_status_names_every_bad_one_first_and_counts_most_of_the_good(desk: Desk) -> None:
    await end(desk, range(100, 127), State.SUCCESS)
    await end(desk, range(200, 202), State.FAILED)
    await end(desk, range(300, 301), State.MISSED)
    async with desk.chat():
        lines = (await Walk(desk, desk.rui).says("/status")).splitlines()

    jobs = [line for line in lines if line.startswith("🗓")]
    assert [line.split(",")[0] for line in jobs[:3]] == ["🗓 Job 200", "🗓 Job 201", "🗓 Job 300"]
    assert len(jobs) == 9
    assert jobs[-1] == "🗓 23 other jobs: their last runs went well, or there were none"


async def test_the_status_names_every_job_that_ended_badly_however_many_they_are(desk: Desk) -> None:
    await end(desk, range(100, 103), State.SUCCESS)
    await end(desk, range(200, 240), State.PARTIAL)
    async with desk.chat():
        told = await Walk(desk, desk.rui).says("/status")

    assert not [number for number in range(200, 240) if f"Job {number}" not in told]
    assert "⚠️ Job 239: Partial" in told
    assert "🗓 4 other jobs: their last runs went well" in told


async def test_what_needs_somebody_stands_above_the_jobs(desk: Desk) -> None:
    async with desk.database.writing() as session:
        erp = Integration(organisation_id=desk.organisation_id, name="ERP", module="rp")
        erp.needs_credentials_at = desk.clock.now()
        session.add(erp)
    async with desk.chat():
        told = await Walk(desk, desk.ana).says("/status")

    assert told.index("🔑 ERP needs credentials") < told.index("🗓 Daily sync")


async def test_home_says_that_all_is_well_only_where_every_last_run_was(desk: Desk) -> None:
    async with desk.chat():
        walk = Walk(desk, desk.ana)
        assert "Every part is healthy" in await walk.says("/menu")
        await end(desk, range(100, 102), State.FAILED)
        await end(desk, range(300, 301), State.SUCCESS)
        paused = next(one.id for one in await desk.rows(Job) if one.name == "Job 100")
        await desk.set_row(Job, paused, enabled=False)
        told = await walk.says("/menu")
        assert "healthy" not in told
        assert "🗓 Job 101, last: ❌ Failed" in told
        assert not [name for name in ("Job 100", "Job 300", "Daily sync") if name in told]
        assert "healthy" not in await walk.taps("Status")


async def test_a_run_that_goes_on_does_not_hide_how_the_one_before_it_ended(desk: Desk) -> None:
    run = await desk.start_run(outcomes=(Outcome.FAILED,) * 3)
    await desk.set_row(Execution, run, state=State.FAILED, finished_at=desk.clock.now())
    await desk.start_run()
    async with desk.chat():
        told = await Walk(desk, desk.ana).says("/menu")
    assert "Daily sync, last: ❌ Failed" in told
    assert "0 of 3 stores" in told
