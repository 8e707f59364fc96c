"""Opening times by weekday and holiday in the document (`rules.md` 2, CH-23)."""

import yaml
from sqlalchemy import select

from core.configuration.schema import contract_schema
from core.stores.model import Store
from tests.kit.configuration import Configuration, Modules

BY_DAY = """
version: 1
stores:
  - name: "001"
    cnpj: "11222333000181"
    opening:
      sun: "08:00"
      mon: "06:00"
      holidays:
        "2027-01-01": "10:00"
        2026-12-25: "10:30"
"""
KEPT = {"default": "06:00", "sun": "08:00", "holidays": {"2026-12-25": "10:30", "2027-01-01": "10:00"}}


def plain(opening: str) -> str:
    return f'version: 1\nstores: [{{name: "001", cnpj: "11222333000181", opening: {opening}}}]\n'


async def stored(configuration: Configuration) -> object:
    async with configuration.database.reading() as session:
        return (await session.scalars(select(Store.opening))).one()


async def exported(configuration: Configuration) -> object:
    return yaml.safe_load(await configuration.export())["stores"][0].get("opening")


async def test_times_by_day_are_kept_exported_and_applied_again_without_a_change(configuration: Configuration) -> None:
    await configuration.apply(BY_DAY)
    assert await stored(configuration) == KEPT
    assert await exported(configuration) == KEPT
    assert (await configuration.apply(await configuration.export())).empty


async def test_a_plain_time_stays_plain_and_the_usual_one_is_left_out(configuration: Configuration) -> None:
    await configuration.apply(plain('"07:00"'))
    assert await exported(configuration) == "07:00"
    await configuration.apply(plain('{default: "07:30", sat: "07:30"}'))
    assert await exported(configuration) == "07:30"
    await configuration.apply(plain('"06:00"'))
    assert await exported(configuration) is None


async def test_one_time_becomes_times_by_day_and_back_and_the_plan_says_what_changes(quick: Configuration) -> None:
    await quick.apply(plain('"06:00"'))
    by_day = await quick.apply(plain('{default: "07:00", sun: "08:00"}'))
    assert [str(change.line()) for change in by_day.changes[0].fields] == [
        "opening.default: 06:00 → 07:00",
        "opening.sun: none → 08:00",
    ]
    back = await quick.apply(plain('"07:00"'))
    assert [str(change.line()) for change in back.changes[0].fields] == ["opening.sun: 08:00 → none"]
    assert await stored(quick) == "07:00"


async def test_a_holiday_that_is_no_longer_written_is_over(configuration: Configuration) -> None:
    await configuration.apply(BY_DAY)
    await configuration.apply(plain('{sun: "09:00"}'))
    assert await stored(configuration) == {"default": "06:00", "sun": "09:00"}
    await configuration.apply('version: 1\nstores: [{name: "001", limit: 5}]\n')
    assert await stored(configuration) == {"default": "06:00", "sun": "09:00"}


async def test_every_mistake_is_told_at_its_line(quick: Configuration) -> None:
    wrong = BY_DAY.replace('"08:00"', '"8:00"').replace("mon:", "monday:").replace("2027-01-01", "2027-02-30")
    found = await quick.refused(wrong.replace('"10:30"', "noon"))
    assert found == [
        "Line 7: opening.sun: “8:00” is not a time. Write it as HH:MM, for example 06:00.",
        "Line 8: opening.monday: is unknown here. Did you mean “mon”?",
        "Line 10: opening.holidays.2027-02-30: “2027-02-30” is not a date. Write it as 2026-12-25.",
        "Line 11: opening.holidays.2026-12-25: “noon” is not a time. Write it as HH:MM, for example 06:00.",
    ]


async def test_neither_a_time_nor_days_is_refused(quick: Configuration) -> None:
    assert len(await quick.refused(plain("[]"))) == 1
    assert "“25:00” is not a time" in (await quick.refused(plain('"25:00"')))[0]


def test_the_schema_tells_both_forms() -> None:
    schema = contract_schema(Modules())
    kinds = schema["$defs"]["StoreEntry"]["properties"]["opening"]["oneOf"]
    assert [kind.get("type", kind.get("$ref")) for kind in kinds] == ["string", "#/$defs/OpeningHours"]
    assert {"default", "mon", "sun", "holidays"} <= schema["$defs"]["OpeningHours"]["properties"].keys()
