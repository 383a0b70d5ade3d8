"""What matching knows: the brand's current model, and what it may learn from."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from uuid import UUID

import sqlalchemy as sa

from gigcx.catalog.models import Topic
from gigcx.catalog.rules import GENERAL
from gigcx.db import db
from gigcx.matching.models import StoredTopicModel
from gigcx.matching.rules.topics import TopicModel, unpack_model
from gigcx.tickets.models import Message, Ticket
from gigcx.tickets.rules import Author, TicketState

MODELS_KEPT = 128
"""Models that a process keeps unpacked: one for each brand that asks."""
EXAMPLES_MAX = 50_000
"""Tickets that a model is learnt from, the latest."""
CHARACTERS = 5_000


@dataclass(frozen=True, slots=True)
class CurrentModel:
    """A brand's model, ready to be asked."""

    id: UUID
    model: TopicModel


@dataclass(frozen=True, slots=True)
class Example:
    """One ticket to learn from, as everybody may read it."""

    topic_id: UUID
    text: str


def find_model(brand_id: UUID) -> CurrentModel | None:
    """Return the brand's current model; None until it has enough tickets to learn from."""
    model_id = db.session.scalars(
        sa.select(StoredTopicModel.id).where(
            StoredTopicModel.brand_id == brand_id, StoredTopicModel.is_current
        )
    ).one_or_none()
    return None if model_id is None else CurrentModel(model_id, _unpacked(brand_id, model_id))


def list_examples(brand_id: UUID) -> Sequence[Example]:
    """Return the tickets that were answered, the oldest first: somebody found their topic right.

    Texts are the masked ones: a model never sees personal data.
    """
    first = (
        sa.select(Message.masked_text)
        .where(
            Message.brand_id == Ticket.brand_id,
            Message.ticket_id == Ticket.id,
            Message.author == Author.CUSTOMER,
        )
        .order_by(Message.sent_at)
        .limit(1)
        .scalar_subquery()
    )
    rows = db.session.execute(
        sa.select(Ticket.topic_id, Ticket.subject, sa.func.left(first, CHARACTERS))
        .join(Topic, sa.and_(Topic.brand_id == Ticket.brand_id, Topic.id == Ticket.topic_id))
        .where(
            Ticket.brand_id == brand_id,
            Topic.name != GENERAL,
            Ticket.state.in_([TicketState.RESOLVED, TicketState.CLOSED]),
        )
        .order_by(Ticket.opened_at.desc(), Ticket.id.desc())
        .limit(EXAMPLES_MAX)
    ).all()
    return [Example(topic_id, f"{subject}\n{text or ''}") for topic_id, subject, text in rows[::-1]]


@lru_cache(maxsize=MODELS_KEPT)
def _unpacked(brand_id: UUID, model_id: UUID) -> TopicModel:
    """A model never changes under its id, so what a process has unpacked stays right."""
    return unpack_model(db.session.get_one(StoredTopicModel, (brand_id, model_id)).packed)
