"""Which day and which hours: start times, zones, a day that is over, data that grew old."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from core.clock import ManualClock
from sandbox.faults import Call, Fault
from tests.kit.chain import Chain, MakeChain

SAO_PAULO = ZoneInfo("America/Sao_Paulo")


def _at(text: str, zone: ZoneInfo = SAO_PAULO, day: int = 23) -> datetime:
    hour, minute = map(int, text.split(":"))
    return datetime(2026, 11, day, hour, minute, tzinfo=zone)


def _window(chain: Chain, which: int = 0) -> tuple[str, str]:
    ((start, end),) = chain.windows(chain.stores[which])
    return f"{start:%d %H:%M}", f"{end:%d %H:%M}"


@pytest.mark.parametrize(
    ("now", "start"),
    [
        ("05:10", "06:00"),
        ("05:54", "06:00"),
        ("05:55", "06:00"),
        ("05:57", "06:02"),
        ("06:00", "06:05"),
        ("09:55", "10:00"),
        ("20:59", "21:04"),
        ("21:01", "21:06"),
        ("22:58", "23:03"),
        ("23:53", "23:58"),
    ],
)
async def test_a_campaign_starts_at_the_opening_or_after_the_lead(
    lone: Chain, clock: ManualClock, now: str, start: str
) -> None:
    clock.instant = _at(now)
    run = await lone.sync()
    assert (run.state, run.outcome) == ("success", "verified")
    assert _window(lone) == (f"23 {start}", "23 23:59")
    assert lone.platform.uploads[0]["name"] == f"001 Descontos - 2026-11-23 {start}"
    assert run.counts["Loja 1"]["start"] == start


@pytest.mark.parametrize("now", ["23:54", "23:58", "23:59"])
async def test_too_late_for_today_sends_nothing(lone: Chain, clock: ManualClock, now: str) -> None:
    clock.instant = _at(now)
    run = await lone.sync()
    assert (run.state, run.outcome) == ("failed", "too_late")
    assert lone.posts() == lone.pages() == 0


async def test_seconds_are_rounded_up_to_the_next_minute(lone: Chain, clock: ManualClock) -> None:
    clock.instant = _at("09:55") + timedelta(seconds=1)
    await lone.sync()
    assert _window(lone)[0] == "23 10:01"


async def test_a_store_opens_at_its_own_time(chain: Chain) -> None:
    await chain.change(chain.stores[1], opening="07:30")
    await chain.sync()
    assert [_window(chain, which)[0] for which in range(3)] == ["23 06:00", "23 07:30", "23 06:00"]


async def test_times_are_written_in_the_platforms_zone_whatever_the_stores(make_chain: MakeChain) -> None:
    """Manaus is an hour behind: its 06:00 is the platform's 07:00, and its day ends at 00:59."""
    chain = await make_chain(stores=2)
    await chain.change(chain.stores[0], timezone="America/Manaus")
    run = await chain.sync()
    assert run.outcome == "verified"
    assert _window(chain, 0) == ("23 07:00", "24 00:59")
    assert _window(chain, 1) == ("23 06:00", "23 23:59")
    assert (await chain.sync()).outcome == "already_live"
    assert chain.posts() == 2


async def test_a_platform_may_want_each_stores_own_time(make_chain: MakeChain) -> None:
    chain = await make_chain(stores=1, platform={"platform_timezone": "store"})
    await chain.change(chain.stores[0], timezone="America/Manaus")
    chain.platform.options.check_past = False
    await chain.sync()
    assert _window(chain) == ("23 06:00", "23 23:59")


async def test_the_day_is_the_stores_and_not_utcs(lone: Chain, clock: ManualClock) -> None:
    clock.instant = _at("22:30")
    assert clock.now().astimezone(UTC).day == 24
    await lone.sync()
    assert _window(lone) == ("23 22:35", "23 23:59")


async def test_a_store_in_another_zone_may_be_in_time_when_another_is_too_late(
    make_chain: MakeChain, clock: ManualClock
) -> None:
    chain = await make_chain(stores=2)
    await chain.change(chain.stores[0], timezone="America/Manaus")
    clock.instant = _at("23:55")
    run = await chain.sync()
    assert run.state == "partial"
    assert run.outcomes == {"Loja 1": "verified", "Loja 2": "too_late"}
    assert _window(chain, 0) == ("24 00:00", "24 00:59")


async def test_a_new_day_is_sent_again_though_nothing_changed(lone: Chain, clock: ManualClock) -> None:
    (store,) = lone.stores
    await lone.sync()
    clock.move(timedelta(days=1))
    assert (await lone.sync()).outcome == "verified"
    assert (await lone.sync()).outcome == "already_live"
    assert [day.day for day in await lone.verified_days(store)] == [23, 24, 24]
    assert lone.posts() == 2


async def test_a_running_campaign_is_left_alone_during_the_day(lone: Chain, clock: ManualClock) -> None:
    await lone.sync()
    clock.instant = _at("14:20")
    assert (await lone.sync()).outcome == "already_live"
    assert _window(lone) == ("23 06:00", "23 23:59")
    assert lone.posts() == 1


async def test_a_campaign_that_ends_too_early_is_replaced(lone: Chain, clock: ManualClock) -> None:
    (store,) = lone.stores
    lines = lone.expected(store).lines
    rows = [{"code": c, "price": b, "final_price": f, "limit": n} for c, (b, f, n) in lines.items()]
    lone.platform.add_foreign(store.cnpj, rows, (_at("06:00"), _at("12:00")))
    assert (await lone.sync()).outcome == "verified"
    assert _window(lone) == ("23 06:00", "23 23:59")
    assert lone.posts() == 1


async def test_a_run_whose_day_is_over_expires(chain: Chain, clock: ManualClock) -> None:
    run_id = await chain.start()
    clock.move(timedelta(days=1))
    run = await chain.run(run_id)
    assert (run.state, run.outcome) == ("expired", "skipped")
    assert chain.posts() == chain.pages() == 0


async def test_midnight_during_a_scan_sends_nothing_for_the_new_day(lone: Chain, clock: ManualClock) -> None:
    clock.instant = _at("23:40")

    def pass_midnight(call: Call) -> None:
        if call.page == 2:
            clock.instant = _at("00:10", day=24)

    lone.erp.before_answer = pass_midnight
    run = await lone.sync()
    assert run.outcome == "too_late"
    assert lone.posts() == 0


async def test_the_start_is_planned_again_before_every_attempt(lone: Chain, clock: ManualClock) -> None:
    clock.instant = _at("09:55")
    lone.platform.faults.add(Fault("http_503_html", method="POST"))

    def pass_time(call: Call) -> None:
        if call.method == "POST":
            clock.move(timedelta(minutes=7))

    lone.platform.before_answer = pass_time
    lone.platform.options.check_past = False
    assert (await lone.sync()).outcome == "verified"
    assert _window(lone)[0] == "23 10:07"
    assert lone.posts() == 2


async def test_data_that_grew_old_before_a_send_is_fetched_again(lone: Chain, clock: ManualClock) -> None:
    (store,) = lone.stores

    def pass_an_hour(call: Call) -> None:
        if call.route == "read":
            lone.platform.before_answer = None
            clock.move(timedelta(minutes=61))
            lone.erp.change(store.cnpj, min(lone.expected(store).lines), name="NEW NAME")

    lone.platform.before_answer = pass_an_hour
    run = await lone.sync()
    assert run.outcome == "verified"
    kept = await lone.snapshot(store)
    assert kept is not None
    assert kept[0] == clock.now()
    assert lone.posts() == 1


async def test_data_read_before_the_clock_was_set_back_is_fetched_again(lone: Chain, clock: ManualClock) -> None:
    """How old it is, nobody knows."""

    def set_back(call: Call) -> None:
        if call.route == "read":
            lone.platform.before_answer = None
            clock.move(timedelta(minutes=-30))

    lone.platform.before_answer = set_back
    run = await lone.sync()
    kept = await lone.snapshot(lone.stores[0])
    assert run.outcome == "verified"
    assert kept is not None
    assert kept[0] == clock.now()
    assert lone.posts() == 1


async def test_data_that_always_grows_too_old_is_not_fetched_for_ever(lone: Chain, clock: ManualClock) -> None:
    def pass_an_hour(call: Call) -> None:
        if call.route == "read":
            clock.move(timedelta(minutes=61))

    lone.platform.before_answer = pass_an_hour
    await lone.set_job(timeout_minutes=1440)
    run = await lone.sync()
    assert run.outcome == "failed"
    assert "older than 60 minutes" in run.reasons["Loja 1"]
    assert lone.posts() == 0


async def test_an_upload_is_not_counted_anew_after_old_data_was_fetched_again(lone: Chain, clock: ManualClock) -> None:
    lone.platform.faults.add(Fault("http_503_html", method="POST", times=None))
    lone.platform.before_answer = lambda call: clock.move(timedelta(minutes=40 if call.method == "POST" else 0))
    await lone.set_job(timeout_minutes=1440)
    run = await lone.sync()
    assert run.outcome == "failed"
    assert lone.posts() == 3


@pytest.mark.parametrize(("day", "start"), [(23, "06:00"), (24, "10:00"), (29, "08:30")])
async def test_a_campaign_starts_when_the_store_opens_on_that_day(
    either_chain: Chain, clock: ManualClock, day: int, start: str
) -> None:
    chain, store = either_chain, either_chain.stores[0]
    await chain.change(store, opening={"default": "06:00", "sun": "08:30", "holidays": {"2026-11-24": "10:00"}})
    clock.instant = _at("05:10", day=day)
    await chain.sync(store)
    assert _window(chain) == (f"{day} {start}", f"{day} 23:59")
