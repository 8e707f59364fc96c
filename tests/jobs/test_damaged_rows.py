"""Rows that somebody altered in the database: told in words, and never sent."""

import pytest
from sqlalchemy import text

from tests.kit.chain import Chain


async def _alter(chain: Chain, statement: str) -> None:
    async with chain.database.writing() as session:
        await session.execute(text(statement))


@pytest.mark.parametrize(
    "damage",
    [
        'UPDATE line_lists SET lines = replace(CAST(lines AS TEXT), \'"final_price":"\', \'"final_price":"1\')',
        "UPDATE line_lists SET lines = X'5B7B'",
        "UPDATE line_lists SET digest = substr(digest, 1, 20)",
        "UPDATE verified_lists SET digest = substr(digest, 1, 20)",
    ],
)
async def test_a_damaged_list_stops_its_store_in_words(lone: Chain, damage: str) -> None:
    (store,) = lone.stores
    assert (await lone.sync()).outcome == "verified"
    before = lone.live(store)
    await _alter(lone, damage)
    lone.erp.scale_prices(store.cnpj, 2)
    run = await lone.sync()
    assert (run.outcome, lone.posts(), lone.live(store)) == ("failed", 1, before)
    assert "restore a backup" in run.reasons[store.name]


@pytest.mark.parametrize(
    "damage",
    [
        "UPDATE fetched_products SET final = '0.01'",
        "UPDATE fetched_products SET final = 'cheap'",
        "UPDATE snapshots SET rejects = X'00'",
        "DELETE FROM fetched_products WHERE code = (SELECT min(code) FROM fetched_products)",
    ],
)
async def test_a_damaged_scan_is_read_again_instead_of_being_sent(lone: Chain, damage: str) -> None:
    (store,) = lone.stores
    await lone.sync()
    lone.erp.scale_prices(store.cnpj, 100)
    held = await lone.sync()
    assert held.outcome == "held"
    await _alter(lone, damage)
    pages = lone.pages()
    assert (await lone.release(held)).outcome == "verified"
    assert lone.live(store) == lone.expected(store).lines
    assert lone.pages() > pages
