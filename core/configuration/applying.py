"""Makes the configuration as a document says (X-13), all of it or nothing."""

import asyncio

from sqlalchemy.exc import IntegrityError

from core.access import Actor, Permission, UseCase
from core.clock import Clock
from core.configuration.deciding import decide
from core.configuration.modules import ModuleSettings
from core.configuration.plan import Plan, make_plan
from core.configuration.reading import CheckSchedule, read_document
from core.configuration.stored import load_stored
from core.configuration.writing import Writer
from core.db.database import Database
from core.errors import Conflict
from core.history.recorder import Recorder
from core.secrets import SecretBox
from core.texts import T


class ApplyDocument(UseCase):
    """Apply a configuration document, or only say what that would do.

    What the document leaves out is kept: sections, entries, fields, secrets. With `prune`,
    entries that a given section leaves out are removed. Raises BadInput with every problem,
    each with its line; then nothing was changed.
    """

    permission = Permission.CONFIGURE_ACCESS

    def __init__(
        self,
        database: Database,
        clock: Clock,
        recorder: Recorder,
        box: SecretBox,
        modules: ModuleSettings,
        check_schedule: CheckSchedule,
    ) -> None:
        self._database = database
        self._clock = clock
        self._recorder = recorder
        self._box = box
        self._modules = modules
        self._check_schedule = check_schedule

    async def __call__(self, actor: Actor, text: str | bytes, *, dry_run: bool = False, prune: bool = False) -> Plan:
        draft = await asyncio.to_thread(read_document, text, self._check_schedule)
        if dry_run:
            async with self._database.reading() as session:
                stored = await load_stored(session, actor.organisation_id)
                return make_plan(decide(draft, stored, actor, self._modules, self._box, prune=prune), prune=prune)
        try:
            async with self._database.writing() as session:
                stored = await load_stored(session, actor.organisation_id, lock=True)
                decision = decide(draft, stored, actor, self._modules, self._box, prune=prune)
                plan = make_plan(decision, prune=prune)
                writer = Writer(session, actor, self._clock, self._recorder, self._box)
                await writer.write(decision, stored, prune=prune)
        except IntegrityError:
            raise Conflict(T("Somebody changed the configuration at the same moment. Apply it again.")) from None
        return plan
