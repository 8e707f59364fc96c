"""Who reads a clean answer: the helper process when it is large and there is one, else this process."""

from collections.abc import Mapping
from zoneinfo import ZoneInfo

from core.catalogue.told import Told
from core.helper.process import WORTH_IT, Helper, HelperFailed
from integrations.crescevendas.errand import TASK, Order, decode_found, encode
from integrations.crescevendas.fast import FastReader
from integrations.crescevendas.tolerant import Page


class Desk:
    """Has answers under one set of field names read, as `FastReader` does."""

    def __init__(self, names: Mapping[str, str], helper: Helper | None) -> None:
        self._names = tuple(names.items())
        self._helper = helper
        self._fast = FastReader(names)

    async def read(self, body: bytes, zone: ZoneInfo, registration: str) -> Page | None:
        """Return the page of a clean answer, None when it must be read the tolerant way."""
        if self._helper is None or len(body) < WORTH_IT:
            return self._fast.read(body, zone, registration)
        order = encode(Order(self._names, zone.key, registration))
        try:
            found = decode_found(await self._helper.work(TASK, order, body))
        except HelperFailed:
            return self._fast.read(body, zone, registration)
        return Page(Told(bytes(found.lines), found.count, found.digest, (found.starts, found.ends)), found.count)
