"""Events of Stripe are hints: each says what to fetch, and what is fetched is applied."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from types import MappingProxyType
from typing import Any

from flask import current_app

from gigcx import inbox
from gigcx.db import commit, now
from gigcx.jobs import funding, payouts

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
        apply(event.payload["data"]["object"], account)
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


def _account(object_: dict[str, Any], account: str) -> None:
    payouts.refresh_account(stripe_account=account or object_["id"])


def _checkout(object_: dict[str, Any], account: str) -> None:  # noqa: ARG001 - every application is given both
    if object_.get("payment_intent"):
        funding.refresh_payment(payment_intent=object_["payment_intent"])


def _expired(object_: dict[str, Any], account: str) -> None:  # noqa: ARG001
    funding_id = (object_.get("metadata") or {}).get("funding_id")
    if funding_id:
        funding.expire_checkout(funding_id=funding_id)


def _payment(object_: dict[str, Any], account: str) -> None:  # noqa: ARG001
    funding.refresh_payment(payment_intent=object_["id"])


def _payout(object_: dict[str, Any], account: str) -> None:
    if account:
        payouts.refresh_payout(payout=object_["id"], account=account)


_APPLY: Mapping[str, Callable[[dict[str, Any], str], None]] = MappingProxyType(
    {
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
