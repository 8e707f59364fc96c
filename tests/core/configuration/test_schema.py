"""The printed schema describes every setting of every module and job type."""

from typing import Any

from pydantic import BaseModel

from core.configuration.document import Document
from core.configuration.schema import contract_schema
from tests.kit.configuration import Modules

SCHEMA = contract_schema(Modules())


def settings_of(entry: str, value: str) -> dict[str, Any]:
    for case in SCHEMA["$defs"][entry]["allOf"]:
        ((_, wanted),) = case["if"]["properties"].items()
        if wanted["const"] == value:
            ref: str = case["then"]["properties"]["settings"]["$ref"]
            found: dict[str, Any] = SCHEMA["$defs"][ref.removeprefix("#/$defs/")]
            return found
    raise AssertionError(value)


def test_the_schema_has_every_section() -> None:
    assert SCHEMA["properties"].keys() == set(Document.model_fields)
    assert SCHEMA["required"] == ["version"]
    assert SCHEMA["additionalProperties"] is False


def test_settings_depend_on_the_module_and_the_job_type() -> None:
    assert "page_size" in settings_of("IntegrationEntry", "erp")["properties"]
    assert "line_fields" in settings_of("IntegrationEntry", "platform")["properties"]
    assert "chat_id" in settings_of("ChannelEntry", "chat")["properties"]
    assert "guard_rails" in settings_of("JobEntry", "sync_products")["properties"]
    assert "guard_rails" not in settings_of("JobEntry", "compare_data")["properties"]


def test_a_secret_is_marked_and_may_stay_as_it_is() -> None:
    secret = settings_of("IntegrationEntry", "platform")["properties"]["token"]
    assert secret["format"] == "password"
    assert secret["type"] == ["string", "null"]


def test_what_is_stored_may_be_left_out_and_what_a_new_one_needs_is_said() -> None:
    settings = settings_of("IntegrationEntry", "platform")
    assert "required" not in settings
    assert settings["x-required-when-new"] == ["base_url", "email", "token"]


def test_a_broken_module_hurts_no_other() -> None:
    known = [case["if"]["properties"]["module"]["const"] for case in SCHEMA["$defs"]["IntegrationEntry"]["allOf"]]
    assert known == ["erp", "platform"]


def test_every_reference_in_the_schema_leads_somewhere() -> None:
    def walk(part: Any) -> None:
        if isinstance(part, dict):
            if "$ref" in part:
                assert part["$ref"].removeprefix("#/$defs/") in SCHEMA["$defs"]
            for value in part.values():
                walk(value)
        if isinstance(part, list):
            for value in part:
                walk(value)

    walk(SCHEMA)


def test_every_field_of_the_document_has_title_description_and_example() -> None:
    kinds: list[type[BaseModel]] = [Document]
    for kind in kinds:
        for name, field in kind.model_fields.items():
            assert field.title, name
            assert field.description, name
            inner = [
                part for part in getattr(field.annotation, "__args__", [field.annotation]) if isinstance(part, type)
            ]
            models = [part for part in inner if issubclass(part, BaseModel)]
            assert field.examples or models, name
            kinds.extend(models)
    assert len(kinds) == 9
