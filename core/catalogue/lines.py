"""What travels from the ERP to the platform: candidates, rejects and lines.

Structs instead of models, because tens of thousands pass through per store.
Prices are Decimal with two places (`core.money.to_cents`), codes strings without
leading zeros, limits whole pieces per customer.
"""

from datetime import datetime
from decimal import Decimal
from enum import StrEnum

import msgspec


class Reject(StrEnum):
    """Why a product is not in the list; the first that applies counts (`rules.md` 1.5)."""

    INACTIVE = "inactive"
    BLOCKED = "blocked"
    CANCELLED = "cancelled"
    PLACEHOLDER_NAME = "placeholder_name"
    INVALID_NUMBER = "invalid_number"
    ZERO_PRICE = "zero_price"
    NO_CLUB_PRICE = "no_club_price"
    CLUB_NOT_BELOW_BASE = "club_not_below_base"


class Candidate(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """A product whose club price is below its base price, as the ERP gave it.

    Its JSON is a list in the order of these fields: half the bytes of one with names.

    `till` is what the till charges (None: unknown or unreadable, the check is off),
    `limit` None means the ERP gave none: the store's or the integration's counts.
    """

    code: str
    name: str
    ean: str
    base: Decimal
    final: Decimal
    limit: int | None = None
    till: Decimal | None = None
    per_unit: bool = False


class Line(msgspec.Struct, frozen=True, gc=False, order=False):
    """One discount as sent to and read back from the platform."""

    code: str
    price: Decimal
    final_price: Decimal
    limit: int


class LiveLine(msgspec.Struct, frozen=True, gc=False):
    """One discount as the platform tells it; what could not be read is None, never equal.

    `starts` and `ends` are aware instants, None where the answer has no window.
    """

    code: str
    price: Decimal | None
    final_price: Decimal | None
    limit: int | None
    starts: datetime | None = None
    ends: datetime | None = None
