"""Making the files of a run without holding up anybody else."""

import asyncio
from collections.abc import AsyncIterator

from core.errors import Conflict
from core.executions.findings import StoreFindings
from core.i18n import Translator
from core.texts import T
from handlers.reports.run_report import RunReport

MOST_BYTES = 49_000_000
"""Telegram takes 50 MB from bots."""


async def make_report(stores: AsyncIterator[StoreFindings], translator: Translator) -> bytes:
    """Write the report of a run, one store after the other. Raises Conflict for one that is too large."""
    with RunReport(translator) as report:
        async for found in stores:
            await asyncio.to_thread(report.add, found)
        data = await asyncio.to_thread(report.finish)
    if len(data) > MOST_BYTES:
        raise Conflict(T("The report is larger than Telegram takes. Look at Details, store by store."))
    return data
