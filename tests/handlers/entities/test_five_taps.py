"""From the home menu to any changed setting in five taps at most, counted in the real menus (X-2)."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from core.access import Actor, Role
from core.configuration.wanted import Section
from core.entities.saving import SaveEntity
from core.entities.viewing import ListEntities, ShowEntity
from core.forms.fields import Kind
from core.forms.form import Form, Part
from core.forms.loading import ListChoices, LoadForm
from tests.handlers.kit import Desk
from tests.handlers.menu_kit import Walk, settled

MOST = 5
WAYS = {
    Section.ORGANISATION: "Settings",
    Section.INTEGRATIONS: "Integrations",
    Section.CHANNELS: "Notifications",
    Section.JOBS: "Jobs",
    Section.USERS: "People",
    Section.STORES: "Stores",
}
TESTED = {Section.INTEGRATIONS, Section.CHANNELS}
MARKS = ("✅", "✔️", "💾", "⬅", "◀", "🧹")
NAMED = {
    "name": "Renamed",
    "cnpj": "11222333000424",
    "base_url": "http://127.0.0.1:1/other",
    "api_version": "v3.1",
    "base_price_fields": "PrecoBase",
    "platform_timezone": "store",
    "role": "manager",
    "numbers": "7, 9",
}
TICKED = {Kind.CHOICES, Kind.STORES, Kind.RULES}
TYPED = {
    Kind.TIME: "07:45",
    Kind.DATE: "23/12",
    Kind.DURATION: "11 min",
    Kind.URL: "http://127.0.0.1:9",
    Kind.EMAIL: "bia@example.com",
    Kind.SECRET: "another-1234",
    Kind.SCHEDULE: "every day 06:40",
    Kind.MONEY: "11",
    Kind.CHAT: "-4002",
}
MADE: list[tuple[Section, dict[str, Any]]] = [
    (
        Section.INTEGRATIONS,
        {
            "name": "ERP",
            "module": "rp",
            "settings": {"base_url": "http://127.0.0.1:1", "username": "1", "password": "p"},
        },
    ),
    (
        Section.INTEGRATIONS,
        {
            "name": "Loyalty",
            "module": "crescevendas",
            "settings": {"base_url": "http://127.0.0.1:1", "email": "a@example.com", "token": "t"},
        },
    ),
    (
        Section.INTEGRATIONS,
        {
            "name": "Other",
            "module": "every",
            "settings": {"title": "Monthly", "token": "t", "address": "http://127.0.0.1:9/x", "rules": [{"name": "a"}]},
        },
    ),
    (
        Section.CHANNELS,
        {
            "name": "Letters",
            "module": "email",
            "settings": {
                "host": "127.0.0.1",
                "sender": "hub@example.com",
                "recipients": ["a@example.com"],
                "username": "u",
                "password": "p",
            },
        },
    ),
    (
        Section.CHANNELS,
        {
            "name": "Hook",
            "module": "webhook",
            "settings": {"base_url": "http://127.0.0.1:1", "secret": "hush-hush-hush-1"},
        },
    ),
]


class Taps(Walk):
    """A way that counts its taps; where a button's own words are part of others, it takes the shortest."""

    count = 0

    async def taps(self, *labels: str) -> str:
        for label in labels:
            (*_, found) = sorted((one for one in self.labels if label in one), key=len, reverse=True) or [label]
            self.count += 1
            query = await self.person.taps(self.message, data=self._data(found))
            await query
            await settled(self.desk)
        return self.text

    def _data(self, label: str) -> str:
        return next(one.data or "" for row in self.message.buttons for one in row if one.text == label)


@pytest.fixture
async def taps(desk: Desk) -> AsyncIterator[Taps]:
    save, owner = await desk.container.get(SaveEntity), Actor.system(desk.organisation_id, "cli")
    for section, fields in MADE:
        await save(owner, section, None, fields)
        if section is Section.INTEGRATIONS:
            await save(owner, section, None, fields | {"name": f"Second {fields['name']}"})
    settings = {"source": "ERP", "target": "Loyalty"}
    await save(owner, Section.JOBS, desk.job_id, {"settings": settings})
    await save(owner, Section.JOBS, None, {"name": "Compared", "type": "compare_data", "settings": settings})
    await save(owner, Section.JOBS, None, {"name": "Nightly", "type": "cleanup", "settings": {}})
    async with desk.chat():
        yield Taps(desk, desk.ana)


async def settings_of(desk: Desk) -> list[tuple[Section, str, list[Part]]]:
    """Return every entity with the fields that its models declare, each model's field once."""
    ana = Actor(desk.organisation_id, Role.ADMIN, "Ana", "chat")
    listed, load = await desk.container.get(ListEntities), await desk.container.get(LoadForm)
    seen: set[Any] = set()
    found = []
    for section in Section:
        items = (await listed(ana, section, size=100)).items
        # The last person first: nobody changes a role of their own.
        for item in reversed(items) if section is Section.USERS else items:
            loaded = await load(ana, section, item.id)
            lines = Form(loaded.parts, dict(loaded.start), loaded.options).lines()
            parts = [line.part for line in lines if (line.part.owner, line.part.field.name) not in seen]
            seen |= {(part.owner, part.field.name) for part in parts}
            if parts:
                found.append((section, item.name, parts))
    return found


def other(part: Part) -> str:
    """Return something to type that is not what stands there already."""
    field = part.field
    if field.kind in TYPED or field.name in NAMED:
        return NAMED.get(field.name) or TYPED[field.kind]
    if field.kind is Kind.CHOICE:
        return field.choices[-1].label
    if field.kind in (Kind.NUMBER, Kind.DECIMAL, Kind.TOPIC):
        return str(int(field.default or 1) + 1)
    example = field.example if field.example not in (None, field.default) else f"other_{field.name}"
    return ", ".join(map(str, example)) if isinstance(example, list) else str(example)


def way_to(section: Section, name: str) -> tuple[str, ...]:
    return (WAYS[section],) if section is Section.ORGANISATION else (WAYS[section], name)


async def change(walk: Taps, part: Part) -> None:
    """From the form to the window that offers to save this one field; what can be typed is typed."""
    kind = part.field.kind
    await walk.says(str(part.field.label))
    if kind is Kind.RULES:
        await walk.says("Ops")
    if kind is Kind.MODELS:
        await walk.taps("Add")
        await walk.says("fresh")
    elif kind is Kind.UNION:
        await walk.taps("By e-mail")
        await walk.says("Address")
        await walk.says("bia@example.com")
    elif kind in TICKED:
        await walk.taps(next(one for one in walk.labels if not one.startswith(MARKS)))
    elif kind is not Kind.TOGGLE:
        await walk.says(other(part))
    if "this secret must be written here again" in walk.text:
        await walk.taps("Password")
        await walk.says(TYPED[Kind.SECRET])


async def test_every_setting_of_every_entity_is_changed_and_saved_within_five_taps_of_home(
    desk: Desk, taps: Taps
) -> None:
    for section, name, parts in await settings_of(desk):
        await taps.says("/menu")
        taps.count = 0
        way = way_to(section, name)
        await taps.taps(*way, "Change")
        way_there = taps.count
        for part in parts:
            taps.count = way_there
            await change(taps, part)
            assert any("Save" in one or "Keep switched off" in one for one in taps.labels), (part.path, taps.text)
            assert taps.count + 1 <= MOST, (section, part.path)
            await taps.taps("Back")
        await taps.taps("Review", "Keep switched off" if section in TESTED else "Save")
        assert "is saved" in taps.text, (section, name, taps.text)


async def test_a_choice_takes_five_taps_also_where_nothing_is_typed(desk: Desk, taps: Taps) -> None:
    ana = Actor(desk.organisation_id, Role.ADMIN, "Ana", "chat")
    listed, show = await desk.container.get(ListEntities), await desk.container.get(ShowEntity)
    choices = await desk.container.get(ListChoices)
    walked: set[Any] = set()
    for section in Section:
        for item in (await listed(ana, section, size=100)).items:
            for part in await choices(ana, await show(ana, section, item.id)):
                if (part.owner, part.field.name) in walked:
                    continue
                await taps.says("/menu")
                taps.count = 0
                await taps.taps(*way_to(section, item.name), str(part.field.label))
                other = [one for one in taps.labels if not one.startswith(MARKS)]
                if not other:
                    continue
                await taps.taps(other[0])
                assert any("Save" in one or "Keep switched off" in one for one in taps.labels), (part.path, taps.text)
                assert taps.count + 1 <= MOST, (section, part.path)
                walked.add((part.owner, part.field.name))
                await taps.taps("Discard")
    assert len(walked) >= 10
