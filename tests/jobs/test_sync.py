"""A sync from the ERP's catalogue to what customers see, when nothing goes wrong."""

from decimal import Decimal

from core.db.database import Database
from sandbox.rp import ErpProduct
from tests.kit.chain import Chain, MakeChain


async def test_every_store_gets_what_its_own_catalogue_says(either_chain: Chain) -> None:
    chain = either_chain
    run = await chain.sync()
    assert run.state == "success"
    assert run.outcome == "verified"
    assert chain.uploads() == chain.posts() == len(chain.stores)
    for store in chain.stores:
        expected = chain.expected(store).lines
        assert len(expected) == 20
        assert chain.live(store) == expected == await chain.verified(store)
        assert chain.uploads(store) == 1
        assert run.counts[store.name]["read"] >= 20
        assert run.counts[store.name]["lines"] == run.counts[store.name]["sent"] == 20


async def test_a_second_run_of_an_unchanged_day_uploads_nothing(chain: Chain) -> None:
    await chain.sync()
    again = await chain.sync()
    assert (again.state, again.outcome) == ("success", "already_live")
    assert chain.posts() == 3


async def test_a_changed_price_is_sent_again_and_becomes_the_baseline(chain: Chain) -> None:
    await chain.sync()
    store = chain.stores[1]
    code = min(chain.live(store))
    base, _, _ = chain.live(store)[code]
    dearer = (base * Decimal("0.97")).quantize(Decimal("0.01"))
    chain.erp.change(store.cnpj, code, club_price=dearer)
    run = await chain.sync()
    assert run.outcomes == {"Loja 1": "already_live", "Loja 2": "verified", "Loja 3": "already_live"}
    assert run.counts["Loja 2"]["changed"] == 1
    assert chain.posts() == 4
    assert chain.live(store)[code][1] == dearer
    assert chain.live(store) == chain.expected(store).lines == await chain.verified(store)


async def test_a_promotion_that_ended_leaves_the_platform(lone: Chain) -> None:
    await lone.sync()
    (store,) = lone.stores
    gone = min(lone.live(store))
    lone.erp.change(store.cnpj, gone, club_price=Decimal(0))
    run = await lone.sync()
    assert run.outcome == "verified"
    assert gone not in lone.live(store)
    assert lone.live(store) == lone.expected(store).lines
    assert lone.posts() == 2


async def test_somebody_elses_hand_on_our_lines_is_corrected(lone: Chain) -> None:
    await lone.sync()
    (store,) = lone.stores
    lone.platform.alter(store.cnpj, min(lone.live(store)), final_price=Decimal("0.01"))
    run = await lone.sync()
    assert run.outcome == "verified"
    assert lone.live(store) == lone.expected(store).lines
    assert lone.posts() == 2


async def test_every_dirty_product_is_judged_as_the_rules_say(make_chain: MakeChain) -> None:
    chain = await make_chain(stores=1, products=120, erp={"only_second_price": False})
    (store,) = chain.stores
    chain.erp.add_dirty(store.cnpj)
    run = await chain.sync()
    expected = chain.expected(store)
    assert run.outcome == "verified"
    assert chain.live(store) == expected.lines
    assert await chain.holds(store) == sorted((reason, code) for code, reason in expected.held.items())
    rejects = {reason: len(codes) for reason, codes in expected.rejected.items()}
    assert run.counts[store.name]["rejects"] == rejects
    assert run.counts[store.name]["held_lines"] == len(expected.held) == 3


async def test_an_absurd_price_costs_its_own_product_only(either_chain: Chain) -> None:
    chain, store = either_chain, either_chain.stores[0]
    code = min(chain.expected(store).lines)
    chain.erp.change(store.cnpj, code, price=Decimal(10**10))
    run = await chain.sync(store)
    assert (run.outcome, run.counts[store.name]["rejects"]["invalid_number"]) == ("verified", 1)
    assert code not in chain.live(store)


async def test_limits_come_from_the_product_then_the_store_then_the_integration(chain: Chain) -> None:
    chain.erp.options.with_limite = True
    own, usual, _ = chain.stores
    await chain.change(own, limit=7)
    await chain.sync()
    for store in chain.stores:
        assert chain.live(store) == chain.expected(store).lines
    assert {limit for _, _, limit in chain.live(own).values()} == {5, 7, 12}
    assert {limit for _, _, limit in chain.live(usual).values()} == {5, 12, 1000}


async def test_a_store_may_have_another_registration_and_unit_code(lone: Chain) -> None:
    (store,) = lone.stores
    lone.erp.options.unit_by_code = True
    lone.platform.add_store("R-77")
    await lone.change(store, unit="001", platform_registration="R-77")
    run = await lone.sync()
    assert run.outcome == "verified"
    assert lone.live(store) == lone.expected(store).lines
    assert lone.platform.lines(store.cnpj) == []


async def test_codes_are_compared_without_leading_zeros(lone: Chain) -> None:
    lone.platform.options.code_as = "zero_padded"
    lone.erp.options.code_as_string = True
    await lone.sync()
    assert (await lone.sync()).outcome == "already_live"
    assert lone.posts() == 1


async def test_only_the_named_stores_are_touched(chain: Chain) -> None:
    run = await chain.sync(chain.stores[2])
    assert run.outcomes == {"Loja 3": "verified"}
    assert chain.uploads() == chain.uploads(chain.stores[2]) == 1
    assert chain.live(chain.stores[0]) == {}


async def test_products_that_appear_or_change_during_a_scan_do_not_break_it(lone: Chain) -> None:
    (store,) = lone.stores
    last = ErpProduct(code=999_999, price=Decimal("9.90"), club_price=Decimal("7.90"))

    def appear(call: object) -> None:
        if getattr(call, "page", None) == 2:
            lone.erp.put(store.cnpj, last)

    lone.erp.before_answer = appear
    run = await lone.sync()
    assert run.outcome == "verified"
    assert "999999" in lone.live(store)
    assert lone.live(store) == lone.expected(store).lines


async def test_a_dry_run_sends_nothing_and_holds_nothing(lone: Chain) -> None:
    (store,) = lone.stores
    lone.erp.put(store.cnpj, ErpProduct(code=5, price=Decimal(100), club_price=Decimal(2)))
    run = await lone.sync(dry_run=True)
    assert (run.state, run.outcome) == ("success", "skipped")
    assert run.reasons[store.name] == "Against what is live now: 20 new."
    assert run.counts[store.name]["held_lines"] == 1
    assert lone.posts() == 0
    assert await lone.holds(store) == []
    assert await lone.verified(store) is None


async def test_both_databases_keep_the_same_snapshot(either_chain: Chain) -> None:
    chain = either_chain
    assert isinstance(chain.database, Database)
    await chain.sync()
    for store in chain.stores:
        kept = await chain.snapshot(store)
        assert kept is not None
        assert kept[0] == chain.clock.now()
        assert kept[1] == {code: (base, final) for code, (base, final, _) in chain.expected(store).lines.items()}
