"""A snapshot comes back as it was written, on both databases."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from core.catalogue.lines import Candidate, Reject
from core.catalogue.sets import Fetched, load_fetched, replace_snapshot
from core.db.database import Database
from core.organisations.model import Organisation
from core.stores.model import Store

NOW = datetime(2026, 11, 23, 8, 10, tzinfo=UTC)


def candidate(code: str, name: str = "CAFE", **values: Any) -> Candidate:
    prices: dict[str, Any] = {"base": Decimal("18.90"), "final": Decimal("15.99")}
    return Candidate(code, name, "7891000000017", **prices | values)


async def add_store(database: Database) -> int:
    async with database.writing() as session:
        organisation = Organisation(name="Rede Exemplo", timezone="America/Sao_Paulo", locale="en")
        session.add(organisation)
        await session.flush()
        store = Store(organisation_id=organisation.id, name="Loja 1", cnpj="11222333000181")
        session.add(store)
    return store.id


async def kept(database: Database, store_id: int, *candidates: Candidate) -> list[Candidate]:
    fetched = Fetched(NOW, len(candidates), list(candidates), {Reject.INACTIVE: [7, "8"]})
    await database.write(lambda session: replace_snapshot(session, store_id, fetched))
    async with database.reading() as session:
        found = await session.run_sync(load_fetched, store_id)
    assert found is not None
    assert found.rejects == fetched.rejects
    return sorted(found.candidates, key=lambda found: found.code)


NAMES = ["TAB\tULADO", "\\N", "BARRA \\ INVERTIDA\\", "DUAS\r\nLINHAS", "\\.", "AÇÚCAR “5KG” 'X'", ""]


async def test_a_name_comes_back_whatever_is_in_it(database: Database) -> None:
    store_id = await add_store(database)
    odd = [candidate(str(code), name) for code, name in enumerate(NAMES, 1)]

    assert await kept(database, store_id, *odd) == odd


async def test_what_is_not_known_stays_unknown(database: Database) -> None:
    store_id = await add_store(database)
    bare = candidate("1", limit=None, till=None, per_unit=False)
    full = candidate("2", limit=5, till=Decimal("20.00"), per_unit=True)

    assert await kept(database, store_id, bare, full) == [bare, full]


async def test_a_new_scan_replaces_all_of_the_old_one_and_nothing_of_other_stores(database: Database) -> None:
    first = await add_store(database)
    async with database.writing() as session:
        organisation_id = (await session.get_one(Store, first)).organisation_id
        other = Store(organisation_id=organisation_id, name="Loja 2", cnpj="11222333000262")
        session.add(other)
    await kept(database, other.id, candidate("9"))
    await kept(database, first, candidate("1"), candidate("2"))

    assert await kept(database, first, candidate("2", final=Decimal("1.00"))) == [candidate("2", final=Decimal("1.00"))]
    async with database.reading() as session:
        untouched = await session.run_sync(load_fetched, other.id)
    assert untouched is not None
    assert untouched.candidates == [candidate("9")]


async def test_thousands_of_products_come_back_to_the_last_one(database: Database) -> None:
    store_id = await add_store(database)
    many = [candidate(str(code)) for code in range(1, 2346)]

    found = await kept(database, store_id, *many)

    assert sorted(found, key=lambda one: int(one.code)) == many
