"""Who reads a page: the helper process when it is large and there is one, else this process.

The reader is the same in both. What it finds wrong with a page is found again here, where the
error belongs.
"""

from http import HTTPStatus

from core.helper.process import WORTH_IT, Helper, HelperFailed
from integrations.answer import Answer
from integrations.rp.decide import Page, Plan
from integrations.rp.errand import TASK, Order, decode_page, encode_order
from integrations.rp.pages import PageReader


class PageDesk:
    """Has pages of one configuration read, as `PageReader` does."""

    def __init__(self, plan: Plan, helper: Helper | None) -> None:
        self._plan = plan
        self._helper = helper
        self._reader = PageReader(plan)

    async def read(self, answer: Answer, cursor: int) -> Page:
        """Judge the page asked for after code `cursor`. Raises what `PageReader.read` raises."""
        if self._helper is None or answer.status != HTTPStatus.OK or len(answer.body) < WORTH_IT:
            return self._reader.read(answer, cursor)
        order = encode_order(Order(self._plan.club, self._plan.base, cursor))
        try:
            return decode_page(await self._helper.work(TASK, order, answer.body))
        except HelperFailed:
            return self._reader.read(answer, cursor)
