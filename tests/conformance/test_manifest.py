"""Every module of the registry keeps to the manifest and the settings contract (MO-1)."""

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from pydantic import SecretStr, ValidationError

from core.forms.fields import worded
from core.forms.texts import model_texts
from core.i18n import catalogue
from core.redact import is_secret_key
from integrations.contract import Capability, Module, SettingsModel
from integrations.entries import Entry, Origin

SECRET = "s3cret-Zq9x"
_SHOUTING = re.compile(r"TODO|FIXME|XXX|lorem", re.IGNORECASE)


def objects(schema: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield schema
    yield from (nested for nested in schema.get("$defs", {}).values() if "properties" in nested)


def properties(schema: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield every setting that somebody fills in, with what the type it refers to says; marks of kinds are none."""
    for nested in objects(schema):
        for key, prop in nested["properties"].items():
            if "const" not in prop:
                yield key, {**schema.get("$defs", {}).get(prop.get("$ref", "").rpartition("/")[2], {}), **prop}


def test_the_manifest_is_valid_and_the_module_can_be_used(entry: Entry, module: Module) -> None:
    assert entry.problem is None, str(entry.problem)
    assert entry.manifest is not None
    assert entry.manifest.unknown == []
    assert module.name == entry.manifest.slug


def test_the_folder_bears_the_slug_and_holds_a_readme(entry: Entry) -> None:
    if entry.origin is Origin.BUILTIN:
        assert entry.folder.name == entry.name
    readme = (entry.folder / "README.md").read_text(encoding="utf-8")
    assert len(readme.split()) >= 30, "The README says what the module does and each of its settings"


def test_the_readme_names_every_setting(entry: Entry, schema: dict[str, Any]) -> None:
    readme = (entry.folder / "README.md").read_text(encoding="utf-8")
    assert [key for key in schema["properties"] if key not in readme] == []


def test_every_text_of_the_settings_is_translated_in_each_language_that_the_module_brings(
    entry: Entry, module: Module
) -> None:
    sources = {worded(text).message for _, text in model_texts(module.Settings) if text}
    for locale, words in entry.texts.items():
        known = (words, catalogue(locale))
        silent = sorted(text for text in sources if all(one.gettext(text) == text for one in known))
        assert not silent, "\n".join([f"Texts without words in locales/{locale}.po:", *silent])


def test_the_module_can_be_used_for_something(module: Module) -> None:
    assert module.capabilities
    assert all(isinstance(capability, Capability) for capability in module.capabilities)
    assert issubclass(module.Settings, SettingsModel)


def test_every_setting_has_title_description_and_examples(schema: dict[str, Any]) -> None:
    for key, prop in properties(schema):
        for part in ("title", "description", "examples"):
            assert prop.get(part), f"{key} has no {part}"
        assert not _SHOUTING.search(prop["title"] + prop["description"])
        assert prop["description"].endswith("."), f"The description of {key} is no sentence"


def test_the_schema_bears_the_modules_version_and_its_draft(entry: Entry, schema: dict[str, Any]) -> None:
    assert entry.manifest is not None
    assert schema["schema_version"] == entry.manifest.version
    assert schema["$schema"].endswith("2020-12/schema")
    assert schema["type"] == "object"


def test_every_optional_setting_shows_its_default(schema: dict[str, Any]) -> None:
    for nested in objects(schema):
        optional = set(nested["properties"]) - set(nested.get("required", []))
        assert [key for key in optional if "default" not in nested["properties"][key]] == []


def test_what_sounds_like_a_secret_is_one_and_has_no_default(module: Module, schema: dict[str, Any]) -> None:
    for key, prop in properties(schema):
        forms = [prop, *prop.get("anyOf", [])]
        secret = any(form.get("format") == "password" for form in forms)
        assert secret == is_secret_key(key), f"{key}: a secret is a SecretStr and named as one, such as api_key"
        if secret:
            assert prop.get("default") in (None, ""), f"{key} has a secret as default"


def test_extra_keys_are_refused(schema: dict[str, Any], configure: Callable[..., SettingsModel]) -> None:
    open_to_all = [nested.get("title") for nested in objects(schema) if nested.get("additionalProperties") is not False]
    assert open_to_all == [], "Models inside of the settings derive from SettingsModel, too"
    with pytest.raises(ValidationError):
        configure(surprise=1)


def test_the_examples_are_valid_settings_and_survive_being_stored(
    module: Module, configure: Callable[..., SettingsModel]
) -> None:
    settings = configure()
    stored = settings.model_dump(mode="json")
    revealed = {key: SECRET if isinstance(getattr(settings, key), SecretStr) else stored[key] for key in stored}
    assert module.Settings.model_validate(revealed) == settings


def test_each_example_of_each_setting_is_accepted(
    schema: dict[str, Any], configure: Callable[..., SettingsModel]
) -> None:
    for key, prop in schema["properties"].items():
        for example in prop["examples"]:
            configure(**{key: example})


def test_settings_never_show_a_secret(configure: Callable[..., SettingsModel]) -> None:
    settings = configure()
    assert SECRET not in f"{settings} {settings!r} {settings.model_dump()} {settings.model_dump_json()}"


def test_a_refused_setting_does_not_show_a_secret_in_words_for_people(
    module: Module, schema: dict[str, Any], configure: Callable[..., SettingsModel]
) -> None:
    with pytest.raises(ValidationError) as caught:
        configure(surprise=1)
    assert SECRET not in str([(item["loc"], item["msg"]) for item in caught.value.errors()])
