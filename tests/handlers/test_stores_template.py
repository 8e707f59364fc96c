"""The empty spreadsheet for stores: what it names is what the import reads, in every language."""

from zoneinfo import ZoneInfo

import pytest

from core.i18n import LOCALES, Translator
from core.stores.rows import TEMPLATE, read_rows
from core.stores.sheets import read_sheet
from core.texts import T
from handlers.reports.stores_template import stores_template
from tests.handlers.kit import Desk, until
from tests.handlers.menu_kit import Walk


@pytest.mark.parametrize("locale", LOCALES)
def test_the_template_is_read_back_with_all_its_columns(locale: str) -> None:
    say = Translator(locale, ZoneInfo("UTC"))
    name, content = stores_template(say)
    assert name.endswith(".xlsx")
    (row,) = read_rows(read_sheet(content).rows)
    assert row.problems == []
    assert row.fields == {
        "name": "001 Centro",
        "cnpj": "11222333000181",
        "tags": say(T("south; large")).split("; "),
        "limit": 1000,
        "opening": "06:00",
        "active": True,
        "cut_over": True,
    }
    told = say(TEMPLATE).split("; ")
    assert read_sheet(content).rows[0][: len(told)] == told
    headings = [heading.lower() for heading in read_sheet(content).rows[0]]
    (all_filled,) = read_rows([headings, ["1"] + ["11222333000181"] + ["x"] * 2 + ["6:00", "7", "8", "0"]][:2])
    assert {"unit", "platform_registration", "active"} <= all_filled.fields.keys()


async def test_it_is_offered_where_stores_come_from_a_file(desk: Desk) -> None:
    async with desk.chat():
        walk = Walk(desk, desk.ana)
        await walk.says("/stores")
        await walk.taps("Manage", "From a file", "Empty spreadsheet")

        async def arrived() -> bool:
            return any(one.document for one in desk.telegram.messages(walk.chat.id))

        await until(arrived)
