"""How a customer's words are masked before anybody else reads them."""

from collections.abc import Callable
from uuid import UUID

from gigcx.customers import queries as customers
from gigcx.masking import mask
from gigcx.tickets.models import Ticket


def masker(*, brand_id: UUID, customer_name: str) -> Callable[[str], str]:
    """Return what masks texts of one customer: their name's parts are known, the tokens are the
    brand's own, so that the same address reads the same in all of its tickets.
    """
    names = [part for part in customer_name.split() if len(part) > 1]

    def masked(text: str) -> str:
        return mask(text, names=names, salt=str(brand_id))

    return masked


def masked(ticket: Ticket, text: str) -> str:
    """Return a text about a ticket as others than its writer read it."""
    customer = customers.get_customer_of(brand_id=ticket.brand_id, customer_id=ticket.customer_id)
    return masker(brand_id=ticket.brand_id, customer_name=customer.name)(text)
