"""Jobs of privacy: who asked to be forgotten, and what has been kept for long enough."""

from uuid import UUID

from gigcx.db import commit
from gigcx.http import sessions
from gigcx.privacy import service


def erase_customer(*, brand_id: str, customer_id: str, **_later_arguments: object) -> None:
    """Forget a customer."""
    commit(service.erase_customer, brand_id=UUID(brand_id), customer_id=UUID(customer_id))


def forget_old(**_later_arguments: object) -> None:
    """Delete what nobody needs any more."""
    commit(sessions.forget_expired)
    while commit(service.forget_old) == service.BATCH:
        pass
