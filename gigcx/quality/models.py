"""Ratings: one for each resolution."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Mapped, mapped_column

from gigcx.db import Base


class Rating(Base):
    """What a customer said of one resolution."""

    __tablename__ = "ratings"

    brand_id: Mapped[UUID] = mapped_column(primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    ticket_id: Mapped[UUID]
    resolution_id: Mapped[UUID]
    claimant_id: Mapped[UUID]
    """Who answered: an expert or a person of the brand."""
    stars: Mapped[int]
    comment: Mapped[str]
    rated_at: Mapped[datetime]
