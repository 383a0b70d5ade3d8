"""From the wish to pay in to the credit on the brand's balance."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa

from gigcx import outbox
from gigcx.db import db
from gigcx.funding import rules
from gigcx.funding.models import Funding
from gigcx.funding.queries import FundingNotFound
from gigcx.funding.rules import FundingState
from gigcx.identity import queries as identity
from gigcx.ids import new_id
from gigcx.ledger import service as ledger
from gigcx.ledger.rules import Account, JournalKind, move
from gigcx.money import Money
from gigcx.outgoing import queries as calls
from gigcx.outgoing import service as outgoing
from gigcx.outgoing.rules import CallKind, CallState, Outcome
from gigcx.principal import Principal
from gigcx.tickets.service import queues


@dataclass(frozen=True, slots=True)
class CheckoutOrder:
    """A checkout to be opened at Stripe, with the key that makes it one."""

    call_id: UUID
    key: str
    brand_id: UUID
    funding_id: UUID
    brand_name: str
    amount: Money


def start_funding(now: datetime, *, who: Principal, amount: Money) -> Funding:
    """Write down that the brand wants to pay in. Its checkout page is opened by a job."""
    funding = Funding(
        brand_id=who.brand_ids[0],
        id=new_id(),
        amount_minor=amount.amount_minor,
        currency=amount.currency,
        state=FundingState.CREATED,
        refunded_minor=0,
        created_by=who.user_id,
        created_at=now,
    )
    db.session.add(funding)
    db.session.flush()
    outbox.put(now, "funding.open_checkout", brand_id=funding.brand_id, funding_id=str(funding.id))
    return funding


def claim_checkout(now: datetime, *, funding_id: UUID) -> CheckoutOrder | None:
    """Return the checkout that this process alone is to open now, or None."""
    funding = _lock(funding_id)
    if funding.state != FundingState.CREATED:
        return None
    if calls.find_call(CallKind.CHECKOUT, funding_id) is None:
        outgoing.intend(
            now,
            kind=CallKind.CHECKOUT,
            subject_id=funding_id,
            request={"amount_minor": funding.amount_minor, "currency": funding.currency},
        )
    call = outgoing.claim_call(now, kind=CallKind.CHECKOUT, subject_id=funding_id)
    if call is None:
        return None
    brand = identity.get_brand(funding.brand_id)
    return CheckoutOrder(
        call.id, call.key, funding.brand_id, funding_id, brand.name, funding.amount
    )


def record_checkout(now: datetime, *, funding_id: UUID, outcome: Outcome) -> None:
    """Store the checkout's address, or that there is none."""
    funding = _lock(funding_id)
    call = outgoing.record_outcome(
        now, kind=CallKind.CHECKOUT, subject_id=funding_id, outcome=outcome
    )
    if call is None or funding.state != FundingState.CREATED:
        return
    if outcome.state is CallState.SUCCEEDED:
        funding.state = FundingState.PENDING
        funding.checkout_url = outcome.url
    elif outcome.state is CallState.FAILED:
        funding.state = FundingState.FAILED


def credit_payment(
    now: datetime, *, funding_id: UUID, payment_intent: str, received: Money
) -> bool:
    """Credit what a payment has brought in, once, and say whether it did now.

    :param received: amount and currency of the payment itself, never those of our row.
    """
    funding = _lock(funding_id)
    if funding.payment_intent is not None:
        return False
    if funding.state == FundingState.CREATED:  # The event overtook the answer to our call.
        funding.state = FundingState.PENDING
        db.session.flush()
    if not rules.may_become(FundingState(funding.state), FundingState.SUCCEEDED):
        return False
    funding.state = FundingState.SUCCEEDED
    funding.payment_intent = payment_intent
    funding.succeeded_at = now
    db.session.flush()
    queues.mark_funded(now, brand_id=funding.brand_id, currency=received.currency)
    ledger.post(
        now,
        kind=JournalKind.FUNDING_SUCCEEDED,
        reference=f"fund:{payment_intent}",
        legs=move(
            received,
            out_of=(Account.STRIPE_CLEARING, None),
            into=(Account.BRAND_AVAILABLE, funding.brand_id),
        ),
    )
    return True


def expire_checkout(now: datetime, *, funding_id: UUID) -> bool:
    """Close a checkout that nobody paid, and say whether it was open."""
    funding = _lock(funding_id)
    if not rules.may_become(FundingState(funding.state), FundingState.EXPIRED):
        return False
    funding.state = FundingState.EXPIRED
    return True


def _lock(funding_id: UUID) -> Funding:
    funding = db.session.scalars(
        sa.select(Funding)
        .where(Funding.id == funding_id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    ).one_or_none()
    if funding is None:
        raise FundingNotFound("There is no such funding.")
    return funding
