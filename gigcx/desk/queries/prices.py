"""What a claim of a ticket costs now, and how long its claimant has."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa

from gigcx.catalog.models import Topic
from gigcx.db import db
from gigcx.desk.rules import cost_max
from gigcx.identity.models import Brand
from gigcx.money import Money
from gigcx.rewards import queries as rewards
from gigcx.rewards.rules import quote
from gigcx.tickets.models import Queue


@dataclass(frozen=True, slots=True)
class Price:
    """The terms of a claim."""

    reward: Money
    cost_max: Money
    """The reward and the platform's fee: what is reserved."""
    first_reply_minutes: int


def price_of(
    *, brand_id: UUID, queue_id: UUID, topic_id: UUID, complexity: int, language: str, now: datetime
) -> Price | None:
    """Return the terms for a ticket of these facts, or None if the queue rewards no such ticket."""
    terms = db.session.execute(
        sa.select(Queue.first_reply_minutes, Brand.fee_bps, Topic.path)
        .select_from(Queue)
        .join(Brand, Brand.id == Queue.brand_id)
        .join(Topic, sa.and_(Topic.brand_id == Queue.brand_id, Topic.id == topic_id))
        .where(Queue.brand_id == brand_id, Queue.id == queue_id)
    ).one()
    table = rewards.current_rewards(brand_ids=[brand_id], queue_ids=[queue_id], now=now)
    reward = quote(
        table.get(queue_id, ()), topic_path=terms.path, complexity=complexity, language=language
    )
    if reward is None:
        return None
    return Price(reward, cost_max(reward, fee_bps=terms.fee_bps), terms.first_reply_minutes)
