"""A document without secrets taken in by chat: all of it is made, what lacks a secret waits switched off."""

from typing import Any

import pytest
from sqlalchemy import select

from core.channels.model import Channel
from core.configuration.plan import Kind, Plan
from core.connections.model import Integration
from core.connections.waiting import reason_of, waits
from tests.kit.configuration import Configuration

BARE = """\
version: 1
integrations:
  - {name: ERP, module: erp, enabled: true, settings: {base_url: "http://127.0.0.1:9000", username: u}}
  - {name: Loyalty, module: platform, settings: {base_url: "http://127.0.0.1:9100", email: a@b.c}}
channels:
  - {name: Mail, module: mail, settings: {host: mail.example}}
jobs:
  - {name: Daily, type: sync_products, settings: {source: ERP, target: Loyalty}}
"""
WITH_PASSWORD = BARE.replace("username: u", "username: u, password: hush-hush-1234")


async def take_in(configuration: Configuration, text: str, **options: Any) -> Plan:
    return await configuration.apply(text, unfinished=True, **options)


async def row(configuration: Configuration, name: str, table: type[Any] = Integration) -> Any:
    async with configuration.database.reading() as session:
        return await session.scalar(select(table).where(table.name == name))


async def test_what_lacks_its_secret_is_made_switched_off_and_says_so_in_the_plan(quick: Configuration) -> None:
    plan = await take_in(quick, BARE, dry_run=True)
    assert quick.words(plan.lines())[:4] == [
        "+ create integration “ERP”",
        "    switched off until you give it what the file leaves out: password",
        "+ create integration “Loyalty”",
        "    switched off until you give it what the file leaves out: token",
    ]
    await take_in(quick, BARE)
    erp = await row(quick, "ERP")
    assert (erp.enabled, erp.secrets, erp.settings["username"]) == (False, {}, "u")
    assert waits(reason_of(erp))
    assert (await row(quick, "Mail", Channel)).enabled


async def test_the_same_document_again_changes_nothing_even_if_it_says_enabled(quick: Configuration) -> None:
    await take_in(quick, BARE)
    before = (await row(quick, "ERP")).revision
    assert (await take_in(quick, BARE)).empty
    assert (await row(quick, "ERP")).revision == before


async def test_with_the_secret_it_goes_on_by_itself(quick: Configuration) -> None:
    await take_in(quick, BARE.replace("enabled: true, ", ""))
    await take_in(quick, WITH_PASSWORD.replace("enabled: true, ", ""))
    erp = await row(quick, "ERP")
    assert (erp.enabled, list(erp.secrets), reason_of(erp)) == (True, ["password"], None)
    assert not (await row(quick, "Loyalty")).enabled


async def test_one_that_was_switched_off_by_hand_stays_so_with_a_new_secret(quick: Configuration) -> None:
    await take_in(quick, WITH_PASSWORD.replace("enabled: true", "enabled: false"))
    await take_in(quick, 'version: 1\nintegrations: [{name: ERP, settings: {password: "another-one-99"}}]')
    assert not (await row(quick, "ERP")).enabled


@pytest.mark.parametrize("nothing", ['""', "null"])
async def test_a_stored_secret_is_never_overwritten_with_nothing(quick: Configuration, nothing: str) -> None:
    await take_in(quick, WITH_PASSWORD)
    before = (await row(quick, "ERP")).secrets
    text = f"version: 1\nintegrations: [{{name: ERP, settings: {{password: {nothing}}}}}]"
    if nothing == "null":
        assert (await take_in(quick, text)).empty
    else:
        assert await quick.refused(text, unfinished=True) == ["Line 2: settings: give password, or fixed_token."]
    erp = await row(quick, "ERP")
    assert (erp.secrets, erp.enabled) == (before, True)


async def test_another_mistake_beside_the_missing_secret_is_told(quick: Configuration) -> None:
    (problem,) = await quick.refused(BARE.replace("username: u", "page_size: 0"), unfinished=True)
    assert "page_size" in problem
    assert await row(quick, "ERP") is None


async def test_a_stand_in_is_written_nowhere(quick: Configuration) -> None:
    plan = await take_in(quick, BARE)
    assert plan.count(Kind.CREATE) == 4
    assert "stand" not in repr([(await row(quick, name)).settings for name in ("ERP", "Loyalty")])
    assert "given-later" not in await quick.export()


async def test_a_deleted_integration_named_by_a_document_without_its_secret_comes_back_off(
    quick: Configuration,
) -> None:
    await take_in(quick, WITH_PASSWORD)
    await take_in(quick, "version: 1\nintegrations: []\njobs: []", prune=True)
    await take_in(quick, BARE)
    erp = await row(quick, "ERP")
    assert (erp.deleted_at, erp.enabled, erp.secrets) == (None, False, {})
