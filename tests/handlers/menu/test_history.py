"""Runs in the menu: filtered, looked into, product by product, and why something is not there."""

from datetime import timedelta

from core.catalogue.model import Hold, HoldState
from core.executions.model import Execution, Step
from core.executions.starting import RELEASE
from core.executions.states import Outcome, State
from core.jobs.model import Job
from core.stores.model import Store
from handlers.dialogs.widths import ROW, breadth
from handlers.menu.history.states import History
from tests.handlers.kit import ANA, RUI, VERA, Desk, until
from tests.handlers.menu.morning import COFFEE, EVIL, a_morning
from tests.handlers.menu_kit import Walk, opener
from tests.kit.shelf import Shelf, candidate, line


async def test_a_run_is_opened_down_to_its_products_and_back_again(desk: Desk) -> None:
    await a_morning(desk)
    async with desk.chat():
        walk = Walk(desk, desk.vera)
        await walk.says("/history")
        assert "1 of 3 stores live, 2 need you" in await walk.taps("1/3")
        assert walk.labels[:3] == ["❌ 003 Sul: failed", "✋ 002 Norte: held", "✅ 001 Centro: verified"]
        assert "241 products prepared" in await walk.taps("001")
        products = await walk.taps("📋 Products")
        assert products.startswith("📋 Products for the platform: 241")
        assert "(1203): R$15.99 instead of R$18.90 (-15.4%)" in products
        assert "PRODUTO 2239" in await walk.taps("◀ 21")
        assert "1,000 products, " in await walk.taps("Back", "No discount")
        differences = await walk.taps("Back", "Differences")
        assert "1 live that ought not to be, 1 other club price, 1 other limit" in differences
        assert "club price unreadable on the platform" in differences
        assert differences.index("live, and ought not") < differences.index("missing on the platform")
        assert "29 lines sent" in await walk.taps("Back", "Log")
        assert "Stores, problems first" in await walk.taps("Back", "Back")
        held = await walk.taps("002", "Held")
        assert "Held: larger discount than the limit allows (92.1%, allowed 80%)." in held


async def test_the_log_of_a_run_tells_of_all_stores_and_leads_back_to_the_run(desk: Desk) -> None:
    run = await a_morning(desk)
    async with desk.chat():
        walk = Walk(desk, desk.vera)
        await walk.says("/history")
        assert "001 Centro" in await walk.taps("1/3", "Log")
        assert "Stores, problems first" in await walk.taps("Back")
        await walk.taps("003", "Back")
        assert "001 Centro" in await walk.taps("Log")
        assert "Stores, problems first" in await walk.taps("Back")
    async with opener(desk, {"run": History.run}, {"run": {"run": run}}):
        await walk.says("/open run")
        assert "Stores, problems first" in await walk.taps("Log", "Back")


async def test_a_held_store_is_released_from_its_page_and_no_other_with_it(desk: Desk) -> None:
    run = await a_morning(desk)
    norte, third = (await desk.rows(Store))[1:]
    async with desk.database.writing() as session:
        session.add_all(_held(desk, run, store) for store in (norte, third))
    async with desk.chat():
        walk = Walk(desk, desk.ana)
        await walk.says("/history")
        await walk.taps("1/3", "001")
        assert not any("Release" in label for label in walk.labels)
        assert "Released" in await walk.taps("Back", "002", "Release")
        assert not any("Release" in label for label in walk.labels)
    holds = {hold.store_id: hold.state for hold in await desk.rows(Hold) if hold.execution_id == run}
    assert holds == {norte.id: HoldState.RELEASED, third.id: HoldState.OPEN}
    assert [one.options["release_of"] for one in await desk.rows(Execution) if one.trigger == RELEASE] == [run]


async def test_after_a_release_every_page_says_who_released_it_and_what_became_of_it(desk: Desk) -> None:
    run = await a_morning(desk)
    async with desk.database.writing() as session:
        session.add(_held(desk, run, (await desk.rows(Store))[1]))
    async with desk.chat():
        walk = Walk(desk, desk.ana)
        await walk.says("/history")
        await walk.taps("1/3", "002", "Release")
        (sending,) = [one.id for one in await desk.rows(Execution) if one.trigger == RELEASE]
        released = "Released by Ana, 11/23/26, 5:10\u202fAM."
        assert (
            f"✔️ Outcome: held, released since\nHeld: everything changed.\n{released} Run {sending} sends it."
            in walk.text
        )
        await walk.taps("Back")
        assert "✔️ 002 Norte: held, released since" in walk.labels
        await walk.says("/stores")
        assert "✔️ 002 Norte: held, released since" in walk.labels
        assert f"{released} Run {sending} sends it." in await walk.taps("002")
        assert f"   {released} Run {sending} sends it." in await _why(desk)
        async with desk.database.writing() as session:
            step = await session.get_one(Step, (sending, desk.store_ids[1]))
            step.outcome = Outcome.NOT_VERIFIED
        assert f"{released} Run {sending}: ❓ not verified." in await walk.taps("Back", "Home", "History", "1/3", "002")
        assert f"{released} Run {sending}: ❓ not verified." in await walk.taps("Held")
        await walk.says("/stores")
        assert "❓ 002 Norte: not verified" in walk.labels


async def test_a_run_at_work_is_shown_anew_by_a_tap_until_it_has_ended(desk: Desk) -> None:
    run = await desk.start_run()
    async with desk.chat():
        walk = Walk(desk, desk.vera)
        await walk.says("/history")
        await walk.taps("0/3")
        assert "⏳ 001 Centro: not done yet" in walk.labels
        await walk.taps("001")
        await desk.set_store(run, 0, Outcome.VERIFIED)
        assert "✅ Outcome: verified" in await walk.taps("Refresh")
        assert not any("Refresh" in label for label in walk.labels)
        await walk.taps("Back")
        for store in (1, 2):
            await desk.set_store(run, store, Outcome.VERIFIED)
        await desk.end_run(run)
        assert "Success. Manual, by Ana." in await walk.taps("Refresh")
        assert "✅ 3 verified" in walk.text
        assert not any("Refresh" in label or "not done" in label for label in walk.labels)


async def _why(desk: Desk) -> str:
    await desk.ana.says("/why 1203 002")
    return (await desk.telegram.wait_for(ANA, "   Released by")).text


def _held(desk: Desk, run: int, store: Store) -> Hold:
    home, now = desk.organisation_id, desk.clock.now()
    return Hold(
        organisation_id=home, store_id=store.id, execution_id=run, kind="store", reason="foreign", created_at=now
    )


async def test_what_a_release_replaces_stands_on_the_page_before_anybody_taps_it(desk: Desk) -> None:
    run = await a_morning(desk)
    norte = (await desk.rows(Store))[1]
    await Shelf(desk.database).verify(norte, desk.clock.now(), line("1203"), line("7"))
    async with desk.database.writing() as session:
        session.add(_held(desk, run, norte))
    async with desk.chat():
        walk = Walk(desk, desk.ana)
        await walk.says("/history")
        await walk.taps("1/3", "002")

    assert "002 Norte: sent again now, it starts at " in walk.text
    assert "today's campaign (2 products)." in walk.text


async def test_who_may_not_release_is_not_offered_it_on_a_held_stores_page(desk: Desk) -> None:
    run = await a_morning(desk)
    async with desk.database.writing() as session:
        session.add(_held(desk, run, (await desk.rows(Store))[1]))
    async with desk.chat():
        walk = Walk(desk, desk.vera)
        await walk.says("/history")
        await walk.taps("1/3", "002")

    assert not any("Release" in label for label in walk.labels)


async def test_a_held_store_that_the_old_system_sends_by_now_says_why_it_is_not_to_be_released(desk: Desk) -> None:
    run = await a_morning(desk)
    async with desk.database.writing() as session:
        session.add(_held(desk, run, (await desk.rows(Store))[1]))
    await desk.set_row(Store, desk.store_ids[1], cut_over=False)
    async with desk.chat():
        walk = Walk(desk, desk.ana)
        await walk.says("/history")
        text = await walk.taps("1/3", "002")

    assert "Not to be released: the old system still sends it." in text
    assert not any("Release" in label for label in walk.labels)


async def test_filters_narrow_the_list_and_are_kept(desk: Desk) -> None:
    await a_morning(desk)
    desk.clock.move(timedelta(days=1))
    await desk.end_run(await desk.start_run(), State.SUCCESS)
    await desk.add_job("Evening sync")
    async with desk.chat():
        walk = Walk(desk, desk.vera)
        await walk.says("/history")
        assert "Runs: 1" in await walk.taps("🚦 State", "With problems")
        assert "No run fits." in await walk.taps("📅 Day", "11/24/26")
        assert "Runs: 2" in await walk.taps("11/24/26", "11/23/26", "With problems", "Any state")
        assert "No run fits." in await walk.taps("🗂 Job", "Evening sync")
        await walk.taps("Home", "History")
        assert "🗂 Evening sync" in walk.labels
        assert "Runs: 3" in await walk.taps("Evening", "All jobs", "📅 11/23/26", "Any day")


async def test_a_manager_of_some_stores_sees_runs_and_findings_of_those_only(desk: Desk) -> None:
    run = await a_morning(desk)
    await desk.set_person(RUI, store_ids=[desk.store_ids[2]])
    foreign = {"run": run, "store": desk.store_ids[0], "part": "lines", "code": "1203"}
    states = {name: getattr(History, name) for name in ("store", "part", "why")}
    async with opener(desk, states, dict.fromkeys(states, foreign)):
        walk = Walk(desk, desk.rui)
        assert "Runs: 1" in await walk.says("/history")
        await walk.taps("0/1")
        assert [label for label in walk.labels if "00" in label] == ["❌ 003 Sul: failed"]
        assert "left the store out" in await walk.says("/open store")
        assert "There is nothing here" in await walk.says("/open part")
        await desk.rui.says("/open why")
        await desk.telegram.wait_for(RUI, "not among your")

    assert not any("Centro" in text for text in desk.texts(RUI))


async def test_names_with_markup_and_tricks_are_shown_as_they_are(desk: Desk) -> None:
    await a_morning(desk)
    async with desk.chat():
        walk = Walk(desk, desk.vera)
        await walk.says("/history")
        text = await walk.taps("1/3", "001", "📋 Products")

    assert "<b>CAFÉ</b> &amp;" in text
    assert "\u202e" in EVIL
    assert "\u202e" not in text


WHYS = [
    ("/why 1203 001", "001 Centro: R$15.99 instead of R$18.90 (-15.4%). Verified"),
    ("/why 1203 002", "Held: larger discount than the limit allows"),
    ("/why 77 001", "no discount: blocked at the ERP"),
    ("/why 4711 001", "not in the ERP's last scan"),
    ("/why 1203 003", "never read from the ERP yet"),
    ("/why 1203 003", "Last sync: failed"),
    ("/why", "Write the product's code"),
    ("/why coffee", "Write the product's code"),
    ("/why 1203 009", "There is no active store “009”"),
]


async def test_why_answers_from_the_run(desk: Desk) -> None:
    await a_morning(desk)
    async with desk.chat():
        for asked, answer in WHYS:
            await desk.vera.says(asked)
            await desk.telegram.wait_for(VERA, answer)
        await until(lambda: " ".join(desk.texts(VERA)).count("Write the product's code") == 2)


async def test_why_tells_what_was_sent_and_not_verified_from_a_store_that_is_held_as_a_whole(desk: Desk) -> None:
    sent, held, _ = await desk.rows(Store)
    now, shelf = desk.clock.now(), Shelf(desk.database)
    for store in (sent, held):
        await shelf.scan(store, now, candidate(COFFEE))
        await shelf.prepare(store, now, line(COFFEE))
    await shelf.hold(held, now, "max_changed_percent")
    run = await desk.start_run(outcomes=(Outcome.NOT_VERIFIED, Outcome.HELD, Outcome.FAILED))
    await desk.end_run(run, State.FAILED)
    async with desk.chat():
        await desk.vera.says(f"/why {COFFEE} 001")
        answer = await desk.telegram.wait_for(VERA, "Prepared for today, not verified as live")
        await desk.vera.says(f"/why {COFFEE} 002")
        await desk.telegram.wait_for(VERA, "The whole store is held: too many products changed at once")

    assert "Last sync: not verified" in answer.text


async def test_why_says_how_old_the_prices_are_and_names_no_run_that_did_not_read_them(desk: Desk) -> None:
    await a_morning(desk)
    desk.clock.move(timedelta(hours=2))
    newer = await desk.start_run(outcomes=(Outcome.FAILED, Outcome.FAILED, Outcome.FAILED))
    await desk.end_run(newer, State.FAILED)
    async with desk.chat():
        await desk.vera.says("/why 77 001")
        answer = await desk.telegram.wait_for(VERA, "Read from the ERP 2 hr ago.")

    assert "run" not in answer.text


async def test_a_list_that_a_dry_run_worked_out_is_not_called_prepared(desk: Desk) -> None:
    run = await a_morning(desk)
    await desk.set_row(Execution, run, dry_run=True)
    async with desk.chat():
        walk = Walk(desk, desk.vera)
        await walk.says("/history")
        await walk.taps("dry run", "001")
        assert "🧪 241 products worked out only" in walk.text
        assert "prepared" not in walk.text
        await desk.vera.says("/product 2001")
        answer = await desk.telegram.wait_for(VERA, "Code 2001")

    assert "Prepared" not in answer.text


async def test_why_knows_that_a_promotion_ended(desk: Desk) -> None:
    await a_morning(desk)
    desk.clock.move(timedelta(days=1))
    async with desk.chat():
        await desk.vera.says("/why 2001 001")
        await desk.telegram.wait_for(VERA, "in the ERP. Not sent yet")
        (centro, *_) = await desk.rows(Store)
        await Shelf(desk.database).scan(centro, desk.clock.now(), candidate("1203"))
        await desk.vera.says("/why 2001 001")
        await desk.telegram.wait_for(VERA, "It was live until 11/23/26; since then the ERP has ended it")


async def test_a_run_of_today_shows_no_date_and_a_long_name_of_its_job_as_far_as_a_phone_has_room(desk: Desk) -> None:
    await desk.end_run(await desk.start_run())
    await desk.set_row(Job, desk.job_id, name="Daily sync of all northern stores")
    async with desk.chat():
        walk = Walk(desk, desk.vera)
        await walk.says("/history")
        (today,) = [one for one in walk.labels if "Daily sync" in one]
        desk.clock.move(timedelta(days=1))
        await walk.says("/history")
        (yesterday,) = [one for one in walk.labels if "Daily" in one]
        other = desk.job_id
        await desk.add_job("Daily sync of all southern stores")
        (south,) = [job.id for job in await desk.rows(Job) if job.id != other]
        await desk.set_row(Execution, await desk.start_run(), job_id=south)
        await walk.says("/history")
        assert [label.rpartition(" · ")[2] for label in walk.labels[:2]] == ["…southern st…", "…nort…"]
    for label in (today, yesterday):
        assert label.endswith("…")
        assert breadth(label) <= ROW
    assert "11/23" not in today
    assert yesterday.startswith("✅ 11/23, ")
