"""Models are learnt from a brand's history and take over only if they are not worse."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import numpy as np
import sqlalchemy as sa

from gigcx.db import db
from gigcx.ids import new_id
from gigcx.matching.models import StoredTopicModel
from gigcx.matching.queries import Example, find_model
from gigcx.matching.rules.topics import TopicModel, fit_topics, pack_model, topic_shares

HELD_OUT = 0.2
"""Share of the latest tickets on which a model is tried before it is learnt from all."""


@dataclass(frozen=True, slots=True)
class Fitted:
    """A model, and how often it was right on the latest tickets when it had not seen them."""

    model: TopicModel
    examples: int
    accuracy_bps: int


def fit_model(examples: Sequence[Example]) -> Fitted | None:
    """Learn a model from these tickets, the oldest first; None if they teach nothing.

    Takes seconds to minutes and reads nothing, so it runs between two units of work.
    """
    texts = [example.text for example in examples]
    topics = [str(example.topic_id) for example in examples]
    cut = round(len(texts) * (1 - HELD_OUT))
    tried = fit_topics(texts[:cut], topics[:cut])
    model = fit_topics(texts, topics)
    if tried is None or model is None:
        return None
    return Fitted(model, len(texts), round(10_000 * accuracy_of(tried, texts[cut:], topics[cut:])))


def accuracy_of(model: TopicModel, texts: Sequence[str], topics: Sequence[str]) -> float:
    """Return the share of texts whose likeliest topic is theirs; 0 of none."""
    if not texts:
        return 0.0
    guessed = np.asarray(model.topics)[topic_shares(model, texts).argmax(axis=1)]
    return float((guessed == np.asarray(topics)).mean())


def promote_model(
    now: datetime, *, brand_id: UUID, fitted: Fitted, latest: Sequence[Example]
) -> bool:
    """Store a model and let it answer from now on, unless the one of now is better on the latest
    tickets. Say whether it took over.
    """
    current = find_model(brand_id)
    if current is not None:
        texts = [example.text for example in latest]
        topics = [str(example.topic_id) for example in latest]
        is_worse = fitted.accuracy_bps < round(10_000 * accuracy_of(current.model, texts, topics))
    else:
        is_worse = False
    if not is_worse:
        db.session.execute(
            sa.update(StoredTopicModel)
            .where(StoredTopicModel.brand_id == brand_id, StoredTopicModel.is_current)
            .values(is_current=False)
        )
    db.session.add(
        StoredTopicModel(
            brand_id=brand_id,
            id=new_id(),
            packed=pack_model(fitted.model),
            examples=fitted.examples,
            accuracy_bps=fitted.accuracy_bps,
            is_current=not is_worse,
            fitted_at=now,
        )
    )
    db.session.flush()
    return not is_worse
