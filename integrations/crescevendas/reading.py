"""Reads what is live for one store, page by page (`protocols/crescevendas.md` 3)."""

import asyncio
from collections.abc import Collection
from datetime import date, datetime, time
from http import HTTPStatus
from zoneinfo import ZoneInfo

from core.catalogue.lines import LiveLine
from core.errors import TemporarilyUnavailable
from core.helper.process import Helper
from core.windows import END_OF_DAY, Window
from integrations.contract import StoreRef
from integrations.crescevendas.answers import Judge, is_cut
from integrations.crescevendas.desk import Desk
from integrations.crescevendas.fields import Names
from integrations.crescevendas.settings import LineFields
from integrations.crescevendas.tolerant import Page, TolerantReader, UnknownShape
from integrations.http import Answer, HttpClient

PATH = "/admin/integrations/discount_stores"

_FORM = "%Y-%m-%dT%H:%M:%S"
_START_OF_DAY = time(0, 1)
_PAGE_SIZES = frozenset({20, 25, 30, 40, 50, 75, 100, 150, 200, 250, 300, 400, 500, 1000, 2000, 5000, 10_000})
"""A list of exactly such a length may be a full page, even if nothing says so."""
_MOST_PAGES = 1000
_PAUSES = (1, 4)
"""How many times the client's back-off passes before a read that met a fault is tried again."""


class LiveReader:
    """Reads the live lines of stores from one platform."""

    def __init__(
        self, client: HttpClient, headers: dict[str, str], judge: Judge, names: LineFields, helper: Helper | None
    ) -> None:
        self._client = client
        self._headers = headers
        self._judge = judge
        self._desk = Desk(names.model_dump(), helper)
        self._names = Names.accepted(names.model_dump())

    async def read(self, store: StoreRef, window: Window, zone: ZoneInfo) -> Collection[LiveLine]:
        """Return every line of the store-local day of `window`; times are written in `zone`.

        Raises UnreadableAnswer, CredentialsRefused, TemporarilyUnavailable, Unreachable, Refused.
        """
        query = day_query(store, window, zone)
        pages: list[Page] = []
        while len(pages) < _MOST_PAGES:
            page = await self._page(query, store, zone)
            if len({one.total for one in (*pages, page)} - {None}) > 1:
                raise self._judge.incomplete()
            if pages and (not page.items or any(_is_same(page, earlier) for earlier in pages)):
                if _is_short(pages):
                    raise self._judge.incomplete()
                return _joined(pages)
            pages.append(page)
            if not _may_go_on(pages):
                if not page.items and _is_short(pages):
                    raise self._judge.incomplete()
                return _joined(pages)
            query["page"] = len(pages) + 1
        raise self._judge.unreadable()

    async def _page(self, query: dict[str, str | int], store: StoreRef, zone: ZoneInfo) -> Page:
        """Return one page. A pause that is asked for inside of an answer is kept like one in its head."""
        for tries in range(1, self._client.policy.attempts + 1):
            answer = await self.ask(query)
            try:
                return await self._parse(answer, store, zone)
            except TemporarilyUnavailable as error:
                if error.retry_after is None or tries == self._client.policy.attempts:
                    raise
                self._client.rest(error.retry_after)
        raise AssertionError  # pragma: no cover - the loop ends by return or raise

    async def ask(self, query: dict[str, str | int]) -> Answer:
        """Make one read, again after a server fault or half an answer; the client repeats the other safe cases."""
        for pause in _PAUSES:
            answer = await self._client.get(PATH, params=query, headers=self._headers)
            if answer.status < HTTPStatus.INTERNAL_SERVER_ERROR and not is_cut(answer):
                return answer
            await asyncio.sleep(pause * self._client.policy.backoff)
        return await self._client.get(PATH, params=query, headers=self._headers)

    async def _parse(self, answer: Answer, store: StoreRef, zone: ZoneInfo) -> Page:
        if answer.status == HTTPStatus.OK:
            page = await self._desk.read(answer.body, zone, store.registration)
            if page is not None:
                return page
        document = self._judge.read(answer)
        try:
            return TolerantReader(self._names, zone, store.registration).read(document)
        except UnknownShape as error:
            raise self._judge.unreadable() from error


def day_query(store: StoreRef, window: Window, zone: ZoneInfo) -> dict[str, str | int]:
    """Return the parameters that ask for a store's whole day."""
    return {"store_registration": store.registration} | day_bounds(window.day, store.zone, zone)


def day_bounds(day: date, place: ZoneInfo, zone: ZoneInfo) -> dict[str, str | int]:
    """Return the parameters for the whole of a day at a place, written in `zone`."""
    starts = datetime.combine(day, _START_OF_DAY, place).astimezone(zone)
    ends = datetime.combine(day, END_OF_DAY, place).astimezone(zone)
    return {"start_date": starts.strftime(_FORM), "end_date": ends.strftime(_FORM)}


def _may_go_on(pages: list[Page]) -> bool:
    """Tell whether there may be a further page; what the answer says comes before a guess."""
    last = pages[-1]
    if last.more is False or not last.items:
        return False
    if last.total is not None:
        return last.total > sum(page.items for page in pages)
    return bool(last.more) or last.paged or last.items in _PAGE_SIZES or len(last.lines) in _PAGE_SIZES


def _is_same(page: Page, earlier: Page) -> bool:
    """Tell whether a page shows what an earlier one showed; of other stores' campaigns only their number is known."""
    return page.passed == earlier.passed and list(page.lines) == list(earlier.lines)


def _is_short(pages: list[Page]) -> bool:
    """Tell whether more was promised than came: the last page was empty, or the one after it brought nothing new."""
    last = pages[-1]
    items, lines = (sum(counts) for counts in zip(*((page.items, _lines(page)) for page in pages), strict=True))
    return bool(last.more) or (last.total is not None and last.total > max(items, lines))


def _lines(page: Page) -> int:
    return len(page.lines) + page.passed


def _joined(pages: list[Page]) -> Collection[LiveLine]:
    if len(pages) == 1:
        return pages[0].lines
    return [line for page in pages for line in page.lines]
