"""Which fields of a connection's form a failed test points at, whatever the module calls them."""

from core.forms.entities import SETTINGS
from core.forms.fields import Kind
from core.forms.form import Part
from handlers.forms.filling import Filling

_NAMES = (Kind.TEXT, Kind.EMAIL)
_HOST = "host"


def address_of(filling: Filling) -> list[Part]:
    """Return where the other side is: the first address, or the name of a host."""
    parts = _settings(filling)
    return [part for part in parts if part.field.kind is Kind.URL or part.field.name == _HOST][:1]


def login_of(filling: Filling) -> list[Part]:
    """Return the first secret that is given, after the name that stands right before it."""
    parts = _settings(filling)
    hints = filling.loaded.view.secrets if filling.loaded.view is not None else {}
    given = {*filling.state["secrets"], *(name for name, hint in hints.items() if hint)}
    for before, part in zip([None, *parts], parts, strict=False):
        if part.field.kind is Kind.SECRET and part.field.name in given:
            named = before is not None and before.field.kind in _NAMES
            return [before, part] if before is not None and named else [part]
    return []


def _settings(filling: Filling) -> list[Part]:
    return [part for part in filling.form.parts() if part.path[0] == SETTINGS]
