"""Saving one entity: what is refused, what is kept, and who came first."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from core.configuration.problems import BadFields
from core.configuration.wanted import Section
from core.entities.bulk import StoreChange
from core.entities.reaching import Outdated
from core.errors import BadInput, Conflict, Forbidden, NotFound
from core.paging import Paging
from tests.kit.entities import RUI, Chain

STORES, ERP = Section.STORES, Section.INTEGRATIONS
NEW_STORE = {"name": "003 Sul", "cnpj": "11.222.333/0003-43"}


async def wrong_fields(chain: Chain, section: Section, name: str | None, fields: dict[str, Any]) -> dict[str, str]:
    """Save what must be refused; return the problems by field."""
    entity_id = None if name is None else await chain.id_of(section, name)
    with pytest.raises(BadFields) as caught:
        await chain.save(chain.ana, section, entity_id, fields)
    return {".".join(map(str, path)): str(text) for path, text in caught.value.fields.items()}


async def test_a_new_store_is_saved_as_version_one(chain: Chain) -> None:
    edited = await chain.save(chain.ana, STORES, None, NEW_STORE)

    assert (edited.name, edited.version) == ("003 Sul", 1)
    assert await chain.field(STORES, "003 Sul", "cnpj") == "11222333000343"


async def test_a_change_names_its_fields_and_makes_the_next_version(chain: Chain) -> None:
    edited = await chain.change(STORES, "001 Centro", {"limit": 12, "opening": "07:30"})

    lines = chain.configuration.words(edited.changes[0].field_lines())
    assert lines == ["limit: none → 12", "opening: 06:00 → 07:30"]
    assert edited.version == 2


async def test_saving_what_is_so_already_makes_no_version(chain: Chain) -> None:
    edited = await chain.change(STORES, "001 Centro", {"opening": "06:00"})

    assert (edited.version, edited.changes) == (1, [])


async def test_a_dry_run_tells_the_difference_and_saves_nothing(chain: Chain) -> None:
    edited = await chain.change(STORES, "001 Centro", {"limit": 5}, dry_run=True)

    assert edited.changes
    assert await chain.field(STORES, "001 Centro", "limit") is None


async def test_every_wrong_field_is_told_at_its_place_and_nothing_is_half_saved(chain: Chain) -> None:
    problems = await wrong_fields(chain, STORES, "001 Centro", {"limit": 0, "opening": "25:00", "tags": ["good"]})

    assert problems.keys() == {"limit", "opening"}
    assert "at least 1" in problems["limit"]
    assert await chain.field(STORES, "001 Centro", "tags") == ["south"]


async def test_settings_of_a_module_are_judged_by_their_own_names(chain: Chain) -> None:
    problems = await wrong_fields(chain, ERP, "ERP", {"settings": {"page_size": 0, "verify_tls": "maybe"}})

    assert problems.keys() == {"settings.page_size", "settings.verify_tls"}


REFUSED: list[tuple[Section, str | None, dict[str, Any], str]] = [
    (STORES, None, {"name": "001 Centro", "cnpj": "11222333000343"}, "name"),
    (STORES, "002 São Luís", {"name": " 001 Centro "}, "name"),
    (STORES, "002 São Luís", {"cnpj": "11222333000181"}, "cnpj"),
    (STORES, None, {"name": "003 Sul"}, "cnpj"),
    (STORES, "001 Centro", {"name": "a\u202eb"}, "name"),
    (STORES, "001 Centro", {"name": ""}, "name"),
    (STORES, "001 Centro", {"name": "x" * 4096}, "name"),
    (STORES, "001 Centro", {"colour": "blue"}, "colour"),
    (ERP, "ERP", {"module": "platform"}, "module"),
    (ERP, None, {"name": "Other", "module": "nothing"}, "module"),
    (Section.JOBS, "Daily", {"schedule": "every day"}, "schedule"),
    (Section.JOBS, "Daily", {"settings": {"source": "Loyalty"}}, "settings.source"),
    (Section.USERS, None, {"telegram_id": 1002, "name": "X", "role": "viewer"}, "telegram_id"),
    (Section.USERS, "Rui", {"stores": ["no such store"]}, "stores.0"),
    (Section.ORGANISATION, "Chimera", {"timezone": "Mars/Olympus"}, "timezone"),
]


async def test_what_cannot_be_is_refused_at_its_field(chain: Chain) -> None:
    before = await chain.written_down()
    for section, name, fields, field in REFUSED:
        assert (await wrong_fields(chain, section, name, fields)).keys() == {field}, fields
    assert await chain.written_down() == before


async def test_an_outdated_change_is_refused_and_shows_both_sides(chain: Chain) -> None:
    seen = await chain.show(chain.ana, STORES, await chain.id_of(STORES, "001 Centro"))
    await chain.change(STORES, "001 Centro", {"opening": "07:00"})
    with pytest.raises(Outdated) as caught:
        await chain.change(STORES, "001 Centro", {"limit": 3}, expected=seen.version)

    words = chain.configuration.words
    assert words([one.line() for one in caught.value.theirs.changes]) == ["opening: 06:00 → 07:00"]
    assert words(caught.value.yours) == ["limit: none → 3"]
    assert "Ana changed this on" in words([caught.value.text])[0]
    assert await chain.field(STORES, "001 Centro", "limit") is None
    await chain.change(STORES, "001 Centro", {"limit": 3}, expected=caught.value.version)


async def test_of_two_who_save_at_once_one_is_told_of_the_other(chain: Chain) -> None:
    saves = [chain.change(STORES, "001 Centro", {"limit": limit}, expected=1) for limit in (1, 2)]
    results = await asyncio.gather(*saves, return_exceptions=True)

    assert sorted(type(result).__name__ for result in results) == ["Edited", "Outdated"]


async def test_secrets_are_kept_when_left_out_and_never_written_down(chain: Chain) -> None:
    await chain.change(ERP, "ERP", {"settings": {"page_size": 50}}, whole=False)
    await chain.change(ERP, "ERP", {"settings": {"base_url": "http://127.0.0.1:9000"}}, whole=True)
    view = await chain.show(chain.ana, ERP, await chain.id_of(ERP, "ERP"))

    assert view.secrets == {"password": "••••1234"}
    assert view.fields["settings"] == {"base_url": "http://127.0.0.1:9000"}
    assert "hush" not in repr(view) + await chain.written_down()


async def test_a_new_secret_counts_as_a_change_without_being_shown(chain: Chain) -> None:
    edited = await chain.change(ERP, "ERP", {"settings": {"password": "another-one-5678"}})

    assert chain.configuration.words(edited.changes[0].field_lines()) == ["settings.password: •••• → a new value"]
    assert "another-one" not in repr(edited) + await chain.written_down()


async def test_a_rename_carries_the_jobs_along(chain: Chain) -> None:
    edited = await chain.change(ERP, "ERP", {"name": "RP"})

    assert [change.name for change in edited.changes] == ["RP", "Daily"]
    assert (await chain.field(Section.JOBS, "Daily", "settings"))["source"] == "RP"


async def test_a_job_is_saved_as_it_was_shown(chain: Chain) -> None:
    fields = (await chain.show(chain.ana, Section.JOBS, await chain.id_of(Section.JOBS, "Daily"))).fields
    edited = await chain.change(Section.JOBS, "Daily", fields | {"stores": {"tags": ["south"]}}, whole=True)

    assert len(edited.changes[0].fields) == 1
    assert await chain.field(Section.JOBS, "Daily", "stores") == {"tags": ["south"]}


async def test_a_manager_changes_nothing_and_sees_the_own_store_only(chain: Chain) -> None:
    rui = chain.actor(RUI)
    listing = await chain.list(rui, STORES)
    assert [item.name for item in listing.rows] == ["001 Centro"]
    with pytest.raises(NotFound):
        await chain.show(rui, STORES, await chain.id_of(STORES, "002 São Luís"))
    with pytest.raises(Forbidden):
        await chain.save(rui, STORES, listing.rows[0].id, {"limit": 1})
    for section in (ERP, Section.JOBS, Section.CHANNELS, Section.USERS, Section.ORGANISATION):
        with pytest.raises(Forbidden):
            await chain.list(rui, section)


async def test_lists_are_searched_without_case_and_accents_and_paged(chain: Chain) -> None:
    assert [item.name for item in (await chain.list(chain.ana, STORES, search="sao LUIS")).rows] == ["002 São Luís"]
    assert (await chain.list(chain.ana, STORES, search="11222333000181")).total == 1
    assert (await chain.list(chain.ana, STORES, search="\0<b>")).total == 0
    last = await chain.list(chain.ana, STORES, paging=Paging(99, 1))
    assert (last.page.number, last.pages, last.total) == (1, 2, 2)


@pytest.mark.parametrize(
    ("change", "typed", "active", "tags"),
    [
        ("deactivate", [], [False, False], [["south"], []]),
        ("tag", [" north "], [True, True], [["south", "north"], ["north"]]),
        ("tag", ["south"], [True, True], [["south"], ["south"]]),
        ("tag", ["-south"], [True, True], [[], []]),
        ("tag", ["- south", "north", "north"], [True, True], [["north"], ["north"]]),
    ],
)
async def test_many_stores_change_at_once(
    chain: Chain, change: Any, typed: list[str], active: list[bool], tags: list[list[str]]
) -> None:
    items = (await chain.list(chain.ana, STORES)).rows
    edited = await chain.change_stores(chain.ana, [item.id for item in items], change, typed)
    after = (await chain.list(chain.ana, STORES)).rows

    assert [item.on for item in after] == active
    assert [item.fields["tags"] for item in after] == tags
    assert len(edited) == sum(old.fields != new.fields for old, new in zip(items, after, strict=True))


BAD_TAGS = [[], [" "], ["-"], ["north", "- "], ["a\nb"], ["x" * 61]]


async def test_a_tag_that_cannot_be_changes_no_store(chain: Chain) -> None:
    items = (await chain.list(chain.ana, STORES)).rows
    for tags in BAD_TAGS:
        with pytest.raises(BadInput):
            await chain.change_stores(chain.ana, [item.id for item in items], StoreChange.TAG, tags)
        assert (await chain.list(chain.ana, STORES)).rows == items, tags


async def test_activating_two_stores_of_one_registration_is_refused_by_name(chain: Chain) -> None:
    first, second = (await chain.list(chain.ana, STORES)).rows
    await chain.save(chain.ana, STORES, second.id, {"active": False, "cnpj": "11222333000181"})
    with pytest.raises(BadFields) as caught:
        await chain.change_stores(chain.ana, [first.id, second.id], StoreChange.ACTIVATE)
    assert "“002 São Luís”: cnpj: the platform knows “001 Centro”" in str(caught.value.problems[0])


async def test_no_store_chosen_is_said(chain: Chain) -> None:
    with pytest.raises(BadInput):
        await chain.change_stores(chain.ana, [], StoreChange.ACTIVATE)


async def test_what_is_gone_is_said_to_be_gone(chain: Chain) -> None:
    store = await chain.id_of(STORES, "002 São Luís")
    await chain.delete(chain.ana, STORES, store)
    for call in (chain.save(chain.ana, STORES, store, {}), chain.delete(chain.ana, STORES, store)):
        with pytest.raises(NotFound):
            await call


async def test_a_time_zone_changed_for_the_chain_restarts_its_schedules(chain: Chain) -> None:
    chain.configuration.clock.move(timedelta(hours=1))
    edited = await chain.change(Section.ORGANISATION, "Chimera", {"timezone": "America/Manaus", "name": "Mercado Azul"})

    assert (edited.name, edited.version) == ("Mercado Azul", 2)
    assert (await chain.versions("organisation", edited.id or 0))[0].author == ""


async def test_a_name_taken_meanwhile_is_a_conflict_not_a_crash(chain: Chain) -> None:
    saves = [chain.save(chain.ana, STORES, None, NEW_STORE) for _ in range(2)]
    results = await asyncio.gather(*saves, return_exceptions=True)

    assert sum(isinstance(result, BadFields | Conflict) for result in results) == 1


async def test_a_person_is_limited_by_tag_or_by_tag_and_name_and_rolled_back(chain: Chain) -> None:
    with pytest.raises(BadFields) as refused:
        await chain.change(Section.USERS, "Rui", {"stores": {"tags": ["nowhere"]}})
    assert "no store has the tag" in str(refused.value.problems[0])
    both = {"tags": ["south"], "names": ["002 São Luís"]}
    edited = await chain.change(Section.USERS, "Rui", {"stores": both})
    assert [str(change) for change in edited.changes[0].field_lines()] == [
        "stores: 001 Centro → 002 São Luís, tags south"
    ]
    assert await chain.field(Section.USERS, "Rui", "stores") == both
    await chain.change(Section.STORES, "001 Centro", {"tags": []})
    # The tag has no store any more; what else there is to change can still be changed.
    await chain.change(Section.USERS, "Rui", {"may_release": True})
    assert await chain.field(Section.USERS, "Rui", "stores") == both
    rui = await chain.id_of(Section.USERS, "Rui")
    await chain.roll_back(chain.ana, Section.USERS, rui, 1)
    assert await chain.field(Section.USERS, "Rui", "stores") == ["001 Centro"]
    await chain.change(Section.STORES, "002 São Luís", {"tags": ["south"]})
    await chain.roll_back(chain.ana, Section.USERS, rui, 2)
    assert await chain.field(Section.USERS, "Rui", "stores") == both
