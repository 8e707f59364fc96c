"""Renames, removals and what the plan says about them."""

import asyncio
from datetime import timedelta
from typing import TypeVar

import pytest
from sqlalchemy import select

from core.access import Actor, Role
from core.configuration.plan import Kind
from core.configuration.wanted import Section
from core.connections.model import Integration
from core.errors import Conflict
from core.history.model import AuditEntry
from core.jobs.model import Job
from core.people.model import Person
from core.stores.model import Store
from tests.kit.configuration import Configuration

BASE = """\
version: 1
stores:
  - {name: Centro, cnpj: 11222333000181, tags: [south]}
  - {name: Norte, cnpj: 11222333000262}
integrations:
  - {name: ERP, module: erp, settings: {base_url: "http://127.0.0.1:9000", password: hush-hush}}
  - {name: Loyalty, module: platform, settings: {base_url: "http://127.0.0.1:9100", email: a@b.c, token: tok-1}}
channels:
  - {name: Ops, module: chat, settings: {chat_id: -1001}}
jobs:
  - name: Daily
    type: sync_products
    schedule: 10 5 * * *
    stores: [Centro]
    settings: {source: ERP, target: Loyalty}
    notify: [{channel: Ops, on: [failure]}]
users:
  - {telegram_id: 1000, name: Olga, role: owner}
  - {telegram_id: 1001, name: Ana, role: manager, stores: [Centro]}
"""
RENAMES = """\
version: 1
stores: [{name: 001 Centro, was: Centro}]
integrations: [{name: RP, was: ERP}]
channels: [{name: Team, was: Ops}]
jobs: [{name: Morning, was: Daily}]
"""
R = TypeVar("R", Store, Integration, Job, Person)


async def rows(configuration: Configuration, kind: type[R]) -> dict[str, R]:
    async with configuration.database.reading() as session:
        return {row.name: row for row in await session.scalars(select(kind).order_by(kind.id))}


async def test_a_rename_keeps_the_row_and_carries_its_jobs_along(configuration: Configuration) -> None:
    await configuration.apply(BASE)
    before = await rows(configuration, Store)
    due = (await rows(configuration, Job))["Daily"].due_after
    configuration.clock.move(timedelta(hours=1))
    plan = await configuration.apply(RENAMES)
    assert plan.count(Kind.RENAME) == 4
    assert (await rows(configuration, Store))["001 Centro"].id == before["Centro"].id
    job = (await rows(configuration, Job))["Morning"]
    assert job.settings == {"source": "RP", "target": "Loyalty"}
    assert job.stores == {"names": ["001 Centro"]}
    assert job.notify == [{"channel": "Team", "on": ["failure"]}]
    assert job.due_after == due
    assert (await rows(configuration, Integration))["RP"].secrets.keys() == {"password"}
    assert (await rows(configuration, Person))["Ana"].store_ids == [before["Centro"].id]


async def test_a_rename_carries_along_jobs_that_the_document_does_not_name(quick: Configuration) -> None:
    await quick.apply(BASE)
    plan = await quick.apply(RENAMES.replace("jobs:", "# jobs:"))
    assert "settings.source: ERP → RP" in "".join(quick.words(plan.lines()))
    assert (await rows(quick, Job))["Daily"].settings["source"] == "RP"


async def test_a_document_with_done_renames_can_be_applied_again(quick: Configuration) -> None:
    await quick.apply(BASE)
    await quick.apply(RENAMES)
    assert (await quick.apply(RENAMES)).empty


async def test_an_old_name_that_never_was_does_no_harm(quick: Configuration) -> None:
    plan = await quick.apply("version: 1\nstores: [{name: A, was: B, cnpj: 11222333000181}]")
    assert plan.count(Kind.CREATE) == 1


async def test_a_name_left_by_one_store_can_be_taken_by_another(configuration: Configuration) -> None:
    await configuration.apply(BASE)
    before = await rows(configuration, Store)
    text = "version: 1\nstores: [{name: Sul, was: Norte}, {name: Norte, was: Centro}]"
    await configuration.apply(text)
    after = await rows(configuration, Store)
    assert (after["Sul"].id, after["Norte"].id) == (before["Norte"].id, before["Centro"].id)
    assert (await configuration.apply(text)).empty


async def test_a_new_entry_may_take_the_name_that_a_rename_leaves(quick: Configuration) -> None:
    await quick.apply(BASE)
    before = await rows(quick, Store)
    text = "version: 1\nstores: [{name: Old, was: Centro}, {name: Centro, cnpj: 11222333000343}]"
    await quick.apply(text)
    after = await rows(quick, Store)
    assert after["Old"].id == before["Centro"].id
    assert after["Centro"].cnpj == "11222333000343"
    assert (await quick.apply(text)).empty


async def test_a_name_of_a_removed_store_can_be_taken_by_a_rename(configuration: Configuration) -> None:
    await configuration.apply(BASE)
    await configuration.apply("version: 1\nstores: [{name: Centro}]", prune=True)
    await configuration.apply("version: 1\nstores: [{name: Norte, was: Centro}]")
    store = (await rows(configuration, Store))["Norte"]
    assert (store.cnpj, store.deleted_at) == ("11222333000181", None)


async def test_without_prune_nothing_is_removed(quick: Configuration) -> None:
    await quick.apply(BASE)
    plan = await quick.apply("version: 1\nstores: []\njobs: []\nusers: []")
    assert plan.empty
    assert plan.kept[Section.STORES] == 2
    assert (await rows(quick, Store))["Norte"].deleted_at is None


async def test_prune_counts_first_and_removes_what_a_section_leaves_out(configuration: Configuration) -> None:
    await configuration.apply(BASE)
    text = BASE.replace("  - {name: Norte, cnpj: 11222333000262}\n", "")
    dry = await configuration.apply(text, prune=True, dry_run=True)
    assert dry.count(Kind.REMOVE) == 1
    assert (await rows(configuration, Store))["Norte"].deleted_at is None
    await configuration.apply(text, prune=True)
    assert (await rows(configuration, Store))["Norte"].deleted_at == configuration.clock.now()
    assert (await configuration.apply(text, prune=True)).empty


async def test_prune_leaves_sections_alone_that_the_document_does_not_have(quick: Configuration) -> None:
    await quick.apply(BASE)
    plan = await quick.apply("version: 1\nchannels: [{name: Ops}]", prune=True)
    assert plan.empty


async def test_what_a_job_needs_cannot_be_pruned(quick: Configuration) -> None:
    await quick.apply(BASE)
    text = BASE.replace("  - {name: Centro, cnpj: 11222333000181, tags: [south]}\n", "")
    problems = await quick.refused(text, prune=True)
    assert problems[0] == "Line 13: stores: there is no store “Centro”. There is: Norte."


async def test_a_removed_integration_forgets_its_secrets_and_comes_back_without_them(
    configuration: Configuration,
) -> None:
    await configuration.apply(BASE)
    await configuration.apply("version: 1\nintegrations: []\njobs: []", prune=True)
    removed = (await rows(configuration, Integration))["ERP"]
    assert (removed.secrets, removed.revision) == ({}, 2)
    again = BASE.replace(", password: hush-hush", "")
    assert await configuration.refused(again) == ["Line 6: settings: give password, or fixed_token."]
    await configuration.apply(BASE)
    back = (await rows(configuration, Integration))["ERP"]
    assert (back.id, back.deleted_at, list(back.secrets)) == (removed.id, None, ["password"])


async def test_a_removed_job_comes_back_without_catching_up(quick: Configuration) -> None:
    await quick.apply(BASE)
    await quick.apply("version: 1\njobs: []", prune=True)
    quick.clock.move(timedelta(days=9))
    await quick.apply(BASE)
    job = (await rows(quick, Job))["Daily"]
    assert (job.deleted_at, job.due_after) == (None, quick.clock.now())


async def test_prune_takes_people_their_access_but_never_the_last_owner(configuration: Configuration) -> None:
    await configuration.apply(BASE)
    await configuration.apply("version: 1\nusers: []", prune=True)
    people = await rows(configuration, Person)
    assert (people["Olga"].active, people["Ana"].active) == (True, False)
    await configuration.apply(BASE)
    assert (await rows(configuration, Person))["Ana"].active


async def test_an_admin_prunes_neither_owners_nor_themselves(quick: Configuration) -> None:
    await quick.apply(BASE + "  - {telegram_id: 1002, name: Otto, role: owner}\n")
    people = await rows(quick, Person)
    admin = Actor(quick.actor.organisation_id, Role.ADMIN, "Ana", "chat", people["Ana"].id, 1001, confirmed=True)
    plan = await quick.apply("version: 1\nusers: []", admin, prune=True)
    assert plan.empty


async def test_another_owner_may_replace_the_first_one(quick: Configuration) -> None:
    await quick.apply(BASE)
    await quick.apply("version: 1\nusers: [{telegram_id: 5, name: Zoe, role: owner}]", prune=True)
    people = await rows(quick, Person)
    assert [name for name, person in people.items() if person.active] == ["Zoe"]


async def test_a_manager_of_no_store_never_becomes_one_of_all(quick: Configuration) -> None:
    await quick.apply(BASE)
    await quick.apply("version: 1\nusers: [{telegram_id: 1001, stores: []}]")
    assert (await rows(quick, Person))["Ana"].store_ids == []
    await quick.apply("version: 1\nusers: [{telegram_id: 1001, stores: all}]")
    assert (await rows(quick, Person))["Ana"].store_ids is None


async def test_removals_are_in_the_audit_with_what_was_there(quick: Configuration) -> None:
    await quick.apply(BASE)
    await quick.apply("version: 1\nintegrations: []\njobs: []", prune=True)
    async with quick.database.reading() as session:
        removed = list(await session.scalars(select(AuditEntry).where(AuditEntry.action == "removed")))
    assert sorted(entry.entity for entry in removed) == ["integration", "integration", "job"]
    assert "hush" not in repr([entry.before for entry in removed])


async def test_a_plan_reads_as_a_list_of_what_will_happen(quick: Configuration) -> None:
    await quick.apply(BASE)
    text = """\
version: 1
organisation: {locale: es}
stores: [{name: Centro, limit: 5, tags: [south, big]}, {name: Sul, cnpj: 11222333000343}]
integrations:
  - {name: RP, was: ERP, settings: {page_size: 50, password: other, fixed_token: fix}}
  - {name: L2, was: Loyalty}
channels: []
jobs: [{name: Daily, stores: {tags: [big]}, schedule: null, notify: [], settings: {target: L2}}]
"""
    plan = await quick.apply(text, dry_run=True, prune=True)
    assert quick.words(plan.lines()) == [
        "~ change organisation “Chimera”",
        "    locale: pt_BR → es",
        "~ change store “Centro”",
        "    tags: south → south, big",
        "    limit: none → 5",
        "+ create store “Sul”",
        "~ rename integration “ERP” to “RP”",
        "    settings.page_size: none → 50",
        "    settings.fixed_token: none → a new value",
        "    settings.password: •••• → a new value",
        "~ rename integration “Loyalty” to “L2”",
        "~ change job “Daily”",
        "    schedule: 10 5 * * * → none",
        "    stores: Centro → tags big",
        "    settings.source: ERP → RP",
        "    settings.target: Loyalty → L2",
        "    notify: Ops (failure) → none",
        "- remove store “Norte”",
        "- remove channel “Ops”",
        "1 to create, 5 to change, 2 to remove.",
    ]


async def test_a_name_that_somebody_else_takes_meanwhile_is_a_conflict_not_a_crash(
    configuration: Configuration,
) -> None:
    await configuration.apply(BASE)
    async with configuration.database.writing() as session:
        store = (await session.scalars(select(Store).where(Store.name == "Norte"))).one()
        store.name = "Sul"
        await session.flush()
        text = "version: 1\nstores: [{name: Sul, cnpj: 11222333000343}]"
        applying = asyncio.create_task(configuration.apply(text))
        await asyncio.sleep(0.3)
    if configuration.database.is_sqlite:
        assert (await applying).count(Kind.CHANGE) == 1
    else:
        with pytest.raises(Conflict, match="Apply it again"):
            await applying


async def test_what_somebody_else_adds_meanwhile_is_seen(configuration: Configuration) -> None:
    async with configuration.database.writing() as session:
        session.add(Store(organisation_id=configuration.actor.organisation_id, name="Centro", cnpj="11222333000181"))
        await session.flush()
        applying = asyncio.create_task(configuration.apply(BASE))
        await asyncio.sleep(0.3)
    assert (await applying).count(Kind.CHANGE) == 1


async def test_two_at_once_end_as_one_after_the_other(configuration: Configuration) -> None:
    plans = await asyncio.gather(configuration.apply(BASE), configuration.apply(BASE))
    assert sorted(plan.count(Kind.CREATE) for plan in plans) == [0, 8]


async def test_names_and_what_refers_to_them_are_the_same_however_their_accents_are_written(
    configuration: Configuration,
) -> None:
    apart = BASE.replace("ERP", "ERP Sa\u0303o").replace("Loyalty", "Cafe\u0301").replace("Centro", "Centra\u0303o")
    await configuration.apply(apart)
    async with configuration.database.reading() as session:
        job = (await session.scalars(select(Job))).one()
    assert (job.settings["source"], job.settings["target"]) == ("ERP S\u00e3o", "Caf\u00e9")
    plan = await configuration.apply(apart.replace("Sa\u0303o", "S\u00e3o"))
    assert plan.changes == []


@pytest.mark.parametrize("name", ["Norte", "Nova"])
async def test_stores_are_sent_by_chimera_unless_a_document_says_otherwise(
    configuration: Configuration, name: str
) -> None:
    more = "11222333000262}\n  - {name: Nova, cnpj: 11222333000343}"
    await configuration.apply(BASE.replace("11222333000262}", more))
    assert (await _store(configuration, name)).cut_over is True


async def test_a_store_of_the_old_system_stays_so_until_a_document_says_that_it_is_cut_over(
    configuration: Configuration,
) -> None:
    off = BASE.replace("cnpj: 11222333000262", "cnpj: 11222333000262, cut_over: false")
    await configuration.apply(off)
    await configuration.apply(BASE)
    assert (await _store(configuration, "Norte")).cut_over is False
    await configuration.apply(off.replace("cut_over: false", "cut_over: true"))
    assert (await _store(configuration, "Norte")).cut_over is True


async def test_a_deleted_store_of_the_old_system_that_comes_back_is_still_the_old_systems(
    configuration: Configuration,
) -> None:
    await configuration.apply(BASE.replace("cnpj: 11222333000262", "cnpj: 11222333000262, cut_over: false"))
    await configuration.apply(BASE.replace("  - {name: Norte, cnpj: 11222333000262}\n", ""), prune=True)
    await configuration.apply(BASE)
    store = await _store(configuration, "Norte")
    assert (store.deleted_at, store.cut_over) == (None, False)


async def _store(configuration: Configuration, name: str) -> Store:
    async with configuration.database.reading() as session:
        return (await session.scalars(select(Store).where(Store.name == name))).one()
