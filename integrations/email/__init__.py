"""E-mail as a channel (CH-14): a notice becomes a mail to a list of people."""

import asyncio
from datetime import timedelta
from typing import ClassVar

from core.errors import Refused
from core.texts import T, Text
from integrations.contract import Capability, Module, ModuleContext, Notice, Probe, SettingsModel
from integrations.email.delivery import session
from integrations.email.letter import write
from integrations.email.settings import EmailSettings


class EmailConnection:
    """Opens a session with the server for each mail (`integrations.contract.Notifier`)."""

    def __init__(self, settings: EmailSettings) -> None:
        self._settings = settings

    async def probe(self) -> Probe:
        """Connect and log in; no mail is sent."""
        loop = asyncio.get_running_loop()
        start = loop.time()
        async with session(self._settings) as client:
            await client.noop()
        return Probe(f"{self._settings.host}:{self._settings.port}", timedelta(seconds=loop.time() - start))

    async def notify(self, notice: Notice) -> Text:
        """Send the notice to all recipients; see the contract for errors."""
        mail = write(notice, self._settings)
        async with session(self._settings) as client:
            refused, _ = await client.send_message(
                mail, sender=self._settings.sender, recipients=self._settings.recipients
            )
        if refused:
            raise Refused(T("The mail has left, but not for {names}. Check these addresses.", names=sorted(refused)))
        return T("{host} took the mail for {names}.", host=self._settings.host, names=self._settings.recipients)

    async def close(self) -> None:
        return


class EmailModule:
    """Kept by the registry under `email`."""

    name: ClassVar[str] = "email"
    capabilities: ClassVar[frozenset[Capability]] = frozenset({Capability.CHANNEL})
    Settings: ClassVar[type[SettingsModel]] = EmailSettings

    def connect(
        self,
        settings: SettingsModel,
        context: ModuleContext,  # noqa: ARG002 - part of the contract
    ) -> EmailConnection:
        """Bind server and recipients."""
        if not isinstance(settings, EmailSettings):
            raise TypeError(type(settings).__name__)
        return EmailConnection(settings)


def register() -> Module:
    """Return the module (entry point of `module.json`)."""
    return EmailModule()
