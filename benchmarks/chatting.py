"""The hub with its chat, which runs the sync as often as it is told to: one `sync` per line of input.

`python -m benchmarks.chatting JSON`, run by `benchmarks.taps`.
"""

import asyncio
import json
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.product import BEFORE_OPENING, Chain, Plant, all_verified, open_plant
from core.access import Role
from core.clock import SystemClock
from core.db.database import Database
from core.interpreter import settle
from core.people.model import Person
from handlers.providers import ChatProvider
from handlers.service import ChatService

OWNER = 4001


async def run(url: str, telegram: str, token: str, stores: int, lines: int) -> None:
    """Say `ready`, then after each sync `done`; end with the input."""
    chain = Chain(url=url, stores=stores)
    with TemporaryDirectory() as folder:
        async with open_plant(Path(folder), chain, SystemClock.starting_at(BEFORE_OPENING), ChatProvider()) as plant:
            await _add_owner(plant)
            chat = await ChatService.create(token, telegram, plant.container)
            async with asyncio.TaskGroup() as group:
                group.create_task(chat.run())
                settle()
                print("ready", flush=True)
                while await asyncio.to_thread(sys.stdin.readline):
                    all_verified(await plant.sync(), stores, lines)
                    print("done", flush=True)
                await chat.stop()


async def _add_owner(plant: Plant) -> None:
    database = await plant.container.get(Database)
    async with database.writing() as session:
        session.add(
            Person(
                organisation_id=plant.actor.organisation_id,
                telegram_id=OWNER,
                name="Ana",
                role=Role.OWNER.key,
                created_at=BEFORE_OPENING,
                private_chat=True,
            )
        )


if __name__ == "__main__":
    asyncio.run(run(**json.loads(sys.argv[1])))
