"""Brands' payments."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from gigcx.db import Base
from gigcx.money import Money


class Funding(Base):
    """One payment of a brand into its balance."""

    __tablename__ = "fundings"

    brand_id: Mapped[UUID] = mapped_column(primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    amount_minor: Mapped[int] = mapped_column(sa.BigInteger)
    """What was asked for; what is credited comes from the payment itself."""
    currency: Mapped[str] = mapped_column(sa.CHAR(3))
    state: Mapped[str]
    checkout_url: Mapped[str | None]
    payment_intent: Mapped[str | None]
    refunded_minor: Mapped[int] = mapped_column(sa.BigInteger)
    created_by: Mapped[UUID]
    created_at: Mapped[datetime]
    succeeded_at: Mapped[datetime | None]

    @property
    def amount(self) -> Money:
        """What was asked for, as a value object."""
        return Money(self.amount_minor, self.currency)
