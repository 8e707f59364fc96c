"""/audit: who did what, when, from where; filtered, as a file, and for admins only (X-7)."""

import ast
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path

from babel.messages.pofile import read_po
from openpyxl import load_workbook
from openpyxl.worksheet.worksheet import Worksheet

from core.access import Actor
from core.configuration.wanted import Section
from core.configuration.writing import ENTITIES
from core.entities.audit import AuditLine
from core.entities.differing import Difference
from core.entities.saving import SaveEntity
from core.history.model import AuditEntry
from core.people.model import Person, Way
from handlers.audit.words import KINDS, action, subject
from tests.handlers.kit import ANA, RUI, Desk, until
from tests.handlers.menu_kit import Walk


async def change(desk: Desk, telegram_id: int, limit: int) -> None:
    """Somebody gives a store another limit."""
    (person,) = [one for one in await desk.rows(Person) if one.telegram_id == telegram_id]
    person.role = "admin"
    save = await desk.container.get(SaveEntity)
    await save(person.actor("chat", "en"), Section.STORES, desk.store_ids[0], {"limit": limit})


async def test_entries_are_filtered_by_person_kind_and_time_and_named_as_the_forms_do(desk: Desk) -> None:
    await change(desk, RUI, 6)
    desk.clock.move(timedelta(days=3))
    await change(desk, ANA, 7)
    save = await desk.container.get(SaveEntity)
    system = Actor.system(desk.organisation_id, "cli")
    await save(system, Section.ORGANISATION, desk.organisation_id, {"name": "Mercado Verde"})
    async with desk.chat():
        walk = Walk(desk, desk.ana)
        every = await walk.says("/audit")
        assert "3 entries" in every
        assert "Ana changed store “001 Centro” (chat)" in every
        assert "Limit per customer: 6 pieces\n    → 7 pieces" in every
        assert "· command line: changed organisation “Mercado Verde”" in every
        assert "2 entries" in await walk.taps("📅 When", "📅 Today")
        assert "1 entry" in await walk.taps("🗂 What", "🏪 Stores")
        assert "Nothing fits these filters" in await walk.taps("🏪 Stores", "🧩 Modules")
        await walk.taps("🧩 Modules", "🏪 Stores")
        assert "Nothing fits these filters" in await walk.taps("👤 Who", "👤 Rui")
        await walk.taps("✖ See all", "📅 When")
        assert "is not a date" in await walk.says("soon")
        assert "1 entry" in await walk.says("11/23/2026 11/24/2026")
        await walk.taps("✖ See all", "📅 When")
        assert "Rui changed store “001 Centro”" in await walk.says("11/23")


async def test_one_things_own_audit_is_a_tap_away_and_comes_as_a_file_without_formulas(desk: Desk) -> None:
    await desk.set_person(RUI, name="=1+1")
    await change(desk, RUI, 6)
    async with desk.chat():
        walk = Walk(desk, desk.ana)
        await walk.says("/settings")
        assert "1 entry" in await walk.taps("🧾 Audit")
        await walk.says("/audit")
        await walk.taps("📎 As a file")
        await until(lambda: any(one.document for one in desk.telegram.messages(ANA)))
    (sent,) = [one for one in desk.telegram.messages(ANA) if one.document is not None]
    assert sent.document is not None
    rows = rows_of(sent.document.data)
    assert rows[0] == ("When", "Who", "Source", "Did", "What", "Before → after")
    assert rows[1][1:5] == ("=1+1", "chat", "changed", "store “001 Centro”")
    assert "Limit per customer" in str(rows[1][5])


def rows_of(data: bytes) -> list[tuple[object, ...]]:
    sheet = load_workbook(BytesIO(data)).active
    assert isinstance(sheet, Worksheet)
    return list(sheet.iter_rows(values_only=True))


def whole(word: str) -> list[str]:
    """Return a word, or those that it ends: what is written of a PIN is written of an app as well."""
    return [f"{way}{word}" for way in Way] if word.startswith("_") else [word]


def test_every_thing_that_is_audited_has_words() -> None:
    said: dict[int, set[str]] = {2: set(), 3: set()}
    for room in ("core", "jobs"):
        for file in Path(room).rglob("*.py"):
            for call in ast.walk(ast.parse(file.read_text())):
                if isinstance(call, ast.Call) and ast.unparse(call.func).endswith("recorder.audit"):
                    for place, names in said.items():
                        constants = [one.value for one in ast.walk(call.args[place]) if isinstance(one, ast.Constant)]
                        names |= {word for one in constants if isinstance(one, str) for word in whole(one)}

    with Path("locales/es/LC_MESSAGES/chimera.po").open("rb") as catalogue:
        texts = {one.id for one in read_po(catalogue)}
    entry = AuditLine(1, datetime.now(UTC), "Ana", "chat", "", "", None, None, Difference())
    assert said[2] > {"sent_again", "needs_credentials", "revoked", "app_set"}
    assert [one for one in said[2] if action(replace(entry, action=one)).message not in texts] == []
    assert [one for one in said[3] if subject(replace(entry, entity=one)).message not in texts] == []
    assert {*said[3], *ENTITIES.values(), "module"} == set(KINDS)


async def test_managers_do_not_see_it(desk: Desk) -> None:
    await change(desk, ANA, 6)
    async with desk.chat():
        text = await Walk(desk, desk.rui).says("/audit")

    assert "You may not do this" in text
    assert "Limit" not in text


async def test_what_was_held_is_called_by_its_store_and_product(desk: Desk) -> None:
    async with desk.database.writing() as session:
        session.add_all(
            AuditEntry(
                organisation_id=desk.organisation_id,
                at=desk.clock.now(),
                actor="Ana",
                person_id=None,
                source="chat",
                action="released",
                entity="hold",
                entity_id=number,
                before=None,
                after={"reason": "max_discount", "code": code, "store_id": store_id},
                correlation_id=None,
            )
            for number, code, store_id in (
                (17, None, desk.store_ids[0]),
                (18, "1203", desk.store_ids[1]),
                (19, None, 999_999),
            )
        )
    async with desk.chat():
        shown = await Walk(desk, desk.ana).says("/audit")
    assert "Ana released held products “001 Centro” (chat)" in shown
    assert "Ana released held products “002 Norte · 1203” (chat)" in shown
    assert "Ana released held products 19 (chat)" in shown


async def test_the_file_holds_every_entry_however_many_pages_they_are(desk: Desk) -> None:
    async with desk.database.writing() as session:
        session.add_all(
            AuditEntry(
                organisation_id=desk.organisation_id,
                at=desk.clock.now(),
                actor=f"Ana {number}",
                person_id=None,
                source="chat",
                action="changed",
                entity="store",
                entity_id=desk.store_ids[0],
                before=None,
                after=None,
                correlation_id=None,
            )
            for number in range(501)
        )
    async with desk.chat():
        walk = Walk(desk, desk.ana)
        assert "501 entries" in await walk.says("/audit")
        await walk.taps("📎 As a file")
        await until(lambda: any(one.document for one in desk.telegram.messages(ANA)))
    (sent,) = [one for one in desk.telegram.messages(ANA) if one.document is not None]
    assert sent.document is not None
    rows = rows_of(sent.document.data)
    assert {row[1] for row in rows[1:]} == {f"Ana {number}" for number in range(501)}
