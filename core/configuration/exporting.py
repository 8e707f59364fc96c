"""Writes the whole configuration as one document (X-13). Secrets are left out; a comment marks their places."""

import re
from typing import Any

import yaml

from core.access import Actor, Permission, UseCase
from core.channels.model import Channel
from core.configuration.modules import ModuleSettings
from core.configuration.stored import (
    NEW_JOB,
    NEW_ORGANISATION,
    NEW_PERSON,
    NEW_STORE,
    Fields,
    Stored,
    connected_fields,
    job_fields,
    load_stored,
    new_connected,
    organisation_fields,
    person_fields,
    store_fields,
)
from core.connections.model import Integration
from core.db.database import Database
from core.errors import BadInput
from core.ids import new_id

_WIDTH = 110
_HEADER = "# Configuration of Chimera. Secrets are left out: what is stored stays, elsewhere they are asked for.\n"


class _Dumper(yaml.SafeDumper):
    """Writes lists indented, as people do, and repeated values in full (aliases are not read back)."""

    def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002 - the base class's signature
        return True

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:  # noqa: ARG002 - as above
        super().increase_indent(flow, False)


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    """Write several lines as a block of them."""
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style="|" if "\n" in text else None)


_Dumper.add_representer(str, _text)


class ExportDocument(UseCase):
    """Return the configuration as YAML; the same content always as the same text.

    Applied where it came from it changes nothing; applied to an empty database it makes the
    same configuration once the secrets are written in. Values at their default are left out.
    """

    permission = Permission.CONFIGURE_ACCESS

    def __init__(self, database: Database, modules: ModuleSettings) -> None:
        self._database = database
        self._modules = modules

    async def __call__(self, actor: Actor) -> str:
        async with self._database.reading() as session:
            stored = await load_stored(session, actor.organisation_id)
        mark = f"left-out-{new_id()}"
        data = _data(stored, self._modules, mark)
        return _HEADER + _with_comments(_dump(data), mark)


def _data(stored: Stored, modules: ModuleSettings, mark: str) -> Fields:
    """Return the document; a secret's value is `mark`."""
    names = {store.id: store.name for store in stored.stores.live.values()}
    sections: Fields = {
        "stores": [_short(store_fields(row), NEW_STORE) for row in stored.stores.live.values()],
        "integrations": [_connected(row, modules, mark) for row in stored.integrations.live.values()],
        "channels": [_connected(row, modules, mark) for row in stored.channels.live.values()],
        "jobs": [_job(job_fields(row), set(stored.stores.live)) for row in stored.jobs.live.values()],
        "users": [_short(person_fields(row, names), NEW_PERSON) for row in stored.people.values() if row.active],
    }
    filled = {section: entries for section, entries in sections.items() if entries}
    return {"version": 1, "organisation": _short(organisation_fields(stored.organisation), NEW_ORGANISATION)} | filled


def _short(fields: Fields, defaults: Fields) -> Fields:
    return {key: value for key, value in fields.items() if key not in defaults or value != defaults[key]}


def _connected(row: Integration | Channel, modules: ModuleSettings, mark: str) -> Fields:
    settings = _ordered(row.settings | dict.fromkeys(row.secrets, mark), row.module, modules)
    fields = {key: _sorted(value) for key, value in connected_fields(row).items()}
    return _short(fields | {"settings": settings}, new_connected(row))


def _ordered(settings: Fields, module: str, modules: ModuleSettings) -> Fields:
    """Return settings in their model's order, which no database keeps; in alphabetical order without it."""
    try:
        known = list(modules.settings_model(module).model_fields)
    except BadInput:
        known = []
    keys = [key for key in known if key in settings] + sorted(settings.keys() - set(known))
    return {key: _sorted(settings[key]) for key in keys}


def _sorted(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _sorted(value[key]) for key in sorted(value)}
    return [_sorted(item) for item in value] if isinstance(value, list) else value


def _job(fields: Fields, live: set[str]) -> Fields:
    """Return a job; names of removed stores are left out where others remain."""
    selection = fields["stores"]
    names = selection.get("names", [])
    kept = [name for name in names if name in live]
    stores: Any = "all" if selection.get("all") else kept or names or {"tags": selection["tags"]}
    notify = [{"channel": rule["channel"], "on": rule["on"]} for rule in fields["notify"]]
    told = _short(fields | {"settings": _sorted(fields["settings"]), "notify": notify}, NEW_JOB) | {"stores": stores}
    return {key: told[key] for key in fields if key in told}


def _dump(data: Fields) -> str:
    text: str = yaml.dump(data, Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=_WIDTH)
    return text


def _with_comments(text: str, mark: str) -> str:
    line = re.compile(rf"^( *)([^\n]+): ['\"]?{re.escape(mark)}['\"]?$", re.MULTILINE)
    return line.sub(r"\1# \2: left out, write it here where it is asked for", text)
