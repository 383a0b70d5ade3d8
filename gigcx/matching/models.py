"""Models that were learnt, kept with what they were worth. Constraints are in the migrations."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Mapped, mapped_column

from gigcx.db import Base


class StoredTopicModel(Base):
    """What a brand's tickets taught about its topics, as numbers."""

    __tablename__ = "topic_models"

    brand_id: Mapped[UUID] = mapped_column(primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    packed: Mapped[bytes]
    examples: Mapped[int]
    """Tickets that it was learnt from."""
    accuracy_bps: Mapped[int]
    """Share of the latest tickets, not learnt from, whose topic it found."""
    is_current: Mapped[bool]
    """Whether it is asked. One of a brand's is."""
    fitted_at: Mapped[datetime]
