"""Which of a field's choices somebody means: by its value, or by its label in their language or in English."""

from zoneinfo import ZoneInfo

from core.errors import BadInput
from core.forms.fields import Choice, FormField
from core.forms.words import folded
from core.i18n import translator
from core.texts import T

_UTC = ZoneInfo("UTC")
_MOST_NAMED = 12


def pick(field: FormField, text: str, locale: str) -> Choice | None:
    """Return the choice that a text means: its value, its label, or the beginning or a part of one only."""
    wanted = folded(text)
    exact = [one for one in field.choices if wanted in {folded(str(one.value)), *_labels(field, one, locale)}]
    if exact:
        return exact[0] if len(exact) == 1 else None
    for language in range(2):
        labels = [(one, _labels(field, one, locale)[language]) for one in field.choices]
        near = [one for one, label in labels if label.startswith(wanted)]
        near = near or [one for one, label in labels if wanted in label]
        if near:
            return near[0] if len(near) == 1 else None
    return None


def matching(field: FormField, text: str, locale: str) -> list[Choice]:
    """Return the choices whose label holds a text, in the reader's language or in English."""
    wanted = folded(text)
    if not wanted:
        return list(field.choices)
    return [one for one in field.choices if any(wanted in label for label in _labels(field, one, locale))]


def refuse(field: FormField, text: str) -> BadInput:
    """Return what to say of a text that is none of the choices."""
    if not field.choices:
        return BadInput(T("There is nothing to choose from yet."))
    names = [field.named(one) for one in field.choices[:_MOST_NAMED]]
    return BadInput(T("“{text}” is not among the choices: {names}. Tap one.", text=text, names=names))


def _labels(field: FormField, one: Choice, locale: str) -> tuple[str, str]:
    """Return a choice's label as it is read, and as it was written, both to be compared."""
    return folded(translator(locale, _UTC)(field.named(one))), folded(one.label)
