"""Which of a field's choices somebody means: by its label in their language or in English, or by its value."""

from zoneinfo import ZoneInfo

from core.errors import BadInput
from core.forms.fields import Choice, FormField
from core.forms.words import folded
from core.i18n import SOURCE_LOCALE, translator
from core.texts import T

_UTC = ZoneInfo("UTC")
_MOST_NAMED = 12


def pick(field: FormField, text: str, locale: str) -> Choice | None:
    """Return the choice that a text means: its value, its label, or the beginning or a part of one only."""
    wanted = folded(text)
    named = [_labels(field, one, locale) for one in field.choices]
    exact = [one for one, labels in zip(field.choices, named, strict=True) if wanted in labels]
    if exact:
        return exact[0] if len(exact) == 1 else None
    for labels in zip(*named, strict=True):
        told = list(zip(field.choices, labels, strict=True))
        near = [one for one, label in told if label.startswith(wanted)]
        near = near or [one for one, label in told if wanted in label]
        if near:
            return near[0] if len(near) == 1 else None
    return None


def matching(field: FormField, text: str, locale: str) -> list[Choice]:
    """Return the choices whose label holds a text, in the reader's language or in English, or whose value does."""
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


def _labels(field: FormField, one: Choice, locale: str) -> tuple[str, str, str]:
    """Return a choice's label as it is read and in English, and its value, all to be compared."""
    named = field.named(one)
    mine, english = (folded(translator(language, _UTC)(named)) for language in (locale, SOURCE_LOCALE))
    return mine, english, folded(str(one.value))
