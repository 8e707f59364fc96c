"""Lines of somebody else on the platform: sending would remove them, so the store is held."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from core.executions.byhand import Deed, DoDeed
from core.ids import new_id
from sandbox.crescevendas import Fault, PlatformLine
from sandbox.faults import Call
from tests.kit.chain import Chain, Run

SAO_PAULO = ZoneInfo("America/Sao_Paulo")
TODAY = (datetime(2026, 11, 23, 6, tzinfo=SAO_PAULO), datetime(2026, 11, 23, 23, 59, tzinfo=SAO_PAULO))
YESTERDAY = (TODAY[0] - timedelta(days=1), TODAY[1] - timedelta(days=1))


def _add_foreign(chain: Chain, *codes: str, window: tuple[datetime, datetime] = TODAY) -> None:
    lines = [{"code": code, "price": "10.00", "final_price": "8.00"} for code in codes]
    chain.platform.add_foreign(chain.stores[0].cnpj, lines, window)


def _foreign(chain: Chain) -> set[str]:
    return {line.code for line in chain.platform.lines(chain.stores[0].cnpj) if line.foreign}


async def _held(chain: Chain) -> Run:
    run = await chain.sync()
    assert (run.state, run.outcome) == ("failed", "held")
    return run


async def test_foreign_lines_hold_the_store(lone: Chain) -> None:
    (store,) = lone.stores
    _add_foreign(lone, "8001", "8002")
    run = await _held(lone)
    assert "2 live products come from somebody else" in run.reasons[store.name]
    assert run.counts[store.name]["foreign"] == 2
    assert await lone.holds(store) == [("foreign_lines", None)]
    assert _foreign(lone) == {"8001", "8002"}
    assert lone.posts() == 0


def _come_between_two_sends(chain: Chain) -> None:
    """Have the platform answer the first upload with “not now”, and somebody send their own before the next."""

    def come(call: Call) -> None:
        if call.method == "POST":
            chain.platform.before_answer = None
            _add_foreign(chain, "8001", "8002")

    chain.platform.faults.add(Fault("http_429", method="POST", parameter=0))
    chain.platform.before_answer = come


async def test_foreign_lines_that_come_between_two_sends_hold_the_store_too(lone: Chain) -> None:
    _come_between_two_sends(lone)
    run = await _held(lone)
    assert run.counts["Loja 1"]["foreign"] == 2
    assert _foreign(lone) == {"8001", "8002"}
    assert lone.posts() == 1


async def test_a_deed_by_hand_that_foreign_lines_overtake_says_so_and_sends_nothing_more(lone: Chain) -> None:
    (store,) = lone.stores
    await lone.sync()
    _come_between_two_sends(lone)
    do = DoDeed(lone.database, lone.clock, lone.hub.writer, lone.hub.recorder)
    code = min(lone.live(store))
    run = await lone.run((await do(lone.admin, Deed.TAKE_OFF, store.id, new_id(), code=code)).execution_id)
    assert (run.state, run.outcome, lone.posts()) == ("failed", "failed", 2)
    assert "something changed meanwhile" in run.reasons[store.name]
    assert _foreign(lone) == {"8001", "8002"}


@pytest.mark.parametrize("verified", ["never", "yesterday"])
async def test_a_line_of_somebody_else_under_a_code_of_ours_holds_the_store(lone: Chain, verified: str) -> None:
    (store,) = lone.stores
    window = TODAY
    if verified == "yesterday":
        await lone.sync()
        lone.clock.move(timedelta(days=1))
        window = (TODAY[0] + timedelta(days=1), TODAY[1] + timedelta(days=1))
    posts, code = lone.posts(), min(lone.expected(store).lines)
    _add_foreign(lone, code, window=window)
    run = await _held(lone)
    assert "1 live product comes from somebody else" in run.reasons[store.name]
    assert (await lone.holds(store), lone.posts()) == ([("foreign_lines", None)], posts)
    assert (await lone.release(run)).outcome == "verified"
    assert lone.live(store) == lone.expected(store).lines


async def test_foreign_lines_of_another_day_hold_nothing(lone: Chain) -> None:
    _add_foreign(lone, "8001", window=YESTERDAY)
    assert (await lone.sync()).outcome == "verified"


async def test_a_release_replaces_them_once(lone: Chain) -> None:
    (store,) = lone.stores
    _add_foreign(lone, "8001")
    released = await lone.release(await _held(lone))
    assert (released.state, released.outcome) == ("success", "verified")
    assert lone.live(store) == lone.expected(store).lines
    assert lone.posts() == 1
    _add_foreign(lone, "8001")
    lone.platform.erase(store.cnpj, [min(lone.live(store))])
    await _held(lone)
    assert lone.posts() == 1


async def test_a_release_covers_no_other_foreign_line(lone: Chain) -> None:
    _add_foreign(lone, "8001")
    held = await _held(lone)
    _add_foreign(lone, "8002")
    run = await lone.release(held)
    assert run.outcome == "held"
    assert run.counts["Loja 1"]["foreign"] == 1
    assert _foreign(lone) == {"8001", "8002"}
    assert lone.posts() == 0


async def test_a_store_may_allow_them_for_ever(lone: Chain) -> None:
    (store,) = lone.stores
    await lone.change(store, foreign_lines_allowed=True)
    for day in range(2):
        window = tuple(moment + timedelta(days=day) for moment in TODAY)
        _add_foreign(lone, "8001", window=(window[0], window[1]))
        assert (await lone.sync()).outcome == "verified"
        assert lone.platform.lines(store.cnpj)[-1].foreign is False
        lone.clock.move(timedelta(days=1))
    assert lone.posts() == 2


async def test_ours_beside_foreign_lines_are_already_live(lone: Chain) -> None:
    """Nothing has to be sent, so nothing of others would be replaced."""
    await lone.sync()
    _add_foreign(lone, "8001")
    assert (await lone.sync()).outcome == "already_live"
    assert _foreign(lone) == {"8001"}
    assert lone.posts() == 1


async def test_what_was_ours_yesterday_is_not_foreign_today(lone: Chain) -> None:
    (store,) = lone.stores
    await lone.sync()
    gone = min(lone.live(store))
    lone.erp.remove(store.cnpj, gone)
    assert (await lone.sync()).outcome == "verified"
    assert gone not in lone.live(store)
    assert lone.posts() == 2


async def test_a_dry_run_tells_of_foreign_lines_and_holds_nothing(lone: Chain) -> None:
    (store,) = lone.stores
    _add_foreign(lone, "8001")
    run = await lone.sync(dry_run=True)
    assert run.outcome == "held"
    assert await lone.holds(store) == []
    assert lone.posts() == 0


@pytest.mark.parametrize("code", ["0008001", "8001"])
async def test_a_line_of_ours_under_another_spelling_is_not_foreign(lone: Chain, code: str) -> None:
    (store,) = lone.stores
    ours = min(lone.expected(store).lines)
    base, final, limit = lone.expected(store).lines[ours]
    line = PlatformLine(ours.zfill(len(code)), base, final, limit)
    lone.platform.add_foreign(store.cnpj, [line], TODAY)
    assert (await lone.sync()).outcome == "verified"
    assert lone.live(store) == lone.expected(store).lines
