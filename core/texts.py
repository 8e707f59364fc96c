"""Messages as values: written in English, kept with their parameters, rendered late.

A `Text` is what errors, outcomes and cards carry. It is stored as JSON and turned into
words only when it is known who reads it (`core.i18n.Translator`). `T` and `TN` are the
keywords that the extraction of messages looks for.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any, Union


@dataclass(frozen=True, slots=True)
class Currency:
    """A currency by its code, told by its name."""

    code: str

    def __str__(self) -> str:
        return self.code


@dataclass(frozen=True, slots=True)
class Zone:
    """A time zone by its key, told by its name."""

    key: str

    def __str__(self) -> str:
        return self.key


Param = Union[
    str, int, float, Decimal, datetime, date, time, timedelta, Currency, Zone, "Text", list["Text"], list[str]
]


@dataclass(frozen=True, slots=True)
class Text:
    """A message (msgid) with its parameters; `plural` and `count` choose the form by number.

    Decimal parameters are money, datetimes instants (UTC), timedeltas durations.
    """

    message: str
    params: Mapping[str, Param] = field(default_factory=dict)
    plural: str | None = None
    count: int = 1

    def to_json(self) -> dict[str, Any]:
        data: dict[str, Any] = {"message": self.message}
        if self.params:
            data["params"] = {name: _dump(value) for name, value in self.params.items()}
        if self.plural is not None:
            data |= {"plural": self.plural, "count": self.count}
        return data

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "Text":
        params = {name: _load(value) for name, value in data.get("params", {}).items()}
        return cls(data["message"], params, data.get("plural"), data.get("count", 1))

    def __str__(self) -> str:
        """English, for logs and tests; people get `Translator`'s rendering."""
        form = self.plural if self.plural is not None and self.count != 1 else self.message
        return form.format(**{"n": self.count, **{name: _plain(value) for name, value in self.params.items()}})


def _plain(value: Param) -> Param:
    return ", ".join(map(str, value)) if isinstance(value, list) else value


def T(message: str, **params: Param) -> Text:  # noqa: N802 - a keyword of message extraction
    """Return a message with one form."""
    return Text(message, params)


def TN(singular: str, plural: str, n: int, none: Text | None = None, **params: Param) -> Text:  # noqa: N802 - as T
    """Return a message whose form depends on the number `n`, also usable as `{n}` in it.

    `none` says it in words of its own: people write “no stores”, and languages do not agree on the form of a nought.
    """
    return none if n == 0 and none is not None else Text(singular, params, plural, n)


def _dump(value: Param) -> Any:
    match value:
        case Text():
            return {"text": value.to_json()}
        case Decimal():
            return {"money": str(value)}
        case datetime():
            return {"instant": value.isoformat()}
        case date():
            return {"date": value.isoformat()}
        case time():
            return {"time": value.isoformat()}
        case timedelta():
            return {"seconds": value.total_seconds()}
        case Currency():
            return {"currency": value.code}
        case Zone():
            return {"zone": value.key}
        case list():
            return [_dump(item) for item in value]
        case _:
            return value


def _load(value: Any) -> Any:
    if isinstance(value, list):
        return [_load(item) for item in value]
    if not isinstance(value, dict):
        return value
    ((kind, raw),) = value.items()
    return _LOADERS[kind](raw)


_LOADERS: dict[str, Any] = {
    "text": Text.from_json,
    "money": Decimal,
    "instant": datetime.fromisoformat,
    "date": date.fromisoformat,
    "time": time.fromisoformat,
    "seconds": lambda seconds: timedelta(seconds=seconds),
    "currency": Currency,
    "zone": Zone,
}


def percent(number: float) -> Text:
    """Return a share out of a hundred as the reader's language writes it."""
    return T("{number}%", number=number)
