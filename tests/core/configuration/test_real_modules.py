"""The modules that come with Chimera, through the real registry."""

from dataclasses import replace
from typing import Any

from core.access import Actor
from core.configuration.applying import ApplyDocument
from core.configuration.editing import Editor
from core.configuration.exporting import ExportDocument
from core.configuration.plan import Plan
from core.configuration.schema import contract_schema
from core.history.recorder import Recorder
from core.schedules.cron import parse_cron
from integrations.registry import Registry
from tests.kit.configuration import Configuration

EXAMPLE = """\
version: 1
organisation: {name: Mercado Azul, timezone: America/Sao_Paulo, locale: pt_BR}
stores:
  - {name: "001 Centro", cnpj: "11222333000181", tags: [south], limit: 1000}
integrations:
  - {name: ERP, module: rp,
     settings: {base_url: "http://127.0.0.1:9000/v3.2/", username: 0100001, password: 12345}}
  - {name: Loyalty, module: crescevendas,
     settings: {base_url: "http://127.0.0.1:9100", email: a@example.com, token: tok-1}}
channels:
  - {name: Ops, module: telegram, settings: {chat_id: -1001}}
jobs:
  - name: Daily sync
    type: sync_products
    schedule: "10 5 * * *"
    stores: all
    settings: {source: ERP, target: Loyalty}
    notify: [{channel: Ops, on: [start, success, partial, failure]}]
users:
  - {telegram_id: 1001, name: Ana, role: admin, locale: pt_BR}
"""


async def apply(configuration: Configuration, text: str, **options: Any) -> Plan:
    recorder = Recorder(configuration.clock)
    registry = Registry.builtin()
    editor = Editor(configuration.clock, recorder, configuration.box, registry, parse_cron)
    plan: Plan = await ApplyDocument(configuration.database, editor)(configuration.actor, text, **options)
    return plan


async def test_the_example_applies_once_and_comes_back_as_an_export(quick: Configuration) -> None:
    assert (await apply(quick, EXAMPLE)).changes
    assert (await apply(quick, EXAMPLE)).empty
    actor: Actor = replace(quick.actor)
    text = await ExportDocument(quick.database, Registry.builtin())(actor)
    assert "12345" not in text
    assert "'0100001'" in text or "username: 0100001" in text
    assert (await apply(quick, text, prune=True)).empty


def test_the_schema_names_every_module() -> None:
    text = repr(contract_schema(Registry.builtin()))
    assert all(f"'const': '{name}'" in text for name in Registry.builtin().names())
