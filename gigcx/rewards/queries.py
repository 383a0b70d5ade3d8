"""Reward tables as they hold now."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa

from gigcx.db import db
from gigcx.paging import Page, Slice, read
from gigcx.principal import Principal
from gigcx.rewards.models import Reward


def visible_to(who: Principal) -> sa.Select[Reward]:
    """R-rewards-2: Staff and experts see their brands' reward tables, finance and admin all."""
    rewards = sa.select(Reward)
    if who.has("finance", "admin", "system"):
        return rewards
    if who.has("owner", "lead", "agent", "analyst", "expert"):
        return rewards.where(Reward.brand_id.in_(who.brand_ids))
    return rewards.where(sa.false())


def list_rewards(who: Principal, page: Page, *, queue_id: UUID | None = None) -> Slice[Reward]:
    """Return the rewards that hold, the latest first."""
    rewards = visible_to(who).where(Reward.effective_until.is_(None))
    if queue_id is not None:
        rewards = rewards.where(Reward.queue_id == queue_id)
    return read(
        rewards,
        page,
        by=(Reward.effective_from, Reward.id),
        key=lambda reward: (reward.effective_from, reward.id),
    )


def current_rewards(
    *, brand_ids: Sequence[UUID], queue_ids: Sequence[UUID], now: datetime
) -> Mapping[UUID, Sequence[Reward]]:
    """Return queue id → its reward table as it holds at ``now``."""
    rows = db.session.scalars(
        sa.select(Reward).where(
            Reward.brand_id.in_(brand_ids),
            Reward.queue_id.in_(queue_ids),
            Reward.effective_from <= now,
            sa.or_(Reward.effective_until.is_(None), Reward.effective_until > now),
        )
    )
    tables: dict[UUID, list[Reward]] = defaultdict(list)
    for row in rows:
        tables[row.queue_id].append(row)
    return dict(tables)
