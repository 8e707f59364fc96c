"""One change for many stores at once (CH-1)."""

from collections.abc import Sequence
from enum import StrEnum

from core.access import Actor, Permission, UseCase
from core.clock import Clock
from core.configuration.editing import Edit, Edited, Editor, find_row, live_rows
from core.configuration.stored import Fields, load_stored
from core.configuration.wanted import Row, Section
from core.db.database import Database
from core.entities.reaching import seen
from core.entities.removing import say_live
from core.errors import BadInput
from core.stores.cutover import sent_by_others
from core.stores.viewing import live_lists
from core.texts import T, Text


class StoreChange(StrEnum):
    """What can be done to many stores."""

    ACTIVATE = "activate"
    DEACTIVATE = "deactivate"
    TAG = "tag"
    UNTAG = "untag"
    CUT_OVER = "cut_over"
    NOT_CUT_OVER = "not_cut_over"


class ChangeStores(UseCase):
    """Activate, deactivate, tag, untag stores, or switch who sends to them: all of them or none.

    What is so already stays untouched.
    """

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
        case StoreChange.CUT_OVER:
            return {"cut_over": True}
        case StoreChange.NOT_CUT_OVER:
            return {"cut_over": False}
        case StoreChange.TAG:
            return {"tags": [*tags, tag] if tag not in tags else tags}
        case StoreChange.UNTAG:
            return {"tags": [one for one in tags if one != tag]}


class ForetellSender(UseCase):
    """Say in numbers who sends to stores now and what is live, for the question before that changes."""

    permission = Permission.CONFIGURE

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def __call__(self, actor: Actor, store_ids: Sequence[int]) -> list[Text]:
        async with self._database.reading() as session:
            rows = live_rows(await load_stored(session, actor.organisation_id), Section.STORES)
            for store_id in store_ids:
                seen(actor, find_row(rows, store_id))
            others = len(await sent_by_others(session, store_ids))
            live = await session.run_sync(live_lists, store_ids, self._clock.now())
        ours = len(store_ids) - others
        return [_senders(ours, others), say_live(live.values())]


def _senders(ours: int, others: int) -> Text:
    if not others:
        return T("Now Chimera sends.")
    if not ours:
        return T("Now the old system sends.")
    return T("Now Chimera sends to {ours} of them, the old system to {others}.", ours=ours, others=others)
