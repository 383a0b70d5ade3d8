"""Mails as the thread knows them; their texts are the messages'."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Mapped, mapped_column

from gigcx.db import Base


class StoredMail(Base):
    """One mail that came in or went out, by its Message-ID. Never changed."""

    __tablename__ = "mails"

    brand_id: Mapped[UUID] = mapped_column(primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    ticket_id: Mapped[UUID | None]
    message_id: Mapped[UUID | None]
    """The thread's message that it brought; None for what is no message."""
    direction: Mapped[str]
    kind: Mapped[str]
    name: Mapped[str]
    """Its Message-ID."""
    detail: Mapped[str]
    at: Mapped[datetime]
