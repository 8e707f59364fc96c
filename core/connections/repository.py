"""Integrations and channels: finding them, and their settings with the secrets opened."""

from collections.abc import Mapping
from contextlib import suppress
from typing import TypeVar

from pydantic import BaseModel, ValidationError
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from core.channels.model import Channel
from core.connections.model import Integration
from core.errors import Conflict
from core.organisations.model import Organisation
from core.people.model import Confirmation, Way
from core.secrets import SealBroken, SecretBox
from core.texts import T

M = TypeVar("M", bound=BaseModel)


def secret_place(owner: Integration | Channel, field: str) -> str:
    """Return the place that a secret of this owner is sealed for."""
    return f"{owner.__tablename__}.{field}"


def seal_secrets(owner: Integration | Channel, values: Mapping[str, str], box: SecretBox) -> None:
    """Store secrets of an integration or channel, sealed; an empty value forgets one."""
    kept = {key: token for key, token in owner.secrets.items() if key not in values}
    new = {key: box.seal(value, secret_place(owner, key)) for key, value in values.items() if value}
    owner.secrets = kept | new


def open_secrets(owner: Integration | Channel, box: SecretBox) -> dict[str, str]:
    """Return the secrets of an integration or channel. Raises Conflict when the key is another one."""
    try:
        return {key: box.open(token, secret_place(owner, key)) for key, token in owner.secrets.items()}
    except SealBroken as error:
        raise Conflict(
            T(
                "The secrets of “{name}” do not open with the present key. Set CHIMERA_SECRET_KEY to the key they"
                " were sealed with, or give them anew.",
                name=owner.name,
            ),
            detail=str(error),
        ) from None


async def seal_anew(session: AsyncSession, box: SecretBox) -> None:
    """Seal with the newest key what an older one sealed, so that the older one is needed no more.

    A removed owner's secrets may be of a key that is long gone; they stay as they are. Whoever
    changes the configuration locks its organisation: with all of them locked, no other process
    saves a secret between our reading and our writing, to find yesterday's put back over it.
    """
    await session.execute(select(Organisation.id).order_by(Organisation.id).with_for_update())
    owners: list[Integration | Channel] = list(await session.scalars(select(Integration)))
    owners += await session.scalars(select(Channel))
    for owner in owners:
        with suppress(SealBroken):
            owner.secrets = {key: box.rotate(token) for key, token in owner.secrets.items()}
    apps = select(Confirmation).where(Confirmation.way == Way.APP).order_by(Confirmation.person_id).with_for_update()
    for kept in await session.scalars(apps):
        with suppress(SealBroken):
            kept.secret = box.rotate(kept.secret)


def load_settings(owner: Integration | Channel, model: type[M], box: SecretBox) -> M:
    """Return stored settings with their secrets as the module's model.

    Raises Conflict when the secrets do not open, or the module no longer takes the settings.
    """
    secrets = open_secrets(owner, box)
    try:
        return model.model_validate(owner.settings | secrets)
    except ValidationError as error:
        fields = sorted({".".join(map(str, found["loc"])) or "?" for found in error.errors(include_input=False)})
        raise Conflict(
            T("The settings of “{name}” no longer fit its module. Look at: {fields}.", name=owner.name, fields=fields),
            detail=f"{error.error_count()} problems",
        ) from None
