"""Jobs that talk to Stripe about brands' money."""

from uuid import UUID

from flask import current_app

from gigcx.db import commit
from gigcx.funding import service as funding
from gigcx.jobs.payouts import stripe


def open_checkout(*, funding_id: str, **_later_arguments: object) -> None:
    """Open the page on which a brand pays."""
    order = commit(funding.claim_checkout, funding_id=UUID(funding_id))
    if order is None:
        return

    public_url = current_app.config["PUBLIC_URL"]
    outcome = stripe().create_checkout(
        amount=order.amount,
        key=order.key,
        call_id=order.call_id,
        funding_id=order.funding_id,
        brand_name=order.brand_name,
        success_url=f"{public_url}/brand/funding?paid=1",
        cancel_url=f"{public_url}/brand/funding",
    )

    commit(funding.record_checkout, funding_id=order.funding_id, outcome=outcome)


def refresh_payment(*, payment_intent: str, **_later_arguments: object) -> None:
    """Fetch a payment from Stripe and credit it if it has succeeded: events are only hints."""
    told = stripe().get_payment_intent(payment_intent)
    if told.status != "succeeded" or told.funding_id is None:
        return
    commit(
        funding.credit_payment,
        funding_id=told.funding_id,
        payment_intent=payment_intent,
        received=told.received,
    )


def expire_checkout(*, funding_id: str, **_later_arguments: object) -> None:
    """Close a checkout that nobody paid."""
    commit(funding.expire_checkout, funding_id=UUID(funding_id))
