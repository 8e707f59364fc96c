"""Catching a run at a certain call, to do something in the middle of it."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, Protocol

from tests.kit.chain import STORES_AT_ONCE, Chain, Run


class _Server(Protocol):
    before_answer: Callable[[Any], None] | None


async def run_and_do(
    chain: Chain,
    server: _Server,
    at: Callable[[Any], bool],
    do: Callable[[int], Awaitable[object]],
    at_once: int = STORES_AT_ONCE,
) -> Run:
    """Run the sync job; once a server gets a call that fits, do something with the run's number. Returns its end."""
    reached = asyncio.Event()
    server.before_answer = lambda call: reached.set() if at(call) else None
    run_id = await chain.start()
    async with asyncio.TaskGroup() as tasks:
        running = tasks.create_task(chain.run(run_id, at_once=at_once))
        await reached.wait()
        await do(run_id)
    return running.result()
