"""New entities that begin with something filled in: the usual jobs, and copies of what there is."""

from dataclasses import dataclass
from datetime import time
from typing import Any

from core.configuration.modules import SOURCE, TARGET
from core.configuration.wanted import Section
from core.entities.viewing import EntityView, ListEntities
from core.executions.states import Event
from core.forms.loading import LoadForm
from core.jobs.model import JobType
from core.texts import T, Text
from handlers.dialogs.menu import Menu
from handlers.dialogs.page import Item
from handlers.forms.states import Form

_ROLES = {"source": SOURCE, "target": TARGET}
_OF_ALL = (Event.START, Event.SUCCESS, Event.PARTIAL, Event.FAILURE)
_OF_SYNCS = (*_OF_ALL, Event.HELD, Event.NOT_LIVE_BEFORE_OPENING)


@dataclass(frozen=True, slots=True)
class Preset:
    """A usual job: its name, what it does, at which time of each day, and of what a channel is told."""

    name: Text
    type: JobType
    at: time
    events: tuple[Event, ...] = ()


PRESETS: dict[str, Preset] = {
    "daily_sync": Preset(T("Daily sync"), JobType.SYNC_PRODUCTS, time(5, 10), _OF_SYNCS),
    "daily_compare": Preset(T("Daily compare"), JobType.COMPARE_DATA, time(6, 20), _OF_ALL),
    "nightly_cleanup": Preset(T("Nightly cleanup"), JobType.CLEANUP, time(3, 30)),
}
COPIED = frozenset({Section.STORES, Section.INTEGRATIONS, Section.CHANNELS, Section.JOBS})
# What only one entity can have is asked for anew; secrets never leave their entity.
_OWN = frozenset({"name", "cnpj", "unit", "platform_registration"})


def preset_items(section: Section) -> list[Item]:
    """Return the usual ones of a kind."""
    if section is not Section.JOBS:
        return []
    return [Item(key, T("⭐ {name}, {at}", name=one.name, at=one.at)) for key, one in PRESETS.items()]


async def begin(menu: Menu, preset: Preset) -> None:
    """Open the form of a usual job; what there is only one of is filled in too."""
    loaded = await menu.use(LoadForm)(menu.actor, Section.JOBS, None, preset.type)
    asked = {part.field.name for part in loaded.parts}
    able = {role: loaded.options[capability] for role, capability in _ROLES.items() if role in asked}
    settings = {role: names[0] for role, names in able.items() if len(names) == 1}
    filled: dict[str, Any] = {"schedule": f"{preset.at.minute} {preset.at.hour} * * *", "settings": settings}
    channels = loaded.options["channels"]
    if preset.events and len(channels) == 1:
        filled["notify"] = [{"channel": channels[0], "on": [event.value for event in preset.events]}]
    name = menu.talk.translator(preset.name)
    found = await menu.use(ListEntities)(menu.actor, Section.JOBS)
    if name not in {one.name for one in found.rows}:
        filled["name"] = name
    await menu.open(Form.page, section=Section.JOBS.value, kind=preset.type.value, preset=filled)


async def copy(menu: Menu, view: EntityView) -> None:
    """Open the form of a new entity that is filled in like one there is; it asks for the rest."""
    filled = {key: value for key, value in view.fields.items() if key not in _OWN}
    await menu.open(Form.page, section=view.section.value, kind=view.kind, preset=filled)
