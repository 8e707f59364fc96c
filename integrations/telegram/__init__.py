"""The channel of CH-14 that everyone has: a Telegram chat.

Messages to it go through the outbox and the hub's own bot, so there is nothing to call here.
"""

from datetime import timedelta
from typing import ClassVar, cast

from core.texts import T
from integrations.contract import Capability, Module, ModuleContext, Probe, SettingsModel
from integrations.telegram.settings import TelegramSettings


class TelegramConnection:
    """Names the chat; the outbox delivers."""

    def __init__(self, settings: TelegramSettings) -> None:
        self.settings = settings

    async def probe(self) -> Probe:
        """Say where messages will go; whether they arrive is seen by sending one."""
        note = T("Send a test message to see whether the bot may write there.")
        return Probe(reached=str(self.settings.chat_id), took=timedelta(), notes=[note])

    async def close(self) -> None:
        return


class TelegramModule:
    """Kept by the registry under `telegram`."""

    name: ClassVar[str] = "telegram"
    capabilities: ClassVar[frozenset[Capability]] = frozenset({Capability.CHANNEL})
    Settings: ClassVar[type[SettingsModel]] = TelegramSettings

    def connect(
        self,
        settings: SettingsModel,
        context: ModuleContext,  # noqa: ARG002 - part of the contract
    ) -> TelegramConnection:
        """Bind the chat."""
        return TelegramConnection(cast("TelegramSettings", settings))


def register() -> Module:
    """Return the module (entry point of `module.json`)."""
    return TelegramModule()
