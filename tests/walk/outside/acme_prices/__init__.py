"""A module as somebody else would write it: nothing here knows of chats."""

from collections.abc import AsyncIterator
from decimal import Decimal
from http import HTTPStatus
from typing import ClassVar

import msgspec

from acme_prices.settings import AcmeSettings
from core.catalogue.lines import Candidate
from core.errors import CredentialsRefused, UnreadableAnswer
from core.texts import T
from integrations.contract import Capability, Module, ModuleContext, Probe, ScanPage, SettingsModel, StoreRef
from integrations.http import Answer, HttpPolicy


class Item(msgspec.Struct):
    """A product on the wire."""

    code: str
    name: str
    price: Decimal
    club: Decimal


class AcmeConnection:
    """One integration's line to the service."""

    default_limit = 1000

    def __init__(self, settings: AcmeSettings, context: ModuleContext) -> None:
        self._token = settings.token.get_secret_value()
        self._client = context.http(str(settings.base_url).rstrip("/"), HttpPolicy(secrets=(self._token,)))

    async def probe(self) -> Probe:
        answer = await self._ask("/prices")
        return Probe(self._client.host, answer.took, [T("{n} prices", n=len(self._items(answer)))])

    async def scan(self, store: StoreRef) -> AsyncIterator[ScanPage]:
        answer = await self._ask(f"/prices?unit={store.unit}")
        found = [Candidate(one.code, one.name, "", one.price, one.club) for one in self._items(answer)]
        yield ScanPage(found, {}, len(found), len(answer.body))

    async def close(self) -> None:
        await self._client.close()

    async def _ask(self, path: str) -> Answer:
        answer = await self._client.get(path, headers={"Authorization": f"Bearer {self._token}"})
        if answer.status == HTTPStatus.UNAUTHORIZED:
            raise CredentialsRefused(T("The login was refused."))
        return answer

    def _items(self, answer: Answer) -> list[Item]:
        try:
            return msgspec.json.decode(answer.body, type=list[Item])
        except msgspec.MsgspecError as error:
            raise UnreadableAnswer(T("The answer was not understood."), detail=str(error)) from error


class Acme:
    """What `register` hands out."""

    name: ClassVar[str] = "acme-prices"
    capabilities: ClassVar[frozenset[Capability]] = frozenset({Capability.SOURCE})
    Settings: ClassVar[type[SettingsModel]] = AcmeSettings

    def connect(self, settings: SettingsModel, context: ModuleContext) -> AcmeConnection:
        if not isinstance(settings, AcmeSettings):
            raise TypeError(type(settings).__name__)
        return AcmeConnection(settings, context)


def register() -> Module:
    return Acme()
