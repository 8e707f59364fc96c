"""What a campaign is called on the platform (`protocols/crescevendas.md` 2, `rules.md` 7.2)."""

from datetime import datetime
from string import Formatter

from core.configuration.fields import FieldProblem
from core.texts import T
from integrations.contract import StoreRef

PLACEHOLDERS = frozenset({"unit", "store", "registration", "date", "time"})
_UNIT_START, _UNIT_END = 9, 12


def check_template(template: str) -> str:
    """Return the template if it holds known placeholders only. Raises FieldProblem."""
    try:
        parts = list(Formatter().parse(template))
    except ValueError as error:
        raise FieldProblem(T("write placeholders as {example}; braces come in pairs.", example="{unit}")) from error
    for _, name, form, conversion in parts:
        if name is not None and (name not in PLACEHOLDERS or form or conversion):
            known = ", ".join(sorted(f"{{{placeholder}}}" for placeholder in PLACEHOLDERS))
            raise FieldProblem(T("the only placeholders are {known}.", known=known))
    if not template.strip():
        raise FieldProblem(T("a campaign needs a name."))
    return template


def campaign_name(template: str, store: StoreRef, start: datetime) -> str:
    """Fill a checked template; date and time are those of `start` in its own zone.

    Whatever cannot be printed (line breaks, direction marks) becomes a space.
    """
    name = template.format(
        unit=branch(store.registration),
        store=store.name,
        registration=store.registration,
        date=f"{start:%Y-%m-%d}",
        time=f"{start:%H:%M}",
    )
    return "".join(c if c.isprintable() else " " for c in name).strip()


def branch(registration: str) -> str:
    """Return characters 10 to 12: the branch's last digits in a CNPJ; of shorter ones the last three."""
    return registration[_UNIT_START:_UNIT_END] if len(registration) >= _UNIT_END else registration[-3:]
