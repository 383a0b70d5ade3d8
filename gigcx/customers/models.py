"""Customers and orders."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from gigcx.db import Base
from gigcx.money import Money


class Customer(Base):
    """Somebody who bought from a brand or asks it something."""

    __tablename__ = "customers"

    brand_id: Mapped[UUID] = mapped_column(primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    external_id: Mapped[str]
    """The brand's own name for them."""
    name: Mapped[str]
    email: Mapped[str | None]
    language: Mapped[str]
    user_id: Mapped[UUID | None]
    """The user that they are, if they sign in here too."""
    mail_bounced_at: Mapped[datetime | None]
    """When a mail to their address came back."""
    merged_into_id: Mapped[UUID | None]
    """The customer that they turned out to be, known by another channel."""
    objects_to_experiments: Mapped[bool]
    """Whether they want no draw to decide who answers them."""
    erased_at: Mapped[datetime | None]
    """When they were forgotten: no name, no address, no words are left."""
    created_at: Mapped[datetime]


class CustomerMerge(Base):
    """Two customers found to be one, by whom; undone, they are two again."""

    __tablename__ = "customer_merges"

    brand_id: Mapped[UUID] = mapped_column(primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    from_id: Mapped[UUID]
    into_id: Mapped[UUID]
    merged_by: Mapped[UUID]
    merged_at: Mapped[datetime]
    undone_at: Mapped[datetime | None]


class Order(Base):
    """A purchase at the brand."""

    __tablename__ = "orders"

    brand_id: Mapped[UUID] = mapped_column(primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    customer_id: Mapped[UUID]
    external_id: Mapped[str]
    topic_id: Mapped[UUID | None]
    """The product that was bought."""
    amount_minor: Mapped[int] = mapped_column(sa.BigInteger)
    currency: Mapped[str] = mapped_column(sa.CHAR(3))
    ordered_at: Mapped[datetime]

    @property
    def amount(self) -> Money:
        """What was paid."""
        return Money(self.amount_minor, self.currency)


class Contact(Base):
    """A question that was answered elsewhere: by phone, or in another helpdesk."""

    __tablename__ = "contacts"

    brand_id: Mapped[UUID] = mapped_column(primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    external_id: Mapped[str]
    customer_id: Mapped[UUID]
    topic_id: Mapped[UUID | None]
    resolver: Mapped[str]
    status: Mapped[str]
    rating: Mapped[int | None] = mapped_column(sa.SmallInteger)
    """1 to 5."""
    cost_minor: Mapped[int | None] = mapped_column(sa.BigInteger)
    currency: Mapped[str | None]
    contacted_at: Mapped[datetime]
