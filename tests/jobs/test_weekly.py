"""The weekly report: on Mondays, once, with a chart, and only where a rule asks for it."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from core.clock import ManualClock
from core.executions.stats import Stats
from core.i18n import Translator
from core.jobs.model import Job
from core.organisations.model import Organisation
from core.outbox.content import Attachment
from core.outbox.model import Message, OutboxFile
from handlers.charts.runs import stats_picture
from jobs.weekly import WeeklyReport
from sandbox.faults import Fault
from tests.kit.chain import Chain, MakeChain

FRIDAY = datetime(2026, 11, 20, 8, 30, tzinfo=UTC)
MONDAY = datetime(2026, 11, 23, 11, 0, tzinfo=UTC)
"""08:00 where the chain is."""


async def sketch(_stats: Stats, translator: Translator) -> Attachment:
    return Attachment(f"{translator.locale}.png", b"x", photo=True)


@pytest.fixture
async def week(make_chain: MakeChain, clock: ManualClock) -> Chain:
    """A run on Friday, in which one store of three was not good; now it is Monday, 08:00."""
    clock.instant = FRIDAY
    chain = await make_chain()
    chain.platform.faults.add(Fault("lose_lines", store=chain.stores[1].cnpj))
    await chain.sync()
    clock.instant = MONDAY
    return chain


async def ask_for_it(chain: Chain) -> None:
    await chain.change(await chain.row(Job, chain.sync_job), notify=[{"channel": "Ops", "on": ["weekly_report"]}])


async def reports(chain: Chain) -> list[str]:
    await WeeklyReport(chain.database, chain.clock, chain.hub.notices, sketch).tick()
    return [text for text in await chain.messages() if "the week from" in text]


async def test_it_sums_the_week_up_with_a_chart_and_names_stores_that_were_never_good(week: Chain) -> None:
    await ask_for_it(week)
    await WeeklyReport(week.database, week.clock, week.hub.notices, stats_picture).tick()

    (report,) = await reports(week)
    lines = report.splitlines()
    assert lines[0] == "📊 Daily sync: the week from 11/16/26 to 11/22/26"
    assert lines[1] == "✅ 66% of the stores ended well; 0 of 1 run without any problem"
    assert lines[-1] == f"✋ 1 store never ended well: {week.stores[1].name}"
    async with week.database.reading() as session:
        (picture,) = await session.scalars(select(OutboxFile))
    assert picture.photo
    assert picture.data.startswith(b"\x89PNG")


async def test_nobody_gets_it_who_did_not_ask(week: Chain) -> None:
    assert await reports(week) == []


@pytest.mark.parametrize("away", [-timedelta(minutes=1), timedelta(hours=12), timedelta(days=1)])
async def test_it_comes_on_mondays_by_day_only(week: Chain, clock: ManualClock, away: timedelta) -> None:
    await ask_for_it(week)
    clock.move(away)
    assert await reports(week) == []


async def test_it_comes_once_although_the_bot_started_anew(week: Chain, clock: ManualClock) -> None:
    await ask_for_it(week)
    for _ in range(3):
        assert len(await reports(week)) == 1
        clock.move(timedelta(hours=1))
    clock.instant = MONDAY + timedelta(days=7)
    assert "No sync ran in that week." in (await reports(week))[1]


async def test_the_chart_speaks_the_language_of_its_chat(week: Chain) -> None:
    await ask_for_it(week)
    (home,) = [await week.row(Organisation, 1)]
    await week.change(home, locale="pt_BR")
    await reports(week)

    async with week.database.reading() as session:
        (picture,) = await session.scalars(select(OutboxFile))
        (message,) = await session.scalars(select(Message).where(Message.dedupe_key.startswith("weekly:")))
    assert (picture.name, message.body["locale"]) == ("pt_BR.png", "pt_BR")


async def test_runs_of_the_week_before_and_of_this_monday_do_not_count(week: Chain, clock: ManualClock) -> None:
    await ask_for_it(week)
    await week.sync()
    clock.instant = MONDAY + timedelta(days=7)
    report = (await reports(week))[-1]
    assert "of 1 run " in report
    assert "not good once" not in report
