"""What a product is called, whichever store sells it: for finding it by name or barcode (CH-15)."""

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from core.db.base import Base


class KnownProduct(Base):
    """A product that some scan of the chain has seen discounted; it stays when the discount ends.

    `words` is the name as it is searched (`core.lookup.words.searchable`), `barcode` the EAN
    without leading zeros.
    """

    __tablename__ = "known_products"
    __table_args__ = (Index("ix_known_products_organisation_id_barcode", "organisation_id", "barcode"),)

    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"), primary_key=True, autoincrement=False)
    code: Mapped[str] = mapped_column(String(20), primary_key=True)
    name: Mapped[str] = mapped_column(String(200))
    ean: Mapped[str] = mapped_column(String(20))
    words: Mapped[str] = mapped_column(Text)
    barcode: Mapped[str] = mapped_column(String(20))


class IndexedSnapshot(Base):
    """Up to which snapshot (by its digest) the products of a store are known."""

    __tablename__ = "indexed_snapshots"

    store_id: Mapped[int] = mapped_column(ForeignKey("stores.id"), primary_key=True, autoincrement=False)
    digest: Mapped[str] = mapped_column(String(64))
