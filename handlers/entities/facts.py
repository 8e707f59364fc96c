"""What an entity's page says of it: its state, and what it is set up with."""

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel

from core.cnpj import format_cnpj
from core.configuration.document import ChannelEntry, OrganisationEntry, Templates
from core.configuration.stored import Fields
from core.configuration.wanted import Section
from core.entities.viewing import EntityView
from core.forms.describing import describe
from core.forms.fields import FormField
from core.forms.form import Line
from core.forms.showing import AS_THE_CHAIN, show
from core.i18n import own_name
from core.schedules.saying import say_schedule
from core.texts import Currency, T, Text, Zone
from handlers.entities.words import kind_label, role_label, state_line

_NOBODY = T("nobody yet")


def _state(view: EntityView) -> Text:
    if view.section is Section.JOBS and not view.on:
        return T("⏸ Paused: it does not run until somebody resumes it")
    if view.section is Section.USERS:
        return T("🚫 Blocked: no answer, no messages") if view.fields["blocked"] else T("✅ May use the bot")
    return state_line(on=view.on, trouble=view.trouble)


def facts(view: EntityView, titles: Mapping[str, str]) -> list[Text]:
    """Return an entity's state and what it is, a line each; `titles` are those of modules that are not ours."""
    lines = [] if view.section is Section.ORGANISATION else [_state(view)]
    fields = view.fields
    match view.section:
        case Section.INTEGRATIONS | Section.CHANNELS:
            lines.append(T("Module: {module}", module=kind_label(str(fields["module"]), titles)))
            lines += _spoken(fields) if view.section is Section.CHANNELS else []
        case Section.JOBS:
            lines.append(T("Does: {type}", type=kind_label(str(fields["type"]), titles)))
            lines.append(T("Schedule: {schedule}", schedule=say_schedule(fields["schedule"])))
        case Section.USERS:
            lines.append(T("Role: {role}", role=role_label(str(fields["role"]))))
        case Section.STORES:
            lines.append(T("CNPJ: {cnpj}", cnpj=format_cnpj(str(fields["cnpj"]))))
            if fields["tags"]:
                lines.append(T("Tags: {tags}", tags=[str(tag) for tag in fields["tags"]]))
        case Section.ORGANISATION:
            lines.append(T("Time zone: {zone}", zone=Zone(str(fields["timezone"]))))
            lines.append(T("Language: {language}", language=own_name(str(fields["locale"]))))
            lines.append(T("Currency: {currency}", currency=Currency(str(fields["currency"]))))
            lines.append(_quiet(OrganisationEntry, fields))
    return lines


def version_line(view: EntityView) -> list[Text]:
    """Return which version an entity has; none where nothing of it was ever changed."""
    return [T("Version {number}", number=str(view.version))] if view.version else []


def told(outline: list[Line], view: EntityView, *names: str) -> list[Text]:
    """Return some fields of an entity as its form shows them."""
    found = {line.part.path: line.part.field for line in outline}
    fields = [found[(name,)] for name in names if (name,) in found]
    return [T("{field}: {value}", field=one.label, value=_value(one, view.fields[one.name])) for one in fields]


def _value(field: FormField, value: Any) -> Text:
    """Return a value in words; a job that tells nobody says so."""
    return _NOBODY if field.name == "notify" and not value else show(field, value)


def _spoken(fields: Fields) -> list[Text]:
    """Return how a channel is spoken to: in which language, when not, and in whose words."""
    locale, words = fields["locale"], fields["templates"]
    own = [field.label for field in describe(Templates) if words.get(field.name) is not None]
    return [
        T("Language: {language}", language=own_name(locale) if locale else AS_THE_CHAIN),
        _quiet(ChannelEntry, fields),
        T("Own words: {events}", events=own) if own else T("Own words: none"),
    ]


def _quiet(model: type[BaseModel], fields: Fields) -> Text:
    """Return when it is quiet, as the form says it."""
    field = next(one for one in describe(model) if one.name == "quiet_hours")
    return T("{field}: {value}", field=field.label, value=show(field, fields["quiet_hours"]))
