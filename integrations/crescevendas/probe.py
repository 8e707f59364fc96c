"""The connection test (CH-2): one small read, and what can be learned from it."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from core.clock import local_date
from core.errors import Refused
from core.texts import TN, T, Text
from integrations.contract import Probe
from integrations.crescevendas.answers import Judge, NotJson, parse
from integrations.crescevendas.complaints import words_of
from integrations.crescevendas.fields import Names
from integrations.crescevendas.reading import LiveReader, day_bounds
from integrations.crescevendas.shapes import shape_of
from integrations.crescevendas.tolerant import TolerantReader, UnknownShape

_STORE_WORDS = ("loja", "store")


async def run_probe(reader: LiveReader, judge: Judge, names: Names, zone: ZoneInfo, now: datetime) -> Probe:
    """Ask for one of today's discounts, of no store in particular.

    A platform that insists on a store says so after it has accepted the login: that is reached
    too. Raises CredentialsRefused, TemporarilyUnavailable, Unreachable, UnreadableAnswer, and
    Refused when even the address is unknown.
    """
    answer = await reader.ask(day_bounds(local_date(now, zone), zone, zone) | {"limit": 1})
    try:
        document = judge.read(answer)
    except Refused as refusal:
        try:
            document = parse(answer.body)
        except NotJson:
            raise refusal from None
        notes = [T("The login was accepted."), _without_store(document, refusal)]
    else:
        notes = [T("The login was accepted."), _seen(document, names, zone)]
    return Probe(judge.host, answer.took, notes, shape_of(document))


def _without_store(document: Any, refusal: Refused) -> Text:
    """Say that all is well when the platform only misses the store; other words are passed on."""
    said = " ".join(words_of(document)).casefold()
    if any(word in said for word in _STORE_WORDS):
        return T("It answers for a store it knows only, and a test asks for none: all is well. Next: a dry run.")
    return refusal.text


def _seen(document: Any, names: Names, zone: ZoneInfo) -> Text:
    try:
        page = TolerantReader(names, zone, "").read(document)
    except UnknownShape:
        return T("The shape of the answer is unknown: what is live cannot be read until Chimera learns it.")
    lines = len(page.lines)
    none = T("The answer is understood: no discounts.")
    return TN("The answer is understood: {n} discount.", "The answer is understood: {n} discounts.", lines, none)
