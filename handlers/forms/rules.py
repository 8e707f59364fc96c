"""The window for who is told of what: a channel first, where there are several, then its events.

Opened from the page of a job or channel, for nothing else, a tap counts at once: with many channels a
further one to save it would be the sixth from home.
"""

from dataclasses import replace
from typing import Any

from aiogram.types import Message
from aiogram_dialog import DialogManager
from aiogram_dialog.widgets.input import MessageInput

from core.clock import local_date
from core.errors import BadInput, Conflict
from core.forms.describing import describe
from core.forms.fields import FormField
from core.forms.parsing import Reader, parse
from core.forms.showing import show
from core.forms.words import folded, plain
from core.paging import cut
from core.texts import T, Text
from handlers.dialogs.menu import Menu
from handlers.dialogs.page import Item, Page
from handlers.dialogs.widths import in_rows
from handlers.forms.actions import leave_field, save_at_once
from handlers.forms.filling import Filling, key_of
from handlers.forms.words import GONE, NOT_OFFERED

CHANNELS = "channels"
"""The pager of the channels to choose from."""


class _Rules:
    """The rules being made: which channel is told of which events."""

    def __init__(self, filling: Filling) -> None:
        part = filling.part
        if part is None or part.field.model is None:
            raise Conflict(GONE)
        self.filling, self.part = filling, part
        self.at_once = filling.straight and not filling.new and not filling.changed
        self.events: FormField = next(one for one in describe(part.field.model) if one.name == "on")
        self.channels = filling.loaded.options["channels"]
        chosen = filling.state.get("channel")
        self.channel: str | None = chosen if chosen in self.channels else None
        if len(self.channels) == 1:
            self.channel = self.channels[0]

    def told(self, channel: str) -> list[str]:
        """Return the events of a channel, in their own order."""
        named = {event for rule in self._rules() if rule["channel"] == channel for event in rule["on"]}
        return [str(one.value) for one in self.events.choices if one.value in named]

    async def put(self, channel: str, events: list[str]) -> Text | None:
        """Tell a channel of exactly these events; of none, and its rule is gone."""
        others = [rule for rule in self._rules() if rule["channel"] != channel]
        chosen = [one.value for one in self.events.choices if one.value in events]
        self.filling.put(self.part, [*others, *([{"channel": channel, "on": chosen}] if chosen else [])])
        return await save_at_once(self.filling.menu, self.filling) if self.at_once else None

    def _rules(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.filling.form.get(self.part.path) or []
        return found


async def rules_page(menu: Menu) -> Page:
    filling = await Filling.of(menu)
    rules = _Rules(filling)
    offers = set() if rules.at_once else {filling.ending}
    title = T("{form} · {part}", form=filling.title(), part=rules.part.field.label)
    if rules.channel is None:
        found = cut(rules.channels, menu.paging(CHANNELS))
        items = [Item(key_of(name), _marked(name, rules.told(name))) for name in found.rows]
        lines = [T("Whom shall it tell? Tap a channel.")]
        if not items:
            lines = [T("There is no channel yet. Add one under Notifications in the home menu.")]
        page = Page.of(title, lines, items, found, offers)
        return replace(page, widths=[1] * len(items))
    told, events = rules.told(rules.channel), rules.events
    items = [
        Item(str(one.value), T("{mark} {label}", mark="✅" if one.value in told else "▫️", label=events.named(one)))
        for one in events.choices
    ]
    lines = [_told(rules, rules.channel), T("Tap what it is told of, or type all of it, with commas.")]
    if rules.at_once:
        lines.append(T("Every tap is saved at once."))
        offers |= {"undo"} if filling.state.get("last") else set()
    offers.add("all")
    rows = in_rows(items, lambda item: menu.talk.translator(item.label))
    return Page(title, lines, items, offers=frozenset(offers), widths=[len(row) for row in rows])


async def tap(menu: Menu, key: str) -> Text | None:
    """Turn to a channel, or one of its events on or off."""
    rules = _Rules(await Filling.of(menu))
    if rules.channel is None:
        name = next((one for one in rules.channels if key_of(one) == key), None)
        _turn_to(rules, name)
        return None
    if key not in {one.value for one in rules.events.choices}:
        raise Conflict(NOT_OFFERED)
    told = rules.told(rules.channel)
    return await rules.put(rules.channel, [one for one in told if one != key] if key in told else [*told, key])


async def all_events(menu: Menu) -> Text | None:
    """Tell the channel of everything; of nothing, where it is told of everything already."""
    rules = _Rules(await Filling.of(menu))
    if rules.channel is None:
        return None
    every = [str(one.value) for one in rules.events.choices]
    return await rules.put(rules.channel, [] if rules.told(rules.channel) == every else every)


async def leave(menu: Menu) -> None:
    """Go back to the channels where one of them was chosen here, else out of the field."""
    filling = await Filling.of(menu)
    if filling.state["channel"] in (None, menu.given.get("channel")):
        await leave_field(menu)
    else:
        filling.state["channel"] = None


async def typed_rule(message: Message, _input: MessageInput, manager: DialogManager) -> None:
    """Take the name of a channel, then what it is told of."""
    menu = Menu(manager)
    rules = _Rules(await Filling.of(menu))
    text = plain(message.text or "")
    if rules.channel is not None:
        reader = Reader(menu.talk.chat.locale, local_date(message.date, menu.talk.zone))
        note = await rules.put(rules.channel, parse(rules.events, text, reader))
        menu.note(*([note] if note is not None else []))
        return
    found = [name for name in rules.channels if folded(text) in folded(name)]
    exact = [name for name in found if folded(name) == folded(text)]
    if len(exact or found) != 1:
        raise BadInput(T("“{text}” is not one of the channels. Tap one.", text=text))
    _turn_to(rules, (exact or found)[0])


def _turn_to(rules: _Rules, channel: str | None) -> None:
    if channel is None:
        raise Conflict(NOT_OFFERED)
    rules.filling.state["channel"] = channel


def _marked(name: str, told: list[str]) -> Text:
    return T("🔔 {name}: {n}", name=name, n=len(told)) if told else T("🔕 {name}", name=name)


def _told(rules: _Rules, channel: str) -> Text:
    told = rules.told(channel)
    if not told:
        return T("“{name}” is told of nothing.", name=channel)
    return T("“{name}” is told of: {events}", name=channel, events=show(rules.events, told))
