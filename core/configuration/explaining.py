"""What pydantic found wrong, told as Texts with a remedy. Values are only shown where no secret can stand."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date, time, timedelta
from decimal import Decimal
from typing import Any, Literal, get_args, get_origin

from pydantic import BaseModel, ValidationError

from core.configuration.fields import FieldProblem, hint
from core.configuration.problems import Path
from core.texts import Param, T, Text

KIND = "#"
"""Begins the names of a field's kinds in the paths of errors, where pydantic puts them among keys."""

_LONGEST_SHOWN = 40
_DICT_KEY = "[key]"
_SEVERAL = 2


def explain(error: ValidationError, model: type[BaseModel]) -> list[tuple[Path, Text]]:
    """Return (path, problem) for each place where `model` did not take some data.

    Where a field takes several kinds of values, what each kind wants becomes one problem.
    """
    problems: dict[Path, Text] = {}
    for found in error.errors(include_url=False):
        found["loc"] = tuple(part for part in found["loc"] if not str(part).startswith(KIND))
        path, _ = _walk(model, found["loc"])
        if found["type"] == "extra_forbidden":
            path = (*_walk(model, found["loc"][:-1])[0], found["loc"][-1])
        problem = _text(dict(found), model)
        if path in problems:
            problem = T("{one} Or: {other}", one=problems[path], other=problem)
        problems[path] = problem
    return list(problems.items())


def _text(found: dict[str, Any], model: type[BaseModel]) -> Text:
    kind: str = found["type"]
    context: dict[str, Any] = found.get("ctx", {})
    if kind == "extra_forbidden":
        return T("is unknown here. {hint}", hint=hint(str(found["loc"][-1]), _known_keys(model, found["loc"][:-1])))
    if kind == "missing":
        return replace(MISSING, params={"key": str(found["loc"][-1])})
    if kind in {"enum", "literal_error"}:
        return _not_a_choice(found["input"], context["expected"])
    if isinstance(context.get("error"), FieldProblem):
        problem: Text = context["error"].text
        return problem
    if kind in _LENGTHS and isinstance(found["input"], str | int):
        kind = _LENGTHS[kind]
    if kind in _BOUNDS:
        return _BOUNDS[kind](context)
    reason = str(context["error"]) if kind == "value_error" else found["msg"]
    return _FORMS.get(kind) or T("{reason}.", reason=reason.rstrip("."))


def _not_a_choice(value: Any, expected: str) -> Text:
    choices = [choice.strip("'") for choice in expected.replace(" or ", ", ").split(", ")]
    if value in choices:
        return T("leave out the quotes.")
    if isinstance(value, str) and len(value) <= _LONGEST_SHOWN:
        return T("“{value}” is unknown. {hint}", value=value, hint=hint(value, choices))
    return T("must be one of: {choices}.", choices=choices)


def _known_keys(model: type[BaseModel], path: Path) -> list[str]:
    """Return the keys of the model that stands at a path inside `model`."""
    _, here = _walk(model, path)
    return list(here[0].model_fields) if here else []


def _walk(model: type[BaseModel], path: Path) -> tuple[Path, list[type[BaseModel]]]:
    """Follow a path as far as its steps are fields, keys or list items, and return it with the models at its end.

    The marks that pydantic puts in to tell the kinds of a union apart are left out: no form or document has them.
    """
    kept: list[str | int] = []
    here, annotation = [model], None
    for part in path:
        if isinstance(part, str):
            if (kind := _kind(here, part)) is not None:
                here = [kind]
                continue
            owner = next((one for one in here if part in one.model_fields), None)
            if owner is not None:
                annotation = owner.model_fields[part].annotation
            elif get_origin(annotation) is dict and part != _DICT_KEY:
                annotation = get_args(annotation)[1]
            else:
                break
            here = _models_in(annotation)
        kept.append(part)
    return tuple(kept), here


def _kind(models: list[type[BaseModel]], mark: str) -> type[BaseModel] | None:
    """Return the one of a union's models that a mark stands for: the value of its literal field, or its name."""
    if len(models) < _SEVERAL:
        return None
    for model in models:
        marks = [
            get_args(one.annotation) for one in model.model_fields.values() if get_origin(one.annotation) is Literal
        ]
        if mark == model.__name__ or any(mark in map(str, values) for values in marks):
            return model
    return None


def _models_in(annotation: Any) -> list[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [found for part in get_args(annotation) for found in _models_in(part)]


def _schemes(said: str) -> str:
    """Return `http://, https://` for what pydantic says: `'http' or 'https'`."""
    return ", ".join(f"{one}://" for one in re.findall(r"'([^']+)'", said))


def _bound(value: Any) -> Param:
    """Return a bound to be written as its reader writes such values; whole numbers as a document has them."""
    return value if isinstance(value, float | Decimal | timedelta | date | time) else str(value)


MISSING = T("is missing. Add “{key}: …”.")
_BOUNDS: dict[str, Callable[[dict[str, Any]], Text]] = {
    "greater_than_equal": lambda context: T("must be at least {bound}.", bound=_bound(context["ge"])),
    "greater_than": lambda context: T("must be more than {bound}.", bound=_bound(context["gt"])),
    "less_than_equal": lambda context: T("must be at most {bound}.", bound=_bound(context["le"])),
    "less_than": lambda context: T("must be less than {bound}.", bound=_bound(context["lt"])),
    "string_too_long": lambda context: T("is too long: at most {bound} characters.", bound=str(context["max_length"])),
    "too_short": lambda context: T("needs at least {bound}.", bound=str(context["min_length"])),
    "too_long": lambda context: T("has too many: at most {bound}.", bound=str(context["max_length"])),
    "decimal_max_places": lambda context: T("must have at most {n} decimal places.", n=context["decimal_places"]),
    "multiple_of": lambda context: T("must be a multiple of {bound}.", bound=str(context["multiple_of"])),
    "url_scheme": lambda context: T("must begin with {schemes}.", schemes=_schemes(context["expected_schemes"])),
    "string_pattern_mismatch": lambda context: T("does not have the form {form}.", form=str(context["pattern"])),
}
_LENGTHS = {"too_short": "string_too_short", "too_long": "string_too_long"}
_WHOLE = T("must be a whole number.")
_SWITCH = T("must be true or false.")
_KEYS = T("must be keys with values, such as {example}.", example="name: …")
_FORMS: dict[str, Text] = {
    "string_type": T("must be text. Put it in quotes."),
    "string_too_short": T("must not be empty."),
    "int_type": _WHOLE,
    "int_parsing": _WHOLE,
    "int_from_float": _WHOLE,
    "float_type": T("must be a number."),
    "finite_number": T("must be a number."),
    "url_parsing": T("give the address with http:// or https://, for example http://192.168.0.10:9000."),
    "float_parsing": T("must be a number."),
    "bool_type": _SWITCH,
    "bool_parsing": _SWITCH,
    "list_type": T("must be a list: lines that begin with a dash, or [ ] for none."),
    "dict_type": _KEYS,
    "model_type": _KEYS,
}
