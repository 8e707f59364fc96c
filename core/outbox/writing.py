"""Putting messages into the outbox, with their buttons, in the transaction of what they tell."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Session

from core.chat.model import Button
from core.clock import Clock
from core.ids import new_id
from core.notices.chats import ChatRef
from core.outbox.content import Choice, Draft
from core.outbox.model import Card, Message, OutboxFile

ANSWER = 0
"""Priority of what somebody waits for; alarms (10) and notices (20) come after it."""


class Outbox:
    """Writes messages; the messenger's edge sends them later."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    async def say(
        self,
        session: AsyncSession,
        organisation_id: int | None,
        chat: ChatRef,
        draft: Draft,
        *,
        key: str,
        priority: int = ANSWER,
        extra: Mapping[str, str] | None = None,
    ) -> bool:
        """Queue a message as `put` does."""
        return await session.run_sync(self.put, organisation_id, chat, draft, key=key, priority=priority, extra=extra)

    def put(
        self,
        session: Session,
        organisation_id: int | None,
        chat: ChatRef,
        draft: Draft,
        *,
        key: str,
        priority: int = ANSWER,
        extra: Mapping[str, str] | None = None,
    ) -> bool:
        """Queue a message, once for its `key`. Returns False when that key has spoken before.

        Buttons need an organisation; without one the message goes out bare. `extra` is for who delivers it.
        """
        if session.scalar(select(Message.id).where(Message.dedupe_key == key)) is not None:
            return False
        body: dict[str, Any] = {
            "lines": [line.to_json() for line in draft.lines],
            "locale": chat.locale,
            **(extra or {}),
        }
        if draft.title is not None:
            body["title"] = draft.title.to_json()
        if draft.reply_to is not None:
            body["reply_to"] = draft.reply_to
        if draft.replaces is not None:
            body["replaces"] = draft.replaces
        message = Message(
            organisation_id=organisation_id,
            chat_id=chat.chat_id,
            thread_id=chat.thread_id,
            priority=priority,
            body=body,
            dedupe_key=key,
            created_at=self._clock.now(),
            channel_id=chat.channel_id,
            message_id=draft.replaces,
        )
        session.add(message)
        session.flush()
        if draft.file is not None:
            message.body = body = {**body, "file": draft.file.name}
            file = draft.file
            session.add(OutboxFile(message_id=message.id, name=file.name, photo=file.photo, data=file.data))
        if organisation_id is not None and draft.choices:
            rows = [[self._button(session, message, organisation_id, one) for one in row] for row in draft.choices]
            message.body = {**body, "buttons": rows}
        return True

    def _button(self, session: Session, message: Message, organisation_id: int, choice: Choice) -> dict[str, Any]:
        made = Button(
            id=new_id(),
            organisation_id=organisation_id,
            chat_id=message.chat_id,
            message_key=outbox_key(message.id),
            action=choice.action,
            created_at=self._clock.now(),
            arguments=dict(choice.arguments),
            telegram_id=choice.telegram_id,
        )
        session.add(made)
        return {"label": choice.label.to_json(), "id": made.id}

    async def card_buttons(self, session: AsyncSession, card: Card, choices: list[Choice]) -> dict[str, str]:
        """Return the id of the card's button for each action, made at first use and kept."""
        wanted = select(Button).where(Button.message_key == card_key(card.id), Button.chat_id == card.chat_id)
        ids = {button.action: button.id for button in await session.scalars(wanted)}
        for choice in choices:
            if choice.action not in ids:
                ids[choice.action] = new_id()
                session.add(
                    Button(
                        id=ids[choice.action],
                        organisation_id=card.organisation_id,
                        chat_id=card.chat_id,
                        message_key=card_key(card.id),
                        action=choice.action,
                        created_at=self._clock.now(),
                        arguments=dict(choice.arguments),
                    )
                )
        return ids


def outbox_key(message_id: int) -> str:
    """Return what binds a button to a message of the outbox."""
    return f"outbox:{message_id}"


def card_key(card_id: int) -> str:
    """Return what binds a button to a card."""
    return f"card:{card_id}"
