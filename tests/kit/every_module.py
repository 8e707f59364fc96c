"""A module from outside in the registry: settings of every kind, and a connection that says what it got."""

from datetime import timedelta
from typing import Any, ClassVar, cast

from core.configuration.modules import SOURCE
from core.errors import CredentialsRefused, Unreachable
from core.texts import T
from integrations.contract import Capability, Connection, Module, ModuleContext, Probe, SettingsModel
from integrations.registry import Registry
from tests.kit.every_kind import EveryKind

WRONG_TOKEN = "wrong-token-0000"


class EveryConnection:
    """Answers by what the settings hold."""

    def __init__(self, settings: EveryKind) -> None:
        self.settings = settings

    async def probe(self) -> Probe:
        if self.settings.title == "crash":
            raise ZeroDivisionError
        if self.settings.title == "away":
            raise Unreachable(T("Nobody answers there."))
        if self.settings.token.get_secret_value() == WRONG_TOKEN:
            raise CredentialsRefused(T("The login was refused."))
        return Probe(reached=self.settings.title, took=timedelta(milliseconds=7))

    async def close(self) -> None:
        return


class EveryModule:
    """Registered as `every`."""

    name: ClassVar[str] = "every"
    capabilities: ClassVar[frozenset[Capability]] = frozenset({Capability(SOURCE)})
    Settings: ClassVar[type[SettingsModel]] = cast("type[SettingsModel]", EveryKind)

    def connect(self, settings: SettingsModel, context: ModuleContext) -> Connection:
        del context
        kept = cast("EveryKind", settings)
        if kept.title == "crash early":
            raise ZeroDivisionError
        return EveryConnection(kept)


class KitRegistry(Registry):
    """The built-in modules and the one of every kind."""

    def names(self) -> list[str]:
        return sorted([*super().names(), EveryModule.name])

    def module(self, name: str) -> Module:
        return EveryModule() if name == EveryModule.name else super().module(name)


def kit_registry() -> Registry:
    builtin: Any = Registry.builtin()
    return KitRegistry(builtin)
