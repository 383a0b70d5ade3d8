"""What a queue pays."""

from uuid import UUID

from gigcx.db import commit
from gigcx.money import Money
from gigcx.rewards import service
from gigcx.rewards.models import Reward
from tests.acting import acting
from tests.factories.identity import owner_of

TEN_EUROS = Money(1000, "EUR")


def reward(brand_id: UUID, queue_id: UUID, amount: Money = TEN_EUROS, **key) -> Reward:
    """Set what the queue pays, for all of its tickets or for those of one key."""
    with acting(owner_of(brand_id)):
        return commit(
            service.set_reward, brand_id=brand_id, queue_id=queue_id, amount=amount, **key
        )
