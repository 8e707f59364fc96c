"""Hostile words in the text fields of every entity: no violation, no crash, nothing half-saved."""

import itertools
from typing import Any

from core.channels.model import Channel
from core.configuration.wanted import Section
from core.connections.model import Integration
from core.forms.entities import form_parts
from core.forms.fields import Kind
from core.forms.form import Part
from core.jobs.model import Job, JobType
from core.jobs.settings import settings_model
from core.people.model import Person
from core.stores.model import Store
from tests.handlers.kit import Desk
from tests.handlers.menu_kit import Walk
from tests.kit.every_module import kit_registry

HOSTILE = (
    "<b>bold</b> & <a href='tg://user?id=1'>x</a>",
    "abc\u202etxt.exe",
    "👩‍👩‍👧‍👦🏳️‍🌈" * 60,
    "x" * 4096,
    "nul\0inside",
    "{0} {name} %s %(x)d",
    "*_`[x](tg://user?id=1)",
)
_TYPED = (Kind.TEXT, Kind.EMAIL, Kind.URL, Kind.LIST, Kind.FILE, Kind.CHAT)
REGISTRY = kit_registry()


def _forms() -> dict[str, tuple[Part, ...]]:
    """Return each form that `/open` knows of, with its fields."""
    modules = {name: REGISTRY.settings_model(name) for name in ("every", "telegram", "email", "webhook")}
    found: dict[str, tuple[Section, Any]] = {name: (Section.CHANNELS, model) for name, model in modules.items()}
    found |= {"sync": (Section.JOBS, settings_model(JobType.SYNC_PRODUCTS)), "store": (Section.STORES, None)}
    found |= {"person": (Section.USERS, None), "chain": (Section.ORGANISATION, None)}
    return {name: form_parts(section, model, new=True) for name, (section, model) in found.items()}


async def _kept(desk: Desk) -> dict[type[Any], int]:
    return {table: len(await desk.rows(table)) for table in (Store, Integration, Channel, Job, Person)}


async def test_hostile_words_in_every_text_field_break_nothing_and_save_nothing(desk: Desk, walk: Walk) -> None:
    before, words = await _kept(desk), itertools.cycle(HOSTILE)
    for form, parts in _forms().items():
        await walk.says(f"/open {form}")
        if "· " in walk.text:
            await walk.says(next(words))
            await walk.taps("Back")
        for part in parts:
            if part.field.kind in _TYPED and not part.field.shown_when and not part.field.advanced:
                await walk.says(part.field.title)
                assert "went wrong on my side" not in await walk.says(next(words))
                assert walk.text
                await walk.says(f"/open {form}")
    assert await _kept(desk) == before
    assert [store.name for store in await desk.rows(Store)] == ["001 Centro", "002 Norte", "003 Sul"]


async def test_markup_in_a_name_is_kept_and_shown_as_the_signs_it_is(desk: Desk, walk: Walk) -> None:
    await walk.says("/open store")
    await walk.taps("Name")
    await walk.says(HOSTILE[0])
    await walk.taps("Save")
    assert (await desk.rows(Store))[0].name == HOSTILE[0]
    assert HOSTILE[0] in walk.text
    await walk.taps("Undo")
    assert (await desk.rows(Store))[0].name == "001 Centro"
