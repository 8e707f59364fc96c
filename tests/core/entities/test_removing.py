"""Deleting and bringing back: what stands in the way, what is forgotten, what it would mean."""

from datetime import UTC, datetime, timedelta

import pytest

from core.access import Role
from core.configuration.problems import BadFields
from core.configuration.wanted import Section
from core.entities.removing import say_live
from core.errors import Conflict, Forbidden, NotFound
from core.people.confirming import ConfirmationMissing
from core.stores.viewing import LiveList
from tests.kit.entities import ANA, OLGA, RUI, Chain

STORES, ERP, JOBS, USERS = Section.STORES, Section.INTEGRATIONS, Section.JOBS, Section.USERS


async def delete(chain: Chain, section: Section, name: str) -> int:
    entity_id = await chain.id_of(section, name)
    await chain.delete(chain.ana, section, entity_id)
    return entity_id


async def test_a_deleted_store_is_gone_from_lists_and_comes_back_as_it_was(chain: Chain) -> None:
    before = (await chain.list(chain.ana, STORES)).rows
    store = await delete(chain, STORES, "001 Centro")
    assert [item.name for item in (await chain.list(chain.ana, STORES)).rows] == ["002 São Luís"]
    assert (await chain.show(chain.ana, STORES, store)).removed

    await chain.restore(chain.ana, STORES, store)
    assert (await chain.list(chain.ana, STORES)).rows == before


async def test_a_store_whose_name_was_taken_meanwhile_comes_back_under_another(chain: Chain) -> None:
    store = await delete(chain, STORES, "001 Centro")
    await chain.change(STORES, "002 São Luís", {"name": "001 Centro"})
    await chain.restore(chain.ana, STORES, store)

    names = [item.name for item in (await chain.list(chain.ana, STORES)).rows]
    assert names == ["001 Centro", f"001 Centro (removed {store})"]


async def test_a_store_whose_registration_was_taken_meanwhile_stays_deleted(chain: Chain) -> None:
    store = await delete(chain, STORES, "001 Centro")
    await chain.change(STORES, "002 São Luís", {"cnpj": "11222333000181"})
    with pytest.raises(BadFields):
        await chain.restore(chain.ana, STORES, store)
    assert (await chain.show(chain.ana, STORES, store)).removed


async def test_what_a_job_needs_is_not_deleted_before_the_job(chain: Chain) -> None:
    for section, name in ((ERP, "ERP"), (ERP, "Loyalty"), (Section.CHANNELS, "Ops")):
        with pytest.raises(Conflict, match="is used by Daily"):
            await delete(chain, section, name)
    await delete(chain, JOBS, "Daily")
    await delete(chain, ERP, "ERP")


async def test_an_integration_comes_back_switched_off_and_asks_for_its_secret(chain: Chain) -> None:
    await delete(chain, JOBS, "Daily")
    erp = await delete(chain, ERP, "ERP")
    await chain.restore(chain.ana, ERP, erp)
    view = await chain.show(chain.ana, ERP, erp)
    assert (view.on, view.secrets) == (False, {})
    assert view.trouble is not None
    assert "Give them anew" in str(view.trouble)

    await chain.save(chain.ana, ERP, erp, {"settings": {"password": "anew-anew-9999"}, "enabled": True})
    view = await chain.show(chain.ana, ERP, erp)
    assert (view.on, view.secrets, view.trouble) == (True, {"password": "••••9999"}, None)


async def test_a_channel_without_secrets_comes_back_at_work(chain: Chain) -> None:
    await delete(chain, JOBS, "Daily")
    ops = await delete(chain, Section.CHANNELS, "Ops")
    await chain.restore(chain.ana, Section.CHANNELS, ops)

    assert (await chain.show(chain.ana, Section.CHANNELS, ops)).on


async def test_a_job_does_not_come_back_without_what_it_needs(chain: Chain) -> None:
    job = await delete(chain, JOBS, "Daily")
    await delete(chain, ERP, "ERP")
    with pytest.raises(BadFields):
        await chain.restore(chain.ana, JOBS, job)


async def test_people_go_and_come_back_with_their_stores(chain: Chain) -> None:
    rui = await delete(chain, USERS, "Rui")
    assert "Rui" not in [item.name for item in (await chain.list(chain.ana, USERS)).rows]
    await chain.restore(chain.ana, USERS, rui)

    assert await chain.field(USERS, "Rui", "stores") == ["001 Centro"]


async def test_nobody_takes_away_a_higher_role_the_own_access_or_the_last_owner(chain: Chain) -> None:
    olga, ana = [await chain.id_of(USERS, name) for name in ("Olga", "Ana")]
    with pytest.raises(Forbidden, match="higher role"):
        await chain.delete(chain.ana, USERS, olga)
    with pytest.raises(Conflict, match="your own access"):
        await chain.delete(chain.ana, USERS, ana)
    with pytest.raises(Conflict, match="last owner"):
        await chain.delete(chain.configuration.actor, USERS, olga)


async def test_an_owner_is_taken_away_with_the_pin_only(chain: Chain) -> None:
    await chain.save(chain.configuration.actor, USERS, await chain.id_of(USERS, "Rui"), {"role": "owner"})
    with pytest.raises(ConfirmationMissing):
        await chain.delete(chain.actor(OLGA), USERS, chain.people[RUI].id)


async def test_the_organisation_itself_is_not_deleted(chain: Chain) -> None:
    with pytest.raises(Conflict):
        await chain.delete(chain.ana, Section.ORGANISATION, chain.ana.organisation_id)


async def test_a_manager_deletes_and_restores_nothing(chain: Chain) -> None:
    store = await chain.id_of(STORES, "001 Centro")
    for call in (chain.delete, chain.restore, chain.foretell):
        with pytest.raises(Forbidden):
            await call(chain.actor(RUI), STORES, store)


async def test_what_is_not_deleted_cannot_come_back(chain: Chain) -> None:
    with pytest.raises(NotFound):
        await chain.restore(chain.ana, STORES, await chain.id_of(STORES, "001 Centro"))


async def test_the_question_before_says_what_a_deletion_means(chain: Chain) -> None:
    words = chain.configuration.words
    store = await chain.foretell(chain.ana, STORES, await chain.id_of(STORES, "001 Centro"))
    assert words(store) == ["1 job names it: Daily.", "Nothing is live on the platform."]
    job = await chain.foretell(chain.ana, JOBS, await chain.id_of(JOBS, "Daily"))
    assert words(job) == [
        "It no longer runs by itself; the next time would be 11/24/26, 8:10\u202fAM.",
        "It runs for 1 store now.",
        "1 channel is told of it.",
    ]
    person = await chain.foretell(chain.ana, USERS, chain.people[ANA].id)
    assert words(person) == ["The person can no longer use this bot."]


async def test_an_admin_gives_no_role_above_the_own_one(chain: Chain) -> None:
    assert chain.ana.role is Role.ADMIN
    with pytest.raises(BadFields) as caught:
        await chain.change(USERS, "Rui", {"role": "owner"})
    assert "up to your own" in str(caught.value.problems[0])


def test_what_stays_live_is_counted_over_all_stores() -> None:
    now = datetime(2026, 11, 23, 9, tzinfo=UTC)
    some, more = (LiveList(lines, now, now + timedelta(hours=lines), now, begun=True) for lines in (2, 3))
    assert str(say_live([some])).startswith("2 products stay on the platform until 2026-11-23 11:00")
    assert str(say_live([some, more])).startswith("5 products of 2 stores stay on the platform until 2026-11-23 12:00")
