"""The configuration on its way out, as a file in a message of its own."""

from core.clock import Clock, local_date
from core.configuration.exporting import ExportDocument
from core.outbox.content import Attachment, Draft
from core.texts import T
from handlers.talk import Talk


async def exported(talk: Talk, document: ExportDocument, clock: Clock) -> Draft:
    """Return the message that brings it, in private only: it names people."""
    if not talk.private:
        return Draft([T("Others read along here. Send /export in our private chat.")], reply_to=talk.reply_to)
    text: str = await document(talk.actor)
    day = local_date(clock.now(), talk.zone)
    lines = [
        T("📤 The whole configuration of {day}. Secrets are left out.", day=day),
        T("Send the file back to me, changed or not: I show what it would do before anything is saved."),
    ]
    return Draft(lines, file=Attachment(f"chimera-{day.isoformat()}.yaml", text.encode()))
