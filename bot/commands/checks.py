"""`probe` and `doctor`: what is reachable, and what is wrong before it hurts."""

from collections.abc import Awaitable, Callable
from functools import partial

from sqlalchemy import select

from bot.commands.headless import actor_of, translator
from bot.commands.printing import printer
from bot.environment import Environment, read_environment
from bot.opening import House, open_house
from bot.token import TokenState, check_token
from core.configuration.wanted import Section
from core.db.database import Database
from core.entities.viewing import ListEntities
from core.errors import ChimeraError, TokenRefused, Unreachable
from core.texts import T, Text
from integrations.contract import Probe
from jobs.connections import Connections

_OK, _BAD = "✅", "❌"


async def probe_integration(environment: Environment, name: str) -> int:
    """Reach an integration and print what its real answers look like."""
    async with open_house(environment, beside=True, log_level="WARNING") as house:
        connections = await house.container.get(Connections)
        say = translator(house)
        show = printer()
        found = await connections.probe(house.organisation.id, name)
        show(f"{_OK} {name}: {say(answered(found))}")
        for line in found.notes:
            show(say(line))
        for key, kind in sorted(found.shapes.items()):
            show(f"  {key}: {kind}")
        return 0


def answered(found: Probe) -> Text:
    """Say what a connection test reached, and how fast."""
    return T("{where} answered in {took}.", where=found.reached, took=found.took)


async def examine() -> int:
    """Run every check and print a line each. 0: all good, 1: something is wrong, 2: cannot start."""
    show = printer()
    environment = read_environment()
    async with open_house(environment, beside=True, log_level="ERROR") as house:
        say = translator(house)
        bad = 0
        for name, check in await _checks(house):
            try:
                line = f"{_OK} {say(name)}: {say(await check())}"
            except ChimeraError as error:
                bad += 1
                line = f"{_BAD} {say(name)}: {say(error.text)}"
            show(line)
        return 1 if bad else 0


async def _checks(house: House) -> list[tuple[Text, Callable[[], Awaitable[Text]]]]:
    checks: list[tuple[Text, Callable[[], Awaitable[Text]]]] = [
        (T("Data folder"), lambda: _folder(house)),
        (T("Database"), lambda: _database(house)),
        (T("Telegram"), lambda: _telegram(house.environment)),
    ]
    listed = await house.container.get(ListEntities)
    found = (await listed(actor_of(house), Section.INTEGRATIONS)).rows
    return checks + [(T("{name}", name=one.name), partial(_integration, house, one.name)) for one in found if one.on]


async def _folder(house: House) -> Text:
    folder = str(house.environment.data_dir)
    if house.owner:
        return T("The data folder {folder} is free, and its key opens the stored secrets.", folder=folder)
    return T("The data folder {folder} is in use by a running Chimera.", folder=folder)


async def _database(house: House) -> Text:
    database = await house.container.get(Database)
    async with database.reading() as session:
        await session.execute(select(1))
    return T("{kind}, up to date.", kind=database.kind)


async def _telegram(environment: Environment) -> Text:
    state, name = await check_token(environment)
    if state is TokenState.GOOD:
        return T("The token belongs to @{name}.", name=name)
    if state is TokenState.REFUSED:
        raise TokenRefused
    raise Unreachable(T("Telegram cannot be reached now. The bot would start and keep trying."))


async def _integration(house: House, name: str) -> Text:
    connections = await house.container.get(Connections)
    return answered(await connections.probe(house.organisation.id, name))
