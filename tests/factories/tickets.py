"""Queues in which a brand's tickets wait."""

from uuid import UUID

from gigcx.db import commit
from gigcx.ids import new_id
from gigcx.money import Money
from gigcx.tickets.models import Queue
from gigcx.tickets.service import queues
from tests.acting import acting
from tests.factories.funding import PLENTY, fund
from tests.factories.identity import owner_of
from tests.factories.rewards import TEN_EUROS, reward


def draft_queue(brand_id: UUID, **changes) -> Queue:
    """Make a queue that nobody sees yet."""
    values = {"name": f"Help {new_id()}", "brief": "Be kind.", "currency": "EUR"}
    with acting(owner_of(brand_id)):
        return commit(queues.create_queue, brand_id=brand_id, **values | changes)


def queue(
    brand_id: UUID, *, pays: Money = TEN_EUROS, funds: Money | None = PLENTY, **changes
) -> Queue:
    """Make an open queue with one reward for all, and pay ``funds`` in."""
    made = draft_queue(brand_id, currency=pays.currency, **changes)
    reward(brand_id, made.id, pays)
    with acting(owner_of(brand_id)):
        opened = commit(queues.open_queue, brand_id=brand_id, queue_id=made.id)
    if funds is not None:
        fund(brand_id, funds)
    return opened
