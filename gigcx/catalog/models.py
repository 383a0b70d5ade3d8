"""Topics and certificates."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from gigcx.db import Base


class Topic(Base):
    """A node of a brand's product catalogue."""

    __tablename__ = "topics"

    brand_id: Mapped[UUID] = mapped_column(primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    parent_id: Mapped[UUID | None]
    name: Mapped[str]
    path: Mapped[list[UUID]] = mapped_column(ARRAY(sa.Uuid))
    """From the top down to this topic, itself included."""
    created_at: Mapped[datetime]


class Certificate(Base):
    """Proof that an expert knows a topic, and so all below it."""

    __tablename__ = "certificates"

    brand_id: Mapped[UUID] = mapped_column(primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    expert_id: Mapped[UUID]
    topic_id: Mapped[UUID]
    state: Mapped[str]
    score_bps: Mapped[int]
    """The product test's result in basis points."""
    issued_at: Mapped[datetime]
    valid_until: Mapped[datetime]
