"""`module.json`: what a module says about itself (MO-1, `protocols/agent-config-modules.md` 3)."""

from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from core.configuration.explaining import explain
from core.errors import BadInput
from core.texts import T, Text
from integrations.semver import Range, Version

FILE_NAME = "module.json"
DIALECT = "https://json-schema.org/draft/2020-12/schema"
_LARGEST = 64 * 1024


def _version(text: str) -> str:
    return str(Version.parse(text))


def _range(text: str) -> str:
    Range.parse(text)
    return text


Slug = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9]*(-[a-z0-9]+)*$", max_length=64)]
VersionText = Annotated[str, AfterValidator(_version)]
RangeText = Annotated[str, AfterValidator(_range)]


class Maturity(StrEnum):
    """How far a module is (MO-2)."""

    PLANNED = "planned"
    ALPHA = "alpha"
    BETA = "beta"
    RC = "rc"
    GA = "ga"
    DEPRECATED = "deprecated"
    RETIRED = "retired"


class Category(StrEnum):
    """Whom a module is made for."""

    STANDARD = "standard"
    CUSTOM = "custom"
    INDUSTRY = "industry"


class Author(BaseModel):
    """Who wrote a module, and how to reach them."""

    name: str = Field(min_length=1)
    contact: str = ""


class HealthCheck(BaseModel):
    """How often the module's probe runs, and how long it may take; seconds."""

    interval: int = Field(default=300, ge=30, le=3600)
    timeout: int = Field(default=30, ge=5, le=60)


class DataRetention(BaseModel):
    """How long the module's own rows are kept."""

    days: int = Field(default=365, ge=1, le=3650)
    auto_purge: bool = False
    export_before_purge: bool = True


class Translation(BaseModel):
    """A module's name and description in one more language."""

    name: str = Field(default="", max_length=80)
    description: str = Field(default="", max_length=140)


class Manifest(BaseModel):
    """A valid `module.json`. Unknown keys are kept and warned about (`unknown`)."""

    model_config = ConfigDict(extra="allow", frozen=True, str_strip_whitespace=True)

    name: str = Field(min_length=1, max_length=80)
    slug: Slug
    version: VersionText
    description: str = Field(min_length=10, max_length=140)
    min_core_version: RangeText
    entrypoint: str = Field(pattern=r"^[A-Za-z_]\w*(\.[A-Za-z_]\w*)*:register$")
    migrations: list[str]
    maturity: Maturity
    license: str = Field(pattern=r"^[A-Za-z0-9.+-]+( (AND|OR|WITH) [A-Za-z0-9.+-]+)*$")
    author: Annotated[str, StringConstraints(min_length=1)] | Author
    tags: list[str] = []
    category: Category = Category.STANDARD
    schema_file: str | None = None
    dependencies: dict[Slug, RangeText] = {}
    environment_variables: list[str] = []
    health_check: HealthCheck = HealthCheck()
    data_retention: DataRetention = DataRetention()
    translations: dict[str, Translation] = {}

    @property
    def package(self) -> str:
        """What the module's own package is called."""
        return self.slug.replace("-", "_")

    def title(self, locale: str) -> str:
        """Return the module's name in a language, in its own where it is not translated."""
        translation = self.translations.get(locale)
        return (translation.name if translation is not None else "") or self.name

    def about(self, locale: str) -> str:
        """Return what the module says it does, in a language, in its own where it is not translated."""
        translation = self.translations.get(locale)
        return (translation.description if translation is not None else "") or self.description

    @property
    def unknown(self) -> list[str]:
        """Keys that no one knows; a warning, in strict checks an error."""
        return sorted(self.model_extra or {})

    def works_with(self, hub: str) -> bool:
        """Tell whether the hub's version lies in the module's range."""
        return Version.parse(hub) in Range.parse(self.min_core_version)

    @classmethod
    def parse(cls, content: bytes, where: str) -> Self:
        """Read a manifest's JSON. Raises BadInput with every problem; `where` names the file."""
        try:
            return cls.model_validate_json(content)
        except ValidationError as error:
            raise BadInput(
                T("The manifest {where} is not valid.", where=where),
                problems=[_problem(path, problem) for path, problem in explain(error, cls)],
            ) from None

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Read the manifest of a module's folder, which must bear its slug. Raises BadInput."""
        path = folder / FILE_NAME
        where = f"{folder.name}/{FILE_NAME}"
        try:
            with path.open("rb") as file:
                content = file.read(_LARGEST + 1)
        except OSError as error:
            raise BadInput(
                T("The manifest {where} cannot be read: {reason}.", where=where, reason=error.strerror or "?")
            ) from None
        if len(content) > _LARGEST:
            raise BadInput(T("The manifest {where} is too large.", where=where))
        return cls.parse_in(folder, content)

    @classmethod
    def parse_in(cls, folder: Path, content: bytes) -> Self:
        """Read the manifest that stands in a folder, which must bear its slug. Raises BadInput."""
        manifest = cls.parse(content, f"{folder.name}/{FILE_NAME}")
        if manifest.package != folder.name.replace("-", "_"):
            raise BadInput(
                T("The module “{slug}” lies in the folder {folder}; both must be the same.",
                  slug=manifest.slug, folder=folder.name)
            )  # fmt: skip
        return manifest


def manifest_schema() -> dict[str, Any]:
    """Return the JSON Schema (draft 2020-12) of `module.json`."""
    return {"$schema": DIALECT, **Manifest.model_json_schema()}


def _problem(path: Sequence[str | int], problem: Text) -> Text:
    return T("{place}: {problem}", place=".".join(map(str, path)) or FILE_NAME, problem=problem)
