"""The ledger's tables, for reading. Only ``ledger_post`` in the database writes them."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from gigcx.db import Base
from gigcx.money import Money


class LedgerAccount(Base):
    """What we owe one owner on one kind of account in one currency."""

    __tablename__ = "ledger_accounts"

    id: Mapped[int] = mapped_column(sa.BigInteger, sa.Identity(always=True), primary_key=True)
    kind: Mapped[str]
    owner_id: Mapped[UUID]
    currency: Mapped[str] = mapped_column(sa.CHAR(3))
    brand_id: Mapped[UUID | None] = mapped_column(sa.Computed("", persisted=True))
    expert_id: Mapped[UUID | None] = mapped_column(sa.Computed("", persisted=True))
    balance_minor: Mapped[int | None] = mapped_column(sa.BigInteger)
    """Kept for owned accounts; a platform account's balance is summed when asked for."""


class JournalEntry(Base):
    """The header of one movement of money."""

    __tablename__ = "journal_entries"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    kind: Mapped[str]
    reference: Mapped[str]
    """Names the cause: ``claim:<id>:reserved``."""
    legs_sha256: Mapped[bytes]
    reverses: Mapped[UUID | None]
    posted_at: Mapped[datetime]


class Posting(Base):
    """One leg of a journal entry."""

    __tablename__ = "postings"

    entry_id: Mapped[UUID] = mapped_column(sa.ForeignKey("journal_entries.id"), primary_key=True)
    leg: Mapped[int] = mapped_column(sa.SmallInteger, primary_key=True)
    account_id: Mapped[int] = mapped_column(sa.BigInteger)
    currency: Mapped[str] = mapped_column(sa.CHAR(3))
    amount_minor: Mapped[int] = mapped_column(sa.BigInteger)
    posted_at: Mapped[datetime]

    @property
    def amount(self) -> Money:
        """The leg as a value object."""
        return Money(self.amount_minor, self.currency)
