"""Reading a store's catalogue to its proven end (`rules.md` 1.1, `rp.md` 3.1 and 3.2)."""

import asyncio
from collections.abc import AsyncIterator
from urllib.parse import quote

from core.errors import ScanIncomplete, UnreadableAnswer
from core.helper.process import Helper
from core.texts import T
from integrations.answer import Answer
from integrations.contract import ScanPage, StoreRef
from integrations.rp.client import RpClient
from integrations.rp.decide import Page, Plan
from integrations.rp.desk import PageDesk
from integrations.rp.seats import Seat, Seats
from integrations.rp.settings import RpSettings

MAX_PAGES = 2000
END_REPEATS = 1
EMPTY_START_REPEATS = 2
EMPTY_START_FACTOR = 3
"""An empty first page is asked for again after this many times the pause before the end."""


class Scanner:
    """Scans stores with one integration's settings; as many at once as there are seats."""

    def __init__(self, client: RpClient, settings: RpSettings, helper: Helper | None) -> None:
        self._client = client
        self._settings = settings
        self._desk = PageDesk(Plan.of(settings), helper)
        self._seats = Seats(settings.max_parallel_scans)
        self._page_pause = settings.page_pause_ms / 1000
        self._confirm_pause = settings.confirm_delay_ms / 1000

    async def pages(self, store: StoreRef) -> AsyncIterator[ScanPage]:
        """Yield page after page, and end normally only when the end was proven.

        Between two pages the cursor must advance. Raises ScanIncomplete where it does not,
        and what a call raises.
        """
        cursor = 0
        async with self._seats.seat() as seat:
            for number in range(1, MAX_PAGES + 1):
                page, size = await self._next(store, cursor, number, seat)
                if not page.read:
                    return
                if page.last <= cursor:
                    raise _stuck(number)
                yield ScanPage(page.candidates, page.rejects, page.read, size, page.ascending)
                cursor = page.last
                if self._page_pause:
                    await asyncio.sleep(self._page_pause)
        raise ScanIncomplete(
            T("The ERP's list did not end within {n} pages. Raise the page size or check the ERP.", n=MAX_PAGES)
        )

    async def _next(self, store: StoreRef, cursor: int, number: int, seat: Seat) -> tuple[Page, int]:
        """Return the page after `cursor` and its bytes; an empty one only when it stays empty.

        Under load the ERP gives false empty answers, above all for the first page.
        """
        found = await self._read(store, cursor, number)
        repeats, pause = (
            (END_REPEATS, self._confirm_pause)
            if cursor
            else (EMPTY_START_REPEATS, self._confirm_pause * EMPTY_START_FACTOR)
        )
        while repeats and not found[0].read:
            await seat.pause(pause)
            found = await self._read(store, cursor, number)
            repeats -= 1
        return found

    async def _read(self, store: StoreRef, cursor: int, number: int) -> tuple[Page, int]:
        async def read(answer: Answer) -> tuple[Page, int]:
            return await self._desk.read(answer, cursor), len(answer.body)

        try:
            return await self._client.call(list_path(self._settings, cursor, store.unit), self._params(), read)
        except UnreadableAnswer as error:
            raise ScanIncomplete(
                T("Page {number} of the catalogue is missing. {reason}", number=number, reason=error.text),
                detail=error.detail,
            ) from error

    def _params(self) -> dict[str, str | int]:
        return list_params(self._settings, self._settings.page_size)


def list_path(settings: RpSettings, cursor: int, unit: str) -> str:
    """Return the address of the page after `cursor` (`rp.md` 3)."""
    detail = "/detalhado" if settings.detail else ""
    unit = quote(unit, safe="")
    return f"/{settings.api_version}/produtounidade/listaprodutos/{cursor}/unidade/{unit}{detail}"


def list_params(settings: RpSettings, size: int) -> dict[str, str | int]:
    """Return the query for a page of at most `size` products."""
    only_second: dict[str, str | int] = {"somentePreco2": "true"} if settings.only_second_price else {}
    return {"limit": size, **only_second}


def _stuck(number: int) -> ScanIncomplete:
    return ScanIncomplete(
        T(
            "The ERP gave page {page} twice: its cursor does not advance, so the rest of the catalogue "
            "is unknown. Nothing was taken over.",
            page=number - 1,
        )
    )
