"""Changes of fields as people read them: called and drawn as on the form of the entity."""

from collections.abc import Mapping
from typing import Any

from core.configuration.plan import FieldChange
from core.entities.differing import Difference
from core.forms.describing import describe
from core.forms.fields import FormField, Kind, named_beside, worded
from core.forms.form import Form, Options, Part
from core.forms.showing import NOT_SET, show
from core.schedules.saying import DAYS
from core.texts import T, Text


def tell(parts: tuple[Part, ...], options: Options, difference: Difference) -> list[Text]:
    """Return a line for each field that differs, with its values as the form shows them."""
    before, after = (Form(parts, dict(values), options) for values in (difference.before, difference.after))
    lines = [_line(before, after, one) for one in difference.changes if not _laid_open(before, after, one.field)]
    # Several changes inside of one value may come to the same line about the whole of it.
    return [line for number, line in enumerate(lines) if line not in lines[:number]]


def _line(before: Form, after: Form, change: FieldChange) -> Text:
    form = after if _part_of(after, change.field) is not None else before
    part = _part_of(form, change.field)
    label, old, new = _named(form, change.field), change.before, change.after
    if part is not None and part.field.kind is not Kind.SECRET:
        shown = [(one, _value(one, part, change.field)) for one in (before, after)]
        (_, shown_old), (_, shown_new) = shown
        if shown_old != shown_new:
            old, new = shown_old, shown_new
        elif before.given(part.path) != after.given(part.path):
            # The default, written down or not.
            old, new = ((value if one.given(part.path) else T("default")) for one, value in shown)
        else:
            # What the form says in short does not tell them apart: the part that differs does.
            label = _named_inside(part, label, change.field)
    return T("{field}: {before} → {after}", field=label, before=old, after=new)


def _laid_open(before: Form, after: Form, field: str) -> bool:
    """Tell whether a field only came to stand in full because its neighbour inside of a nested value changed."""
    part = _part_of(after, field)
    above = after.part(part.path[:-1]) if part is not None else None
    if part is None or above is None or above.field.kind is not Kind.MODEL or before.given(above.path):
        return False
    return bool(before.get(part.path) == after.get(part.path))


def _part_of(form: Form, field: str) -> Part | None:
    """Return the field that a change such as `settings.branches.2.factor` is about; entries count from one."""
    return form.part(tuple(int(step) - 1 if step.isdecimal() else step for step in field.split(".")))


def _named(form: Form, field: str) -> Text:
    """Return what a changed field is called; one that no longer stands on the form keeps its own name."""
    part = _part_of(form, field)
    if part is None:
        return named_beside(field)
    *above, last = field.split(".")
    if part.field.kind is Kind.MODELS and last.isdecimal():
        return T("{list} {number}", list=part.field.label, number=last)
    if above and above[-1].isdecimal():
        entry = _named(form, ".".join(above))
        return T("{entry}, {field}", entry=entry, field=part.field.label)
    return part.field.label


def _named_inside(part: Part, label: Text, field: str) -> Text:
    """Name a place inside of a value too, such as the opening time of Mondays."""
    inside = field.split(".")[len(part.path) :]
    if not inside or part.field.kind is Kind.MODELS:
        return label
    return T("{field} ({part})", field=label, part=DAYS.get(inside[-1]) or worded(inside[-1]))


def _value(form: Form, part: Part, field: str) -> Text:
    """Return a field's value as people read it; of an entry of a list, what is filled in of it."""
    last = field.rpartition(".")[2]
    if part.field.kind is Kind.RULES:
        return _rules(part.field, form.get(part.path) or [])
    if part.field.kind is not Kind.MODELS or not last.isdecimal():
        return show(part.field, form.get(part.path))
    path = (*part.path, int(last) - 1)
    filled = [
        T("{field}: {value}", field=one.field.label, value=show(one.field, form.get(one.path)))
        for one in form.parts(path)
        if form.given(one.path)
    ]
    return T("{items}", items=filled) if filled else NOT_SET


def _rules(field: FormField, rules: list[Mapping[str, Any]]) -> Text:
    """Return who is told of what: a form says of how much only."""
    if not rules or field.model is None:
        return NOT_SET
    events = {one.value: worded(one.label) for inner in describe(field.model) for one in inner.choices}
    said = [
        T(
            "{channel} ({events})",
            channel=str(rule["channel"]),
            events=[events.get(event) or worded(str(event)) for event in rule["on"]],
        )
        for rule in rules
    ]
    return T("{items}", items=said)
