"""What the ERP says about one product of one store at this very moment."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from core.catalogue.lines import Reject


@dataclass(frozen=True, slots=True)
class Quote:
    """Prices are money, per piece or (`per_unit`) per unit of measure; None: none, or unreadable.

    `reject` None means that the product gets a discount, before guard rails.
    """

    code: str
    name: str
    ean: str
    base: Decimal | None
    club: Decimal | None
    till: Decimal | None
    per_unit: bool
    reject: Reject | None


@dataclass(frozen=True, slots=True)
class Quoted:
    """An answer of the ERP for a store, at an instant; `quote` None: not a product of that store."""

    store: str
    at: datetime
    quote: Quote | None
