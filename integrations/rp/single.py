"""One product, asked for by a person (`rp.md` 3 and 6)."""

import asyncio
from typing import Any
from urllib.parse import quote as quoted

from core.errors import UnreadableAnswer
from core.lookup.quote import Quote
from core.texts import T
from integrations.answer import Answer
from integrations.contract import StoreRef
from integrations.rp import answers, fields
from integrations.rp.client import RpClient
from integrations.rp.decide import Plan, quote
from integrations.rp.scan import list_path
from integrations.rp.settings import RpSettings

_CODE = fields.fold(fields.CODE)
_FIRST = {"limit": 1}
"""Without the filter for second prices: a product that has none is an answer, too."""


class SingleReader:
    """Asks by code through the list of the store, which every build has, else by EAN."""

    def __init__(self, client: RpClient, settings: RpSettings) -> None:
        self._client = client
        self._settings = settings
        self._plan = Plan.of(settings)
        self._confirm_pause = settings.confirm_delay_ms / 1000

    async def read(self, store: StoreRef, *, code: str, ean: str) -> Quote | None:
        """Return what the ERP says now, or None when it has no such product in the store."""
        return await self._by_code(store, int(code)) if code else await self._by_ean(store, ean)

    async def _by_code(self, store: StoreRef, code: int) -> Quote | None:
        """Look at what follows the code before. An empty list is asked for twice, as false ones occur."""
        path = list_path(self._settings, code - 1, store.unit)
        items = await self._client.call(path, _FIRST, _items)
        if not items:
            await asyncio.sleep(self._confirm_pause)
            items = await self._client.call(path, _FIRST, _items)
        return next((found for item in items if (found := self._quote(item)).code == str(code)), None)

    async def _by_ean(self, store: StoreRef, ean: str) -> Quote | None:
        unit = quoted(store.unit, safe="")
        path = f"/{self._settings.api_version}/produtounidade/{ean}/unidade/{unit}/detalhado/consultarcodigobarras"
        items = await self._client.call(path, {}, _items_or_none)
        return self._quote(items[0]) if items else None

    def _quote(self, item: dict[str, Any]) -> Quote:
        product = fields.pick(item, self._plan.wanted)
        code = fields.read_code(product.get(_CODE))
        if code is None:
            raise UnreadableAnswer(T("The ERP's answer about this product has no usable code."))
        return quote(product, str(code), self._plan)


async def _items(answer: Answer) -> list[dict[str, Any]]:
    return answers.items(answers.accept(answer))


async def _items_or_none(answer: Answer) -> list[dict[str, Any]]:
    """Return the product, or nothing when the ERP says that the store does not have it."""
    try:
        return await _items(answer)
    except answers.ProductUnknown:
        return []
