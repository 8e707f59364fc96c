"""What can be tapped to fill a field in, and what a tap makes of it."""

from dataclasses import dataclass
from typing import Any

from core.configuration.fields import NO_QUIET
from core.configuration.wanted import Section
from core.errors import Conflict
from core.forms.choosing import matching
from core.forms.entities import SETTINGS
from core.forms.fields import Kind, worded
from core.forms.form import Part
from core.forms.showing import NO_HOURS, variant_title
from core.forms.words import folded
from core.texts import T, Text
from handlers.forms.filling import Filling, key_of
from handlers.forms.words import NOT_OFFERED

ALL = "all"
NONE_LEFT = T("At least one must stay chosen. Choose another one first, or tap “All stores”.")
"""Taking the last one away must never mean all."""


@dataclass(frozen=True, slots=True)
class Pick:
    """One thing to tap. `value` is what a choice means; a Part is a field inside of what is chosen."""

    key: str
    label: Text
    value: Any


def pickable(filling: Filling, part: Part, locale: str) -> list[Pick]:
    """Return what can be tapped for a field, what is chosen already with a mark, for a reader of a language."""
    now = filling.form.get(part.path)
    match part.field.kind:
        case Kind.TOGGLE:
            switch = ((True, T("on")), (False, T("off")))
            return [_pick(part, value, label, chosen=now is value) for value, label in switch]
        case Kind.CHOICE | Kind.CHOICES:
            chosen = now if isinstance(now, list) else [now]
            found = matching(part.field, filling.state["search"], locale)
            return [_pick(part, one.value, part.field.named(one), chosen=one.value in chosen) for one in found]
        case Kind.UNION:
            mark = now.get(part.field.discriminator) if isinstance(now, dict) else None
            titles = [(one, worded(variant_title(part.field, one))) for one in part.field.variants]
            kinds = [_pick(part, one, title, chosen=one == mark) for one, title in titles]
            inner = filling.form.parts(part.path) if mark is not None else []
            return [*kinds, *(Pick(key_of(one.path), T("✏️ {name}", name=one.field.label), one) for one in inner)]
        case Kind.STORES:
            return _stores(filling, part, now)
        case Kind.QUIET:
            return [_pick(part, NO_QUIET, NO_HOURS, chosen=now == NO_QUIET)]
        case _:
            return []


def find_pick(filling: Filling, part: Part, key: str, locale: str) -> Pick:
    """Return what was tapped. Raises Conflict when it is no longer there."""
    for pick in pickable(filling, part, locale):
        if pick.key == key:
            return pick
    raise Conflict(NOT_OFFERED)


def kinds_of(part: Part) -> list[Pick]:
    """Return the kinds that a new entry of a list can be of; none where all entries are of one."""
    titles = [(one, worded(variant_title(part.field, one))) for one in part.field.variants]
    return [Pick(key_of([*part.path, one]), T("🆕 {kind}", kind=title), one) for one, title in titles]


def take(filling: Filling, part: Part, pick: Pick) -> bool:
    """Do what a tap means. Returns whether the field is done with."""
    match part.field.kind:
        case Kind.CHOICES:
            now = list(filling.form.get(part.path) or [])
            filling.put(part, [one for one in now if one != pick.value] if pick.value in now else [*now, pick.value])
            return False
        case Kind.UNION:
            filling.page = filling.form.choose(part, str(pick.value))
            filling.state["tested"] = None
            return True
        case Kind.STORES:
            both = filling.section is Section.USERS
            filling.put(part, _with_store(filling.form.get(part.path), pick.value, both=both))
            return bool(pick.value == ALL)
        case _:
            filling.put(part, pick.value)
            return True


def _pick(part: Part, value: Any, label: Text, *, chosen: bool) -> Pick:
    return Pick(key_of([*part.path, value]), T("✅ {label}", label=label) if chosen else label, value)


def _stores(filling: Filling, part: Part, now: Any) -> list[Pick]:
    """Return all, then the tags (of jobs and people), then the stores."""
    wanted = folded(filling.state["search"])
    options = filling.loaded.options
    tags, names = _split(now)
    picks = [_pick(part, ALL, T("All stores"), chosen=now in (ALL, None))]
    if part.path[0] != SETTINGS:
        picks += [_pick(part, {"tag": tag}, T("🏷 {tag}", tag=tag), chosen=tag in tags) for tag in options["tags"]]
    picks += [_pick(part, name, T("{value}", value=name), chosen=name in names) for name in options["stores"]]
    return [pick for pick in picks if wanted in folded(str(pick.value))]


def _with_store(now: Any, value: Any, *, both: bool) -> Any:
    """Return a selection with one more tag or store, or without it. Raises Conflict where nothing would be left.

    With `both` tags and stores stand beside each other, as people have them; a job has one or the other.
    """
    if value == ALL:
        return ALL
    tags, names = _split(now)
    if isinstance(value, dict):
        tags, names = _toggled(tags, value["tag"]), names if both else []
    else:
        tags, names = tags if both else [], _toggled(names, value)
    if tags:
        return {"tags": tags, "names": names} if names else {"tags": tags}
    if not names:
        raise Conflict(NONE_LEFT)
    return names


def _split(now: Any) -> tuple[list[str], list[str]]:
    """Return the tags and the names of a selection."""
    if isinstance(now, dict):
        return now["tags"], now.get("names", [])
    return [], now if isinstance(now, list) else []


def _toggled(now: list[str], value: str) -> list[str]:
    return [one for one in now if one != value] if value in now else [*now, value]
