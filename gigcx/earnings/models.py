"""Earnings. Unique by kind and subject: nothing is paid twice."""

from datetime import date, datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from gigcx.db import Base
from gigcx.money import Money


class Earning(Base):
    """Money owed to one expert for one thing done."""

    __tablename__ = "earnings"

    brand_id: Mapped[UUID] = mapped_column(primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    kind: Mapped[str]
    subject: Mapped[UUID]
    """What was done: for a reward, the resolution."""
    expert_id: Mapped[UUID]
    ticket_id: Mapped[UUID | None]
    reservation_id: Mapped[UUID | None]
    resolution_id: Mapped[UUID | None]
    contract_version: Mapped[int | None]
    """The version of the queue's contract that pays it."""
    share_bps: Mapped[int | None]
    amount_minor: Mapped[int] = mapped_column(sa.BigInteger)
    fee_minor: Mapped[int] = mapped_column(sa.BigInteger)
    """The platform's fee on it, which the brand pays on top."""
    currency: Mapped[str] = mapped_column(sa.CHAR(3))
    state: Mapped[str]
    created_at: Mapped[datetime]
    confirmed_at: Mapped[datetime | None]
    release_on: Mapped[date | None]

    @property
    def amount(self) -> Money:
        """The expert's money as a value object."""
        return Money(self.amount_minor, self.currency)

    @property
    def fee(self) -> Money:
        """The platform's fee as a value object."""
        return Money(self.fee_minor, self.currency)
