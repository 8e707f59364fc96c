"""Applying: what is written, what is kept, what is recorded."""

from datetime import timedelta
from typing import TypeVar

import pytest
from sqlalchemy import func, select

from core.access import Actor, Role
from core.channels.model import Channel
from core.configuration.plan import Kind
from core.connections.model import Integration
from core.connections.repository import load_settings
from core.errors import BadInput, Conflict, Forbidden
from core.history.model import AuditEntry, Version
from core.jobs.model import Job
from core.organisations.model import Organisation
from core.people.model import Person
from core.secrets import SecretBox
from core.stores.model import Store
from core.texts import T
from tests.kit.configuration import Configuration, ErpSettings

R = TypeVar("R", Store, Integration, Channel, Job, Person, Organisation)

FULL = """\
version: 1
organisation: {name: Mercado Azul, timezone: America/Sao_Paulo, locale: pt_BR}
stores:
  - {name: "001 Centro", cnpj: 11.222.333/0001-81, tags: [south], limit: 1000}
  - {name: "002 Norte", cnpj: 11222333000262, opening: 07:30}
integrations:
  - {name: ERP, module: erp, settings: {base_url: "http://127.0.0.1:9000/", username: 100001, password: hush-hush}}
  - {name: Loyalty, module: platform, settings: {base_url: "http://127.0.0.1:9100", email: a@b.c, token: tok-1}}
channels:
  - {name: Ops, module: chat, settings: {chat_id: -1001}}
jobs:
  - name: Daily sync
    type: sync_products
    schedule: "10 5 * * *"
    stores: all
    settings: {source: ERP, target: Loyalty}
    notify: [{channel: Ops, on: [start, success, partial, failure]}]
users:
  - {telegram_id: 1001, name: Ana, role: admin, locale: pt_BR}
  - {telegram_id: 1002, name: Bia, role: manager, stores: ["001 Centro"]}
  - {telegram_id: 1000, name: Olga, role: owner}
"""


async def rows(configuration: Configuration, kind: type[R]) -> dict[str, R]:
    async with configuration.database.reading() as session:
        return {row.name: row for row in await session.scalars(select(kind))}


async def integration(configuration: Configuration, name: str) -> Integration:
    return (await rows(configuration, Integration))[name]


async def job(configuration: Configuration, name: str = "Daily sync") -> Job:
    return (await rows(configuration, Job))[name]


async def versions(configuration: Configuration) -> int:
    async with configuration.database.reading() as session:
        return await session.scalar(select(func.count()).select_from(Version)) or 0


async def test_the_whole_example_is_written(configuration: Configuration) -> None:
    plan = await configuration.apply(FULL)
    assert plan.count(Kind.CREATE) == 9
    store = (await rows(configuration, Store))["001 Centro"]
    assert (store.cnpj, store.tags, store.limit, store.opening) == ("11222333000181", ["south"], 1000, "06:00")
    daily = await job(configuration)
    assert daily.settings == {"source": "ERP", "target": "Loyalty"}
    assert daily.stores == {"all": True}
    assert daily.due_after == configuration.clock.now()
    people = await rows(configuration, Person)
    assert people["Bia"].store_ids == [store.id]
    assert (people["Ana"].role, people["Ana"].store_ids) == ("admin", None)


async def test_the_document_names_the_organisation_that_is_there(quick: Configuration) -> None:
    await quick.apply(FULL)
    assert set(await rows(quick, Organisation)) == {"Mercado Azul"}


async def test_applying_twice_changes_nothing(configuration: Configuration) -> None:
    await configuration.apply(FULL)
    before = await versions(configuration)
    sealed = (await integration(configuration, "ERP")).secrets
    plan = await configuration.apply(FULL)
    assert plan.empty
    assert [str(line) for line in plan.lines()] == ["Nothing to do: everything is as the file says."]
    assert await versions(configuration) == before
    assert (await integration(configuration, "ERP")).secrets == sealed


async def test_a_dry_run_plans_the_same_and_writes_nothing(configuration: Configuration) -> None:
    dry = await configuration.apply(FULL, dry_run=True)
    assert await rows(configuration, Store) == {}
    assert await versions(configuration) == 0
    assert dry == await configuration.apply(FULL)


async def test_a_job_keeps_what_it_has_handled_when_applied_again(quick: Configuration) -> None:
    await quick.apply(FULL)
    made = quick.clock.now()
    quick.clock.move(timedelta(hours=5))
    await quick.apply(FULL.replace("partial, failure", "failure"))
    assert (await job(quick)).due_after == made


@pytest.mark.parametrize(
    ("old", "new"),
    [("10 5 * * *", "20 5 * * *"), ("timezone: America/Sao_Paulo", "timezone: America/Manaus")],
)
async def test_another_schedule_or_zone_counts_from_now(quick: Configuration, old: str, new: str) -> None:
    await quick.apply(FULL)
    quick.clock.move(timedelta(hours=5))
    await quick.apply(FULL.replace(old, new))
    assert (await job(quick)).due_after == quick.clock.now()


async def test_a_job_switched_on_again_does_not_catch_up_on_its_rest(quick: Configuration) -> None:
    await quick.apply(FULL)
    patch = "version: 1\njobs: [{{name: Daily sync, enabled: {}}}]\n"
    await quick.apply(patch.format("false"))
    quick.clock.move(timedelta(days=3))
    await quick.apply(patch.format("true"))
    assert (await job(quick)).due_after == quick.clock.now()


async def test_what_an_entry_leaves_out_is_kept(configuration: Configuration) -> None:
    await configuration.apply(FULL)
    patch = """
version: 1
stores: [{name: 001 Centro, limit: 12}]
integrations: [{name: ERP, settings: {page_size: 500}}]
jobs: [{name: Daily sync, settings: {guard_rails: {max_discount_percent: 60}}}]
users: [{telegram_id: 1001, may_release: true}]
"""
    plan = await configuration.apply(patch)
    assert (plan.count(Kind.CHANGE), plan.count(Kind.CREATE)) == (4, 0)
    store = (await rows(configuration, Store))["001 Centro"]
    assert (store.limit, store.tags) == (12, ["south"])
    erp = await integration(configuration, "ERP")
    assert erp.settings == {"base_url": "http://127.0.0.1:9000", "username": "100001", "page_size": 500}
    assert load_settings(erp, ErpSettings, configuration.box).password.get_secret_value() == "hush-hush"
    daily = await job(configuration)
    assert daily.settings["guard_rails"] == {"max_discount_percent": 60}
    await configuration.apply(patch.replace("max_discount_percent: 60", "min_lines_percent: null"))
    assert (await job(configuration)).settings == {
        "source": "ERP",
        "target": "Loyalty",
        "guard_rails": {"max_discount_percent": 60, "min_lines_percent": None},
    }


async def test_only_what_was_written_is_stored_so_that_new_defaults_reach_it(quick: Configuration) -> None:
    await quick.apply(FULL)
    assert (await integration(quick, "ERP")).settings.keys() == {"base_url", "username"}


async def test_null_takes_an_override_away(configuration: Configuration) -> None:
    await configuration.apply(FULL)
    await configuration.apply(
        "version: 1\nstores: [{name: 001 Centro, limit: null}]\njobs: [{name: Daily sync, schedule: null}]"
    )
    store = (await rows(configuration, Store))["001 Centro"]
    assert store.limit is None
    assert (await job(configuration)).schedule is None


async def test_secrets_are_stored_sealed_only(quick: Configuration) -> None:
    await quick.apply(FULL)
    erp = await integration(quick, "ERP")
    assert "password" not in erp.settings
    assert "hush" not in repr(erp.secrets)
    assert quick.box.open(erp.secrets["password"], "integrations.password") == "hush-hush"


async def test_versions_and_audit_hold_no_secret_and_no_name_of_a_person(quick: Configuration) -> None:
    await quick.apply(FULL)
    await quick.apply("version: 1\nintegrations: [{name: ERP, settings: {password: second-one}}]")
    async with quick.database.reading() as session:
        kept = [row.document for row in await session.scalars(select(Version))]
        audit = list(await session.scalars(select(AuditEntry)))
    everything = repr(kept) + repr([(entry.before, entry.after) for entry in audit])
    assert not [word for word in ("hush", "second-one", "tok-1", "Ana") if word in everything]
    assert "secrets_changed" in [entry.action for entry in audit]
    assert {entry.source for entry in audit} == {"cli"}


async def test_each_changed_entity_gets_one_version(configuration: Configuration) -> None:
    await configuration.apply(FULL)
    before = await versions(configuration)
    await configuration.apply(FULL.replace("limit: 1000", "limit: 900").replace("page_size", "x"))
    assert await versions(configuration) == before + 1
    async with configuration.database.reading() as session:
        last = (await session.scalars(select(Version).order_by(Version.id.desc()).limit(1))).one()
    assert (last.entity, last.number, last.document["limit"]) == ("store", 2, 900)


async def test_new_credentials_release_the_latch_and_outdate_running_connections(configuration: Configuration) -> None:
    await configuration.apply(FULL)
    async with configuration.database.writing() as session:
        erp = (await session.scalars(select(Integration).where(Integration.name == "ERP"))).one()
        erp.needs_credentials_at = configuration.clock.now()
        erp.needs_credentials_text = T("The login was refused.").to_json()
    await configuration.apply(FULL)
    assert (await integration(configuration, "ERP")).needs_credentials_at is not None
    await configuration.apply(FULL.replace("hush-hush", "fresh"))
    erp = await integration(configuration, "ERP")
    assert (erp.needs_credentials_at, erp.needs_credentials_text, erp.revision) == (None, None, 2)


async def test_a_channel_that_was_closed_gets_a_new_try_with_another_chat(quick: Configuration) -> None:
    await quick.apply(FULL)
    async with quick.database.writing() as session:
        channel = (await session.scalars(select(Channel))).one()
        channel.disabled_reason = T("The bot was removed.").to_json()
    await quick.apply(FULL.replace("-1001", "-1002"))
    channel = (await rows(quick, Channel))["Ops"]
    assert channel.disabled_reason is None


async def test_an_empty_secret_forgets_the_stored_one(quick: Configuration) -> None:
    await quick.apply(FULL)
    patch = 'version: 1\nintegrations: [{name: ERP, settings: {password: "", fixed_token: fix}}]'
    await quick.apply(patch)
    assert (await integration(quick, "ERP")).secrets.keys() == {"fixed_token"}
    assert (await quick.apply(patch)).empty


async def test_nothing_is_changed_when_there_is_one_problem(configuration: Configuration) -> None:
    await configuration.refused(FULL.replace("role: owner", "role: king"))
    assert await rows(configuration, Store) == {}
    assert set(await rows(configuration, Organisation)) == {"Chimera"}


async def test_a_manager_may_not_apply(quick: Configuration) -> None:
    manager = Actor(quick.actor.organisation_id, Role.MANAGER, "Bia", "chat")
    with pytest.raises(Forbidden):
        await quick.apply(FULL, manager)


async def test_another_organisation_is_neither_seen_nor_touched(configuration: Configuration) -> None:
    async with configuration.database.writing() as session:
        other = Organisation(name="Rede Verde", timezone="America/Sao_Paulo", locale="pt_BR")
        session.add(other)
        await session.flush()
    await configuration.apply(FULL)
    theirs = Actor.system(other.id, "cli")
    assert await configuration.refused("version: 1\norganisation: {name: Mercado Azul}", theirs) == [
        "Line 2: name: another organisation is called “Mercado Azul”."
    ]
    plan = await configuration.apply("version: 1\nstores: []\nusers: []", theirs, prune=True)
    assert plan.empty


async def test_settings_are_opened_with_the_key_they_were_sealed_with_only(quick: Configuration) -> None:
    await quick.apply(FULL)
    erp = await integration(quick, "ERP")
    with pytest.raises(Conflict, match="do not open with the present key"):
        load_settings(erp, ErpSettings, SecretBox(SecretBox.new_key()))


async def test_settings_that_no_longer_fit_their_module_are_named_without_values(quick: Configuration) -> None:
    await quick.apply(FULL)
    erp = await integration(quick, "ERP")
    erp.settings = erp.settings | {"page_size": "hush-hush"}
    with pytest.raises(Conflict) as caught:
        load_settings(erp, ErpSettings, quick.box)
    assert "page_size" in str(caught.value)
    assert "hush" not in str(caught.value)


async def test_a_lost_key_asks_for_the_secret_and_takes_it(quick: Configuration) -> None:
    await quick.apply(FULL)
    quick.box = SecretBox(SecretBox.new_key())
    patch = "version: 1\nintegrations:\n  - name: ERP\n    settings: {page_size: 7}\n"
    (problem,) = await quick.refused(patch)
    assert problem.startswith("Line 4: settings.password: the stored secret does not open")
    await quick.apply(patch.replace("page_size: 7", "page_size: 7, password: again"))
    erp = await integration(quick, "ERP")
    assert load_settings(erp, ErpSettings, quick.box).password.get_secret_value() == "again"


async def test_a_document_without_its_version_is_refused(quick: Configuration) -> None:
    with pytest.raises(BadInput) as caught:
        await quick.apply("stores: []\n")
    assert str(caught.value.text) == "The document has a mistake. Nothing was changed."
    assert [str(problem) for problem in caught.value.problems] == ["Line 1: version: is missing. Add “version: …”."]
