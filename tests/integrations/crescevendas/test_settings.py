"""Manifest, settings and campaign names."""

import json
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from pydantic import ValidationError

import integrations.crescevendas as module_package
from integrations.contract import Capability, StoreRef
from integrations.crescevendas.module import register
from integrations.crescevendas.naming import branch, campaign_name, check_template
from integrations.crescevendas.settings import CresceVendasSettings

LOGIN = {"email": "integration@example.test", "token": "invented-token"}
START = datetime(2026, 11, 23, 6, 0, tzinfo=ZoneInfo("America/Sao_Paulo"))


def settings(**given: Any) -> CresceVendasSettings:
    return CresceVendasSettings.model_validate(LOGIN | given)


def test_the_defaults_are_those_of_the_contract() -> None:
    made = settings().model_dump(exclude={"token"})
    assert made == {
        "base_url": "https://www.crescevendas.com",
        "email": "integration@example.test",
        "requests_per_minute": 30,
        "max_parallel": 3,
        "line_fields": {"code": "code", "price": "price", "final_price": "final_price", "limit": "limit"},
        "name_template": "{unit} Descontos - {date} {time}",
        "lead_minutes": 5,
        "platform_timezone": "America/Sao_Paulo",
        "lines_per_upload": None,
        "timeout_seconds": 60,
    }


def test_every_setting_explains_itself() -> None:
    schema = CresceVendasSettings.model_json_schema()
    for form in (schema, *schema["$defs"].values()):
        for name, field in form["properties"].items():
            assert {"title", "description", "examples"} <= field.keys(), name


@pytest.mark.parametrize(
    "wrong",
    [
        {"base_url": "www.crescevendas.com"},
        {"base_url": "ftp://host"},
        {"base_url": "https://user:secret@host"},
        {"base_url": "https://host?x=1"},
        {"base_url": "https://host:99999"},
        {"token": ""},
        {"token": "two\r\nlines"},
        {"email": "é@example.test"},
        {"base_url": "http://169.254.169.254/latest"},
        {"base_url": "http://[fe80::1]:80"},
        {"email": ""},
        {"email": "abc"},
        {"email": "ana@localhost"},
        {"email": "ana@example."},
        {"email": "ana@example.test\r\nX-Evil: 1"},
        {"platform_timezone": "Mars/Olympus"},
        {"platform_timezone": "../../etc/passwd"},
        {"platform_timezone": "America"},
        {"platform_timezone": ""},
        {"name_template": "{unit.__class__}"},
        {"name_template": "{cnpj}"},
        {"name_template": "{}"},
        {"name_template": "{unit!r}"},
        {"name_template": "{unit:>9}"},
        {"name_template": "{unit"},
        {"name_template": " "},
        {"line_fields": {"code": "price"}},
        {"line_fields": {"code": "a b"}},
        {"line_fields": {"ean": "ean"}},
        {"lead_minutes": 0},
        {"timeout_seconds": 301},
        {"lines_per_upload": 0},
        {"unknown": 1},
    ],
)
def test_wrong_settings_are_refused_without_telling_the_token(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError) as caught:
        settings(**wrong)
    if "token" not in wrong:
        assert "invented-token" not in str(caught.value)


def test_the_token_is_not_shown() -> None:
    made = settings(token="  invented-token ")
    assert made.token.get_secret_value() == "invented-token"
    assert "invented-token" not in repr(made)


@pytest.mark.parametrize("zone", ["store", "America/Manaus", "UTC"])
def test_zones_are_names_or_the_stores_own(zone: str) -> None:
    assert settings(platform_timezone=zone).platform_timezone == zone


@pytest.mark.parametrize(
    ("registration", "unit"),
    [("11222333000181", "001"), ("11222333012391", "123"), ("112223330123", "123"), ("4711", "711"), ("7", "7")],
)
def test_the_unit_is_the_branch_or_the_last_three_characters(registration: str, unit: str) -> None:
    assert branch(registration) == unit


def test_a_name_is_filled_and_free_of_control_characters() -> None:
    store = StoreRef("s1", "Centro\n{date}\u202e", "", "", "4711", ZoneInfo("UTC"))
    template = check_template("{{{unit}}} {store} {registration} {date} {time}")
    assert campaign_name(template, store, START) == "{711} Centro {date}  4711 2026-11-23 06:00"


def test_the_manifest_names_the_module_and_its_entry() -> None:
    folder = Path(str(module_package.__file__)).parent
    manifest = json.loads((folder / "module.json").read_text())
    assert manifest["slug"] == register().name == folder.name
    assert manifest["entrypoint"] == "integrations.crescevendas.module:register"
    assert len(manifest["description"]) <= 140
    assert (folder / "README.md").is_file()


def test_the_module_is_a_target_with_its_settings() -> None:
    module = register()
    assert module.capabilities == {Capability.TARGET}
    assert module.Settings is CresceVendasSettings
