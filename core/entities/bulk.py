"""One change for many stores at once (CH-1)."""

from collections.abc import Sequence
from enum import StrEnum

from core.access import Actor, Permission, UseCase
from core.configuration.editing import Edit, Edited, Editor, find_row, live_rows
from core.configuration.stored import Fields, load_stored
from core.configuration.wanted import Row, Section
from core.db.database import Database
from core.entities.reaching import seen
from core.errors import BadInput
from core.texts import T


class StoreChange(StrEnum):
    """What can be done to many stores."""

    ACTIVATE = "activate"
    DEACTIVATE = "deactivate"
    TAG = "tag"
    UNTAG = "untag"


class ChangeStores(UseCase):
    """Activate, deactivate, tag or untag stores, all of them or none. What is so already stays untouched."""

    permission = Permission.CONFIGURE

    def __init__(self, database: Database, editor: Editor) -> None:
        self._database = database
        self._editor = editor

    async def __call__(
        self, actor: Actor, store_ids: Sequence[int], change: StoreChange, tag: str = ""
    ) -> list[Edited]:
        if not store_ids:
            raise BadInput(T("No store is chosen. Choose at least one."))
        if change in (StoreChange.TAG, StoreChange.UNTAG) and not tag.strip():
            raise BadInput(T("The tag is missing. Type it."))
        async with self._database.writing() as session:
            stored = await load_stored(session, actor.organisation_id, lock=True)
            rows = live_rows(stored, Section.STORES)
            chosen = [seen(actor, find_row(rows, store_id)) for store_id in dict.fromkeys(store_ids)]
            edits = [Edit(row, _changed(row, change, tag.strip())) for row in chosen]
            edited = await self._editor.edit(session, actor, stored, Section.STORES, edits)
            return [one for one in edited if one.changes]


def _changed(row: Row, change: StoreChange, tag: str) -> Fields:
    tags: list[str] = getattr(row, "tags", [])
    match change:
        case StoreChange.ACTIVATE:
            return {"active": True}
        case StoreChange.DEACTIVATE:
            return {"active": False}
        case StoreChange.TAG:
            return {"tags": [*tags, tag] if tag not in tags else tags}
        case StoreChange.UNTAG:
            return {"tags": [one for one in tags if one != tag]}
