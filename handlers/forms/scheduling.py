"""The window in which a schedule is made by taps, in words and with its next runs all the while."""

from aiogram.types import Message
from aiogram_dialog import DialogManager
from aiogram_dialog.widgets.input import MessageInput

from core.errors import BadInput, Conflict
from core.forms.form import Part
from core.forms.moments import read_time
from core.forms.words import plain
from core.schedules.cron import LAST
from core.schedules.picking import (
    MONTH_DAYS,
    OFTEN,
    WEEK,
    Entry,
    Monthly,
    Often,
    Raw,
    Weekly,
    put_together,
    shifted,
    take_apart,
    with_day,
)
from core.schedules.reading import read_schedule
from core.schedules.saying import DAYS, SHORT_DAYS, say_schedule
from core.texts import T, Text
from handlers.dialogs.menu import Menu
from handlers.dialogs.page import Item, Page
from handlers.forms.actions import after_value
from handlers.forms.filling import Filling
from handlers.forms.getters import next_runs
from handlers.forms.words import GONE, HOW, NOT_OFFERED

_MODES: dict[str, tuple[Text, Entry]] = {
    "days": (T("Days"), Weekly()),
    "often": (T("Often"), Often()),
    "monthly": (T("Monthly"), Monthly()),
}
_STEPS: dict[int, Text] = {-60: T("−1 h"), -5: T("−5 min"), 5: T("+5 min"), 60: T("+1 h")}  # noqa: RUF001 - minus signs
_HOUR = 60
_FOUR = 4


class _Picking:
    """The entries of the schedule that is being made, and the one that taps change."""

    def __init__(self, filling: Filling) -> None:
        self.filling = filling
        self.part = _part(filling)
        self.entries = take_apart(filling.form.get(self.part.path))
        self.index = min(int(filling.state.get("line", 0)), max(0, len(self.entries) - 1))

    @property
    def entry(self) -> Entry | None:
        return self.entries[self.index] if self.entries else None

    def put(self, entry: Entry) -> None:
        """Put an entry in the place of the one being changed."""
        self.keep([*self.entries[: self.index], entry, *self.entries[self.index + 1 :]], entry)

    def keep(self, entries: list[Entry], at: Entry | None = None) -> None:
        """Keep these entries, and turn to one of them. Raises BadInput when that is too long a schedule."""
        schedule = put_together(entries)
        self.filling.put(self.part, schedule)
        fresh = take_apart(schedule)
        self.filling.state["line"] = fresh.index(at) if at in fresh else 0


async def schedule_page(menu: Menu) -> Page:
    filling = await Filling.of(menu)
    picking = _Picking(filling)
    now, before = filling.form.get(picking.part.path), filling.before(picking.part)
    several = len(picking.entries) > 1
    lines = [_numbered(picking, index) for index in range(len(picking.entries))] if several else []
    lines = lines or [T("Now: {value}", value=say_schedule(now))]
    if now != before and not filling.new:
        lines.append(T("Before: {value}", value=say_schedule(before)))
    lines += [*await next_runs(menu, now), HOW[picking.part.field.kind]]
    rows = [_modes(picking.entry), *_ticks(picking.entry)]
    # The days of a month and two rows of verbs are what a keyboard has room for.
    offers = {filling.ending, "more", "turn", "less"} if several else filling.endings
    if now is not None and not several:
        offers |= {"more", "by_hand"} if picking.part.field.nullable else {"more"}
    title = T("{form} · {part}", form=filling.title(), part=picking.part.field.label)
    items = [item for row in rows for item in row]
    return Page(title, lines, items, offers=frozenset(offers), widths=[len(row) for row in rows])


async def tap(menu: Menu, key: str) -> None:
    """Do what a button of the grid means; one that the entry does not have any more is refused."""
    picking = _Picking(await Filling.of(menu))
    entry = picking.entry
    if key not in {item.id for row in [_modes(entry), *_ticks(entry)] for item in row}:
        raise Conflict(NOT_OFFERED)
    what, _, value = key.partition(":")
    match what, entry:
        case "mode", _:
            picking.put(_turned(entry, _MODES[value][1]))
        case "often", _:
            picking.put(Often(int(value)))
        case "day", None:
            picking.put(Weekly(days=frozenset({value})))
        case "day", Weekly() | Monthly():
            picking.put(with_day(entry, value))
        case "step", Weekly() | Monthly():
            picking.put(shifted(entry, int(value)))


async def more(menu: Menu) -> None:
    """Add one more time: an hour after the one being changed, or in the first free hour after that."""
    picking = _Picking(await Filling.of(menu))
    entry = picking.entry if isinstance(picking.entry, Weekly | Monthly) else Weekly()
    while entry in picking.entries:
        entry = shifted(entry, _HOUR)
    picking.keep([*picking.entries, entry], entry)


async def turn(menu: Menu) -> None:
    picking = _Picking(await Filling.of(menu))
    picking.filling.state["line"] = (picking.index + 1) % max(1, len(picking.entries))


async def less(menu: Menu) -> None:
    picking = _Picking(await Filling.of(menu))
    picking.keep([entry for entry in picking.entries if entry != picking.entry])


async def by_hand(menu: Menu) -> None:
    _Picking(await Filling.of(menu)).keep([])


async def typed_schedule(message: Message, _input: MessageInput, manager: DialogManager) -> None:
    """Take a time of day for the days that are ticked, or words that say all of it."""
    menu = Menu(manager)
    filling = await Filling.of(menu)
    picking = _Picking(filling)
    text = plain(message.text or "")
    try:
        at = read_time(text)
    except BadInput:
        filling.put(picking.part, read_schedule(text))
    else:
        entry = picking.entry
        days = entry.days if isinstance(entry, Weekly | Monthly) else WEEK
        picking.put(Monthly(at, days) if isinstance(entry, Monthly) else Weekly(at, days))
    await after_value(menu, filling)


def _part(filling: Filling) -> Part:
    part = filling.part
    if part is None:
        raise Conflict(GONE)
    return part


def _turned(entry: Entry | None, wanted: Entry) -> Entry:
    """Return an entry of another mode; the time of day stays."""
    if type(entry) is type(wanted) and entry is not None:
        return entry
    if isinstance(entry, Weekly | Monthly) and isinstance(wanted, Weekly | Monthly):
        return type(wanted)(entry.at, wanted.days)
    return wanted


def _modes(entry: Entry | None) -> list[Item]:
    return [
        Item(f"mode:{name}", _ticked(label, on=type(entry) is type(wanted))) for name, (label, wanted) in _MODES.items()
    ]


def _ticks(entry: Entry | None) -> list[list[Item]]:
    """Return the rows of buttons that an entry has."""
    match entry:
        case Raw():
            return []
        case Often(minutes):
            return _rows([Item(f"often:{one}", _ticked(_span(one), on=one == minutes)) for one in OFTEN])
        case Monthly(days=days):
            known = [*MONTH_DAYS[:-1], *(day for day in days if day not in MONTH_DAYS)]
            shown = [*sorted(known, key=int), LAST]
            return [*_rows([Item(f"day:{day}", _ticked(_month_day(day), on=day in days)) for day in shown]), _steps()]
        case _:
            days = entry.days if entry is not None else frozenset()
            rows = _rows([Item(f"day:{day}", _ticked(SHORT_DAYS[day], on=day in days)) for day in DAYS])
            return [*rows, *([_steps()] if entry is not None else [])]


def _steps() -> list[Item]:
    return [Item(f"step:{minutes}", label) for minutes, label in _STEPS.items()]


def _rows(items: list[Item]) -> list[list[Item]]:
    return [items[start : start + _FOUR] for start in range(0, len(items), _FOUR)]


def _ticked(label: Text, *, on: bool) -> Text:
    return T("✅ {label}", label=label) if on else label


def _span(minutes: int) -> Text:
    if minutes < _HOUR:
        return T("{n} min", n=minutes)
    return T("{n} h", n=minutes // _HOUR)


def _month_day(day: str) -> Text:
    return T("Last") if day == LAST else T("{day}", day=day)


def _numbered(picking: _Picking, index: int) -> Text:
    mark = "▸" if index == picking.index else "·"
    said = say_schedule(put_together([picking.entries[index]]))
    return T("{mark} {number}. {schedule}", mark=mark, number=str(index + 1), schedule=said)
