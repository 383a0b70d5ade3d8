"""The feed: what an expert may take, the best match first, each with its reasons."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from gigcx.catalog import queries as catalog
from gigcx.db import db
from gigcx.desk.models import Claim, Resolution
from gigcx.desk.queries.eligibility import queue_conditions, ticket_conditions
from gigcx.desk.rules import Claimant, ClaimEnd, ResolutionState
from gigcx.identity import queries as identity
from gigcx.matching.rules.score import Knowledge, score_ticket
from gigcx.money import Money
from gigcx.principal import Principal
from gigcx.rewards import queries as rewards
from gigcx.rewards.rules import quote
from gigcx.tickets.models import Queue, Ticket

CANDIDATES_MAX = 50
"""Tickets of each queue that are scored, the most urgent and oldest first."""


@dataclass(frozen=True, slots=True)
class FeedItem:
    """One ticket that the expert may claim for the reward shown."""

    ticket_id: UUID
    brand_id: UUID
    brand_name: str
    queue_id: UUID
    queue_name: str
    subject: str
    topic: str
    language: str
    opened_at: datetime
    reward: Money
    estimated_minutes: int
    score: float
    reasons: tuple[str, ...]


def list_feed(who: Principal, *, now: datetime, limit: int) -> Sequence[FeedItem]:
    """Return what the expert may claim now, the best match first.

    Each queue gives its own candidates by index, so that the cost does not grow with the backlog.
    """
    rows = _candidates(who, now=now)
    if not rows:
        return []
    topics = {
        brand_id: catalog.topics_by_id(
            brand_id, {row.topic_id for row in rows if row.brand_id == brand_id}
        )
        for brand_id in {row.brand_id for row in rows}
    }
    prices = rewards.current_rewards(
        brand_ids=list(topics), queue_ids=list({row.queue_id for row in rows}), now=now
    )
    record = record_of(who, now=now)
    names = identity.brand_names(list(topics))
    items = []
    for row in rows:
        topic = topics[row.brand_id][row.topic_id]
        reward = quote(
            prices.get(row.queue_id, ()),
            topic_path=topic.path,
            complexity=row.complexity,
            language=row.language,
        )
        if reward is None:
            continue
        score = score_ticket(
            knowledge=record.on(topic),
            topic=topic.name,
            waited=now - row.opened_at,
            priority=row.priority,
            is_acquainted=row.first_expert_id == who.user_id,
        )
        items.append(
            FeedItem(
                ticket_id=row.id,
                brand_id=row.brand_id,
                brand_name=names[row.brand_id],
                queue_id=row.queue_id,
                queue_name=row.queue_name,
                subject=row.subject,
                topic=topic.name,
                language=row.language,
                opened_at=row.opened_at,
                reward=reward,
                estimated_minutes=row.estimated_minutes,
                score=round(score.points, 4),
                reasons=score.reasons,
            )
        )
    items.sort(key=lambda item: (-item.score, item.opened_at, item.ticket_id))
    return items[:limit]


@dataclass(frozen=True, slots=True)
class Record:
    """An expert's test results and outcomes, by topic."""

    tests: Mapping[UUID, int]
    """Basis points of the product test, for each certificate."""
    outcomes: Mapping[UUID, tuple[int, int]]
    """Tickets that helped and that did not."""

    def on(self, topic: catalog.TopicFacts) -> Knowledge:
        """Return what is known on a topic: the nearest certificate's test, its own outcomes."""
        test = next((self.tests[node] for node in reversed(topic.path) if node in self.tests), 0)
        return Knowledge(test, *self.outcomes.get(topic.id, (0, 0)))


def record_of(who: Principal, *, now: datetime) -> Record:
    """Return what the expert's tests and tickets say of their knowledge."""
    good = Resolution.state.in_([ResolutionState.CONFIRMED, ResolutionState.ASSUMED])
    bad = sa.or_(
        Resolution.state.in_([ResolutionState.REOPENED, ResolutionState.REJECTED]),
        Claim.ended_reason == ClaimEnd.HANDED_BACK,
    )
    rows = db.session.execute(
        sa.select(
            Ticket.topic_id,
            sa.func.count().filter(good).label("solved"),
            sa.func.count().filter(bad).label("failed"),
        )
        .select_from(Claim)
        .join(Ticket, sa.and_(Ticket.brand_id == Claim.brand_id, Ticket.id == Claim.ticket_id))
        .outerjoin(
            Resolution,
            sa.and_(Resolution.brand_id == Claim.brand_id, Resolution.claim_id == Claim.id),
        )
        .where(
            Claim.brand_id.in_(who.brand_ids),
            Claim.claimant == Claimant.EXPERT,
            Claim.claimant_id == who.user_id,
        )
        .group_by(Ticket.topic_id)
    )
    return Record(
        catalog.test_results(who, now=now),
        {row.topic_id: (row.solved, row.failed) for row in rows},
    )


def _candidates(who: Principal, *, now: datetime) -> Sequence[Any]:
    """Return the first open tickets of each queue that is open to the expert."""
    ticket = (
        sa.select(Ticket)
        .where(Ticket.brand_id == Queue.brand_id, Ticket.queue_id == Queue.id)
        .where(*ticket_conditions(who, now=now).values())
        .order_by(Ticket.priority.desc(), Ticket.opened_at)
        .limit(CANDIDATES_MAX)
        .correlate(Queue)
        .lateral("candidate")
    )
    return db.session.execute(
        sa.select(
            ticket.c.brand_id,
            ticket.c.id,
            ticket.c.queue_id,
            ticket.c.topic_id,
            ticket.c.subject,
            ticket.c.language,
            ticket.c.complexity,
            ticket.c.priority,
            ticket.c.opened_at,
            ticket.c.first_expert_id,
            Queue.name.label("queue_name"),
            Queue.estimated_minutes,
        )
        .select_from(Queue)
        .join(ticket, sa.true())
        .where(Queue.brand_id.in_(who.brand_ids))
        .where(*queue_conditions(who, now=now).values())
    ).all()
