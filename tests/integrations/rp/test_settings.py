"""What the form of an RP integration accepts, and how it says no."""

import json
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

import integrations.rp
from integrations.manifest import Manifest
from integrations.rp.module import Rp
from integrations.rp.settings import RpSettings

LOGIN = {"username": "100001", "password": "invented"}


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("http://10.0.0.5:9000", "http://10.0.0.5:9000"),
        ("http://10.0.0.5:9000/", "http://10.0.0.5:9000"),
        ("https://erp.example:7443/v3.2", "https://erp.example:7443"),
        ("https://erp.example/api/V1.1/", "https://erp.example/api"),
        (" http://erp.example// ", "http://erp.example"),
    ],
)
def test_the_address_is_kept_without_version_and_trailing_slash(typed: str, kept: str) -> None:
    assert RpSettings(base_url=typed, **LOGIN).base_url == kept


@pytest.mark.parametrize(
    "wrong", ["", "erp.example", "ftp://erp.example", "http://", "http://u:p@erp", "http://e?x=1", "http://e:99999"]
)
def test_an_address_that_cannot_be_called_is_refused(wrong: str) -> None:
    with pytest.raises(ValidationError):
        RpSettings(base_url=wrong, **LOGIN)


@pytest.mark.parametrize("login", [{}, {"username": "1"}, {"password": "x"}, {"username": " ", "password": "x"}])
def test_without_a_way_to_log_in_the_form_says_what_to_give(login: dict[str, Any]) -> None:
    with pytest.raises(ValidationError, match="username and password, or fixed_token"):
        RpSettings(base_url="http://erp.example", **login)


def test_a_user_name_typed_as_a_number_is_text() -> None:
    settings = RpSettings.model_validate({"base_url": "http://erp.example", "username": 100001, "password": 1234})
    assert settings.username == "100001"
    assert settings.password.get_secret_value() == "1234"


def test_secrets_do_not_show_in_the_settings() -> None:
    settings = RpSettings(base_url="http://erp.example", fixed_token="eyJ.invented", **LOGIN)
    shown = repr(settings) + settings.model_dump_json()
    assert "invented" not in shown


@pytest.mark.parametrize(
    "wrong",
    [
        {"page_size": 0},
        {"page_size": 1001},
        {"club_price_fields": []},
        {"club_price_fields": ["Preço 2"]},
        {"club_price_fields": ["preco"]},
        {"auth_version": "v2.0"},
        {"api_version": "3.2"},
        {"max_parallel_scans": 0},
        {"unknown": 1},
    ],
)
def test_settings_that_make_no_sense_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        RpSettings.model_validate({"base_url": "http://erp.example"} | LOGIN | wrong)


def test_every_field_explains_itself() -> None:
    schema = RpSettings.model_json_schema()
    for name, field in schema["properties"].items():
        assert field.get("title"), name
        assert field.get("description"), name
        assert field.get("examples"), name
    assert {name for name, field in schema["properties"].items() if field.get("format") == "password"} == {
        "password",
        "fixed_token",
    }


def test_the_readme_and_the_manifest_are_those_of_this_module() -> None:
    folder = Path(integrations.rp.__file__).parent
    manifest = Manifest.load(folder)
    assert (manifest.slug, manifest.unknown) == (Rp.name, [])
    assert json.loads((folder / "module.json").read_text())["maturity"] == "beta"
    readme = (folder / "README.md").read_text()
    assert all(f"`{path.name}`" in readme for path in folder.glob("*.py") if path.name != "__init__.py")
