"""Rewards by queue, with the time for which they hold."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from gigcx.db import Base
from gigcx.money import Money


class Reward(Base):
    """What one resolution of a queue earns, for all tickets or those of a topic."""

    __tablename__ = "rewards"

    brand_id: Mapped[UUID] = mapped_column(primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    queue_id: Mapped[UUID]
    topic_id: Mapped[UUID | None]
    complexity: Mapped[int | None] = mapped_column(sa.SmallInteger)
    language: Mapped[str | None]
    amount_minor: Mapped[int] = mapped_column(sa.BigInteger)
    currency: Mapped[str] = mapped_column(sa.CHAR(3))
    effective_from: Mapped[datetime]
    effective_until: Mapped[datetime | None]

    @property
    def amount(self) -> Money:
        """The reward as a value object."""
        return Money(self.amount_minor, self.currency)
