"""Forms of entities: the fields that a document's entry has, with the settings of its module or type."""

import functools
from collections.abc import Iterator
from dataclasses import replace

from pydantic import BaseModel

from core.configuration.document import (
    ChannelEntry,
    IntegrationEntry,
    JobEntry,
    OrganisationEntry,
    StoreEntry,
    UserEntry,
)
from core.configuration.wanted import Section
from core.forms.describing import describe
from core.forms.fields import FormField, Kind
from core.forms.form import Part
from core.jobs.settings import StoreSettings

SETTINGS = "settings"
_ENTRIES: dict[Section, type[BaseModel]] = {
    Section.ORGANISATION: OrganisationEntry,
    Section.STORES: StoreEntry,
    Section.INTEGRATIONS: IntegrationEntry,
    Section.CHANNELS: ChannelEntry,
    Section.JOBS: JobEntry,
    Section.USERS: UserEntry,
}
# Left out of a document they are kept, so that here they cannot be emptied.
_ALWAYS_THERE: dict[Section, frozenset[str]] = {
    Section.ORGANISATION: frozenset({"name", "timezone", "locale", "currency"}),
    Section.STORES: frozenset({"cnpj"}),
    Section.USERS: frozenset({"name", "role"}),
}
# Renaming is done by the name itself; module and type are chosen before there is a form; a switch
# beside the entity turns it on and off.
_NOT_ASKED = frozenset({"was", "module", "type", SETTINGS, "enabled", "active", "blocked"})


@functools.cache
def form_parts(section: Section, settings: type[BaseModel] | None, *, new: bool) -> tuple[Part, ...]:
    """Return the fields of an entity's form; those of its settings stand among them by their own groups."""
    entry = _ENTRIES[section]
    always = _ALWAYS_THERE.get(section, frozenset())
    own = [
        Part((one.name,), _as_chosen(replace(one, required=one.required or one.name in always)), entry)
        for one in describe(entry)
        if one.name not in _NOT_ASKED
    ]
    if section is Section.USERS and not new:
        own = [part for part in own if part.field.name != "telegram_id"]
    if section is Section.JOBS and not (settings is None or issubclass(settings, StoreSettings)):
        own = [part for part in own if part.field.name != "stores"]
    return (*own, *_settings_parts(settings))


def _as_chosen(field: FormField) -> FormField:
    """Return a field whose default is said as a form says it: all stores of a job are kept in another way."""
    everywhere = field.kind is Kind.STORES and field.default == {"all": True}
    return replace(field, default="all") if everywhere else field


@functools.cache
def referred(section: Section, settings: type[BaseModel] | None, *, new: bool) -> frozenset[str]:
    """Return what the fields of an entity's form refer to, also those inside of them."""
    return frozenset(word for part in form_parts(section, settings, new=new) for word in _words(part.field))


def _words(field: FormField) -> Iterator[str]:
    yield "stores" if field.kind is Kind.STORES else field.refers
    if field.item is not None:
        yield from _words(field.item)
    for model in (field.model, *field.variants.values()):
        if model is not None:
            yield from _inside(model)


@functools.cache
def _inside(model: type[BaseModel]) -> frozenset[str]:
    return frozenset(word for field in describe(model) for word in _words(field))


def _settings_parts(model: type[BaseModel] | None) -> list[Part]:
    return [] if model is None else [Part((SETTINGS, one.name), one, model) for one in describe(model)]
