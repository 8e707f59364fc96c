"""What a form has changed, or would, in the words of its fields."""

from core.configuration.editing import Edited
from core.configuration.plan import FieldChange
from core.forms.fields import Kind
from core.forms.form import Form, Part
from core.forms.naming import named, part_of
from core.forms.showing import NOT_SET, show
from core.texts import T, Text
from handlers.forms.filling import Filling


def told(filling: Filling, edited: Edited) -> list[Text]:
    """Return a line for each field that differs, then what changes elsewhere because of it."""
    if not edited.changes:
        return []
    first, *others = edited.changes
    lines = [_line(filling, change) for change in first.all_fields()]
    return lines + [line for change in others for line in change.lines()]


def _line(filling: Filling, change: FieldChange) -> Text:
    part = part_of(filling.form, change.field)
    label = named(filling.form, change.field)
    before, after = change.before, change.after
    if part is not None and part.field.kind is not Kind.SECRET:
        start = Form(filling.loaded.parts, dict(filling.state["start"]), filling.loaded.options)
        before, after = (_value(form, part, change.field) for form in (start, filling.form))
    return T("{field}: {before} → {after}", field=label, before=before, after=after)


def _value(form: Form, part: Part, field: str) -> Text:
    """Return a field's value as people read it; of an entry of a list, what is filled in of it."""
    last = field.rpartition(".")[2]
    if part.field.kind is not Kind.MODELS or not last.isdecimal():
        return show(part.field, form.get(part.path))
    path = (*part.path, int(last) - 1)
    filled = [
        T("{field}: {value}", field=one.field.label, value=show(one.field, form.get(one.path)))
        for one in form.parts(path)
        if form.given(one.path)
    ]
    return T("{items}", items=filled) if filled else NOT_SET
