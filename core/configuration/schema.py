"""The JSON Schema of the whole contract: the document, every module's settings, every job type's."""

from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import JsonSchemaMode, models_json_schema

from core.configuration.document import ChannelEntry, Document, IntegrationEntry, JobEntry
from core.configuration.modules import ModuleSettings, secret_fields, usable_modules
from core.jobs.model import JobType
from core.jobs.settings import settings_model

DIALECT = "https://json-schema.org/draft/2020-12/schema"
TITLE = "Chimera configuration"
_MODE: JsonSchemaMode = "validation"
Schema = dict[str, Any]


@dataclass(frozen=True, slots=True)
class _Case:
    """When `key` of an entry has this value, its settings follow this model."""

    entry: type[BaseModel]
    key: str
    value: str
    model: type[BaseModel]


def contract_schema(modules: ModuleSettings) -> Schema:
    """Return the schema of the document, with the settings of every usable module and job type.

    Entries may leave out what is stored already, so only their key is required; what the
    settings of a new entry need stands there as `x-required-when-new`.
    """
    cases = _cases(modules)
    models: list[type[BaseModel]] = [Document]
    models += dict.fromkeys(kind for case in cases for kind in (case.entry, case.model))
    refs, whole = models_json_schema([(model, _MODE) for model in models], title=TITLE)
    definitions: dict[str, Schema] = whole["$defs"]
    for model in {case.model for case in cases}:
        _relax(_behind(refs[(model, _MODE)], definitions), model)
    for case in cases:
        entry = _behind(refs[(case.entry, _MODE)], definitions)
        entry["properties"][case.key].setdefault("examples", []).append(case.value)
        entry.setdefault("allOf", []).append(_when(case, refs[(case.model, _MODE)]))
    document = definitions.pop(refs[(Document, _MODE)]["$ref"].rsplit("/", 1)[-1])
    return {"$schema": DIALECT, **document, "title": TITLE, "$defs": definitions}


def _cases(modules: ModuleSettings) -> list[_Case]:
    integrations = usable_modules(modules, channels=False)
    channels = usable_modules(modules, channels=True)
    return [
        *(_Case(IntegrationEntry, "module", name, modules.settings_model(name)) for name in integrations),
        *(_Case(ChannelEntry, "module", name, modules.settings_model(name)) for name in channels),
        *(_Case(JobEntry, "type", kind.value, settings_model(kind)) for kind in JobType),
    ]


def _when(case: _Case, ref: Schema) -> Schema:
    return {
        "if": {"properties": {case.key: {"const": case.value}}, "required": [case.key]},
        "then": {"properties": {"settings": ref}},
    }


def _behind(ref: Schema, definitions: dict[str, Schema]) -> Schema:
    return definitions[ref["$ref"].rsplit("/", 1)[-1]]


def _relax(schema: Schema, model: type[BaseModel]) -> None:
    """Let settings leave out what is stored, and say null for a secret that stays."""
    required = schema.pop("required", [])
    schema["x-required-when-new"] = required
    for name in secret_fields(model):
        plain = schema["properties"][name]
        if "type" in plain:
            schema["properties"][name] = plain | {"type": [plain["type"], "null"]}
