"""Keeps the products findable by name: looks for new snapshots beside everything else (CH-15)."""

import asyncio

import structlog

from core.db.database import StorageFailed
from core.lookup.indexing import ProductIndex

POLL_SECONDS = 3.0

log = structlog.get_logger(__name__)


class ProductWatch:
    """Takes new snapshots over into the list of known products, a few seconds after they came."""

    def __init__(self, index: ProductIndex) -> None:
        self._index = index

    async def run(self) -> None:
        """Look for ever; a database that refuses for a moment is asked again."""
        while True:
            try:
                if taken := await self._index.refresh():
                    log.info("products known", new=taken)
            except StorageFailed as error:
                log.warning("product index failed", error=str(error))
            await asyncio.sleep(POLL_SECONDS)
