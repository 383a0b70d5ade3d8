"""Customers of a brand."""

from uuid import UUID

from gigcx.customers import service
from gigcx.db import commit
from gigcx.desk.queries.tickets import get_ticket
from gigcx.ids import new_id
from gigcx.principal import Principal
from tests.acting import acting
from tests.factories.identity import owner_of


def customer(brand_id: UUID, **changes) -> Principal:
    """Make a customer; the principal is the one of their signed link."""
    values = {"external_id": str(new_id()), "name": "Jo Miller"}
    with acting(owner_of(brand_id)):
        customer_id = commit(service.save_customer, brand_id=brand_id, **values | changes)
    return Principal(customer_id, brand_ids=(brand_id,), roles=frozenset({"customer"}))


def customer_of(brand_id: UUID, ticket_id: UUID) -> Principal:
    """Return who asked a ticket."""
    with acting(owner_of(brand_id)) as owner:
        asked = get_ticket(owner, ticket_id).ticket
    return Principal(asked.customer_id, brand_ids=(brand_id,), roles=frozenset({"customer"}))
