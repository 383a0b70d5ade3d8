"""Calls to third parties, written down before they are made."""

from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from gigcx.db import Base


class StripeCall(Base):
    """One call to Stripe. Its key and request never change, so that it may be sent again."""

    __tablename__ = "stripe_calls"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    kind: Mapped[str]
    subject: Mapped[UUID]
    """What the call is for: a run line, a payout account, a funding."""
    n: Mapped[int] = mapped_column(sa.SmallInteger)
    """Which try it is; a new one only after a definite failure or a person's release."""
    key: Mapped[str]
    request: Mapped[dict[str, Any]]
    request_sha256: Mapped[bytes]
    state: Mapped[str]
    stripe_id: Mapped[str | None]
    failure_code: Mapped[str | None]
    released_by: Mapped[UUID | None]
    created_at: Mapped[datetime]
    first_sent_at: Mapped[datetime | None]
    sent_at: Mapped[datetime | None]
    """When it was last sent: the sender's lease starts here."""
