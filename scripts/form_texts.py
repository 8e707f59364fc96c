"""The texts of forms: titles, helps, groups and choices that settings models bring along."""

import sys
from collections.abc import Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from core.configuration.wanted import Section
from core.forms.entities import form_parts
from core.forms.texts import field_texts, model_texts
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
            yield from field_texts(part.field, part.owner)
    for model in models:
        yield from model_texts(model)
