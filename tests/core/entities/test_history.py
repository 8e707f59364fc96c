"""Versions: listed, compared, rolled back to, and the last change taken back."""

import pytest
from sqlalchemy import select

from core.configuration.editing import Edited
from core.configuration.problems import BadFields
from core.configuration.wanted import Section
from core.entities.audit import Query
from core.entities.bulk import StoreChange
from core.entities.history import Mark
from core.errors import Conflict, Forbidden, NotFound
from core.history.model import Version
from core.paging import Paging
from core.people.confirming import ConfirmationMissing
from tests.kit.entities import ANA, RUI, Chain

STORES, ERP, JOBS, USERS = Section.STORES, Section.INTEGRATIONS, Section.JOBS, Section.USERS
MOVED = {"settings": {"base_url": "http://127.0.0.1:9999", "password": "for-the-new-host"}}


async def test_history_names_author_reason_and_difference_of_each_version(chain: Chain) -> None:
    await chain.change(STORES, "001 Centro", {"limit": 4}, comment="as the flyer says")
    history = await chain.history(chain.ana, STORES, await chain.id_of(STORES, "001 Centro"), Paging())

    newest, first = history.rows
    assert (newest.number, newest.author, str(newest.reason)) == (2, "Ana", "as the flyer says")
    assert chain.configuration.words([change.line() for change in newest.difference.changes]) == ["limit: none → 4"]
    assert (first.number, str(first.reason), first.difference.changes) == (1, "configuration document", [])


async def test_history_comes_in_pages_each_version_against_the_one_below(chain: Chain) -> None:
    for limit in range(1, 6):
        await chain.change(STORES, "001 Centro", {"limit": limit})
    store = await chain.id_of(STORES, "001 Centro")
    page = await chain.history(chain.ana, STORES, store, Paging(1, 2))

    assert (page.pages, page.total, [line.number for line in page.rows]) == (3, 6, [4, 3])
    assert [str(line.difference.changes[0].before) for line in page.rows] == ["2", "1"]
    assert [line.number for line in (await chain.history(chain.ana, STORES, store, Paging(99, 2))).rows] == [2, 1]


async def test_any_two_versions_can_be_compared(chain: Chain) -> None:
    for limit in (1, 2, 3):
        await chain.change(STORES, "001 Centro", {"limit": limit})
    store = await chain.id_of(STORES, "001 Centro")
    difference = await chain.difference(chain.ana, STORES, store, 2, 4)
    assert chain.configuration.words([change.line() for change in difference.changes]) == ["limit: 1 → 3"]
    assert await chain.difference(chain.ana, STORES, store, 2) == difference
    with pytest.raises(NotFound):
        await chain.difference(chain.ana, STORES, store, 0, 99)


async def test_a_roll_back_is_a_new_version_and_resets_what_was_added_since(chain: Chain) -> None:
    await chain.change(ERP, "ERP", {"settings": {"page_size": 50}, "name": "RP"})
    edited = await chain.roll_back(chain.ana, ERP, await chain.id_of(ERP, "RP"), 1)

    assert (edited.name, edited.version) == ("ERP", 3)
    assert await chain.field(ERP, "ERP", "settings") == {"base_url": "http://127.0.0.1:9000"}
    assert (await chain.field(JOBS, "Daily", "settings"))["source"] == "ERP"
    assert edited.id is not None
    history = await chain.history(chain.ana, ERP, edited.id, Paging())
    assert str(history.rows[0].reason) == "back to version 1"


async def test_a_roll_back_keeps_todays_secret(chain: Chain) -> None:
    await chain.change(ERP, "ERP", {"settings": {"password": "todays-secret-7777", "page_size": 5}})
    await chain.roll_back(chain.ana, ERP, await chain.id_of(ERP, "ERP"), 1)

    assert (await chain.show(chain.ana, ERP, await chain.id_of(ERP, "ERP"))).secrets == {"password": "••••7777"}


async def test_a_roll_back_to_another_host_asks_for_the_secret_and_the_pin(chain: Chain) -> None:
    owner = chain.configuration.actor
    erp = await chain.id_of(ERP, "ERP")
    await chain.save(owner, ERP, erp, MOVED)
    with pytest.raises(BadFields) as caught:
        await chain.roll_back(chain.ana, ERP, erp, 1)
    assert caught.value.fields.keys() == {("settings", "password")}
    with pytest.raises(ConfirmationMissing):
        await chain.roll_back(chain.ana, ERP, erp, 1, secrets={"password": "for-the-old-host"})
    await chain.roll_back(owner, ERP, erp, 1, secrets={"password": "for-the-old-host"})
    assert await chain.field(ERP, "ERP", "settings") == {"base_url": "http://127.0.0.1:9000"}
    assert "for-the" not in await chain.written_down()


async def test_people_roll_back_to_their_role_and_stores_by_todays_names(chain: Chain) -> None:
    await chain.change(STORES, "001 Centro", {"name": "Centro"})
    await chain.change(USERS, "Rui", {"role": "viewer", "stores": "all", "name": "Rui B."})
    await chain.roll_back(chain.ana, USERS, chain.people[RUI].id, 1)

    view = await chain.show(chain.ana, USERS, chain.people[RUI].id)
    assert (view.name, view.fields["role"], view.fields["stores"]) == ("Rui B.", "manager", ["Centro"])


async def test_a_roll_back_to_what_no_longer_fits_is_refused(chain: Chain) -> None:
    await chain.change(JOBS, "Daily", {"stores": "all"})
    store = await chain.id_of(STORES, "001 Centro")
    await chain.delete(chain.ana, STORES, store)
    with pytest.raises(BadFields) as caught:
        await chain.roll_back(chain.ana, JOBS, await chain.id_of(JOBS, "Daily"), 1)
    assert "there is no store “001 Centro”" in str(caught.value.problems[0])


def mark(edited: Edited) -> Mark:
    assert edited.id is not None
    return Mark(edited.id, edited.version)


async def test_undo_takes_back_a_change_a_creation_and_a_deletion(chain: Chain) -> None:
    changed = await chain.change(STORES, "001 Centro", {"limit": 4})
    created = await chain.save(chain.ana, STORES, None, {"name": "003 Sul", "cnpj": "11222333000343"})
    deleted = await chain.delete(chain.ana, STORES, await chain.id_of(STORES, "002 São Luís"))
    for edited in (changed, created, deleted):
        await chain.undo(chain.ana, STORES, [mark(edited)])

    assert [item.name for item in (await chain.list(chain.ana, STORES)).rows] == ["001 Centro", "002 São Luís"]
    assert await chain.field(STORES, "001 Centro", "limit") is None


async def test_undo_of_many_is_all_or_nothing(chain: Chain) -> None:
    before = (await chain.list(chain.ana, STORES)).rows
    edited = await chain.change_stores(chain.ana, [item.id for item in before], StoreChange.DEACTIVATE)
    marks = [mark(one) for one in edited]
    await chain.change(STORES, "002 São Luís", {"limit": 9})
    with pytest.raises(Conflict, match="“002 São Luís” was changed again since"):
        await chain.undo(chain.ana, STORES, marks)
    assert not any(item.on for item in (await chain.list(chain.ana, STORES)).rows)

    await chain.undo(chain.ana, STORES, marks[:1])
    assert await chain.field(STORES, "001 Centro", "active")


async def test_undo_tapped_twice_takes_back_once(chain: Chain) -> None:
    edited = await chain.change(STORES, "001 Centro", {"limit": 4})
    marks = [Mark(edited.id or 0, edited.version)]
    await chain.undo(chain.ana, STORES, marks)
    with pytest.raises(Conflict):
        await chain.undo(chain.ana, STORES, marks)


async def test_what_was_there_before_records_began_can_be_gone_back_to(chain: Chain) -> None:
    edited = await chain.change(Section.ORGANISATION, "Chimera", {"name": "Mercado Azul"})
    await chain.undo(chain.ana, Section.ORGANISATION, [Mark(edited.id or 0, edited.version)])

    assert (await chain.list(chain.ana, Section.ORGANISATION)).rows[0].name == "Chimera"


async def test_history_undo_and_audit_are_for_admins(chain: Chain) -> None:
    rui, store = chain.actor(RUI), await chain.id_of(STORES, "001 Centro")
    calls = [
        chain.history(rui, STORES, store, Paging()),
        chain.difference(rui, STORES, store, 1, 1),
        chain.roll_back(rui, STORES, store, 1),
        chain.undo(rui, STORES, [Mark(store, 1)]),
        chain.audit(rui, Query(), Paging()),
    ]
    for call in calls:
        with pytest.raises(Forbidden):
            await call


async def test_the_audit_is_found_by_person_entity_and_time(chain: Chain) -> None:
    clock = chain.configuration.clock
    began = clock.now()
    await chain.change(STORES, "001 Centro", {"limit": 4})
    store = await chain.id_of(STORES, "002 São Luís")
    await chain.delete(chain.ana, STORES, store)

    by_ana = await chain.audit(chain.ana, Query(person_id=chain.people[ANA].id), Paging())
    assert [(line.action, line.name) for line in by_ana.rows] == [
        ("removed", "002 São Luís"),
        ("changed", "001 Centro"),
    ]
    assert chain.configuration.words([by_ana.rows[1].difference.changes[0].line()]) == ["limit: none → 4"]
    by_entity = await chain.audit(chain.ana, Query(entity="store", entity_id=store), Paging())
    assert [line.action for line in by_entity.rows] == ["removed", "created"]
    assert (await chain.audit(chain.ana, Query(until=began), Paging())).total == 0
    everything = await chain.audit(chain.ana, Query(since=began), Paging(1, 3))
    assert (everything.pages, len(everything.rows)) == (-(-everything.total // 3), 3)


async def test_a_version_from_before_there_was_the_switch_does_not_hand_a_store_over_to_chimera(chain: Chain) -> None:
    store = await chain.id_of(STORES, "001 Centro")
    async with chain.configuration.database.writing() as session:
        about = select(Version).where(Version.entity == "store", Version.entity_id == store)
        first = (await session.scalars(about)).one()
        first.document = {key: value for key, value in first.document.items() if key != "cut_over"}
    await chain.change(STORES, "001 Centro", {"cut_over": False, "limit": 7})

    await chain.roll_back(chain.ana, STORES, store, 1)

    assert await chain.field(STORES, "001 Centro", "limit") is None
    assert await chain.field(STORES, "001 Centro", "cut_over") is False


async def test_the_switch_has_a_version_and_is_taken_back_like_any_change(chain: Chain) -> None:
    await chain.change(STORES, "001 Centro", {"cut_over": False})
    store = await chain.id_of(STORES, "001 Centro")
    assert await chain.field(STORES, "001 Centro", "cut_over") is False
    await chain.roll_back(chain.ana, STORES, store, 1)
    assert await chain.field(STORES, "001 Centro", "cut_over") is True


async def test_what_is_written_between_two_looks_at_the_audit_moves_no_entry_into_the_second(chain: Chain) -> None:
    for limit in (4, 5, 6):
        await chain.change(STORES, "001 Centro", {"limit": limit})
    newest = await chain.audit(chain.ana, Query(entity="store"), Paging(size=2))
    await chain.change(STORES, "001 Centro", {"limit": 7})
    older = await chain.audit(chain.ana, Query(entity="store", before=newest.rows[-1]), Paging(size=2))

    assert [one.difference.after["limit"] for one in newest.rows] == [6, 5]
    assert older.rows[0].difference.after["limit"] == 4
