"""Payout accounts, runs, lines and what a line pays."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from gigcx.db import Base
from gigcx.money import Money


class PayoutAccount(Base):
    """An expert's account at Stripe. One lives at a time."""

    __tablename__ = "payout_accounts"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    expert_id: Mapped[UUID]
    state: Mapped[str]
    country: Mapped[str] = mapped_column(sa.CHAR(2))
    stripe_account: Mapped[str | None]
    fingerprint: Mapped[str | None]
    """Stripe's fingerprint of the bank account: it changes with the account, and only then."""
    requirement: Mapped[str]
    """What Stripe still asks of the expert, in its words."""
    link_url: Mapped[str | None]
    link_until: Mapped[datetime | None]
    cooldown_until: Mapped[datetime | None]
    created_at: Mapped[datetime]


class PayoutRun(Base):
    """A set of lines that is reviewed, approved by a second person, and sent."""

    __tablename__ = "payout_runs"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    state: Mapped[str]
    note: Mapped[str]
    created_by: Mapped[UUID] = mapped_column(server_default=sa.FetchedValue())
    """People are facts of the session: the database writes them."""
    last_edited_by: Mapped[UUID] = mapped_column(server_default=sa.FetchedValue())
    editors: Mapped[list[UUID]] = mapped_column(ARRAY(sa.Uuid), server_default=sa.FetchedValue())
    submitted_by: Mapped[UUID | None] = mapped_column(server_onupdate=sa.FetchedValue())
    submitted_at: Mapped[datetime | None]
    approved_by: Mapped[UUID | None] = mapped_column(server_onupdate=sa.FetchedValue())
    approved_at: Mapped[datetime | None]
    content_sha256: Mapped[bytes | None] = mapped_column(server_onupdate=sa.FetchedValue())
    """The hash of what would be paid, by the database, at submission and again at approval."""
    approved_sha256: Mapped[bytes | None]
    """The hash of what the approver saw."""
    executed_sha256: Mapped[bytes | None] = mapped_column(server_onupdate=sa.FetchedValue())
    executed_at: Mapped[datetime | None]
    completed_at: Mapped[datetime | None]
    waiting_reason: Mapped[str | None]
    created_at: Mapped[datetime]


class PayoutLine(Base):
    """One expert's money of one run in one currency; in speech, a payout."""

    __tablename__ = "payout_lines"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    run_id: Mapped[UUID]
    expert_id: Mapped[UUID]
    currency: Mapped[str] = mapped_column(sa.CHAR(3))
    amount_minor: Mapped[int] = mapped_column(sa.BigInteger)
    netted_minor: Mapped[int] = mapped_column(sa.BigInteger)
    """What an earlier claw-back takes of the line's earnings."""
    payout_account_id: Mapped[UUID]
    fingerprint: Mapped[str]
    state: Mapped[str]
    reason: Mapped[str]
    held_until: Mapped[datetime | None]

    @property
    def amount(self) -> Money:
        """What is transferred, as a value object."""
        return Money(self.amount_minor, self.currency)


class PayoutLineEarning(Base):
    """An earning on a line. It is on one live line at most."""

    __tablename__ = "payout_line_earnings"

    line_id: Mapped[UUID] = mapped_column(primary_key=True)
    brand_id: Mapped[UUID] = mapped_column(primary_key=True)
    earning_id: Mapped[UUID] = mapped_column(primary_key=True)
    is_live: Mapped[bool]


class BalanceTransaction(Base):
    """One movement of the platform's balance as Stripe tells it."""

    __tablename__ = "balance_transactions"

    id: Mapped[str] = mapped_column(primary_key=True)
    type: Mapped[str]
    source: Mapped[str | None]
    amount_minor: Mapped[int] = mapped_column(sa.BigInteger)
    fee_minor: Mapped[int] = mapped_column(sa.BigInteger)
    currency: Mapped[str] = mapped_column(sa.CHAR(3))
    created_at: Mapped[datetime]
    imported_at: Mapped[datetime]
