"""/health: how every part does, for those who can mend it (CH-16)."""

from collections.abc import Sequence
from datetime import timedelta
from http import HTTPStatus
from zoneinfo import ZoneInfo

from aiogram import Router
from aiogram.types import Message
from dishka.integrations.aiogram import FromDishka, inject

from core import errors
from core.connections.waiting import waits
from core.texts import TN, T, Text, percent
from handlers.middlewares.spoken import Named
from handlers.talk import Talk
from jobs.health import Call, IntegrationHealth, PartsHealth, ShowHealth

_MILLISECOND = timedelta(milliseconds=1)
_GOOD = 0.95
_WHOLE = 6
"""Of so many integrations all is told that is known."""
_PROBLEMS: dict[str, Text] = {
    errors.AddressRefused.__name__: T("address refused"),
    errors.Unreachable.__name__: T("no connection"),
    errors.TemporarilyUnavailable.__name__: T("no proper answer"),
    errors.OutcomeUnknown.__name__: T("no clear answer"),
    errors.UnreadableAnswer.__name__: T("unreadable answer"),
}
"""How a call failed that had no status to show."""


def add_health(router: Router) -> None:
    """Add /health."""
    router.message(Named("health"))(health)


@inject
async def health(_message: Message, talk: Talk, show_health: FromDishka[ShowHealth]) -> None:
    found = await show_health(talk.actor)
    talk.say(*_parts(found), *_integrations(found.integrations, talk.zone), title=T("🩺 Health of every part"))


def _integrations(every: Sequence[IntegrationHealth], zone: ZoneInfo) -> list[Text]:
    """Tell of every integration in trouble, and of the others as far as there is room; the calls of the first ones."""
    ill = [one for one in every if _ails(one)]
    well = [one for one in every if not _ails(one)]
    room = max(_WHOLE - len(ill), 0)
    lines = [line for one in (*ill[:_WHOLE], *well[:room]) for line in integration_lines(one, zone)]
    lines += [line for one in ill[_WHOLE:] for line in _trouble(one)]
    if more := len(well[room:]):
        lines.append(
            TN(
                "🔌 {n} other integration: no trouble with calls or login. See /integrations",
                "🔌 {n} other integrations: no trouble with calls or logins. See /integrations",
                more,
            )
        )
    return lines


def _ails(one: IntegrationHealth) -> bool:
    """Tell whether somebody ought to look at an integration, also where it is off or most of its calls are good."""
    poor = one.success_rate is not None and one.success_rate < _GOOD
    return one.latched is not None or bool(one.reopens_in) or poor or any(map(_failed, one.calls))


def _failed(call: Call) -> bool:
    return call.status is None or call.status >= HTTPStatus.BAD_REQUEST


def _parts(found: PartsHealth) -> list[Text]:
    answered = T("🗄 Database: {kind}, answered in {ms} ms", kind=found.database, ms=_ms(found.took))
    lines = [answered, _messages(found)]
    none = T("⚙️ Runs: none at work")
    lines.append(TN("⚙️ Runs: {n} at work", "⚙️ Runs: {n} at work", found.running, none))
    job = found.next_job
    if job is not None and job.next_at is not None:
        lines.append(T("🗓 Schedule: next is {job}, {at}", job=job.name, at=job.next_at))
    else:
        lines.append(T("🗓 Schedule: nothing is due by itself"))
    return lines


def _messages(found: PartsHealth) -> Text:
    waiting = TN("{n} message waits", "{n} messages wait", found.waiting, T("no messages wait"))
    if not found.undelivered:
        return T("✉️ Telegram: reachable, {waiting}", waiting=waiting)
    dead = TN("{n} could not be delivered", "{n} could not be delivered", found.undelivered)
    return T("✉️ Telegram: reachable, {waiting}, {dead}", waiting=waiting, dead=dead)


def integration_lines(one: IntegrationHealth, zone: ZoneInfo) -> list[Text]:
    """Say how one integration does: its state, its limits, its last calls."""
    lines = _trouble(one)
    if one.rate_limit is not None and one.rate_in_use is not None:
        lines.append(T("   {used} of {limit} calls in the last minute", used=one.rate_in_use, limit=one.rate_limit))
    if one.login_until is not None:
        lines.append(T("   Login valid until {at}", at=one.login_until))
    return [*lines, *(_call(call, zone) for call in one.calls)]


def _trouble(one: IntegrationHealth) -> list[Text]:
    lines = [_state(one)]
    if one.latched is not None and not waits(one.latched):
        lines.append(T("   Login refused: {reason}", reason=one.latched))
    return lines


def _state(one: IntegrationHealth) -> Text:
    name = one.name
    if not one.enabled:
        return T("⚪ {name}: switched off", name=name)
    if one.latched is not None:
        return T("🔑 {name}: needs credentials", name=name)
    if one.reopens_in:
        return T("⛔ {name}: calls pause for {duration}, as it kept failing", name=name, duration=one.reopens_in)
    if one.rests_for:
        return T("⏸ {name}: calls pause for {duration}, as it asked for that", name=name, duration=one.rests_for)
    if not one.called or one.success_rate is None:
        return T("⚪ {name}: not called since the start", name=name)
    icon = "🟢" if one.success_rate >= _GOOD else "🟠"
    return T(
        "{icon} {name}: {share} of the last calls good; {total} calls since the start, {failed} failed",
        icon=icon,
        name=name,
        share=percent(int(one.success_rate * 100)),
        total=one.total,
        failed=one.failed,
    )


def _call(call: Call, zone: ZoneInfo) -> Text:
    failed = _PROBLEMS.get(call.problem or "", T("no answer"))
    result = failed if call.status is None else T("{code}", code=str(call.status))
    return T(
        "   {at} {method} {path}: {result}, {ms} ms",
        at=call.at.astimezone(zone).time(),
        method=call.method,
        # Telegram would make a command of what begins with a slash.
        path=call.path.lstrip("/"),
        result=result,
        ms=_ms(call.took),
    )


def _ms(took: timedelta) -> int:
    return round(took / _MILLISECOND)
