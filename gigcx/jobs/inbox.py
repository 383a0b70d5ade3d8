"""Events from outside: those of Stripe are hints what to fetch, a mail is what it says."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from types import MappingProxyType
from typing import Any

from flask import current_app

from gigcx import inbox
from gigcx.db import commit, now
from gigcx.jobs import channels, funding, payouts

SWEPT = timedelta(hours=2)
"""How far back missed events are looked for; the sweep runs every 15 minutes."""


def process_event(*, source: str, account: str, event_id: str, **_later_arguments: object) -> None:
    """Apply what an event hints at. An event that is known to be done is left alone."""
    name = inbox.EventName(source, account, event_id)
    event = commit(inbox.take_event, name=name)
    if event is None:
        return
    apply = _APPLY.get(event.type)
    if apply is None:
        commit(inbox.finish_event, name=name, is_ignored=True)
        return
    try:
        apply(event.payload, account)
    except Exception as error:
        commit(inbox.fail_event, name=name, error=repr(error))
        raise
    commit(inbox.finish_event, name=name)


def sweep(**_later_arguments: object) -> None:
    """Receive events that no webhook has brought."""
    for event in current_app.extensions["gigcx.stripe"].list_events(now() - SWEPT):
        commit(
            inbox.receive,
            name=inbox.EventName("stripe", event.account or "", event.id),
            kind=event.type,
            payload=event.payload,
        )


def _mail(payload: dict[str, Any], account: str) -> None:  # noqa: ARG001 - every application is given both
    channels.receive_mail(payload)


def _account(payload: dict[str, Any], account: str) -> None:
    payouts.refresh_account(stripe_account=account or payload["data"]["object"]["id"])


def _checkout(payload: dict[str, Any], account: str) -> None:  # noqa: ARG001
    payment_intent = payload["data"]["object"].get("payment_intent")
    if payment_intent:
        funding.refresh_payment(payment_intent=payment_intent)


def _expired(payload: dict[str, Any], account: str) -> None:  # noqa: ARG001
    funding_id = (payload["data"]["object"].get("metadata") or {}).get("funding_id")
    if funding_id:
        funding.expire_checkout(funding_id=funding_id)


def _payment(payload: dict[str, Any], account: str) -> None:  # noqa: ARG001
    funding.refresh_payment(payment_intent=payload["data"]["object"]["id"])


def _payout(payload: dict[str, Any], account: str) -> None:
    if account:
        payouts.refresh_payout(payout=payload["data"]["object"]["id"], account=account)


_APPLY: Mapping[str, Callable[[dict[str, Any], str], None]] = MappingProxyType(
    {
        "mail.received": _mail,
        "account.updated": _account,
        "checkout.session.completed": _checkout,
        "checkout.session.async_payment_succeeded": _checkout,
        "checkout.session.expired": _expired,
        "payment_intent.succeeded": _payment,
        "payout.paid": _payout,
        "payout.failed": _payout,
        "payout.canceled": _payout,
        "payout.updated": _payout,
    }
)
