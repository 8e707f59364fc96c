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

_TAKEN = "-"


class StoreChange(StrEnum):
    """What can be done to many stores."""

    ACTIVATE = "activate"
    DEACTIVATE = "deactivate"
    TAG = "tag"
    CUT_OVER = "cut_over"
    NOT_CUT_OVER = "not_cut_over"


class ChangeStores(UseCase):
    """Activate, deactivate or tag stores, or switch who sends to them: all of them or none.

    A minus before a tag takes it from them. What is so already stays untouched.
    """

    permission = Permission.CONFIGURE

    def __init__(self, database: Database, editor: Editor) -> None:
        self._database = database
        self._editor = editor

    async def __call__(
        self, actor: Actor, store_ids: Sequence[int], change: StoreChange, tags: Sequence[str] = ()
    ) -> list[Edited]:
        if not store_ids:
            raise BadInput(T("No store is chosen. Choose at least one."))
        if change is StoreChange.TAG and not (tags and all(tag.removeprefix(_TAKEN).strip() for tag in tags)):
            raise BadInput(T("The tag is missing. Type it."))
        async with self._database.writing() as session:
            stored = await load_stored(session, actor.organisation_id, lock=True)
            rows = live_rows(stored, Section.STORES)
            chosen = [seen(actor, find_row(rows, store_id)) for store_id in dict.fromkeys(store_ids)]
            edits = [Edit(row, _changed(row, change, tags)) for row in chosen]
            edited = await self._editor.edit(session, actor, stored, Section.STORES, edits)
            return [one for one in edited if one.changes]


def _changed(row: Row, change: StoreChange, tags: Sequence[str]) -> Fields:
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
            return {"tags": _retagged(getattr(row, "tags", []), tags)}


def _retagged(before: Sequence[str], tags: Sequence[str]) -> list[str]:
    taken = [tag.removeprefix(_TAKEN).strip() for tag in tags if tag.startswith(_TAKEN)]
    given = [tag.strip() for tag in tags if not tag.startswith(_TAKEN)]
    return list(dict.fromkeys([*(tag for tag in before if tag not in taken), *given]))


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
