"""The window for a channel's own words: an event first, then its text, with a preview as it would be sent."""

from aiogram.types import Message
from aiogram_dialog import DialogManager
from aiogram_dialog.widgets.input import MessageInput

from core.errors import BadInput, Conflict
from core.executions.states import Event
from core.forms.describing import describe
from core.forms.form import Part
from core.notices.chats import TELEGRAM
from core.notices.templates import known_in
from core.texts import T, Text
from handlers.dialogs.menu import Menu
from handlers.dialogs.page import Item, Page
from handlers.dialogs.widths import in_rows
from handlers.forms.filling import Filling
from handlers.forms.words import GONE, NOT_OFFERED
from jobs.wording import Preview, PreviewWords

_SHOWN = 16
_BESIDE_THE_CARD = frozenset(Event) - {
    Event.NOT_LIVE_BEFORE_OPENING,
    Event.NEEDS_CREDENTIALS,
    Event.DIGEST,
    Event.WEEKLY_REPORT,
}


class _Wording:
    """The words being written: for which event, and what stands there."""

    def __init__(self, filling: Filling) -> None:
        whole = filling.part
        if whole is None or whole.field.model is None:
            raise Conflict(GONE)
        model = whole.field.model
        self.filling, self.whole = filling, whole
        self.parts = {one.name: Part((*whole.path, one.name), one, model) for one in describe(model)}
        self.part: Part | None = self.parts.get(str(filling.state["event"]))

    def text(self, part: Part) -> str | None:
        found: str | None = self.filling.form.get(part.path)
        return found


async def words_page(menu: Menu) -> Page:
    wording = _Wording(await Filling.of(menu))
    if wording.part is not None:
        return await _event_page(menu, wording, wording.part)
    items = [
        Item(name, T("{mark} {label}", mark="✏️" if wording.text(part) else "▫️", label=part.field.label))
        for name, part in wording.parts.items()
    ]
    rows = in_rows(items, lambda item: menu.talk.translator(item.label))
    title = T("{form} · {part}", form=wording.filling.title(), part=wording.whole.field.label)
    lines = [T("Of which event do you want to write in your own words? ✏️ marks those that have some.")]
    return Page(title, lines, items, offers=frozenset(wording.filling.endings), widths=[len(row) for row in rows])


async def _event_page(menu: Menu, wording: _Wording, part: Part) -> Page:
    event, text = Event(part.field.name), wording.text(part)
    filling = wording.filling
    kind = filling.loaded.kind
    title = T("{form} · {part}", form=filling.title(), part=part.field.label)
    lines = [part.field.about, *(_refused(filling) or _present(text))]
    lines.append(T("Type it. What stands in braces is filled in:"))
    lines += [T("{name}: {meaning}", name=f"{{{name}}}", meaning=meaning) for name, meaning in known_in(event).items()]
    card = kind == TELEGRAM and event in _BESIDE_THE_CARD
    if card:
        lines.append(T("The run's card stays as it is; your words come beside it."))
    if filling.state["draft"] is None and (text is not None or not card):
        spoken = filling.form.get(("locale",))
        preview = await menu.get(PreviewWords)
        lines += _previewed(await preview(menu.actor, event, text, module=kind, spoken=spoken))
    offers = filling.endings | {"events"} | ({"standard"} if text is not None else set())
    return Page(title, lines, offers=frozenset(offers))


async def tap(menu: Menu, name: str) -> None:
    """Turn to an event."""
    wording = _Wording(await Filling.of(menu))
    if name not in wording.parts:
        raise Conflict(NOT_OFFERED)
    wording.filling.state["event"], wording.filling.state["draft"] = name, None


async def other_event(menu: Menu) -> None:
    state = (await Filling.of(menu)).state
    state["event"], state["draft"] = None, None


async def standard(menu: Menu) -> None:
    """Go back to the standard text."""
    wording = _Wording(await Filling.of(menu))
    if wording.part is not None:
        wording.filling.clear(wording.part)
    wording.filling.state["draft"] = None


async def typed_words(message: Message, _input: MessageInput, manager: DialogManager) -> None:
    """Take the words for the event; those that cannot be used stay on the page, with what is wrong."""
    wording = _Wording(await Filling.of(Menu(manager)))
    filling, text = wording.filling, message.text or ""
    if wording.part is None:
        raise BadInput(T("Tap an event first."))
    try:
        filling.put(wording.part, text)
    except BadInput as error:
        filling.state["draft"] = {"text": text, "problem": error.text.to_json()}
    else:
        filling.state["draft"] = None


def _refused(filling: Filling) -> list[Text]:
    draft = filling.state["draft"]
    if draft is None:
        return []
    typed = [T("{value}", value=line) for line in draft["text"].splitlines()[:_SHOWN]]
    return [T("⚠️ {problem}", problem=Text.from_json(draft["problem"])), T("You typed:"), *typed]


def _present(text: str | None) -> list[Text]:
    if text is None:
        return [T("Now: the standard text.")]
    return [T("Now, in your words:"), *(T("{value}", value=line) for line in text.splitlines()[:_SHOWN])]


def _previewed(preview: Preview) -> list[Text]:
    """Return the notice below a heading that says what it was made from."""
    heading = T("— Preview, with made-up numbers")
    if preview.at is not None:
        heading = T("— Preview, made from the run of {at}", at=preview.at)
    subject = [T("Subject: {subject}", subject=preview.subject)] if preview.subject is not None else []
    lines = [T("{value}", value=line) for line in preview.lines[:_SHOWN]]
    more = len(preview.lines) - _SHOWN
    broken = [T("⚠️ {problem}", problem=preview.problem)] if preview.problem is not None else []
    return [*broken, heading, *subject, *lines, *([T("… and {n} more", n=more)] if more > 0 else [])]
