"""The texts that settings models bring along: titles, helps, groups, units, labels of choices, names of kinds."""

import re
from collections.abc import Iterator

from pydantic import BaseModel

from core.forms.describing import describe
from core.forms.fields import FormField, Kind

_WORDS = re.compile(r"[A-Z]?[a-z]+( [A-Za-z]?[a-z]+)*")


def model_texts(model: type[BaseModel]) -> Iterator[tuple[str, str]]:
    """Yield each text of a model and of those inside of it, with the file that it stands in."""
    for field in describe(model):
        yield from field_texts(field, model)


def _words_of(field: FormField) -> list[str]:
    """Return those examples that are words of a language; codes, addresses and what is filled out stay as they are."""
    found = field.example if isinstance(field.example, list) else [field.example]
    shown = found if field.kind in (Kind.TEXT, Kind.LIST) and field.example != field.default else []
    return [one for one in shown if isinstance(one, str) and _WORDS.fullmatch(one)]


def field_texts(field: FormField, owner: type[BaseModel]) -> Iterator[tuple[str, str]]:
    source = owner.__module__.replace(".", "/") + ".py"
    for text in (field.title, field.help, field.group, *_words_of(field)):
        yield source, text
    for choice in field.choices:
        if choice.label != str(choice.value):
            yield source, choice.label
    for model in (field.model, *field.variants.values()):
        if model is not None:
            yield source, str(model.model_config.get("title") or "")
            yield from model_texts(model)
