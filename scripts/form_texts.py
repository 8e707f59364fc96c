"""The texts of forms: titles, helps, groups and choices that settings models bring along."""

import sys
from collections.abc import Iterator
from pathlib import Path

from pydantic import BaseModel

sys.path.insert(0, str(Path(__file__).parent.parent))

from core.configuration.wanted import Section
from core.forms.describing import describe
from core.forms.entities import form_parts
from core.forms.fields import FormField
from core.jobs.model import JobType
from core.jobs.settings import settings_model
from integrations.registry import Registry


def form_texts() -> Iterator[tuple[str, str]]:
    """Yield each text with the module that its model stands in, escaped as `worded` does."""
    for source, text in _all():
        if text:
            yield source, text.replace("{", "{{").replace("}", "}}")


def _all() -> Iterator[tuple[str, str]]:
    registry = Registry.builtin()
    models = [settings_model(kind) for kind in JobType] + [registry.settings_model(name) for name in registry.names()]
    for section in Section:
        for part in form_parts(section, None, new=True):
            yield from _field(part.field, part.owner)
    for model in models:
        yield from _model(model)


def _model(model: type[BaseModel]) -> Iterator[tuple[str, str]]:
    for field in describe(model):
        yield from _field(field, model)


def _field(field: FormField, owner: type[BaseModel]) -> Iterator[tuple[str, str]]:
    source = owner.__module__.replace(".", "/") + ".py"
    for text in (field.title, field.help, field.group):
        yield source, text
    for choice in field.choices:
        if choice.label != str(choice.value):
            yield source, choice.label
    for model in (field.model, *field.variants.values()):
        if model is not None:
            yield source, str(model.model_config.get("title") or "")
            yield from _model(model)
