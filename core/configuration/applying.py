"""Makes the configuration as a document says (X-13), all of it or nothing."""

from sqlalchemy.exc import IntegrityError

from core.access import Actor, Permission, UseCase
from core.configuration.editing import Editor
from core.configuration.plan import Plan
from core.db.database import Database
from core.errors import Conflict
from core.texts import T


class ApplyDocument(UseCase):
    """Apply a configuration document, or only say what that would do.

    What the document leaves out is kept: sections, entries, fields, secrets. With `prune`,
    entries that a given section leaves out are removed. Raises BadInput with every problem,
    each with its line; then nothing was changed. `expected` is the fingerprint of the plan that
    somebody agreed to: another one is not carried out, and Conflict raised. A needed secret that is
    given nowhere is a mistake; with `unfinished`, what needs it is made switched off until it comes.
    """

    permission = Permission.CONFIGURE_ACCESS

    def __init__(self, database: Database, editor: Editor) -> None:
        self._database = database
        self._editor = editor

    async def __call__(
        self,
        actor: Actor,
        text: str | bytes,
        *,
        dry_run: bool = False,
        prune: bool = False,
        expected: str | None = None,
        unfinished: bool = False,
    ) -> Plan:
        draft = await self._editor.read(text)
        wish = {"prune": prune, "unfinished": unfinished}
        if dry_run:
            async with self._database.reading() as session:
                return await self._editor.apply(session, actor, draft, **wish, dry_run=True)
        try:
            async with self._database.writing() as session:
                plan = await self._editor.apply(session, actor, draft, **wish, dry_run=False)
                if expected not in (None, plan.fingerprint):
                    raise Conflict(
                        T("Nothing was saved: somebody changed something meanwhile. Look at the plan again.")
                    )
                return plan
        except IntegrityError:
            raise Conflict(T("Somebody changed the configuration at the same moment. Apply it again.")) from None
