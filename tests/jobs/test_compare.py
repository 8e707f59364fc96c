"""Comparing what the ERP says with what customers see; what could not be read is never equal."""

from decimal import Decimal

import pytest

from sandbox.crescevendas import PlatformLine
from sandbox.faults import Fault
from tests.kit.chain import Chain

CATEGORIES = ("missing", "extra", "final_price", "regular_price", "limit", "duplicates")


@pytest.fixture
async def synced(lone: Chain) -> Chain:
    await lone.sync()
    return lone


async def test_what_was_just_sent_is_equal(either_chain: Chain) -> None:
    await either_chain.sync()
    run = await either_chain.compare()
    assert (run.state, run.outcome) == ("success", "equal")
    assert run.counts["Loja 1"] | dict.fromkeys(CATEGORIES, 0) == run.counts["Loja 1"]
    assert run.counts["Loja 1"]["lines"] == 20
    assert either_chain.posts() == 3


async def test_nothing_live_is_a_difference(chain: Chain) -> None:
    run = await chain.compare()
    assert (run.state, run.outcome) == ("partial", "different")
    assert run.counts["Loja 1"]["missing"] == 20
    assert run.reasons["Loja 1"] == "20 products missing."
    assert chain.posts() == 0


@pytest.mark.parametrize(
    ("change", "category"),
    [
        ({"final_price": Decimal("0.50")}, "final_price"),
        ({"price": Decimal("999.00")}, "regular_price"),
        ({"limit": 3}, "limit"),
    ],
    ids=["final price", "regular price", "limit"],
)
async def test_an_altered_line_is_found(synced: Chain, change: dict[str, object], category: str) -> None:
    (store,) = synced.stores
    synced.platform.alter(store.cnpj, min(synced.live(store)), **change)
    run = await synced.compare()
    assert run.outcome == "different"
    assert {name: run.counts[store.name][name] for name in CATEGORIES} == dict.fromkeys(CATEGORIES, 0) | {category: 1}
    assert synced.posts() == 1


async def test_a_missing_line_and_one_too_many_are_found(synced: Chain) -> None:
    (store,) = synced.stores
    ((start, end),) = synced.windows(store)
    synced.platform.erase(store.cnpj, [min(synced.live(store))])
    synced.platform.add_foreign(store.cnpj, [PlatformLine("8001", Decimal(2), Decimal(1))], (start, end))
    run = await synced.compare()
    assert run.outcome == "different"
    assert {name: run.counts[store.name][name] for name in CATEGORIES} == dict.fromkeys(CATEGORIES, 0) | {
        "missing": 1,
        "extra": 1,
    }


async def test_a_line_that_is_there_twice_is_found(synced: Chain) -> None:
    (store,) = synced.stores
    ((start, end),) = synced.windows(store)
    code = min(synced.live(store))
    synced.platform.add_foreign(store.cnpj, [PlatformLine(code, *synced.live(store)[code])], (start, end))
    run = await synced.compare()
    assert run.outcome == "different"
    assert run.counts[store.name]["duplicates"] == 1


async def test_a_price_changed_at_the_erp_is_found(synced: Chain) -> None:
    (store,) = synced.stores
    synced.erp.change(store.cnpj, min(synced.live(store)), club_price=Decimal("0.99"))
    run = await synced.compare()
    assert (run.state, run.outcome) == ("partial", "different")
    assert run.counts[store.name]["final_price"] == 1


@pytest.mark.parametrize("kind", ["unknown_shape", "html_200", "http_500_html", "empty_object", "login_refused"])
async def test_a_platform_that_cannot_be_read_is_not_compared(synced: Chain, kind: str) -> None:
    synced.platform.faults.add(Fault(kind, times=None))
    run = await synced.compare()
    assert (run.state, run.outcome) == ("failed", "not_compared")
    assert "127.0.0.1" in run.reasons["Loja 1"]
    assert synced.posts() == 1


@pytest.mark.parametrize("kind", ["cut_body", "status_error_200", "null_list", "http_503_html"])
async def test_an_erp_that_cannot_be_read_is_not_compared(synced: Chain, kind: str) -> None:
    (store,) = synced.stores
    before = await synced.snapshot(store)
    synced.erp.faults.add(Fault(kind, times=None, path="listaprodutos"))
    run = await synced.compare()
    assert (run.state, run.outcome) == ("failed", "not_compared")
    assert await synced.snapshot(store) == before


async def test_a_store_that_cannot_be_compared_spoils_no_other(chain: Chain) -> None:
    await chain.sync()
    chain.erp.faults.add(Fault("null_list", store=chain.stores[0].cnpj, times=None))
    run = await chain.compare()
    assert run.state == "partial"
    assert run.outcomes == {"Loja 1": "not_compared", "Loja 2": "equal", "Loja 3": "equal"}


async def test_an_erp_that_answers_nothing_differs_and_erases_nothing(synced: Chain) -> None:
    (store,) = synced.stores
    before = await synced.snapshot(store)
    synced.erp.faults.add(Fault("empty_page", times=None))
    run = await synced.compare()
    assert run.outcome == "different"
    assert run.counts[store.name]["extra"] == 20
    assert await synced.snapshot(store) == before


async def test_a_comparison_changes_no_baseline_and_holds_nothing(synced: Chain) -> None:
    (store,) = synced.stores
    before = await synced.verified(store)
    synced.erp.scale_prices(store.cnpj, 100)
    assert (await synced.compare()).outcome == "different"
    assert await synced.verified(store) == before
    assert await synced.holds(store) == []


async def test_what_rails_hold_is_held_and_not_missing_until_somebody_releases_it(either_chain: Chain) -> None:
    chain, store = either_chain, either_chain.stores[0]
    code = min(chain.expected(store).lines, key=int)
    chain.erp.change(store.cnpj, code, price=Decimal(100), club_price=Decimal(1), till_price=None)
    first = await chain.sync()
    assert [held for _, held in await chain.holds(store)] == [code]

    run = await chain.compare()
    assert run.outcome == "equal"
    assert run.counts[store.name]["held_lines"] == 1
    assert run.counts[store.name]["missing"] == 0

    await chain.release(first)
    assert (await chain.compare()).counts[store.name]["held_lines"] == 0
    chain.platform.erase(store.cnpj, [code])
    assert (await chain.compare()).counts[store.name]["missing"] == 1


async def test_a_store_held_as_a_whole_says_so_beside_its_differences(lone: Chain) -> None:
    (store,) = lone.stores
    await lone.sync()
    lone.erp.scale_prices(store.cnpj, 2)
    assert (await lone.sync()).outcome == "held"
    run = await lone.compare()
    assert (run.outcome, run.counts[store.name]["final_price"]) == ("different", 20)
    assert "The store is held" in run.reasons[store.name]
