"""How long an answer takes: what a customer may honestly expect before they ask."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from gigcx.db import db
from gigcx.desk.models import Claim
from gigcx.tickets.models import Queue, Ticket

LOOKED_BACK = timedelta(days=28)
ANSWERS_MIN = 10
"""First replies below which nothing is said about the wait: a few prove nothing."""
QUICK, SLOW = 0.5, 0.9
"""Shares of first replies that had come by the times that are told."""


@dataclass(frozen=True, slots=True)
class Supply:
    """How soon first replies came lately."""

    replies: int
    half: timedelta | None
    most: timedelta | None

    @property
    def sentence(self) -> str:
        """The wait in words."""
        if self.half is None or self.most is None:
            return "We cannot say yet how long an answer takes here."
        return (
            f"Half of the first answers of the last four weeks came within {_spoken(self.half)},"
            f" nine of ten within {_spoken(self.most)}."
        )


def supply_of(queue: Queue, *, now: datetime) -> Supply:
    """Return how soon the queue's tickets had their first reply in the last four weeks."""
    waited = sa.extract("epoch", Claim.first_replied_at - Ticket.opened_at)
    replies, half, most = db.session.execute(
        sa.select(
            sa.func.count(),
            sa.func.percentile_cont(QUICK).within_group(waited),
            sa.func.percentile_cont(SLOW).within_group(waited),
        )
        .select_from(Ticket)
        .join(Claim, sa.and_(Claim.brand_id == Ticket.brand_id, Claim.ticket_id == Ticket.id))
        .where(
            Ticket.brand_id == queue.brand_id,
            Ticket.queue_id == queue.id,
            Ticket.opened_at > now - LOOKED_BACK,
            Claim.fence == 1,
            Claim.first_replied_at.is_not(None),
        )
    ).one()
    if replies < ANSWERS_MIN:
        return Supply(replies, None, None)
    return Supply(replies, timedelta(seconds=float(half)), timedelta(seconds=float(most)))


def _spoken(wait: timedelta) -> str:
    minutes = max(round(wait / timedelta(minutes=1)), 1)
    if minutes < 90:  # noqa: PLR2004 - people say minutes up to an hour and a half
        return f"{minutes} minutes"
    return f"{round(minutes / 60)} hours"
