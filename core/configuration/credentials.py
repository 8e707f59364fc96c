"""Settings of a module as they shall be: merged, judged by the module's model, secrets apart."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from pydantic import BaseModel, SecretStr, ValidationError

from core.channels.model import Channel
from core.configuration.explaining import explain
from core.configuration.modules import secret_fields
from core.configuration.problems import Path, Problems
from core.configuration.stored import Fields
from core.configuration.wanted import merged
from core.connections.model import Integration
from core.connections.repository import secret_place
from core.secrets import SealBroken, SecretBox
from core.texts import T

_DEFAULT_PORTS = {"http": 80, "https": 443}
_STAND_IN = "a-secret-that-is-given-later-on-0123456789"
"""As long as any secret has to be; it is never stored."""
_ADDRESS_KEYS = frozenset({"host", "server", "port"})


@dataclass(frozen=True, slots=True)
class SettledSettings:
    """What to store: settings as written, without secrets; secrets that change (empty: forget).

    `missing` are secrets that are needed and that nobody has given yet.
    """

    settings: Fields
    secrets: dict[str, str] = field(repr=False)
    missing: tuple[str, ...] = ()


class SettingsSettler:
    """Settles the settings of integrations and channels; with `unfinished`, secrets may be given later."""

    def __init__(self, problems: Problems, box: SecretBox, *, unfinished: bool) -> None:
        self._problems = problems
        self._box = box
        self._unfinished = unfinished

    def settle(
        self, model: type[BaseModel], given: Fields, row: Integration | Channel | None, path: Path, *, whole: bool
    ) -> SettledSettings | None:
        """Return the settings to store, or None after noting what is wrong below `path`.

        Secrets that are left out are kept, also when the rest is given `whole`.
        """
        hidden = secret_fields(model)
        new = {key: value for key, value in given.items() if key in hidden and value is not None}
        kept = self._opened(row, hidden - new.keys(), path) if row is not None else {}
        if kept is None:
            return None
        stored = {key: value for key, value in row.settings.items() if key in model.model_fields} if row else {}
        raw = merged({} if whole else stored, {key: value for key, value in given.items() if key not in hidden})
        missing: tuple[str, ...] = ()
        try:
            valid = model.model_validate(raw | kept | new)
        except ValidationError as error:
            lenient = self._unfinished and (row is None or not row.secrets)
            found = lacking(model, raw | kept | new, hidden) if lenient else None
            if found is None:
                for place, problem in explain(error, model):
                    self._problems.add((*path, *place), problem)
                return None
            missing, valid = found
        settings = valid.model_dump(mode="json", exclude_unset=True, exclude=set(hidden))
        if row is not None and row.secrets.keys() & hidden - new.keys() and moved(model, stored, settings):
            self._ask_again(sorted(row.secrets.keys() & hidden - new.keys()), path)
            return None
        return SettledSettings(settings, self._changed(valid, sorted(new.keys() - set(missing)), row), missing)

    def _opened(self, row: Integration | Channel, fields: frozenset[str], path: Path) -> dict[str, str] | None:
        opened: dict[str, str] = {}
        for key in sorted(row.secrets.keys() & fields):
            try:
                opened[key] = self._box.open(row.secrets[key], secret_place(row, key))
            except SealBroken:
                problem = T(
                    "the stored secret does not open with this key. Write it here again, or bring the key back."
                )
                self._problems.add((*path, key), problem)
                return None
        return opened

    def _changed(self, valid: BaseModel, fields: list[str], row: Integration | Channel | None) -> dict[str, str]:
        values = {key: _plain(getattr(valid, key)) for key in fields}
        return {key: value for key, value in values.items() if value != self._present(row, key)}

    def _present(self, row: Integration | Channel | None, key: str) -> str | None:
        """Return the stored value; None when it does not open, so that anything given replaces it."""
        if row is None or key not in row.secrets:
            return ""
        try:
            return self._box.open(row.secrets[key], secret_place(row, key))
        except SealBroken:
            return None

    def _ask_again(self, fields: list[str], path: Path) -> None:
        for key in fields:
            problem = T("the address has another host, scheme or port, so this secret must be written here again.")
            self._problems.add((*path, key), problem)


def lacking(model: type[BaseModel], given: Fields, secrets: frozenset[str]) -> tuple[tuple[str, ...], BaseModel] | None:
    """Return the secrets that alone are missing, and the settings with stand-ins for them; None if more is wrong."""
    absent = [key for key in model.model_fields if key in secrets and not given.get(key)]
    for some in (*((key,) for key in absent), tuple(absent)):
        try:
            return some, model.model_validate(given | dict.fromkeys(some, _STAND_IN))
        except ValidationError:
            continue
    return None


def moved(model: type[BaseModel], before: Fields, after: Fields) -> bool:
    """Tell whether settings call another host, scheme or port than before (`rules.md` 6)."""
    return dict(_addresses(model, before)) != dict(_addresses(model, after))


def _addresses(model: type[BaseModel], settings: Fields) -> Iterator[tuple[str, Any]]:
    for name, info in model.model_fields.items():
        yield from _addresses_in(name, name, settings.get(name, info.default))


def _addresses_in(path: str, name: str, value: Any) -> Iterator[tuple[str, Any]]:
    """Yield where a value calls, and each value inside of it, wherever a module keeps its addresses."""
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _addresses_in(f"{path}.{key}", key, inner)
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            yield from _addresses_in(f"{path}.{number}", name, inner)
    elif name in _ADDRESS_KEYS:
        yield path, value
    elif isinstance(value, str) and "://" in value:
        yield path, _origin(value)


def _origin(address: str) -> object:
    """Return scheme, host and port; an address that cannot be taken apart stands for itself."""
    try:
        parts = urlsplit(address)
        return parts.scheme, parts.hostname, parts.port or _DEFAULT_PORTS.get(parts.scheme)
    except ValueError:
        return address


def _plain(secret: SecretStr | None) -> str:
    return "" if secret is None else secret.get_secret_value()
