"""`forget-pin`: the way back for somebody who forgot the PIN or lost the authenticator app, the last owner too."""

from collections.abc import Sequence

import typer

from bot.commands.headless import actor_of, translator
from bot.environment import Environment
from bot.opening import open_house
from core.configuration.wanted import Section
from core.entities.viewing import Item, ListEntities
from core.errors import NotFound
from core.people.forgetting import ForgetWay
from core.texts import T


async def forget_pin(environment: Environment, who: str) -> int:
    """Void the PIN or authenticator app of somebody, named by Telegram id or name."""
    async with open_house(environment, beside=True, log_level="WARNING") as house:
        actor = actor_of(house)
        listed = await house.container.get(ListEntities)
        person = _named(who, (await listed(actor, Section.USERS)).rows)
        forget = await house.container.get(ForgetWay)
        name = await forget(actor, person.id)
        typer.echo(
            translator(house)(T("The PIN or app of {name} is void. A new one is set in the chat with /pin.", name=name))
        )
        return 0


def _named(who: str, people: Sequence[Item]) -> Item:
    found = [one for one in people if who in (str(one.fields["telegram_id"]), one.name)]
    if len(found) != 1:
        raise NotFound(T("Nobody, or more than one, is called “{name}”. Give the Telegram id.", name=who))
    return found[0]
