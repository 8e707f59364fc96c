"""Which fields of a connection's form a failed test points at, whatever the module calls them."""

from collections.abc import Collection, Sequence

from core.entities.viewing import EntityView
from core.forms.entities import SETTINGS
from core.forms.fields import Kind
from core.forms.form import Part
from core.texts import T
from handlers.dialogs.page import Item
from handlers.forms.filling import key_of
from jobs.trying import Blame

_NAMES = (Kind.TEXT, Kind.EMAIL)
_HOST = "host"


def blamed(blame: Blame, parts: Sequence[Part], given: Collection[str]) -> list[Part]:
    """Return the fields to look at, out of a form's own; `given` are the secrets that are there."""
    settings = [part for part in parts if part.path[0] == SETTINGS]
    return _address(settings) if blame is Blame.ADDRESS else _login(settings, given)


def stored_secrets(view: EntityView | None) -> set[str]:
    """Return the names of the secrets that an entity has."""
    return {name for name, hint in view.secrets.items() if hint} if view is not None else set()


def ways_to(parts: Sequence[Part]) -> list[Item]:
    """Return the buttons that lead to some fields."""
    return [Item(key_of(part.path), T("✏️ {name}", name=part.field.label)) for part in parts]


def _address(settings: Sequence[Part]) -> list[Part]:
    """Return where the other side is: the first address, or the name of a host."""
    return [part for part in settings if part.field.kind is Kind.URL or part.field.name == _HOST][:1]


def _login(settings: Sequence[Part], given: Collection[str]) -> list[Part]:
    """Return the first secret that is given, after the name that stands right before it."""
    for before, part in zip([None, *settings], settings, strict=False):
        if part.field.kind is Kind.SECRET and part.field.name in given:
            named = before is not None and before.field.kind in _NAMES
            return [before, part] if before is not None and named else [part]
    return []
