"""Values of fields said back to people: normalised, in their language, secrets never."""

from collections.abc import Callable, Mapping
from datetime import date, time, timedelta
from decimal import Decimal
from typing import Any

from pydantic import TypeAdapter

from core.cnpj import format_cnpj, parse_cnpj
from core.configuration.fields import NO_QUIET
from core.errors import BadInput
from core.forms.fields import CURRENCIES, Choice, FormField, Kind, worded
from core.redact import MASK
from core.schedules.openings import say_opening
from core.schedules.saying import say_schedule
from core.texts import TN, T, Text, percent

_MOST_SHOWN = 60
_ITEMS_SHOWN = 4
_UNITS: dict[str, Text] = {"ms": T("ms"), "s": T("s"), "min": T("min"), "h": T("h"), "per minute": T("per minute")}
_COUNTED: dict[str, Callable[[Any], Text]] = {
    "d": lambda n: TN("{n} day", "{n} days", n, T("no days")),
    "pieces": lambda n: TN("{n} piece", "{n} pieces", n, T("no pieces")),
    "products": lambda n: TN("{n} product", "{n} products", n, T("no products")),
    "%": percent,
}
NOT_SET = T("not set")
NO_HOURS = T("none, told at once")
AS_THE_CHAIN = T("as the organisation")
_UNSET: dict[Kind, Text] = {Kind.HOURS: NO_HOURS, Kind.QUIET: AS_THE_CHAIN}
"""What it means that nothing is given, where that says more."""
_SPAN = TypeAdapter(timedelta)


def show(field: FormField, value: Any) -> Text:
    """Return a value as people read it."""
    if field.kind is Kind.SCHEDULE:
        return say_schedule(value)
    if value is None or value in ("", []):
        return _UNSET.get(field.kind, NOT_SET)
    try:
        return _SHOWERS.get(field.kind, _as_text)(field, value)
    except (TypeError, ValueError, ArithmeticError, BadInput):
        # A value from before the model changed: shown as it is, refused when it is saved.
        return _as_text(field, value)


def show_example(field: FormField) -> Text:
    """Return a field's example as people read it; words of the language are translated, what is filled out is not."""
    example = field.example
    if example == field.default:
        return show(field, example)
    if isinstance(example, list) and field.kind is Kind.LIST:
        return T("{items}", items=[worded(str(one)) for one in example])
    if isinstance(example, str) and field.kind is Kind.TEXT:
        return worded(example)
    return show(field, example)


def show_secret(hint: str | None, *, typed: bool) -> Text:
    """Return what may be said of a secret: that another one was typed, or how the stored one ends."""
    if typed:
        return T("a new value")
    return T("{value}", value=hint) if hint else NOT_SET


def _as_text(_field: FormField, value: Any) -> Text:
    text = str(value)
    return T("{value}", value=text if len(text) <= _MOST_SHOWN else f"{text[:_MOST_SHOWN]}…")


def _toggle(_field: FormField, value: Any) -> Text:
    return T("on") if value else T("off")


def _measured(field: FormField, value: float) -> Text:
    """Return a number with what it counts."""
    if field.unit in _COUNTED:
        return _COUNTED[field.unit](value)
    number = T("{value}", value=value)
    return T("{value} {unit}", value=number, unit=_UNITS.get(field.unit, worded(field.unit))) if field.unit else number


def _choice(field: FormField, value: Any) -> Text:
    found = next((one for one in field.choices if one.value == value), None)
    if found is None and field.refers == CURRENCIES:
        # Any may be kept, and only some are offered.
        found = Choice(value, value, coded=True)
    return field.named(found) if found is not None else _as_text(field, value)


def _listed(field: FormField, value: Any, one: Callable[[FormField, Any], Text]) -> Text:
    item = field.item or field
    shown = [one(item, entry) for entry in value[:_ITEMS_SHOWN]]
    if len(value) > _ITEMS_SHOWN:
        return T("{items} and {n} more", items=shown, n=len(value) - _ITEMS_SHOWN)
    return T("{items}", items=shown)


def _model(_field: FormField, value: Mapping[str, Any]) -> Text:
    return TN("{n} setting of its own", "{n} settings of its own", len(value), NOT_SET)


def _models(field: FormField, value: list[Any]) -> Text:
    """Return of which kinds the entries are, or how many where all are of one kind."""
    if field.variants:
        return _listed(field, value, _union)
    return TN("{n} entry", "{n} entries", len(value))


def _rules(field: FormField, value: list[Any]) -> Text:
    """Return who is told of how much."""
    said = [
        TN("{channel} ({n} event)", "{channel} ({n} events)", len(rule["on"]), channel=rule["channel"])
        for rule in value
    ]
    return _listed(field, said, lambda _, one: one)


def _hours(_field: FormField, value: str) -> Text:
    """Return from and until when it is quiet."""
    if value == NO_QUIET:
        return NO_HOURS
    begin, end = map(time.fromisoformat, value.split("-"))
    return T("{begin} to {end}", begin=begin, end=end)


def _templates(_field: FormField, value: Mapping[str, Any]) -> Text:
    """Return for how many events there are own words."""
    number = sum(one is not None for one in value.values())
    return TN("for {n} event", "for {n} events", number) if number else NOT_SET


def _union(field: FormField, value: Mapping[str, Any]) -> Text:
    return worded(variant_title(field, str(value.get(field.discriminator, ""))))


def variant_title(field: FormField, mark: str) -> str:
    """Return what a variant of a union is called: its model's title, else its mark."""
    model = field.variants.get(mark)
    title = model.model_config.get("title") if model is not None else None
    return title or mark.replace("_", " ").capitalize()


def _stores(_field: FormField, value: Any) -> Text:
    if value == "all":
        return T("all stores")
    if not isinstance(value, dict):
        return _named(value)
    tagged = T("stores with tag {tags}", tags=[str(tag) for tag in value["tags"]])
    return T("{tagged}, and {named}", tagged=tagged, named=_named(value["names"])) if value.get("names") else tagged


def _named(value: list[Any]) -> Text:
    names = [str(name) for name in value[:_ITEMS_SHOWN]]
    return TN("{n} store: {names}", "{n} stores: {names}", len(value), names=names)


_SHOWERS: dict[Kind, Callable[[FormField, Any], Text]] = {
    Kind.TOGGLE: _toggle,
    Kind.NUMBER: lambda field, value: _measured(field, int(value)),
    Kind.DECIMAL: lambda field, value: _measured(field, float(value)),
    Kind.MONEY: lambda _, value: T("{value}", value=Decimal(str(value))),
    Kind.CHOICE: _choice,
    Kind.CHOICES: lambda field, value: _listed(field, value, lambda _, one: _choice(field, one)),
    Kind.TIME: lambda _, value: T("{value}", value=time.fromisoformat(value)),
    Kind.OPENING: lambda _, value: say_opening(value),
    Kind.DATE: lambda _, value: T("{value}", value=date.fromisoformat(value)),
    Kind.DURATION: lambda _, value: T("{value}", value=_span(value)),
    Kind.LIST: lambda field, value: _listed(field, value, show),
    Kind.MODEL: _model,
    Kind.MODELS: _models,
    Kind.RULES: _rules,
    Kind.HOURS: _hours,
    Kind.QUIET: _hours,
    Kind.TEMPLATES: _templates,
    Kind.UNION: _union,
    Kind.STORES: _stores,
    Kind.SECRET: lambda _, __: T("{value}", value=MASK),
    Kind.CNPJ: lambda _, value: T("{value}", value=format_cnpj(parse_cnpj(value))),
}


def _span(value: Any) -> timedelta:
    """Return the span behind ISO text or seconds, as pydantic writes and reads them."""
    return _SPAN.validate_python(value)
