"""What one field of a form is."""

import functools
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from pydantic import BaseModel

from core.texts import Currency, T, Text, Zone

_SOURCES = 4096
Path = tuple[str | int, ...]


class Kind(StrEnum):
    """How a field is filled in."""

    TEXT = "text"
    NUMBER = "number"
    DECIMAL = "decimal"
    MONEY = "money"
    TOGGLE = "toggle"
    CHOICE = "choice"
    CHOICES = "choices"
    TIME = "time"
    OPENING = "opening"
    DATE = "date"
    DURATION = "duration"
    URL = "url"
    EMAIL = "email"
    SECRET = "secret"  # noqa: S105 - the name of a kind
    LIST = "list"
    MODEL = "model"
    MODELS = "models"
    UNION = "union"
    FILE = "file"
    CHAT = "chat"
    TOPIC = "topic"
    STORES = "stores"
    CNPJ = "cnpj"
    SCHEDULE = "schedule"
    RULES = "rules"
    HOURS = "hours"
    QUIET = "quiet"
    TEMPLATES = "templates"


@dataclass(frozen=True, slots=True)
class Choice:
    """One possible value, as it is kept and as it is shown: by a text of its own, or, `coded`, by a code or a name."""

    value: Any
    label: str
    coded: bool = False


@dataclass(frozen=True, slots=True)
class FormField:
    """One field: how it is called, filled in and judged. Texts are English sources of translation.

    `unit` is what numbers count, such as `min` or `ms`; `refers` names what choices are taken
    from at the time (stores, integrations of a capability, channels), beside its own `choices`. `shown_when` maps a
    neighbour to the values with which this one matters. An `asked` field is one that a new
    entity is asked for at once; while one with `replaces` is given, those neighbours are not used.
    `item` is the field of each list entry, `model` what is inside of a nested field, `variants` the
    models of a union by the value of its `discriminator`. `annotation` is what pydantic judges the value by.
    """

    name: str
    kind: Kind
    title: str
    annotation: Any = field(repr=False)
    help: str = ""
    example: Any = None
    default: Any = None
    required: bool = False
    nullable: bool = False
    choices: tuple[Choice, ...] = ()
    unit: str = ""
    group: str = ""
    advanced: bool = False
    asked: bool = False
    refers: str = ""
    shown_when: Mapping[str, tuple[Any, ...]] = field(default_factory=dict)
    replaces: tuple[str, ...] = ()
    item: "FormField | None" = None
    model: type[BaseModel] | None = None
    variants: Mapping[str, type[BaseModel]] = field(default_factory=dict)
    discriminator: str = ""

    @property
    def label(self) -> Text:
        return worded(self.title)

    @property
    def about(self) -> Text:
        return worded(self.help)

    def named(self, choice: Choice) -> Text:
        """Return what a choice is called; of codes and names, languages name only those of currencies and zones."""
        if not choice.coded:
            return worded(choice.label)
        return T("{value}", value=_NAMED.get(self.refers, str)(choice.label))

    def shown(self, values: Mapping[str, Any], defaults: Mapping[str, Any]) -> bool:
        """Tell whether the field matters beside its neighbours' values."""
        return all(values.get(name, defaults.get(name)) in wanted for name, wanted in self.shown_when.items())


CURRENCIES, ZONES = "currencies", "zones"
_NAMED: dict[str, Callable[[str], str | Currency | Zone]] = {CURRENCIES: Currency, ZONES: Zone}
"""What a field may refer to that is kept by a code, and named in each language."""
_BESIDE: dict[str, Text] = {"enabled": T("Switched on"), "active": T("Switched on"), "blocked": T("Blocked")}
"""Fields that no form asks for, as a switch beside the entity sets them."""


def named_beside(field: str) -> Text:
    """Return what a field is called that has no place on a form (any more)."""
    return _BESIDE.get(field) or worded(field)


@functools.lru_cache(maxsize=_SOURCES)
def worded(source: str) -> Text:
    """Return a title or help of a model as a text; braces in it are only signs."""
    return Text(source.replace("{", "{{").replace("}", "}}"))
