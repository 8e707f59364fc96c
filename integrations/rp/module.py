"""The RP services API, an ERP's: a discount source (`protocols/rp.md`)."""

from typing import ClassVar

from integrations.contract import Capability, Module, ModuleContext, SettingsModel
from integrations.rp.connection import RpConnection
from integrations.rp.settings import RpSettings


class Rp:
    """The module as `register` hands it out."""

    name: ClassVar[str] = "rp"
    capabilities: ClassVar[frozenset[Capability]] = frozenset({Capability.SOURCE})
    Settings: ClassVar[type[SettingsModel]] = RpSettings

    def connect(self, settings: SettingsModel, context: ModuleContext) -> RpConnection:
        """Bind settings to a connection without calling out."""
        if not isinstance(settings, RpSettings):
            raise TypeError(type(settings).__name__)
        return RpConnection(settings, context)


def register() -> Module:
    """Return the module (entry point of `module.json`)."""
    return Rp()
