"""Report, log and *Run again*: what a finished card offers beyond acting on what went wrong."""

import io
from datetime import timedelta
from decimal import Decimal
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

import openpyxl

from core.catalogue.compare import Change, Difference
from core.catalogue.findings import Seen, keep_scan, keep_seen
from core.catalogue.lines import Candidate, Line, LiveLine, Reject
from core.catalogue.model import FetchedProduct, Hold, HoldState, VerifiedList
from core.catalogue.prepare import canonical, digest
from core.catalogue.rails import HeldLine, LineHold
from core.catalogue.sets import keep_lines, keep_prepared
from core.clock import local_date
from core.executions.model import Execution, LogLine
from core.executions.starting import RELEASE
from core.executions.states import Outcome, State
from core.jobs.model import Job
from core.outbox.model import OutboxFile
from core.stores.model import Store
from core.texts import T
from core.windows import plan_window
from handlers.middlewares.turns import MOMENT
from handlers.reports.workbook import Column, Kind, Workbook
from sandbox.telegram import Message
from tests.handlers.kit import ANA, GROUP, RUI, Desk, until, until_sent

ZONE = ZoneInfo("America/Sao_Paulo")


async def finished(desk: Desk, *chats: int) -> int:
    """A run with a verified store, one that failed, and one that is held."""
    run = await desk.start_run(*chats)
    await desk.set_store(run, 0, Outcome.VERIFIED, read=900)
    await desk.set_store(run, 1, Outcome.FAILED, T("=HYPERLINK(1)"))
    await desk.set_store(run, 2, Outcome.HELD)
    async with desk.database.writing() as session:
        session.add(LogLine(execution_id=run, at=desk.clock.now(), level="info", text=T("Hi.").to_json()))
        session.add(
            LogLine(
                execution_id=run,
                at=desk.clock.now(),
                level="warning",
                text=T("{n} lines sent.", n=3).to_json(),
                store_id=desk.store_ids[1],
            )
        )
    await desk.end_run(run, State.PARTIAL)
    return run


async def with_findings(desk: Desk, run: int, *, altered: bool = False) -> None:
    """Give the first store lines (`altered` in the database or not), rejects, a held line and differences."""
    store, now = desk.store_ids[0], desk.clock.now()
    lines = [Line("10", Decimal("10.00"), Decimal("7.50"), 5), Line("20", Decimal("1234.50"), Decimal("999.99"), 1000)]
    odd = Candidate("30", "+55 COFFEE", "789", Decimal("9.00"), Decimal("1.00"))
    before = Difference(missing=["20"], extra=["77"], final_price=[Change("10", Decimal("7.50"), Decimal("8.00"))])
    async with desk.database.writing() as session:
        packed, day = canonical(lines), local_date(now, ZONE)
        name = digest(lines[:1] if altered else lines)
        await session.run_sync(partial(keep_lines, count=2, packed=packed), store, name)
        await session.run_sync(partial(keep_prepared, digest=name, count=2, day=day, scanned_at=now), run, store)
        held = HeldLine(odd, LineHold.MAX_DISCOUNT, Decimal("88.9"), Decimal(80))
        await session.run_sync(keep_scan, run, store, {Reject.ZERO_PRICE: [5, "4"]}, [held])
        live = LiveLine("77", Decimal("3.00"), Decimal("2.00"), 1)
        await session.run_sync(keep_seen, run, store, Seen(before, Difference(), [live]))
        session.add(
            FetchedProduct(
                store_id=store,
                code="10",
                name="=1+1 RICE",
                ean="7891",
                base=Decimal(10),
                final=Decimal("7.5"),
                limit=None,
                till=None,
                per_unit=False,
            )
        )


def rows(message: Message) -> dict[str, list[list[Any]]]:
    assert message.document is not None
    book = openpyxl.load_workbook(io.BytesIO(message.document.data))
    return {sheet.title: [[cell.value for cell in row] for row in sheet.iter_rows()] for sheet in book}


async def card_in(desk: Desk, chat_id: int) -> Message:
    card = await desk.telegram.wait_for(chat_id, "Partial")

    async def noted() -> bool:
        return (await desk.card()).message_id is not None

    await until(noted)
    return card


async def test_the_report_has_every_line_reject_held_line_and_difference(desk: Desk) -> None:
    async with desk.chat():
        run = await finished(desk, GROUP)
        await with_findings(desk, run)
        await (await desk.vera.taps(await card_in(desk, GROUP), "Report"))
        report = await desk.telegram.wait_for(GROUP, "Report of run")
        await until_sent(desk)

    assert report.document is not None
    assert report.document.name == f"run-{run}.xlsx"
    assert "Partial" in report.text
    sheets = rows(report)
    assert list(sheets) == ["Stores", "Products", "Without discount", "Held products", "Differences"]
    assert [row[:4] for row in sheets["Stores"][1:]] == [
        ["001 Centro", "verified", None, 900],
        ["002 Norte", "failed", "=HYPERLINK(1)", None],
        ["003 Sul", "held", None, None],
    ]
    assert [row[5:7] for row in sheets["Stores"][1:3]] == [[2, 1], [None, None]], "what was not read has no number"
    assert sheets["Products"][1:] == [
        ["001 Centro", "10", "7891", "=1+1 RICE", 10, 7.5, 25, 5],
        ["001 Centro", "20", None, None, 1234.5, 999.99, 19, 1000],
    ]
    assert sheets["Without discount"][1:] == [["001 Centro", code, "no regular price"] for code in ("4", "5")]
    assert sheets["Held products"][1][:6] == ["001 Centro", "30", "789", "+55 COFFEE", 9, 1]
    assert [row[2:4] + row[6:] for row in sheets["Differences"][1:]] == [
        ["missing on the platform", "20", 999.99, None],
        ["only on the platform", "77", None, 2],
        ["other club price", "10", 7.5, 8],
    ]
    assert await desk.rows(OutboxFile) == []


async def test_a_report_of_lines_that_were_altered_in_the_database_says_so_instead(desk: Desk) -> None:
    async with desk.chat():
        run = await finished(desk, GROUP)
        await with_findings(desk, run, altered=True)
        answer = await (await desk.vera.taps(await card_in(desk, GROUP), "Report"))

    assert answer.text is not None
    assert "was altered in the database" in answer.text


async def test_numbers_are_numbers_dates_dates_and_formulas_text(desk: Desk) -> None:
    async with desk.chat():
        run = await finished(desk, GROUP)
        await with_findings(desk, run)
        await (await desk.vera.taps(await card_in(desk, GROUP), "Report"))
        report = await desk.telegram.wait_for(GROUP, "Report of run")

    assert report.document is not None
    book = openpyxl.load_workbook(io.BytesIO(report.document.data))
    lines, stores = book["Products"], book["Stores"]
    assert (lines.freeze_panes, lines.auto_filter.ref) == ("A2", "A1:H3")
    assert lines.column_dimensions["D"].width > lines.column_dimensions["B"].width
    price, name, when = lines["F2"], lines["D2"], stores["I2"]
    assert (price.data_type, price.number_format) == ("n", "#,##0.00")
    assert (name.data_type, name.quotePrefix) == ("s", True)
    assert stores["C3"].data_type == "s"
    assert when.is_date
    assert when.value.isoformat(timespec="minutes") == "2026-11-23T05:10"


async def test_a_report_says_what_became_of_a_store_that_was_released_since(desk: Desk) -> None:
    async with desk.chat():
        run = await finished(desk, GROUP)
        card = await desk.telegram.wait_for(GROUP, "Partial")
        now, store = desk.clock.now(), desk.store_ids[2]
        async with desk.database.writing() as session:
            hold = Hold(
                organisation_id=desk.organisation_id,
                store_id=store,
                execution_id=run,
                kind="store",
                reason="min_lines",
                created_at=now,
                state=HoldState.RELEASED,
                decided_by="Ana",
                decided_at=now,
            )
            session.add(hold)
        sending = await desk.start_run(outcomes=(None, None, Outcome.ALREADY_LIVE))
        await desk.set_row(Execution, sending, trigger=RELEASE)
        await (await desk.ana.taps(card, "Report"))
        report = await desk.telegram.wait_for(GROUP, "Report of run")

    (_, *stores) = rows(report)["Stores"]
    assert stores[2][:3] == [
        "003 Sul",
        "held, released since",
        f"Released by Ana, 11/23/26, 5:10\u202fAM. Run {sending}: ✅ already live.",
    ]


async def test_a_report_that_a_restart_cut_off_is_sent_afterwards(desk: Desk) -> None:
    async with desk.chat():
        await finished(desk, GROUP)
        card = await card_in(desk, GROUP)
        desk.telegram.faults.server_error(502, times=50, method="sendDocument")
        await (await desk.vera.taps(card, "Report"))
        await until(lambda: desk.rows(OutboxFile))
    desk.telegram.faults.clear()
    async with desk.chat():
        await desk.telegram.wait_for(GROUP, "Report of run")
        await until_sent(desk)

    assert sum("Report of run" in text for text in desk.texts(GROUP)) == 1


async def test_a_manager_s_report_and_log_have_no_stores_of_others(desk: Desk) -> None:
    await desk.set_person(RUI, store_ids=[desk.store_ids[0]])
    async with desk.chat():
        await finished(desk, RUI)
        card = await card_in(desk, RUI)
        await (await desk.rui.taps(card, "Report"))
        report = await desk.telegram.wait_for(RUI, "Report of run")
        await (await desk.rui.taps(card, "Log"))
        log = await desk.telegram.wait_for(RUI, "Log of run")

    assert [row[0] for row in rows(report)["Stores"][1:]] == ["001 Centro"]
    assert log.document is not None
    assert "Norte" not in log.document.data.decode("utf-8-sig")


async def test_the_log_is_a_text_file_in_local_time(desk: Desk) -> None:
    async with desk.chat():
        run = await finished(desk, GROUP)
        await (await desk.vera.taps(await card_in(desk, GROUP), "Log"))
        log = await desk.telegram.wait_for(GROUP, "Log of run")

    assert log.document is not None
    assert log.document.name == f"run-{run}.txt"
    assert log.document.data.decode("utf-8-sig").splitlines() == [
        "2026-11-23 05:10:00  INFO     Hi.",
        "2026-11-23 05:10:00  WARNING  002 Norte  3 lines sent.",
    ]


async def test_the_levels_of_a_log_are_in_the_readers_language(desk: Desk) -> None:
    await desk.set_person(RUI, locale="pt_BR")
    async with desk.chat():
        await finished(desk, RUI)
        await (await desk.rui.taps(await card_in(desk, RUI), "Log"))
        log = await desk.telegram.wait_for(RUI, "Log da execução")

    assert log.document is not None
    assert "  AVISO    002 Norte  " in log.document.data.decode("utf-8-sig")


async def test_a_run_without_a_log_says_so(desk: Desk) -> None:
    async with desk.chat():
        run = await desk.start_run(ANA)
        await desk.end_run(run, State.PARTIAL)
        answer = await (await desk.ana.taps(await card_in(desk, ANA), "Log"))

    assert "Nothing was logged" in answer.text


async def test_run_again_starts_the_same_stores_and_two_taps_start_one(desk: Desk) -> None:
    async with desk.chat():
        await finished(desk, GROUP)
        card = await card_in(desk, GROUP)
        await desk.set_row(Store, desk.store_ids[1], active=False)
        first, second = await desk.ana.taps(card, "Run again"), await desk.ana.taps(card, "Run again")
        started, doubled = (await first).text, (await second).text

    assert started == "Started: Daily sync."
    # On a slow day the first tap's turn lasts longer than the second waits for an answer.
    assert doubled in ("Already at work: Daily sync, run 2.", str(MOMENT))
    _, again = await desk.rows(Execution)
    assert (again.trigger, again.store_ids) == ("manual", [desk.store_ids[0], desk.store_ids[2]])


async def test_a_tap_that_another_run_stands_in_the_way_of_leads_to_that_run(desk: Desk) -> None:
    """It says which run, and shows its card where the tap was: nobody has to look for it."""
    async with desk.chat():
        await finished(desk, ANA)
        card = await card_in(desk, ANA)
        other = await desk.start_run(GROUP)
        await desk.telegram.wait_for(GROUP, "At work")
        for label in ("Retry", "Run again"):
            assert (await (await desk.ana.taps(card, label))).text == f"Already at work: Daily sync, run {other}."
            told = await desk.telegram.wait_for(
                ANA, f"Already at work: Daily sync, run {other}. Its card is in this chat"
            )
            assert [button.text for row in told.buttons for button in row] == [f"See run {other}"]
        at_work = await desk.telegram.wait_for(ANA, "At work: Daily sync")

    assert "Cancel" in [button.text for row in at_work.buttons for button in row]
    assert len(await desk.rows(Execution)) == 2


async def test_what_may_replace_a_running_campaign_is_confirmed_first_by_the_one_who_asked(desk: Desk) -> None:
    async with desk.chat():
        run = await finished(desk, GROUP)
        await _verified(desk, run)
        card = await card_in(desk, GROUP)
        assert "confirm" in (await (await desk.ana.taps(card, "Run again"))).text
        question = await desk.telegram.wait_for(GROUP, "Run Daily sync again for 3 stores?")
        await until_sent(desk)
        assert len(await desk.rows(Execution)) == 1
        refused = await (await desk.rui.taps(question, "Run again now"))
        started = await (await desk.ana.taps(question, "Run again now"))

    assert "the campaign of 1 store is replaced" in question.text
    assert "somebody else" in refused.text
    assert started.text == "Started: Daily sync."


async def test_a_dry_run_leads_to_the_real_one_for_its_stores_and_asks_where_a_campaign_is_replaced(desk: Desk) -> None:
    async with desk.chat():
        run = await finished(desk, GROUP)
        await desk.set_row(Execution, run, dry_run=True, store_ids=desk.store_ids[:2])
        await desk.ring()
        await _verified(desk, run)
        card = await _card_with(desk, "Run now for real")
        assert "Dry run again" in [button.text for row in card.buttons for button in row]
        refused = (await (await desk.vera.taps(card, "Run now for real"))).text
        await (await desk.ana.taps(card, "Run now for real"))
        question = await desk.telegram.wait_for(GROUP, "Run Daily sync for real for 2 stores?")
        await until_sent(desk)
        assert len(await desk.rows(Execution)) == 1
        started = await (await desk.ana.taps(question, "Run now for real"))

    assert "You may not do this" in refused
    assert "the campaign of 1 store is replaced" in question.text
    assert started.text == "Started: Daily sync."
    real = (await desk.rows(Execution))[-1]
    assert (real.dry_run, real.store_ids) == (False, desk.store_ids[:2])


async def test_a_job_that_is_set_to_dry_runs_only_is_not_run_for_real_from_one(desk: Desk) -> None:
    async with desk.chat():
        run = await finished(desk, GROUP)
        await desk.set_row(Execution, run, dry_run=True)
        await desk.set_row(Job, desk.job_id, settings={"dry_run": True})
        await desk.ring()
        card = await _card_with(desk, "Run now for real")
        answer = await (await desk.ana.taps(card, "Run now for real"))

    assert "is set to dry runs only" in answer.text
    assert len(await desk.rows(Execution)) == 1


async def _card_with(desk: Desk, label: str) -> Message:
    """Return the group's card once it shows a button."""

    def there(message: Message) -> bool:
        return any(button.text == label for row in message.buttons for button in row)

    found: Message = await desk.telegram.wait_for(GROUP, there)
    await until_sent(desk)
    return found


async def test_a_viewer_runs_nothing_again(desk: Desk) -> None:
    async with desk.chat():
        await finished(desk, GROUP)
        refused = await (await desk.vera.taps(await card_in(desk, GROUP), "Run again"))

    assert "You may not do this" in refused.text
    assert len(await desk.rows(Execution)) == 1


async def _verified(desk: Desk, run: int) -> None:
    now = desk.clock.now()
    window = plan_window(now, ZONE, now.astimezone(ZONE).time(), timedelta(minutes=5))
    assert window is not None
    async with desk.database.writing() as session:
        session.add(
            VerifiedList(
                store_id=desk.store_ids[0],
                execution_id=run,
                digest="d",
                count=2,
                day=window.day,
                window_start=window.start,
                window_end=window.end,
                verified_at=now,
            )
        )


def test_every_heading_has_room_beside_the_arrow_of_its_filter() -> None:
    book = Workbook()
    book.sheet("Stores", [Column("Productos retenidos", Kind.WHOLE, 10), Column("Limit", Kind.WHOLE, 20)])
    page = openpyxl.load_workbook(io.BytesIO(book.finish()))["Stores"]
    assert page.column_dimensions["A"].width >= len("Productos retenidos") + 4
    assert page.column_dimensions["B"].width < 22
