"""What the configuration has to know of modules; the registry of integrations satisfies it."""

from collections.abc import Collection
from types import NoneType, UnionType
from typing import Annotated, Any, Protocol, Union, get_args, get_origin

from pydantic import BaseModel, SecretBytes, SecretStr

from core.errors import BadInput
from core.texts import T, Text

SOURCE = "discount_source"
TARGET = "discount_target"
CHANNEL = "channel"


class ModuleSettings(Protocol):
    """Modules by name: integrations (sources, targets) and channels alike."""

    def trouble(self, name: str) -> Text | None:
        """Return why a module that is there cannot be used; None if it can, and of one that is not there."""
        ...

    def names(self) -> Collection[str]:
        """Return the names of the modules that may be used."""
        ...

    def settings_model(self, name: str) -> type[BaseModel]:
        """Return a module's settings model; secrets are its `SecretStr` fields. BadInput if it is broken."""
        ...

    def capabilities(self, name: str) -> frozenset[str]:
        """Return what a module can do: `discount_source`, `discount_target`, `channel`. BadInput if broken."""
        ...


def usable_modules(modules: ModuleSettings, *, channels: bool) -> list[str]:
    """Return the modules for channels, or those for integrations; broken ones are left out."""
    return sorted(name for name in modules.names() if _is_channel(modules, name) is channels)


def unusable(modules: ModuleSettings, name: str) -> Text | None:
    """Return why a module cannot be used: not approved, changed, broken, gone. None if it can."""
    if (trouble := modules.trouble(name)) is not None or name in modules.names():
        return trouble
    return T("There is no module “{name}” on the server any more.", name=name)


def _is_channel(modules: ModuleSettings, name: str) -> bool | None:
    try:
        return CHANNEL in modules.capabilities(name)
    except BadInput:
        return None


def secret_fields(model: type[BaseModel]) -> frozenset[str]:
    """Return the names of the secrets among a model's fields (secrets do not nest)."""
    return frozenset(name for name, field in model.model_fields.items() if _bare(field.annotation) is SecretStr)


def misplaced_secrets(model: type[BaseModel]) -> list[str]:
    """Return the fields that hide secrets inside of them, where none would be sealed or masked."""
    fields = model.model_fields.items()
    return [name for name, one in fields if _bare(one.annotation) is not SecretStr and _hides(one.annotation, set())]


def _hides(annotation: Any, seen: set[Any]) -> bool:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        if annotation in seen:
            return False
        seen.add(annotation)
        return any(_hides(field.annotation, seen) for field in annotation.model_fields.values())
    return annotation in (SecretStr, SecretBytes) or any(_hides(part, seen) for part in get_args(annotation))


def _bare(annotation: Any) -> Any:
    parts = [part for part in get_args(annotation) if part is not NoneType]
    return _bare(parts[0]) if parts and get_origin(annotation) in (Annotated, Union, UnionType) else annotation
