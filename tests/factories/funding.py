"""Money that a brand has paid in."""

from uuid import UUID

from gigcx.db import commit
from gigcx.funding import service
from gigcx.ids import new_id
from gigcx.money import Money
from gigcx.principal import SYSTEM
from tests.acting import acting
from tests.factories.identity import owner_of

PLENTY = Money(100_000, "EUR")


def fund(brand_id: UUID, amount: Money = PLENTY) -> UUID:
    """Pay in, as an event of Stripe confirms it; return the funding's id."""
    owner = owner_of(brand_id)
    with acting(owner):
        funding_id = commit(service.start_funding, who=owner, amount=amount).id
    with acting(SYSTEM):
        commit(
            service.credit_payment,
            funding_id=funding_id,
            payment_intent=f"pi_{new_id().hex}",
            received=amount,
        )
    return funding_id
