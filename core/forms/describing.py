"""From a pydantic model to the fields of a form: types, constraints and `json_schema_extra` say it all.

Understood extras: `kind`, `unit`, `group`, `advanced`, `ask` (a new entity is asked for it at once, as
for what is required), `refers`, `shown_when` (neighbour: value or list of values), `labels` (value: label),
`replaces` (neighbours that are not used while this one is given). Beside `refers`, `labels` are further choices.
"""

import functools
from collections.abc import Mapping
from datetime import date, time, timedelta
from decimal import Decimal
from enum import Enum
from pathlib import Path as FilePath
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel, SecretStr, TypeAdapter
from pydantic.fields import FieldInfo
from pydantic.networks import AnyUrl
from pydantic_core import PydanticUndefined

from core.forms.fields import Choice, FormField, Kind

_KINDS: dict[type, Kind] = {
    bool: Kind.TOGGLE,
    int: Kind.NUMBER,
    float: Kind.DECIMAL,
    Decimal: Kind.MONEY,
    time: Kind.TIME,
    date: Kind.DATE,
    timedelta: Kind.DURATION,
    SecretStr: Kind.SECRET,
    AnyUrl: Kind.URL,
    FilePath: Kind.FILE,
}
"""The first that fits counts: a bool is an int too. All else is text."""
_LISTS = (list, tuple, set, frozenset)


@functools.cache
def describe(model: type[BaseModel]) -> tuple[FormField, ...]:
    """Return the fields of a model in its own order; a fixed value, such as a union's mark, is none."""
    found = (_field(name, info) for name, info in model.model_fields.items())
    return tuple(one for one in found if one is not None)


def defaults(fields: tuple[FormField, ...]) -> dict[str, Any]:
    """Return what counts where nothing is given."""
    return {one.name: one.default for one in fields}


def _field(name: str, info: FieldInfo) -> FormField | None:
    extra = info.json_schema_extra if isinstance(info.json_schema_extra, dict) else {}
    annotation: Any = Annotated[info.annotation, *info.metadata] if info.metadata else info.annotation
    bare, nullable = _without_none(info.annotation)
    if _is_mark(bare):
        return None
    shape = _shape(name, bare, info.discriminator if isinstance(info.discriminator, str) else "")
    labels = extra.get("labels", {})
    if isinstance(labels, dict) and labels:
        shape["choices"] = _relabelled(shape.get("choices"), {name: str(label) for name, label in labels.items()})
    if "kind" in extra:
        shape["kind"] = Kind(str(extra["kind"]))
    default = _default(info, annotation)
    return FormField(
        name=name,
        title=info.title or _spelled(name),
        annotation=annotation,
        help=info.description or "",
        example=next((one for one in info.examples or () if one not in (None, "")), None),
        default=default,
        required=info.is_required(),
        nullable=nullable,
        unit=str(extra.get("unit", "")),
        group=str(extra.get("group", "")),
        advanced=bool(extra.get("advanced", False)),
        asked=info.is_required() or bool(extra.get("ask", False)),
        refers=str(extra.get("refers", "")),
        shown_when=_conditions(extra.get("shown_when")),
        replaces=_names(extra.get("replaces")),
        **shape,
    )


def _shape(name: str, bare: Any, discriminator: str) -> dict[str, Any]:
    """Return the kind of an annotation and what belongs to it."""
    origin = get_origin(bare)
    if origin is Annotated:
        return _shape(name, get_args(bare)[0], discriminator)
    if origin is Literal:
        return {"kind": Kind.CHOICE, "choices": tuple(Choice(one, str(one)) for one in get_args(bare))}
    if isinstance(bare, type) and issubclass(bare, Enum):
        return {"kind": Kind.CHOICE, "choices": tuple(Choice(one.value, _spelled(str(one.value))) for one in bare)}
    if isinstance(bare, type) and issubclass(bare, BaseModel):
        return {"kind": Kind.MODEL, "model": bare}
    if origin in _LISTS:
        return _list_shape(name, get_args(bare)[0])
    if origin in (Union, UnionType):
        return _union_shape(get_args(bare), discriminator)
    if isinstance(bare, type):
        return {"kind": next((kind for known, kind in _KINDS.items() if issubclass(bare, known)), Kind.TEXT)}
    return {"kind": Kind.TEXT}


def _relabelled(choices: tuple[Choice, ...] | None, labels: Mapping[str, str]) -> tuple[Choice, ...]:
    """Return choices by their labels; where the type has none, those stand beside what the field refers to."""
    if choices is None:
        return tuple(Choice(value, label) for value, label in labels.items())
    return tuple(Choice(one.value, labels.get(str(one.value), one.label)) for one in choices)


def _list_shape(name: str, inner: Any) -> dict[str, Any]:
    item = FormField(name=name, title=_spelled(name), annotation=inner, **_shape(name, _without_none(inner)[0], ""))
    if item.kind is Kind.MODEL:
        return {"kind": Kind.MODELS, "item": item, "model": item.model}
    if item.kind is Kind.UNION:
        return {"kind": Kind.MODELS, "item": item, "variants": item.variants, "discriminator": item.discriminator}
    if item.kind is Kind.CHOICE:
        return {"kind": Kind.CHOICES, "item": item, "choices": item.choices}
    return {"kind": Kind.LIST, "item": item}


def _union_shape(parts: tuple[Any, ...], discriminator: str) -> dict[str, Any]:
    """Return a union of models by their marks; of scalars, text that pydantic tells apart."""
    models = [_bare(part) for part in parts]
    if all(isinstance(one, type) and issubclass(one, BaseModel) for one in models):
        mark = discriminator or _common_mark(models)
        variants = {str(value): one for one in models for value in _marks(one, mark)}
        return {"kind": Kind.UNION, "variants": variants, "discriminator": mark}
    return {"kind": Kind.TEXT}


def _common_mark(models: list[Any]) -> str:
    """Return the field that tells models apart where none is declared: a literal that all of them have."""
    shared = set.intersection(*(set(one.model_fields) for one in models))
    return next((name for name in models[0].model_fields if name in shared and _marks(models[0], name)), "")


def _marks(model: type[BaseModel], name: str) -> tuple[Any, ...]:
    info = model.model_fields.get(name)
    return get_args(info.annotation) if info is not None and get_origin(info.annotation) is Literal else ()


def _is_mark(bare: Any) -> bool:
    return get_origin(bare) is Literal and len(get_args(bare)) == 1


def _without_none(annotation: Any) -> tuple[Any, bool]:
    if get_origin(annotation) not in (Union, UnionType):
        return _bare(annotation), False
    parts = [part for part in get_args(annotation) if part is not NoneType]
    nullable = len(parts) < len(get_args(annotation))
    return (_bare(parts[0]) if len(parts) == 1 else Union[tuple(parts)]), nullable  # noqa: UP007 - made at run time


def _bare(annotation: Any) -> Any:
    if get_origin(annotation) is not Annotated:
        return annotation
    inner = get_args(annotation)[0]
    return _bare(inner)


def _default(info: FieldInfo, annotation: Any) -> Any:
    """Return the default as JSON; a secret has none that may be shown."""
    value = info.get_default(call_default_factory=True, validated_data={})
    if value is PydanticUndefined or isinstance(value, SecretStr):
        return None
    return TypeAdapter(annotation).dump_python(value, mode="json")


def _conditions(extra: Any) -> Mapping[str, tuple[Any, ...]]:
    if not isinstance(extra, dict):
        return {}
    return {name: tuple(value) if isinstance(value, list) else (value,) for name, value in extra.items()}


def _names(extra: Any) -> tuple[str, ...]:
    return tuple(map(str, extra)) if isinstance(extra, list) else ()


def _spelled(name: str) -> str:
    return name.replace("_", " ").capitalize()
