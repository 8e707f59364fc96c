"""Quiet hours: what can wait is gathered, and comes as one message when they are over (CH-14)."""

from collections.abc import Sequence
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from core.executions.states import Event
from core.ids import new_id
from core.notices.chats import NOTICE, ChatRef
from core.organisations.model import Organisation
from core.outbox.model import Message
from core.texts import T, Text

CANNOT_WAIT = frozenset({Event.HELD, Event.NOT_LIVE_BEFORE_OPENING, Event.NEEDS_CREDENTIALS})
_CAUSES = "causes"
_LINES = 6


def quiet_until(hours: str | None, zone: ZoneInfo, now: datetime) -> datetime | None:
    """Return when the quiet hours end that it is in; None outside of them. They may span midnight."""
    if hours is None:
        return None
    begins, ends = map(time.fromisoformat, hours.split("-"))
    local = now.astimezone(zone)
    clock = local.time().replace(tzinfo=None)
    inside = begins <= clock < ends if begins < ends else clock >= begins or clock < ends
    if not inside:
        return None
    day = local.date() + timedelta(days=1 if clock >= ends else 0)
    return datetime.combine(day, ends, zone)


async def gather(
    session: AsyncSession,
    organisation: Organisation,
    chat: ChatRef,
    lines: Sequence[Text],
    *,
    cause: str,
    now: datetime,
    until: datetime,
) -> None:
    """Put a notice into the message that this chat or channel gets at the end, once for its `cause`."""
    key = f"quiet:{chat.chat_id}:{chat.thread_id}:{chat.channel_id}:{until.isoformat()}"
    message = await session.scalar(select(Message).where(Message.dedupe_key == key))
    title = T("🌙 While it was quiet, until {at}:", at=until)
    if message is None:
        message = Message(
            organisation_id=organisation.id,
            chat_id=chat.chat_id,
            thread_id=chat.thread_id,
            priority=NOTICE,
            body={
                "lines": [title.to_json()],
                "locale": chat.locale,
                "event": Event.DIGEST.value,
                "notice": new_id(),
                _CAUSES: [],
            },
            dedupe_key=key,
            created_at=now,
            channel_id=chat.channel_id,
            not_before=until,
        )
        session.add(message)
    body: dict[str, Any] = message.body
    if cause in body[_CAUSES]:
        return
    head, *rest = lines
    told = [T("{at} {notice}", at=now, notice=head), *rest[:_LINES]]
    more = len(rest) - _LINES
    told += [T("… and {n} more", n=more)] if more > 0 else []
    message.body = {
        **body,
        "lines": [*body["lines"], *(line.to_json() for line in told)],
        _CAUSES: [*body[_CAUSES], cause],
    }
