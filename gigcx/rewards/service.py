"""A brand sets what its queues pay."""

from datetime import datetime, timedelta
from uuid import UUID

import sqlalchemy as sa

from gigcx.db import db, violated
from gigcx.errors import Conflict, NotFound
from gigcx.ids import new_id
from gigcx.money import Money
from gigcx.rewards.models import Reward


class RewardPlaceNotFound(NotFound):
    """The queue or topic that the reward is for is not this brand's."""

    code = "rewards/place-not-found"
    title = "No such queue or topic"


class CurrencyNotOfQueue(Conflict):
    """A queue pays in one currency."""

    code = "rewards/currency-not-of-queue"
    title = "The queue pays in another currency"


def set_reward(
    now: datetime,
    *,
    brand_id: UUID,
    queue_id: UUID,
    amount: Money,
    topic_id: UUID | None = None,
    complexity: int | None = None,
    language: str | None = None,
) -> Reward:
    """Set what a resolution earns from now on; the row it replaces ends now.

    :raises CurrencyNotOfQueue: if the queue pays in another one.
    :raises RewardPlaceNotFound: if the brand has no such queue or topic.
    """
    same = (
        Reward.brand_id == brand_id,
        Reward.queue_id == queue_id,
        Reward.topic_id.is_not_distinct_from(topic_id),
        Reward.complexity.is_not_distinct_from(complexity),
        Reward.language.is_not_distinct_from(language),
        Reward.effective_until.is_(None),
    )
    current = db.session.scalars(sa.select(Reward).where(*same).with_for_update()).one_or_none()
    if current is not None:
        if current.amount == amount:
            return current
        current.effective_until = max(now, current.effective_from + timedelta(microseconds=1))
        db.session.flush()
    reward = Reward(
        brand_id=brand_id,
        id=new_id(),
        queue_id=queue_id,
        topic_id=topic_id,
        complexity=complexity,
        language=language,
        amount_minor=amount.amount_minor,
        currency=amount.currency,
        effective_from=now,
    )
    db.session.add(reward)
    try:
        db.session.flush()
    except sa.exc.IntegrityError as error:
        if violated(error) == "reward_in_currency_of_queue":
            raise CurrencyNotOfQueue(
                f"The queue does not pay in {amount.currency}. Use the queue's own currency."
            ) from error
        if violated(error) in {"reward_of_queue", "reward_of_topic"}:
            raise RewardPlaceNotFound("The brand has no such queue or topic.") from error
        raise
    return reward
