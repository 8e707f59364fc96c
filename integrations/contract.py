"""What a module is, and what the job types ask of it.

A module lives in its own folder: `module.json` (the manifest), a settings model and a
`register()` that returns a `Module`. Whoever writes a new one reads `docs/modules.md`, starts
from `integrations/crescevendas`, and lets the conformance suite judge.
"""

from collections.abc import AsyncIterator, Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, ClassVar, Protocol, runtime_checkable
from zoneinfo import ZoneInfo

import msgspec
from pydantic import AnyUrl, BaseModel, field_validator

from core.catalogue.lines import Candidate, Line, LiveLine, Reject
from core.clock import Clock
from core.configuration.fields import FieldProblem
from core.configuration.signs import is_unseen
from core.helper.process import Helper
from core.lookup.quote import Quote
from core.texts import T, Text
from core.windows import Window
from integrations.health import Health
from integrations.http import HttpClient, HttpPolicy, LastLook
from integrations.typed import LOGIN_APART


class Capability(StrEnum):
    """What a module can be used for."""

    SOURCE = "discount_source"
    TARGET = "discount_target"
    CHANNEL = "channel"


class SettingsModel(BaseModel):
    """Base of every module's settings: unknown keys are errors, secrets are `SecretStr`.

    Addresses hold no login, and texts no signs that do not show.
    """

    model_config = {"extra": "forbid", "str_strip_whitespace": True}

    @field_validator("*")
    @classmethod
    def _plain(cls, value: Any) -> Any:
        """Refuse a login inside of an address, which would be shown wherever that is, and signs that do not show."""
        for one in value if isinstance(value, list) else [value]:
            if isinstance(one, AnyUrl) and (one.username or one.password):
                raise FieldProblem(LOGIN_APART)
            if isinstance(one, str) and any(is_unseen(sign) and sign != "\n" for sign in one):
                raise FieldProblem(T("must be plain text, without signs that do not show."))
        return value


@dataclass(frozen=True, slots=True)
class StoreRef:
    """The facts of a store that modules need; `unit` and `registration` default to the CNPJ."""

    id: str
    name: str
    cnpj: str
    unit: str
    registration: str
    zone: ZoneInfo
    limit: int | None = None


@dataclass(frozen=True, slots=True)
class ModuleContext:
    """What a module gets from the hub: time, HTTP clients under the integration's name, a helper for heavy work."""

    integration: str
    clock: Clock
    http: "HttpFactory"
    helper: Helper | None = None


class HttpFactory(Protocol):
    """Makes the one kind of client that may talk to the outside."""

    def __call__(self, base_url: str, policy: HttpPolicy) -> HttpClient: ...


@dataclass(frozen=True, slots=True)
class Probe:
    """The useful answer of a connection test (CH-2)."""

    reached: str
    took: timedelta
    notes: list[Text] = field(default_factory=list)
    shapes: dict[str, str] = field(default_factory=dict)
    """Keys of real answers with the types of their values, never the values themselves."""


class Connection(Protocol):
    """A module at work with one integration's settings. Shared by all jobs; closed at the end."""

    async def probe(self) -> Probe:
        """Reach the other side once, log in, and say what was found. Raises OutsideError."""
        ...

    async def close(self) -> None: ...


@runtime_checkable
class Observed(Protocol):
    """A connection whose calls can be looked at, for the health card."""

    @property
    def health(self) -> Health: ...


@runtime_checkable
class Expiring(Protocol):
    """A connection whose login ends by itself, for the health card."""

    @property
    def login_until(self) -> datetime | None:
        """Until when the present login counts; None for none."""
        ...


class ScanPage(msgspec.Struct, frozen=True):
    """One page of a catalogue scan after the reject rules.

    `rejects` holds codes by their reason; `read` counts products on the page, `size` bytes received.
    A code may come again on a later page: the last one wins. `fresh` says that none of this
    page's codes came before or comes twice, which saves looking for them.
    """

    candidates: Sequence[Candidate]
    rejects: dict[Reject, list[str | int]]
    read: int
    size: int
    fresh: bool = False


@runtime_checkable
class DiscountSource(Connection, Protocol):
    """An ERP: knows what each product costs, and for how much less club members get it."""

    default_limit: int
    """The integration's own limit per customer, when neither product nor store names one."""

    def scan(self, store: StoreRef) -> AsyncIterator[ScanPage]:
        """Yield page after page; ends normally only when the end is proven (`rules.md` 1.1).

        Raises ScanIncomplete, CredentialsRefused, TemporarilyUnavailable, Unreachable, Refused.
        """
        ...


@runtime_checkable
class ProductSource(Connection, Protocol):
    """A source that can also be asked for a single product."""

    async def product(self, store: StoreRef, *, code: str, ean: str) -> Quote | None:
        """Ask for one product by its code, or by its EAN when `code` is empty.

        None is a proven "not in this store". Raises OutsideError, UnreadableAnswer among them.
        """
        ...


@dataclass(frozen=True, slots=True)
class Campaign:
    """A day's discounts for one store, ready to be sent.

    No lines are sent only when a person ordered that it `empties` the store. `leaving` goes to the client's
    `post`: it raises what ends the upload while nothing has left.
    """

    store: StoreRef
    window: Window
    lines: Sequence[Line]
    empties: bool = False
    leaving: LastLook | None = None


@dataclass(frozen=True, slots=True)
class UploadReceipt:
    """A clear 'accepted'; only reading back tells what is live. `raw` is redacted, 4 KB at most."""

    status: int
    raw: str


@runtime_checkable
class DiscountTarget(Connection, Protocol):
    """A loyalty platform: shows customers one campaign per store and day."""

    lead: timedelta
    """How far ahead of now a campaign may start at the earliest."""

    async def live(self, store: StoreRef, window: Window) -> Collection[LiveLine]:
        """Read every line whose window touches the day of `window`.

        Raises UnreadableAnswer for any unknown shape: an empty list is only ever a real one.
        Further: CredentialsRefused, TemporarilyUnavailable, Unreachable, Refused.
        """
        ...

    async def upload(self, campaign: Campaign) -> UploadReceipt:
        """Replace what the store has in the window by these lines. Sends exactly once.

        Raises Refused or CredentialsRefused (clear no), Unreachable or TemporarilyUnavailable
        (nothing was processed), OutcomeUnknown (it may have been: read back before sending
        again; HalfSent where that may help), BadInput for an empty list that nobody ordered.
        """
        ...


@dataclass(frozen=True, slots=True)
class Notice:
    """What a channel shall tell, in the reader's language, and for whom; `id` is the same at every try."""

    id: str
    event: str
    title: str
    lines: Sequence[str]
    at: datetime
    organisation: str = ""


@runtime_checkable
class Notifier(Connection, Protocol):
    """A channel that delivers by itself, other than Telegram's chats, which the hub's bot writes to."""

    async def notify(self, notice: Notice) -> Text | None:
        """Deliver once, and return who took it, in words; None where there is nothing to say of it.

        An error that is not permanent may be tried again, which may tell it twice.

        Raises Unreachable, TemporarilyUnavailable, OutcomeUnknown, Refused, CredentialsRefused,
        AddressRefused.
        """
        ...


class Module(Protocol):
    """What `register()` returns."""

    name: ClassVar[str]
    capabilities: ClassVar[frozenset[Capability]]
    Settings: ClassVar[type[SettingsModel]]

    def connect(self, settings: SettingsModel, context: ModuleContext) -> Connection:
        """Bind settings to a connection without calling out."""
        ...
