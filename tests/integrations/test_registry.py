"""Manifests, versions and the registry: broken modules are named and hurt no other."""

import json
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from core.configuration.explaining import explain
from core.errors import BadInput
from core.i18n import LOCALES, SOURCE_LOCALE
from integrations.contract import Capability
from integrations.entries import Origin, inspect, inspect_packages
from integrations.manifest import Manifest, Translation, manifest_schema
from integrations.registry import Registry
from integrations.semver import Range, Version
from integrations.telegram.settings import TelegramSettings

GOOD: dict[str, Any] = {
    "name": "Example",
    "slug": "example",
    "version": "1.0.0",
    "description": "An example of a module.",
    "min_core_version": ">=0.1.0, <1.0.0",
    "entrypoint": "example:register",
    "migrations": [],
    "maturity": "beta",
    "license": "MIT",
    "author": {"name": "Ana", "contact": "ana@example.test"},
}
CODE = """
from integrations.contract import Capability, SettingsModel
class Module:
    name = {name!r}
    capabilities = frozenset({{Capability.CHANNEL}})
    Settings = SettingsModel
def register():
    return Module()
"""


def make(folder: Path, code: str | None = None, **changes: object) -> Path:
    folder.mkdir()
    manifest = {key: value for key, value in {**GOOD, "slug": folder.name, **changes}.items() if value is not None}
    (folder / "module.json").write_text(json.dumps(manifest))
    if code is not None:
        (folder / "__init__.py").write_text(code)
    return folder


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("name", ""),
        ("slug", "Example"),
        ("slug", "ex ample"),
        ("version", "1.0"),
        ("version", "01.0.0"),
        ("version", "v1.0.0"),
        ("description", "short"),
        ("description", "x" * 141),
        ("min_core_version", ""),
        ("min_core_version", "newest"),
        ("entrypoint", "example"),
        ("entrypoint", "example:main"),
        ("entrypoint", "../x:register"),
        ("migrations", None),
        ("maturity", "fine"),
        ("license", "free; DROP"),
        ("author", None),
        ("dependencies", {"other": "soon"}),
        ("health_check", {"interval": 1}),
        ("data_retention", {"days": 0}),
    ],
)
def test_a_wrong_field_is_named(tmp_path: Path, key: str, value: object) -> None:
    with pytest.raises(BadInput) as caught:
        Manifest.load(make(tmp_path / "example", None, **{key: value}))
    assert any(key in str(problem) for problem in caught.value.problems)


def test_all_problems_are_told_at_once() -> None:
    with pytest.raises(BadInput) as caught:
        Manifest.parse(b"{}", "x/module.json")
    assert len(caught.value.problems) == 10


@pytest.mark.parametrize("content", [b"", b"{", b"\xff\xfe", b"[1]", b'"text"', b"[" * 5000])
def test_what_is_no_manifest_is_bad_input(content: bytes) -> None:
    with pytest.raises(BadInput):
        Manifest.parse(content, "x/module.json")


def test_a_huge_manifest_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="too large"):
        Manifest.load(make(tmp_path / "example", tags=["x" * 70_000]))


def test_the_folder_bears_the_slug(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="must be the same"):
        Manifest.load(make(tmp_path / "other", slug="example"))


def test_unknown_keys_are_kept_as_a_warning(tmp_path: Path) -> None:
    assert Manifest.load(make(tmp_path / "example", shiny=True)).unknown == ["shiny"]


def test_the_schema_is_of_the_right_draft_and_asks_for_what_is_required() -> None:
    schema = manifest_schema()
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert set(schema["required"]) == set(GOOD)


def test_versions_are_ordered_as_the_standard_says() -> None:
    written = "1.0.0-alpha 1.0.0-alpha.1 1.0.0-alpha.beta 1.0.0-beta 1.0.0-beta.2 1.0.0-beta.11 1.0.0-rc.1 1.0.0 1.0.1"
    versions = [Version.parse(text) for text in [*written.split(), "1.2.0", "1.10.0", "2.0.0+build.5"]]
    assert sorted(set(versions)) == versions
    assert str(versions[5]) == "1.0.0-beta.11"


@pytest.mark.parametrize(
    ("wanted", "inside", "outside"),
    [
        (">=1.2.0", ["1.2.0", "2.0.0", "1.2.0-rc.1"], ["1.1.9"]),
        (">=1.2, <2", ["1.9.9"], ["2.0.0", "2.0.0-rc.1"]),
        (">1.0.0 <=1.5.0", ["1.0.1", "1.5.0"], ["1.0.0", "1.5.1"]),
        ("^1.4.2", ["1.4.2", "1.9.0"], ["1.4.1", "2.0.0"]),
        ("^0.3.1", ["0.3.9"], ["0.4.0", "0.3.0"]),
        ("^0.0.3", ["0.0.3"], ["0.0.4"]),
        ("~1.4.2", ["1.4.9"], ["1.5.0"]),
        ("~1", ["1.9.9"], ["2.0.0"]),
        ("1.4.2", ["1.4.2"], ["1.4.3"]),
        ("==v1.4.2", ["1.4.2"], ["1.4.3"]),
        ("*", ["0.0.1", "99.0.0"], []),
    ],
)
def test_ranges_hold_what_they_say(wanted: str, inside: list[str], outside: list[str]) -> None:
    known = Range.parse(wanted)
    assert [text for text in inside + outside if Version.parse(text) in known] == inside


@pytest.mark.parametrize("text", ["", ",", "latest", ">=", ">=1.0.0 or so", "1.0.0.0", "=>1.0.0"])
def test_a_senseless_range_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="range"):
        Range.parse(text)


def test_the_built_in_modules_are_found() -> None:
    registry = Registry.builtin()
    assert "telegram" in registry.names()
    module = registry.module("telegram")
    assert Capability.CHANNEL in module.capabilities
    assert registry.module("telegram") is module


@pytest.mark.parametrize("locale", [one for one in LOCALES if one != SOURCE_LOCALE])
def test_the_built_in_modules_say_in_every_language_what_they_are(locale: str) -> None:
    manifests = [entry.manifest for entry in Registry.builtin() if entry.manifest is not None]
    said = [one.translations.get(locale, Translation()) for one in manifests]

    assert manifests
    assert all(one.name and one.description for one in said)
    assert [one.title(locale) for one in manifests] == [one.name for one in said]
    assert all(told.about(locale) != told.description for told in manifests)


def test_an_unknown_module_is_answered_with_those_that_exist() -> None:
    with pytest.raises(BadInput, match=r"no module “sap”.*telegram"):
        Registry.builtin().module("sap")


def test_a_module_for_another_hub_is_listed_with_the_reason_and_not_imported(tmp_path: Path) -> None:
    entry = inspect(make(tmp_path / "future", 'raise RuntimeError("imported")'), Origin.BUILTIN, "1.0.0")
    registry = Registry([entry])
    assert registry.names() == []
    assert [found.name for found in registry] == ["future"]
    with pytest.raises(BadInput, match=r"works with Chimera >=0.1.0, <1.0.0; this is 1.0.0"):
        registry.module("future")


def test_a_broken_manifest_hurts_no_other_module(tmp_path: Path) -> None:
    broken = tmp_path / "broken"
    broken.mkdir()
    (broken / "module.json").write_text("{")
    registry = Registry([inspect(broken, Origin.BUILTIN, "0.1.0"), *Registry.builtin()])
    assert registry.module("telegram").name == "telegram"
    with pytest.raises(BadInput, match="not valid"):
        registry.module("broken")
    assert "Invalid JSON" in str(registry.entry("broken").details[0])


@pytest.mark.parametrize(
    ("slug", "code"),
    [
        ("raises", "raise RuntimeError('at import')"),
        ("syntax", "def register(:"),
        ("nothing", ""),
        ("missing", None),
        ("falls", "def register():\n    return 1 / 0"),
    ],
)
def test_a_module_that_does_not_load_is_bad_input(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, slug: str, code: str | None
) -> None:
    monkeypatch.syspath_prepend(tmp_path)
    name = f"chimera-test-{slug}"
    package = name.replace("-", "_")
    folder = make(tmp_path / package, code, slug=name, entrypoint=f"{package}:register")
    with pytest.raises(BadInput, match="cannot be loaded"):
        Registry([inspect(folder, Origin.PACKAGE, "0.1.0")]).module(name)


def test_a_module_of_another_name_than_its_manifest_breaks_the_contract(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(tmp_path)
    folder = make(
        tmp_path / "chimera_liar", CODE.format(name="x"), slug="chimera-liar", entrypoint="chimera_liar:register"
    )
    with pytest.raises(BadInput, match="contract"):
        Registry([inspect(folder, Origin.PACKAGE, "0.1.0")]).module("chimera-liar")


@pytest.mark.parametrize(
    ("slug", "fields", "said"),
    [
        ("buries", "class Inner(BaseModel):\n  token: SecretStr\nclass Some(SettingsModel):\n  login: Inner | None",
         "hides secrets inside of login"),
        ("lists", "class Some(SettingsModel):\n  tokens: list[SecretStr] = []", "hides secrets inside of tokens"),
        ("odd", "class Some(SettingsModel):\n  a: int = Field(json_schema_extra={'kind': 'moon'})", "no form can show"),
    ],
)  # fmt: skip
def test_settings_that_could_not_be_kept_or_shown_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, slug: str, fields: str, said: str
) -> None:
    monkeypatch.syspath_prepend(tmp_path)
    package = f"chimera_{slug}"
    code = CODE.format(name=f"chimera-{slug}").replace("class Module", f"{fields}\nclass Module")
    code = f"from pydantic import BaseModel, Field, SecretStr{code}".replace(
        "Settings = SettingsModel", "Settings = Some"
    )
    folder = make(tmp_path / package, code, slug=f"chimera-{slug}", entrypoint=f"{package}:register")
    with pytest.raises(BadInput, match=said):
        Registry([inspect(folder, Origin.PACKAGE, "0.1.0")]).module(f"chimera-{slug}")


def test_an_installed_package_announces_its_module_and_is_not_imported_to_find_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(tmp_path)
    make(
        tmp_path / "chimera_sap", CODE.format(name="chimera-sap"), slug="chimera-sap", entrypoint="chimera_sap:register"
    )
    points = [
        EntryPoint("sap", "chimera_sap:register", "chimera.modules"),
        EntryPoint("gone", "chimera_gone.inner:register", "chimera.modules"),
    ]
    found = list(inspect_packages(points, "0.1.0"))
    assert [(entry.name, entry.origin, entry.problem is None) for entry in found] == [
        ("chimera-sap", Origin.PACKAGE, True),
        ("gone", Origin.PACKAGE, False),
    ]
    assert Registry(found).module("chimera-sap").name == "chimera-sap"


def test_a_name_that_is_taken_keeps_its_first_module(tmp_path: Path) -> None:
    thief = inspect(make(tmp_path / "telegram"), Origin.PACKAGE, "0.1.0")
    assert Registry([*Registry.builtin(), thief]).entry("telegram").origin is Origin.BUILTIN


@pytest.mark.parametrize("chat", [-1001234567890, "-1001234567890"])
def test_a_chat_is_a_number(chat: object) -> None:
    assert TelegramSettings.model_validate({"chat_id": chat}).chat_id == -1001234567890


def test_the_name_of_a_chat_is_refused_with_the_way_to_its_number() -> None:
    with pytest.raises(ValidationError, match="finds it by its name"):
        TelegramSettings.model_validate({"chat_id": "@example_group"})


@pytest.mark.parametrize("wrong", [{}, {"chat_id": 0}, {"chat_id": True}, {"chat_id": "group"}, {"chat_id": "@a b"},
                                   {"chat_id": 1, "thread_id": 0}, {"chat_id": 1, "topic": 2}])  # fmt: skip
def test_what_names_no_chat_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        TelegramSettings.model_validate(wrong)


@pytest.mark.parametrize(
    ("module", "settings"),
    [
        ("rp", {"club_price_fields": ["31/02"]}),
        ("rp", {"api_version": "newest"}),
        ("crescevendas", {"line_fields": {"code": "=1"}}),
        ("email", {"host": "a b"}),
        ("email", {"sender": "ana"}),
    ],
)
def test_nobody_is_shown_a_pattern_in_place_of_a_remedy(module: str, settings: dict[str, Any]) -> None:
    model = Registry.builtin().module(module).Settings
    with pytest.raises(ValidationError) as caught:
        model.model_validate(settings)
    problems = {str(path[0]): str(problem) for path, problem in explain(caught.value, model)}
    assert "such as" in problems[next(iter(settings))]
