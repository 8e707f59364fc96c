"""Products that wait for a person in a run, with the prices that made a guard rail hold them."""

from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core.catalogue.model import Hold, HoldKind, HoldState
from core.catalogue.rails import LineHold

IN_WAIT = (Hold.kind == HoldKind.LINE, Hold.state == HoldState.OPEN)


@dataclass(frozen=True, slots=True)
class HeldProduct:
    """A line that waits for a decision; `last` is its last verified price."""

    store_id: int
    code: str
    name: str
    reason: str
    base: Decimal
    final: Decimal
    last: Decimal | None

    @property
    def old(self) -> Decimal:
        """The price from which it moved too far: the last live one, or the one without discount."""
        return self.last if self.reason == LineHold.MAX_PRICE_CHANGE and self.last is not None else self.base

    @property
    def leap(self) -> Decimal:
        """How many times as much the greater price is as the smaller one."""
        less, more = sorted((self.old, self.final))
        return more / less if less > 0 else more


def held_product(hold: Hold) -> HeldProduct:
    last = hold.details.get("last")
    return HeldProduct(
        hold.store_id,
        hold.code or "",
        str(hold.details.get("name", "")),
        hold.reason,
        hold.base or Decimal(),
        hold.final or Decimal(),
        None if last is None else Decimal(last),
    )


def load_examples(session: Session, execution_id: int) -> dict[int, HeldProduct]:
    """Return one product in wait for each store of a run: of the first of each guard rail, what leaps most."""
    firsts = select(func.min(Hold.id)).where(Hold.execution_id == execution_id, *IN_WAIT)
    found = session.scalars(select(Hold).where(Hold.id.in_(firsts.group_by(Hold.store_id, Hold.reason))))
    examples: dict[int, HeldProduct] = {}
    for one in sorted(map(held_product, found), key=lambda product: product.leap):
        examples[one.store_id] = one
    return examples
