"""Experts and applications."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from gigcx.db import Base


class Expert(Base):
    """A user who answers. Facts that features below must know are written down here."""

    __tablename__ = "experts"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    """The user's."""
    standing: Mapped[str]
    languages: Mapped[list[str]] = mapped_column(ARRAY(sa.Text))
    claims_max: Mapped[int] = mapped_column(sa.SmallInteger)
    """Tickets that they take at once."""
    time_zone: Mapped[str]
    country: Mapped[str] = mapped_column(sa.CHAR(2))
    paused_until: Mapped[datetime | None]
    payout_fingerprint: Mapped[str | None]
    created_at: Mapped[datetime]


class Application(Base):
    """An expert's way to one brand."""

    __tablename__ = "applications"

    brand_id: Mapped[UUID] = mapped_column(primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    expert_id: Mapped[UUID]
    state: Mapped[str]
    declined_reason: Mapped[str | None]
    badge: Mapped[str]
    """What customers read beside the name: what is proven of the expert."""
    applied_at: Mapped[datetime]
