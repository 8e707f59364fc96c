"""What a run found is kept with it, product by product, for report, details and questions."""

from decimal import Decimal
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import delete, select, update

from core.access import Actor, Role
from core.catalogue.findings import keep_scan, load_finding, pack, unpack
from core.catalogue.lines import Reject
from core.catalogue.model import LineList
from core.executions.findings import ShowFindings, StoreFindings
from core.executions.model import Finding
from core.executions.views import ShowRun
from core.stores.model import Store
from sandbox.crescevendas import PlatformLine
from sandbox.rp import Fault
from tests.kit.chain import Chain, MakeChain, Run


async def found(chain: Chain, run: Run, store: Store, actor: Actor | None = None) -> StoreFindings | None:
    show = ShowFindings(chain.database, ShowRun(chain.database))
    return await show(actor or Actor.system(chain.organisation_id, "test"), run.id, store.id)


async def known(chain: Chain, run: Run, store: Store) -> StoreFindings:
    made = await found(chain, run, store)
    assert made is not None
    return made


async def test_a_sync_keeps_lines_names_rejects_and_what_it_changed(either_chain: Chain) -> None:
    chain, store = either_chain, either_chain.stores[0]
    chain.erp.add_dirty(store.cnpj)
    run = await chain.sync()
    first = await known(chain, run, store)

    lines = {line.code: (line.price, line.final_price, line.limit) for line in first.lines}
    assert lines == chain.live(store)
    assert lines.keys() <= first.names.keys()
    assert sum(bool(name.name and name.ean) for name in first.names.values()) >= 20
    counts = run.counts[store.name]["rejects"]
    assert len(counts) > 3
    assert {reason.value: len(codes) for reason, codes in first.rejects.items()} == counts
    assert first.verified_at == chain.clock.now()
    assert first.before is not None
    assert set(first.before.missing) == set(lines)
    assert first.after is not None
    assert first.after.equal


async def test_a_dry_run_keeps_what_would_be_held_and_changed_though_it_holds_nothing(lone: Chain) -> None:
    (store,) = lone.stores
    await lone.sync()
    code = min(lone.live(store))
    lone.erp.change(store.cnpj, code, club_price=Decimal("0.01"))
    seen = await known(lone, await lone.sync(dry_run=True), store)

    assert [(one.candidate.code, one.reason.value) for one in seen.held] == [(code, "max_discount_percent")]
    assert seen.before is not None
    assert seen.before.extra == [code]
    assert seen.live[code].code == code
    assert await lone.holds(store) == []


async def test_a_comparison_keeps_every_difference_with_both_prices(lone: Chain) -> None:
    (store,) = lone.stores
    await lone.sync()
    ((start, end),) = lone.windows(store)
    stranger = PlatformLine("987654", Decimal("9.00"), Decimal("8.00"), 3)
    lone.platform.add_foreign(store.cnpj, [stranger], (start, end))
    code = min(lone.live(store))
    old = lone.live(store)[code][1]
    lone.erp.change(store.cnpj, code, club_price=Decimal("0.99"))
    seen = await known(lone, await lone.compare(), store)

    assert seen.difference is not None
    (change,) = seen.difference.final_price
    assert (change.code, change.ours, change.theirs) == (code, Decimal("0.99"), old)
    assert seen.difference.extra == ["987654"]
    assert (seen.live["987654"].price, seen.live["987654"].final_price) == (Decimal("9.00"), Decimal("8.00"))


async def test_foreign_lines_that_hold_a_store_are_kept_with_their_prices(lone: Chain) -> None:
    (store,) = lone.stores
    await lone.sync()
    (window,) = lone.windows(store)
    lone.platform.add_foreign(store.cnpj, [PlatformLine("987654", Decimal("9.00"), Decimal("8.00"), 3)], window)
    lone.erp.change(store.cnpj, min(lone.live(store)), club_price=Decimal("0.99"))
    run = await lone.sync()
    seen = await known(lone, run, store)

    assert run.outcome == "held"
    assert seen.live["987654"].final_price == Decimal("8.00")


async def test_a_store_that_could_not_be_read_has_no_findings(lone: Chain) -> None:
    lone.erp.faults.add(Fault("null_list", times=None))
    seen = await known(lone, await lone.sync(), lone.stores[0])

    assert (seen.lines, seen.rejects, seen.held, seen.before, seen.after) == ([], {}, [], None, None)
    assert seen.verified_at is None


async def test_a_list_that_was_cleaned_up_leaves_the_rest(lone: Chain) -> None:
    lone.erp.add_dirty(lone.stores[0].cnpj)
    run = await lone.sync()
    async with lone.database.writing() as session:
        await session.execute(update(Finding).values(seen=None))
        await session.execute(delete(LineList))
    seen = await known(lone, run, lone.stores[0])

    assert seen.rejects
    assert seen.lines == []
    assert seen.difference is None


async def test_nobody_sees_findings_of_stores_outside_their_scope(make_chain: MakeChain) -> None:
    chain = await make_chain(stores=2)
    run = await chain.sync()
    mine, other = chain.stores
    limited = Actor(chain.organisation_id, Role.MANAGER, "Rui", "chat", store_ids=frozenset({mine.id}))

    assert await found(chain, run, mine, limited) is not None
    assert await found(chain, run, other, limited) is None


@given(st.lists(st.one_of(st.integers(0, 10**14), st.integers(0, 10**14).map(str), st.text("0A-9", max_size=6))))
def test_any_codes_come_back_as_they_went_in(codes: list[Any]) -> None:
    assert sorted(unpack(*pack(codes))) == sorted(map(str, codes))


async def test_rejects_shrink_to_a_few_bytes_each(lone: Chain) -> None:
    (store,) = lone.stores
    run = await lone.sync()
    codes: list[str | int] = [100_000 + 7 * number + number % 3 for number in range(20_000)]
    async with lone.database.writing() as session:
        await session.run_sync(keep_scan, run.id, store.id, {Reject.NO_CLUB_PRICE: codes}, [])
    async with lone.database.reading() as session:
        packed = await session.scalar(select(Finding.scan))
        scan, _ = await session.run_sync(load_finding, run.id, store.id)

    assert packed is not None
    assert len(packed) < 2 * len(codes)
    assert scan.rejects[Reject.NO_CLUB_PRICE] == [str(code) for code in codes]
