"""Ratings are given once and kept as given."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from gigcx.db import db
from gigcx.errors import Conflict
from gigcx.ids import new_id
from gigcx.quality.models import Rating


class RatedAlready(Conflict):
    """The resolution has its rating."""

    code = "quality/rated-already"
    title = "This answer is rated already"


def save_rating(
    now: datetime,
    *,
    brand_id: UUID,
    ticket_id: UUID,
    resolution_id: UUID,
    claimant_id: UUID,
    stars: int,
    comment: str,
) -> Rating:
    """Store a customer's rating of one resolution.

    :param stars: 1 to 5.
    :raises RatedAlready: if the resolution has one.
    """
    rating = db.session.scalars(
        insert(Rating)
        .values(
            brand_id=brand_id,
            id=new_id(),
            ticket_id=ticket_id,
            resolution_id=resolution_id,
            claimant_id=claimant_id,
            stars=stars,
            comment=comment,
            rated_at=now,
        )
        .on_conflict_do_nothing(index_elements=["brand_id", "resolution_id"])
        .returning(Rating)
    ).one_or_none()
    if rating is None:
        raise RatedAlready("You have rated this answer. Thank you!")
    return rating


def erase_comments(_now: datetime, *, brand_id: UUID, ticket_ids: Sequence[UUID]) -> None:
    """Erase what customers said of these tickets' answers; their stars stay."""
    db.session.execute(
        sa.update(Rating)
        .where(Rating.brand_id == brand_id, Rating.ticket_id.in_(ticket_ids))
        .values(comment="")
        .execution_options(synchronize_session=False)
    )
