"""Of a code that an ERP lists more than once the last word counts, wherever it comes."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from decimal import Decimal
from typing import cast

import pytest

from core.catalogue.lines import Candidate, Reject
from core.clock import ManualClock
from integrations.contract import DiscountSource, ScanPage, StoreRef
from jobs.fetching import scan

NOW = datetime(2026, 11, 23, 8, tzinfo=UTC)


class Listed:
    """A source that gives the pages it was told."""

    def __init__(self, *pages: ScanPage) -> None:
        self._pages = pages

    async def scan(self, store: StoreRef) -> AsyncIterator[ScanPage]:
        for page in self._pages:
            yield page


async def _go_on() -> None:
    """Stop nothing."""


def page(*candidates: Candidate, rejected: list[int | str] | None = None, fresh: bool = False) -> ScanPage:
    rejects = {Reject.BLOCKED: rejected} if rejected else {}
    return ScanPage(list(candidates), rejects, len(candidates) + len(rejected or ()), 1, fresh)


def priced(code: int, final: str) -> Candidate:
    return Candidate(str(code), "CAFE", "", Decimal("18.90"), Decimal(final))


@pytest.mark.parametrize(
    ("pages", "finals"),
    [
        ([page(priced(1, "9.00"), fresh=True), page(priced(2, "8.00"), fresh=True)], {"1": "9.00", "2": "8.00"}),
        ([page(priced(1, "9.00"), fresh=True), page(priced(1, "7.00"))], {"1": "7.00"}),
        ([page(priced(1, "9.00"), priced(1, "7.00"))], {"1": "7.00"}),
        ([page(priced(1, "9.00"), priced(2, "8.00"), fresh=True), page(rejected=[1])], {"2": "8.00"}),
        ([page(rejected=["1"]), page(priced(1, "9.00"))], {"1": "9.00"}),
        ([page(priced(1, "9.00")), page(rejected=[1]), page(priced(1, "7.00"))], {"1": "7.00"}),
    ],
    ids=["none repeated", "later page", "same page", "rejected later", "rejected before", "to and fro"],
)
async def test_the_last_word_counts(pages: list[ScanPage], finals: dict[str, str]) -> None:
    source = cast("DiscountSource", Listed(*pages))

    found = await scan(source, cast("StoreRef", None), ManualClock(NOW), _go_on)

    assert [(one.code, str(one.final)) for one in found.candidates] == list(finals.items())
    assert found.products_read == sum(page.read for page in pages)
