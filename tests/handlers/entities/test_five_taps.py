"""From the home menu to any changed setting in five taps at most, counted in the real menus (X-2)."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from core.access import Actor, Role
from core.channels.model import Channel
from core.configuration.wanted import Section
from core.entities.saving import SaveEntity
from core.entities.viewing import ListEntities
from core.forms.fields import Kind
from core.forms.form import Form, Part
from core.forms.loading import LoadForm
from core.jobs.model import Job
from core.people.model import Person
from core.stores.model import Store
from tests.handlers.kit import Desk
from tests.handlers.menu_kit import Walk, settled

MOST = 5
ROWS = 8
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
    "timezone": "America/Recife",
    "numbers": "7, 9",
}
TICKED = {Kind.CHOICE, Kind.CHOICES, Kind.STORES}
PAGES = ("✏️", "⚙️ Advanced")
STRAIGHT = {"Schedule": "⏰ Schedule"}
TYPED = {
    Kind.TIME: "07:45",
    Kind.OPENING: "mon to sat 7-22, sun 8",
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
            assert len(self.message.buttons) <= ROWS, self.labels
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
        items = (await listed(ana, section)).rows
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
    if field.kind in (Kind.NUMBER, Kind.DECIMAL, Kind.TOPIC):
        return str(int(field.default or 1) + 1)
    example = field.example if field.example not in (None, field.default) else f"other_{field.name}"
    return ", ".join(map(str, example)) if isinstance(example, list) else str(example)


def way_to(section: Section, name: str) -> tuple[str, ...]:
    return (WAYS[section],) if section is Section.ORGANISATION else (WAYS[section], name)


async def ways_in(taps: Taps) -> dict[str, tuple[str, ...]]:
    """Return for every field of the entity whose page is open, by its label, the buttons that lead to it."""
    page = list(taps.labels)
    found: dict[str, tuple[str, ...]] = {label: (label,) for label in page if label[0].isalnum()}
    found |= {field: (button,) for field, button in STRAIGHT.items() if button in page}
    for button in [one for one in page if one.startswith(PAGES)]:
        await taps.taps(button)
        for label in taps.labels:
            found.setdefault(label, (button, label))
        await taps.taps("Back")
        assert taps.labels == page, button
    return found


async def change(taps: Taps, part: Part) -> None:
    """From the open field to the window that offers to save it; what is typed by its nature is typed."""
    kind = part.field.kind
    if part.field.variants and kind is Kind.MODELS:
        await taps.taps("🆕 By e-mail")
        await taps.says("bia@example.com")
    elif kind is Kind.MODELS:
        await taps.taps("Add")
        await taps.says("fresh")
    elif kind is Kind.UNION:
        await taps.taps("By e-mail")
        await taps.says("bia@example.com")
    elif kind is Kind.TEMPLATES:
        await taps.taps("Success")
        await taps.says("{job}")
    elif kind in TICKED and part.field.refers != "zones":
        await taps.taps(next(one for one in taps.labels if not one.startswith(MARKS)))
    elif kind is not Kind.TOGGLE:
        await taps.says(other(part))
    if "this secret must be written here again" in taps.text:
        await taps.says(TYPED[Kind.SECRET])


async def leave(taps: Taps) -> None:
    """Put the form away without saving."""
    while "🗑 Discard" not in taps.labels:
        await taps.taps("✔️ Done" if "✔️ Done" in taps.labels else "Back")
    await taps.taps("Discard")


async def test_every_setting_of_every_entity_is_changed_within_five_taps_of_home_found_by_tapping_alone(
    desk: Desk, taps: Taps
) -> None:
    for section, name, parts in await settings_of(desk):
        await taps.says("/menu")
        await taps.taps(*way_to(section, name))
        ways = await ways_in(taps)
        # Whom a job tells is changed from the page of either: below.
        for part in [one for one in parts if one.field.kind is not Kind.RULES]:
            taps.count = len(way_to(section, name))
            await taps.taps(*ways[str(part.field.label)])
            await change(taps, part)
            assert any("Save" in one or "Keep it off" in one for one in taps.labels), (part.path, taps.text)
            assert taps.count + 1 <= MOST, (section, part.path)
            if part is not parts[-1]:
                await leave(taps)
        await taps.taps("Keep it off" if section in TESTED else "Save")
        assert "is saved" in taps.text, (section, name, taps.text)


async def told(desk: Desk) -> list[dict[str, Any]]:
    """Whom the daily sync tells, and of what."""
    job: Job
    (job,) = [one for one in await desk.rows(Job) if one.name == "Daily sync"]
    return job.notify


async def test_each_channel_is_told_of_another_event_within_five_taps_from_its_own_page(desk: Desk, taps: Taps) -> None:
    for name in ("Ops", "Hook"):
        await taps.says("/menu")
        taps.count = 0
        await taps.taps("Notifications", name, "🔔 Daily sync", "Held")
        assert taps.count < MOST
        assert f"“{name}” is told of: Held" in taps.text
        assert "Saved." in taps.text
    assert {rule["channel"]: rule["on"] for rule in await told(desk)} == {"Ops": ["held"], "Hook": ["held"]}


async def test_a_job_tells_each_of_a_few_channels_of_another_event_within_five_taps_from_its_own_page(
    desk: Desk, taps: Taps
) -> None:
    letters = next(one for one in await desk.rows(Channel) if one.name == "Letters")
    await desk.set_row(Channel, letters.id, name="Mail")
    for channel in ("Hook", "Mail", "Ops"):
        await taps.says("/menu")
        taps.count = 0
        await taps.taps("Jobs", "Daily sync", f"🔔 {channel}", "Held")
        assert taps.count < MOST
        assert "Saved." in taps.text
    assert {rule["channel"]: rule["on"] for rule in await told(desk)} == {
        one: ["held"] for one in ("Hook", "Mail", "Ops")
    }


async def test_a_job_with_many_channels_tells_each_of_them_within_five_taps_from_its_own_page(
    desk: Desk, taps: Taps
) -> None:
    save, owner = await desk.container.get(SaveEntity), Actor.system(desk.organisation_id, "cli")
    for number in range(5):
        board = {"name": f"Managers of region {number}", "module": "telegram", "settings": {"chat_id": -4100 - number}}
        await save(owner, Section.CHANNELS, None, board)
    await taps.says("/menu")
    assert not any(one.startswith("🔔 Managers") for one in (await taps.taps("Jobs", "Daily sync"), *taps.labels))
    for channel in ("Hook", "Managers of region 4", "Ops"):
        await taps.says("/menu")
        taps.count = 0
        await taps.taps("Jobs", "Daily sync", "🔔 Who is told")
        assert "Whom shall it tell?" in taps.text
        assert "is not one of the channels" in await taps.says("Nobody")
        await taps.says(channel)
        # Instead of its name, whoever likes taps the channel.
        taps.count += 1
        await taps.taps("Held")
        assert taps.count == MOST
        assert "Saved." in taps.text
        assert "Whom shall it tell?" in await taps.taps("Back")
    assert {rule["channel"] for rule in await told(desk)} == {"Hook", "Managers of region 4", "Ops"}


async def test_a_tap_on_who_is_told_counts_at_once_and_can_be_taken_back(desk: Desk, taps: Taps) -> None:
    await taps.says("/menu")
    await taps.taps("Notifications", "Ops", "🔔 Daily sync", "Held", "Success")
    assert "“Ops” is told of nothing" not in taps.text
    assert "Taken back." in await taps.taps("Undo")
    assert "Undo" not in " ".join(taps.labels)
    assert await told(desk) == [{"channel": "Ops", "on": ["held"]}]
    await taps.taps("Success")
    assert await told(desk) == [{"channel": "Ops", "on": ["success", "held"]}]


async def test_a_tap_on_who_is_told_does_not_undo_what_somebody_else_saved_meanwhile(desk: Desk, taps: Taps) -> None:
    await taps.says("/menu")
    await taps.taps("Notifications", "Ops", "🔔 Daily sync")
    save, owner = await desk.container.get(SaveEntity), Actor.system(desk.organisation_id, "cli")
    await save(owner, Section.JOBS, desk.job_id, {"notify": [{"channel": "Hook", "on": ["failure"]}]})
    await taps.taps("Held")
    assert await told(desk) == [{"channel": "Hook", "on": ["failure"]}]
    assert "🗑 Discard" in taps.labels


async def test_a_person_is_limited_to_a_tag_within_five_taps(desk: Desk, taps: Taps) -> None:
    await desk.set_row(Store, desk.store_ids[0], tags=["south"])
    await taps.says("/menu")
    taps.count = 0
    await taps.taps("People", "Rui", "Stores", "🏷 south", "Save")
    assert taps.count == MOST
    assert [one.store_tags for one in await desk.rows(Person) if one.name == "Rui"] == [["south"]]
    assert "Stores: stores with tag south\nMay release: off" in await taps.taps("Back")
    assert "Stores: all stores\n    → stores with tag south" in await taps.taps("Versions")


async def test_only_of_a_manager_it_is_said_and_asked_whether_they_may_release(taps: Taps) -> None:
    await taps.says("/menu")
    assert "May release" not in await taps.taps("People", "Ana")
    assert "May release" not in await taps.taps("Change")
    await taps.says("/menu")
    assert "May release: off" in await taps.taps("People", "Rui")


async def test_taking_a_persons_last_tag_away_does_not_open_all_stores_to_them(desk: Desk, taps: Taps) -> None:
    await desk.set_row(Store, desk.store_ids[0], tags=["south"])
    await taps.says("/menu")
    await taps.taps("People", "Rui", "Stores", "🏷 south")
    assert "At least one must stay chosen." in await taps.taps("✅ 🏷 south")
    assert "✅ 🏷 south" in taps.labels
    await taps.taps("Save")
    assert [one.store_tags for one in await desk.rows(Person) if one.name == "Rui"] == [["south"]]


async def test_back_from_a_field_that_was_reached_straight_leads_where_it_was_tapped(desk: Desk, taps: Taps) -> None:
    await taps.says("/menu")
    page = await taps.taps("Notifications", "Ops")
    assert "Daily sync · Who is told" in await taps.taps("🔔 Daily sync")
    assert await taps.taps("Back") == page
