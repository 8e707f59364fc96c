"""Who speaks, and for which organisation; strangers are dealt with here (X-3, `rules.md` 5)."""

import re
from contextlib import suppress
from typing import Any

import structlog
from aiogram import BaseMiddleware
from aiogram.exceptions import AiogramError
from aiogram.types import TelegramObject, Update

from core.db.database import StorageFailed
from core.errors import BadInput, ChimeraError
from core.i18n import pick_locale
from core.notices.chats import ChatRef
from core.people.accepting import AcceptInvitation
from core.people.claiming import ClaimOwner
from core.people.joining import GreetStranger
from core.people.knowing import Identify, NoteSeen
from core.people.repository import Member
from core.people.words import welcome_owner
from handlers.apology import apology
from handlers.middlewares.once import MEMBER, REPLIES, VOICE
from handlers.middlewares.tracing import Handler
from handlers.middlewares.turns import ANSWERED
from handlers.middlewares.voice import Voice
from handlers.talk import Talk, Visitor

SPEAKER = "talk"
VISITOR = "visitor"

log = structlog.get_logger(__name__)

_INVITATION = re.compile(r"(?:/start(?:@\w+)?\s+|\S+[?&]start=)?join-(?P<code>[A-Za-z0-9_-]{22})\s*")
_CODE = re.compile(r"(?:/start(?:@\w+)?\s+)?(?P<code>[A-Za-z0-9_-]{22})\s*")


class Who(BaseMiddleware):
    """Puts a Talk (somebody known) or a Visitor (a stranger's tap) before the handlers.

    Nobody at all speaks for anonymous admins, channels and other bots; strangers who write
    are answered here, and never reach a handler.
    """

    def __init__(
        self,
        identify: Identify,
        note_seen: NoteSeen,
        claim: ClaimOwner,
        accept: AcceptInvitation,
        greet: GreetStranger,
    ) -> None:
        self._identify = identify
        self._note_seen = note_seen
        self._claim = claim
        self._accept = accept
        self._greet = greet

    async def __call__(self, handler: Handler, event: TelegramObject, data: dict[str, Any]) -> Any:
        voice: Voice | None = data[VOICE]
        if voice is None or not isinstance(event, Update):
            if ANSWERED not in data:
                await _let_go(event)
            return None
        if await self._came_by_link(event, voice):
            return None
        claimed = await self._claimed(voice)
        member: Member | None = data[MEMBER]
        if claimed:
            member = await self._identify(voice.user.id, voice.group_id)
        if member is None:
            return await self._stranger(handler, event, voice, data)
        spoke = voice.private and voice.message is not None
        if spoke and not member.person.private_chat:
            await self._note_seen(member.person.id, voice.name, _speaks(voice), private=True)
            member = await self._identify(voice.user.id, voice.group_id) or member
        talk = data[SPEAKER] = _talk(event.update_id, voice, member)
        talk.replies = data[REPLIES]
        if claimed:
            talk.send(welcome_owner())
            return None
        result = await _answered(handler, event, data, talk)
        if self._note_seen.due(member.person, _speaks(voice)):
            # After the answer, which must not wait for a write; a database that is busy even then is no fault here.
            with suppress(StorageFailed):
                await self._note_seen(member.person.id, voice.name, _speaks(voice), private=spoke)
        return result

    async def _came_by_link(self, event: Update, voice: Voice) -> bool:
        """Try what looks like an invitation. One that never was is answered like any other words."""
        text = voice.message.text if voice.private and voice.message is not None else None
        found = _INVITATION.fullmatch(text or "")
        if found is None:
            return False
        locale = pick_locale(voice.user.language_code)
        key = f"tg:{event.update_id}:0"
        return await self._accept(voice.user.id, voice.name, locale, found["code"], key=key)

    async def _claimed(self, voice: Voice) -> bool:
        """Try what looks like a one-time code. Wrong ones are answered like any other words."""
        text = voice.message.text if voice.private and voice.message is not None else None
        found = _CODE.fullmatch(text or "")
        return found is not None and await self._claim(voice.user.id, voice.name, found["code"]) is not None

    async def _stranger(self, handler: Handler, event: Update, voice: Voice, data: dict[str, Any]) -> Any:
        locale = pick_locale(voice.user.language_code)
        if voice.message is None:
            data[VISITOR] = Visitor(voice.user.id, voice.name, locale)
            return await handler(event, data)
        if voice.private:
            await self._greet(voice.user.id, voice.name, locale, key=f"tg:{event.update_id}:0")
        return None


async def _answered(handler: Handler, event: Update, data: dict[str, Any], talk: Talk) -> Any:
    """Turn every error on the way into an answer; this is the dispatcher's boundary."""
    try:
        return await handler(event, data)
    except BadInput as error:
        talk.say(error.text, *error.problems)
    except ChimeraError as error:
        talk.say(error.text)
    except Exception:
        log.exception("update_failed")
        talk.say(apology())
    return None


async def _let_go(event: TelegramObject) -> None:
    """Answer a tap from nowhere, or in the private chat of somebody else: no button is left spinning."""
    if isinstance(event, Update) and event.callback_query is not None:
        with suppress(AiogramError):
            await event.callback_query.answer()


def _speaks(voice: Voice) -> str | None:
    """Return the language of somebody's Telegram, None when it is none of ours."""
    return pick_locale(voice.user.language_code, "") or None


def _talk(update_id: int, voice: Voice, member: Member) -> Talk:
    there = member.organisation.locale if voice.private else member.language_in(voice.thread_id)
    spoken = member.person.locale or pick_locale(voice.user.language_code, there)
    locale = spoken if voice.private else there
    reply_to = voice.message.message_id if voice.message is not None and not voice.private else None
    return Talk(
        update_id,
        member.actor("chat", locale),
        ChatRef(voice.chat.id, locale, voice.thread_id),
        member.organisation.zone,
        member.organisation.currency,
        voice.private,
        spoken,
        reply_to,
    )
