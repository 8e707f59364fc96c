"""What the fields of a form are called where their changes are told."""

from core.forms.fields import Kind, named_beside
from core.forms.form import Form, Part
from core.texts import T, Text


def part_of(form: Form, field: str) -> Part | None:
    """Return the field that a change such as `settings.branches.2.factor` is about; entries count from one."""
    return form.part(tuple(int(step) - 1 if step.isdecimal() else step for step in field.split(".")))


def named(form: Form, field: str) -> Text:
    """Return what a changed field is called; one that no longer stands on the form keeps its own name."""
    part = part_of(form, field)
    if part is None:
        return named_beside(field)
    *above, last = field.split(".")
    if part.field.kind is Kind.MODELS and last.isdecimal():
        return T("{list} {number}", list=part.field.label, number=last)
    if above and above[-1].isdecimal():
        entry = named(form, ".".join(above))
        return T("{entry}, {field}", entry=entry, field=part.field.label)
    return part.field.label
