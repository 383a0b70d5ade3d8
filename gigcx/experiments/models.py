"""Experiments and who was drawn into which arm. Constraints are in the migrations."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Mapped, mapped_column

from gigcx.db import Base
from gigcx.experiments.rules import Shares


class Experiment(Base):
    """One division of a brand's customers into arms. Its shares never change: a change is a new
    one.
    """

    __tablename__ = "experiments"

    brand_id: Mapped[UUID] = mapped_column(primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    name: Mapped[str]
    salt: Mapped[str]
    """Makes its draw independent of every other's."""
    expert_bps: Mapped[int]
    in_house_bps: Mapped[int]
    bot_bps: Mapped[int]
    state: Mapped[str]
    created_at: Mapped[datetime]
    started_at: Mapped[datetime | None]
    stopped_at: Mapped[datetime | None]

    @property
    def shares(self) -> Shares:
        """The arms' shares."""
        return Shares(self.expert_bps, self.in_house_bps, self.bot_bps)


class Assignment(Base):
    """The arm that a customer was drawn into at their first ticket, for good."""

    __tablename__ = "assignments"

    brand_id: Mapped[UUID] = mapped_column(primary_key=True)
    experiment_id: Mapped[UUID] = mapped_column(primary_key=True)
    customer_id: Mapped[UUID] = mapped_column(primary_key=True)
    point: Mapped[int]
    """Where in 10,000 the customer lies."""
    drawn: Mapped[str]
    arm: Mapped[str]
    """Another than ``drawn`` only if that arm was not available."""
    assigned_at: Mapped[datetime]
