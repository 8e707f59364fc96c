"""CresceVendas, a loyalty platform: a discount target (`protocols/crescevendas.md`)."""

from typing import ClassVar

from integrations.contract import Capability, Module, ModuleContext, SettingsModel
from integrations.crescevendas.connection import CresceVendasConnection
from integrations.crescevendas.settings import CresceVendasSettings


class CresceVendas:
    """The module as `register` hands it out."""

    name: ClassVar[str] = "crescevendas"
    capabilities: ClassVar[frozenset[Capability]] = frozenset({Capability.TARGET})
    Settings: ClassVar[type[SettingsModel]] = CresceVendasSettings

    def connect(self, settings: SettingsModel, context: ModuleContext) -> CresceVendasConnection:
        """Bind settings to a connection without calling out."""
        if not isinstance(settings, CresceVendasSettings):
            raise TypeError(type(settings).__name__)
        return CresceVendasConnection(settings, context)


def register() -> Module:
    """Return the module (entry point of `module.json`)."""
    return CresceVendas()
