"""Everything a form needs to be shown: fields, present values, and the names it may refer to."""

import functools
import zoneinfo
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from pydantic import BaseModel
from sqlalchemy.orm import Session

from core.access import Actor, Permission, UseCase
from core.configuration.modules import SOURCE, TARGET, ModuleSettings, usable_modules
from core.configuration.wanted import Section
from core.db.database import Database
from core.entities.reaching import require_change
from core.entities.reading import Names, read_names
from core.entities.viewing import EntityView, ShowEntity
from core.errors import BadInput
from core.forms.entities import form_parts, referred
from core.forms.fields import CURRENCIES, ZONES, FormField, Kind
from core.forms.form import LANGUAGES, Form, Line, Options, Part
from core.i18n import LOCALES
from core.jobs.model import JobType
from core.jobs.settings import settings_model

_BRAZIL = (
    "America/Sao_Paulo",
    "America/Bahia",
    "America/Fortaleza",
    "America/Recife",
    "America/Belem",
    "America/Manaus",
    "America/Cuiaba",
    "America/Campo_Grande",
    "America/Porto_Velho",
    "America/Rio_Branco",
)
_CURRENCIES = ("BRL", "USD", "EUR", "ARS", "BOB", "CLP", "COP", "MXN", "PEN", "PYG", "UYU", "VES")
"""Those offered to tap; any other is typed."""

_FEW = frozenset({LANGUAGES, CURRENCIES, "channels", SOURCE, TARGET})
"""What can be named out of these is named by a tap; out of stores and zones there are too many."""

_WORDS = {
    Section.STORES: frozenset({"stores", "tags"}),
    Section.CHANNELS: frozenset({"channels"}),
    Section.INTEGRATIONS: frozenset({SOURCE, TARGET}),
}
"""The names of what kind of entity a field refers to by which word."""

_TAPPED = frozenset({Kind.CHOICE, Kind.CHOICES, Kind.STORES, Kind.UNION, Kind.MODELS, Kind.TEMPLATES})


@dataclass(frozen=True, slots=True)
class Loaded:
    """A form to show. `view` is the entity as it is; None for a new one. `kind` is its module or job type."""

    section: Section
    kind: str
    parts: tuple[Part, ...]
    options: Options
    view: EntityView | None = None
    start: dict[str, Any] = field(default_factory=dict)


class LoadForm(UseCase):
    """Load the form of an entity, or of a new one of some module or job type (`kind`)."""

    permission = Permission.CONFIGURE

    def __init__(self, database: Database, modules: ModuleSettings, show: ShowEntity) -> None:
        self._database = database
        self._modules = modules
        self._show = show

    async def __call__(self, actor: Actor, section: Section, entity_id: int | None, kind: str = "") -> Loaded:
        require_change(actor, section)

        def load(session: Session) -> Loaded:
            view = self._show.within(session, actor, section, entity_id) if entity_id is not None else None
            what = kind if view is None else view.kind
            settings = _settings(self._modules, section, what)
            parts = form_parts(section, settings, new=view is None)
            words = referred(section, settings, new=view is None)
            names = read_names(session, actor.organisation_id, _named(words))
            start = dict(view.fields) if view is not None else _new(section, what)
            return Loaded(section, what, parts, self._options(names), view, start)

        return await self._database.glance(load)

    def _options(self, names: Names) -> Options:
        return {
            "stores": names.stores,
            "tags": names.tags,
            "channels": names.channels,
            LANGUAGES: LOCALES,
            CURRENCIES: _CURRENCIES,
            ZONES: _zones(),
            SOURCE: self._able(names.modules, SOURCE),
            TARGET: self._able(names.modules, TARGET),
        }

    def _able(self, modules: Mapping[str, str], capability: str) -> list[str]:
        return [name for name, module in modules.items() if capability in self._capabilities(module)]

    def _capabilities(self, module: str) -> frozenset[str]:
        try:
            return self._modules.capabilities(module)
        except BadInput:
            return frozenset()


class OutlineForm(UseCase):
    """The fields of an entity's form as far as they matter now; none where its module cannot be used."""

    permission = Permission.CONFIGURE

    def __init__(self, modules: ModuleSettings) -> None:
        self._modules = modules

    async def __call__(self, actor: Actor, view: EntityView) -> list[Line]:
        require_change(actor, view.section)
        try:
            parts = form_parts(view.section, _settings(self._modules, view.section, view.kind), new=False)
        except BadInput:
            return []
        return Form(parts, dict(view.fields)).lines()


def is_tapped(field: FormField) -> bool:
    """Tell whether a field is filled in by tapping among a few things, or by what lies behind such a tap."""
    return field.kind in _TAPPED or field.refers in _FEW or (field.kind is Kind.LIST and bool(field.refers))


class ListKinds(UseCase):
    """List what a new entity can be made of: modules for integrations and channels, types for jobs.

    With a `capability`, only the modules that have it.
    """

    permission = Permission.CONFIGURE

    def __init__(self, modules: ModuleSettings) -> None:
        self._modules = modules

    async def __call__(self, actor: Actor, section: Section, capability: str = "") -> list[str]:
        require_change(actor, section)
        match section:
            case Section.INTEGRATIONS | Section.CHANNELS:
                usable = usable_modules(self._modules, channels=section is Section.CHANNELS)
                return [name for name in usable if not capability or capability in self._modules.capabilities(name)]
            case Section.JOBS:
                return [kind.value for kind in JobType]
            case _:
                return []


def _named(words: Collection[str]) -> set[Section]:
    """Return the kinds of entities whose names are needed for what fields refer to."""
    return {section for section, its_words in _WORDS.items() if not its_words.isdisjoint(words)}


def _settings(modules: ModuleSettings, section: Section, kind: str) -> type[BaseModel] | None:
    match section:
        case Section.INTEGRATIONS | Section.CHANNELS:
            return modules.settings_model(kind)
        case Section.JOBS:
            return settings_model(JobType(kind))
        case _:
            return None


@functools.cache
def _zones() -> tuple[str, ...]:
    """Return all time zones, those of Brazil before the rest: a search is for who lives elsewhere.

    They are kept, since finding them means walking through a thousand files.
    """
    rest = zoneinfo.available_timezones() - set(_BRAZIL)
    return (*_BRAZIL, *sorted(rest))


def _new(section: Section, kind: str) -> dict[str, Any]:
    """Return what a new entity says of itself before anything is filled in."""
    match section:
        case Section.INTEGRATIONS | Section.CHANNELS:
            return {"module": kind, "settings": {}}
        case Section.JOBS:
            return {"type": kind, "settings": {}}
        case _:
            return {}
