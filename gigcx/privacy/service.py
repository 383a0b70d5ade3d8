"""Being forgotten: words go, money and the record of who did what stay, by number."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from gigcx import audit, idempotency, outbox
from gigcx.customers import queries as customers
from gigcx.customers import service as customer_service
from gigcx.desk.queries import tickets as desk
from gigcx.desk.service import erasing, imports
from gigcx.earnings import queries as earnings
from gigcx.errors import Conflict
from gigcx.identity import queries as identity
from gigcx.identity.service import people
from gigcx.principal import Principal
from gigcx.privacy import queries, rules
from gigcx.quality import service as quality
from gigcx.tickets.service import erasing as words

BATCH = 500
"""Tickets of which originals are forgotten in one transaction."""


class StillNeeded(Conflict):
    """Something is under way that cannot end without the person."""

    code = "privacy/still-needed"
    title = "This person cannot be forgotten yet"


def erase_customer(now: datetime, *, brand_id: UUID, customer_id: UUID) -> int:
    """Forget a customer, and whom was merged into them: name, address, all words of their tickets.
    Return how many tickets lost their words. Doing it twice changes nothing.

    Orders, rewards and the audit stay by number: the law asks for them.

    :raises CustomerNotFound: if the brand has none such.
    :raises StillNeeded: while one of their tickets is not resolved.
    """
    same, ticket_ids = _check_answered(brand_id, customer_id)
    words.erase_words(now, brand_id=brand_id, ticket_ids=ticket_ids)
    erasing.erase_words(now, brand_id=brand_id, ticket_ids=ticket_ids)
    quality.erase_comments(now, brand_id=brand_id, ticket_ids=ticket_ids)
    customer_service.erase_customers(now, brand_id=brand_id, customer_ids=same)
    audit.note(
        now,
        "privacy.customer_erased",
        subject=f"customer:{customer_id}",
        brand_id=brand_id,
        tickets=len(ticket_ids),
    )
    return len(ticket_ids)


def order_erasure(now: datetime, *, who: Principal, customer_id: UUID) -> None:
    """Let a customer be forgotten soon; refuse at once what cannot be.

    :raises CustomerNotFound: if they are not this brand's.
    :raises StillNeeded: while one of their tickets is not resolved.
    """
    customer = customers.get_customer(who, customer_id)
    _check_answered(customer.brand_id, customer_id)
    outbox.put(
        now,
        "privacy.erase_customer",
        brand_id=customer.brand_id,
        customer_id=str(customer_id),
    )


def hand_out(now: datetime, *, who: Principal, customer_id: UUID) -> dict[str, Any]:
    """Return all that is held about a customer, and write down who asked for it.

    :raises CustomerNotFound: if they are not this brand's.
    """
    told = queries.export_customer(who, customer_id)
    audit.note(
        now,
        "privacy.customer_exported",
        subject=f"customer:{customer_id}",
        brand_id=who.brand_ids[0],
    )
    return told


def erase_expert(now: datetime, *, who: Principal) -> None:
    """Forget the expert who asks: they sign in no more, and what they wrote is nobody's.

    :raises StillNeeded: while they hold a ticket, are owed money or work for a brand.
    """
    if desk.list_held(who):
        raise StillNeeded("Resolve or release the tickets that you hold.")
    owed = earnings.statement(who, now)
    if any(amount.amount_minor for amount in (*owed.pending, *owed.available)):
        raise StillNeeded("You are owed money. It is paid first, then you can go.")
    if len(identity.hats_of(who.user_id)) > 1:
        raise StillNeeded("You have another role here. Ask the brand's owner to end it.")
    people.erase_user(now, user_id=who.user_id)
    audit.note(now, "privacy.expert_erased", subject=f"user:{who.user_id}")


def forget_old(now: datetime) -> int:
    """Delete what has been kept for long enough, a batch at a time; return how many tickets."""
    idempotency.forget_before(now, before=now - rules.ANSWERS_KEPT)
    imports.forget_unread(now, before=now - rules.UNREAD_FILES_KEPT)
    return words.forget_originals(now, before=now - rules.ORIGINALS_KEPT, limit=BATCH)


def _check_answered(brand_id: UUID, customer_id: UUID) -> tuple[Sequence[UUID], Sequence[UUID]]:
    """Return the ids of a customer, with whom was merged into them, and of their tickets."""
    same = customers.same_as(brand_id=brand_id, customer_id=customer_id)
    tickets = words.list_of_customers(brand_id=brand_id, customer_ids=same)
    if any(is_live for _, is_live in tickets):
        raise StillNeeded("A question of theirs is not answered. Resolve or merge it first.")
    return same, [ticket_id for ticket_id, _ in tickets]
