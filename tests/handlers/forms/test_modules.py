"""Every module of the registry is set up through the one form, with no line of chat code of its own."""

from typing import Any

import pytest

from core.connections.model import Integration
from core.forms.describing import describe
from core.forms.fields import FormField, Kind
from tests.handlers.kit import Desk
from tests.handlers.menu_kit import Walk
from tests.kit.every_module import kit_registry

REGISTRY = kit_registry()
MODULES = [name for name in REGISTRY.names() if "channel" not in REGISTRY.capabilities(name)]


@pytest.mark.parametrize("module", MODULES)
async def test_a_module_is_set_up_from_its_examples_and_every_field_is_shown(
    desk: Desk, walk: Walk, module: str
) -> None:
    fields = {field.title: field for field in describe(REGISTRY.settings_model(module))}
    await walk.says(f"/open {module}")
    await walk.says(f"My {module}")
    while "save this?" not in walk.text:
        (asked,) = [field for title, field in fields.items() if f"· {title}\n" in f"{walk.text}\n"]
        await walk.says(_example(asked))
        assert "⚠️" not in walk.text
    await walk.taps("Keep it off")
    assert "is saved" in walk.text
    (row,) = await desk.rows(Integration)
    assert (row.module, row.name, row.enabled) == (module, f"My {module}", False)
    for title, field in fields.items():
        await walk.says("/open saved")
        if field.kind not in (Kind.TOGGLE, Kind.MODEL, Kind.MODELS) and not field.shown_when:
            assert f"· {title}" in await walk.says(title), title


def _example(field: FormField) -> str:
    value: Any = field.example
    return str(value) if value is not None else {"title": "Weekly", "token": "tok-1234"}[field.name]
