"""Ratings as numbers and as words."""

from collections.abc import Mapping, Sequence
from uuid import UUID

import sqlalchemy as sa

from gigcx.db import db
from gigcx.quality.models import Rating
from gigcx.quality.rules import on_scale


def find_rating(*, brand_id: UUID, resolution_id: UUID) -> Rating | None:
    """Return a resolution's rating, if the customer gave one."""
    return db.session.scalars(
        sa.select(Rating).where(Rating.brand_id == brand_id, Rating.resolution_id == resolution_id)
    ).one_or_none()


def mean_ratings(
    *, brand_ids: Sequence[UUID], claimant_ids: Sequence[UUID]
) -> Mapping[UUID, tuple[float, int]]:
    """Return claimant id → (mean on 0 to 100, number of ratings)."""
    rows = db.session.execute(
        sa.select(Rating.claimant_id, sa.func.avg(Rating.stars), sa.func.count())
        .where(Rating.brand_id.in_(brand_ids), Rating.claimant_id.in_(claimant_ids))
        .group_by(Rating.claimant_id)
    )
    return {claimant_id: (on_scale(float(mean)), count) for claimant_id, mean, count in rows}
