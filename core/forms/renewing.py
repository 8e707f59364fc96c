"""Which secret an integration or channel logs in with: the one that *Renew* asks for."""

from collections.abc import Collection
from typing import Any

from pydantic import BaseModel
from sqlalchemy import select
from sqlalchemy.orm import Session

from core.access import Actor, Permission, UseCase
from core.configuration.credentials import lacking
from core.configuration.modules import secret_fields
from core.configuration.wanted import Section
from core.configuration.writing import ENTITIES
from core.db.database import Database
from core.forms.describing import describe
from core.forms.entities import SETTINGS
from core.forms.fields import Kind, Path
from core.forms.loading import Loaded, LoadForm
from core.history.model import Version

_LOOKED_BACK = 8
"""Versions; the one before a deletion is the second newest."""


class FindSecret(UseCase):
    """Find the form field of the secret in use, empty where there is none.

    Of several that are stored it is the one that the others give way to (`replaces` of the
    settings model). Where none is stored any more, what was stored last counts; where none
    ever was, what the rest of the settings lacks. Raises NotFound, Forbidden.
    """

    permission = Permission.CONFIGURE

    def __init__(self, database: Database, load: LoadForm) -> None:
        self._database = database
        self._load = load

    async def __call__(self, actor: Actor, section: Section, entity_id: int) -> Path:
        loaded = await self._load(actor, section, entity_id)
        model = next((part.owner for part in loaded.parts if part.field.kind is Kind.SECRET), None)
        if model is None or loaded.view is None:
            return ()
        known: Collection[str] = loaded.view.secrets
        if not known:
            known = await self._database.glance(lambda session: _stored_last(session, actor, section, entity_id))
        return (SETTINGS, _in_use(model, known) or _lacked(model, loaded) or next(iter(_secrets(model))))


def _secrets(model: type[BaseModel]) -> dict[str, tuple[str, ...]]:
    """Return the secrets of a settings model, in its order, and what each stands in for."""
    return {one.name: one.replaces for one in describe(model) if one.kind is Kind.SECRET}


def _in_use(model: type[BaseModel], known: Collection[str]) -> str | None:
    stored = {name: replaced for name, replaced in _secrets(model).items() if name in known}
    idle = {name for replaced in stored.values() for name in replaced}
    return next((name for name in stored if name not in idle), None)


def _lacked(model: type[BaseModel], loaded: Loaded) -> str | None:
    settings: dict[str, Any] = loaded.start.get(SETTINGS, {})
    found = lacking(model, settings, secret_fields(model))
    return found[0][0] if found is not None and found[0] else None


def _stored_last(session: Session, actor: Actor, section: Section, entity_id: int) -> list[str]:
    """Return the secrets that the newest version with any had; versions keep their names only."""
    found = session.scalars(
        select(Version.document)
        .where(
            Version.organisation_id == actor.organisation_id,
            Version.entity == ENTITIES[section],
            Version.entity_id == entity_id,
        )
        .order_by(Version.number.desc())
        .limit(_LOOKED_BACK)
    )
    return next((list(document["secrets"]) for document in found if document.get("secrets")), [])
