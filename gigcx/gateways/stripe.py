"""Stripe: the verbs that we use, and what it tells us. The only module that imports its library.

A call that changes something returns an ``Outcome`` and never raises for what the network does: not
knowing is a fact too, and has to be recorded.
"""

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import stripe

from gigcx.errors import NotAllowed, Unavailable
from gigcx.money import Money
from gigcx.outgoing.rules import Outcome
from gigcx.payouts.service.accounts import AccountFacts

TIMEOUT_SECONDS = 20
RETRIES = 2
AGE_MAX_SECONDS = 300
AHEAD_MAX_SECONDS = 60
"""The library checks the age of a signature only; one from the future passes it."""
PAGE = 100
_TRY_LATER = frozenset({"idempotency_key_in_use", "lock_timeout", "rate_limit"})


class ForgedEvent(NotAllowed):
    """An event that Stripe has not signed, or not now."""

    code = "stripe/forged-event"
    title = "The event's signature is not valid"


class StripeUnavailable(Unavailable):
    """Stripe does not answer, or refuses our key."""

    code = "stripe/unavailable"
    title = "Stripe does not answer"


@dataclass(frozen=True, slots=True)
class Event:
    """A signed event: a hint that something may have changed."""

    id: str
    type: str
    account: str | None
    payload: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Payment:
    """A payment of a brand."""

    id: str
    status: str
    received: Money
    funding_id: UUID | None


@dataclass(frozen=True, slots=True)
class Payout:
    """A payout to an expert's bank."""

    id: str
    status: str
    failure_code: str | None
    line_id: UUID | None
    call_id: UUID | None


@dataclass(frozen=True, slots=True)
class Movement:
    """One balance transaction of the platform."""

    id: str
    type: str
    source: str | None
    amount: Money
    fee: Money
    created: datetime


class StripeGateway:
    """Our side of the line to Stripe."""

    def __init__(
        self, api_key: str, *, base_address: str | None = None, webhook_secrets: Sequence[str] = ()
    ) -> None:
        """Connect nothing yet.

        :param base_address: of the stand-in; None is Stripe itself.
        :param webhook_secrets: with which events may be signed: two during a rotation.
        """
        self._secrets = tuple(filter(None, webhook_secrets))
        self._client = stripe.StripeClient(
            api_key,
            base_addresses={"api": base_address} if base_address else {},
            max_network_retries=RETRIES,
            http_client=stripe.RequestsClient(timeout=TIMEOUT_SECONDS),
        )

    # ── calls that change something ──

    def create_account(
        self, *, email: str, country: str, key: str, call_id: UUID, expert_id: UUID
    ) -> Outcome:
        """Create an expert's account, which Stripe verifies and for which we answer.

        Source: docs.stripe.com/connect/migrate-to-controller-properties.
        """
        return _outcome(
            lambda: self._client.v1.accounts.create(
                {
                    "email": email,
                    "country": country,
                    "controller": {
                        "fees": {"payer": "application"},
                        "losses": {"payments": "application"},
                        "stripe_dashboard": {"type": "express"},
                        "requirement_collection": "stripe",
                    },
                    "capabilities": {"transfers": {"requested": True}},
                    "settings": {"payouts": {"schedule": {"interval": "manual"}}},
                    "metadata": {"call_id": str(call_id), "expert_id": str(expert_id)},
                },
                {"idempotency_key": key},
            )
        )

    def create_account_link(
        self, *, account: str, refresh_url: str, return_url: str, key: str
    ) -> Outcome:
        """Make the link on which an expert answers Stripe's questions: used once, and soon."""
        return _outcome(
            lambda: self._client.v1.account_links.create(
                {
                    "account": account,
                    "refresh_url": refresh_url,
                    "return_url": return_url,
                    "type": "account_onboarding",
                },
                {"idempotency_key": key},
            )
        )

    def transfer(
        self,
        *,
        to_account: str,
        amount: Money,
        key: str,
        call_id: UUID,
        line_id: UUID,
        transfer_group: str,
    ) -> Outcome:
        """Move money of the platform to an expert's account."""
        return _outcome(
            lambda: self._client.v1.transfers.create(
                {
                    "amount": amount.amount_minor,
                    "currency": amount.currency.lower(),
                    "destination": to_account,
                    "transfer_group": transfer_group,
                    "metadata": {"call_id": str(call_id), "line_id": str(line_id)},
                },
                {"idempotency_key": key},
            )
        )

    def payout(
        self, *, account: str, amount: Money, key: str, call_id: UUID, line_id: UUID
    ) -> Outcome:
        """Send what is on an expert's account to their bank."""
        return _outcome(
            lambda: self._client.v1.payouts.create(
                {
                    "amount": amount.amount_minor,
                    "currency": amount.currency.lower(),
                    "metadata": {"call_id": str(call_id), "line_id": str(line_id)},
                },
                {"idempotency_key": key, "stripe_account": account},
            )
        )

    def reverse_transfer(self, *, transfer: str, amount: Money, key: str, call_id: UUID) -> Outcome:
        """Take a transfer back from an expert's account."""
        return _outcome(
            lambda: self._client.v1.transfers.reversals.create(
                transfer,
                {"amount": amount.amount_minor, "metadata": {"call_id": str(call_id)}},
                {"idempotency_key": key},
            )
        )

    def create_checkout(
        self,
        *,
        amount: Money,
        key: str,
        call_id: UUID,
        funding_id: UUID,
        brand_name: str,
        success_url: str,
        cancel_url: str,
    ) -> Outcome:
        """Open the page on which a brand pays in."""
        metadata = {"call_id": str(call_id), "funding_id": str(funding_id)}
        return _outcome(
            lambda: self._client.v1.checkout.sessions.create(
                {
                    "mode": "payment",
                    "line_items": [
                        {
                            "quantity": 1,
                            "price_data": {
                                "currency": amount.currency.lower(),
                                "unit_amount": amount.amount_minor,
                                "product_data": {"name": f"Balance of {brand_name}"},
                            },
                        }
                    ],
                    "metadata": metadata,
                    "payment_intent_data": {"metadata": metadata},
                    "success_url": success_url,
                    "cancel_url": cancel_url,
                },
                {"idempotency_key": key},
            )
        )

    # ── what Stripe tells us ──

    def get_account(self, account: str) -> AccountFacts:
        """Fetch what an account may do and what Stripe still asks of it."""
        told = _read(lambda: self._client.v1.accounts.retrieve(account))
        requirements = told.get("requirements") or {}
        banks = (told.get("external_accounts") or {}).get("data") or []
        return AccountFacts(
            stripe_account=told["id"],
            has_transfers=(told.get("capabilities") or {}).get("transfers") == "active",
            is_paid_out=bool(told.get("payouts_enabled")),
            due=tuple(requirements.get("currently_due") or ()),
            disabled_reason=requirements.get("disabled_reason"),
            fingerprint=banks[0].get("fingerprint") if banks else None,
        )

    def get_payment_intent(self, payment_intent: str) -> Payment:
        """Fetch a payment with what it has really brought in."""
        told = _read(lambda: self._client.v1.payment_intents.retrieve(payment_intent))
        return Payment(
            told["id"],
            told["status"],
            Money(int(told.get("amount_received") or 0), told["currency"].upper()),
            _id(told, "funding_id"),
        )

    def get_payout(self, payout: str, account: str) -> Payout:
        """Fetch a payout on an expert's account."""
        return _payout(
            _read(
                lambda: self._client.v1.payouts.retrieve(
                    payout, options={"stripe_account": account}
                )
            )
        )

    def list_payouts(self, account: str) -> Sequence[Payout]:
        """Fetch the latest payouts on an expert's account."""
        told = _read(
            lambda: self._client.v1.payouts.list({"limit": PAGE}, {"stripe_account": account})
        )
        return [_payout(payout) for payout in told["data"]]

    def balance_available(self) -> Sequence[Money]:
        """Fetch what the platform can transfer now, by currency."""
        told = _read(self._client.v1.balance.retrieve)
        return [Money(int(m["amount"]), m["currency"].upper()) for m in told["available"]]

    def iterate_balance_transactions(self, since: datetime | None) -> Iterator[Movement]:
        """Fetch the platform's movements since then, the latest first."""
        query: dict[str, Any] = {"limit": PAGE}
        if since is not None:
            query["created"] = {"gte": int(since.timestamp())}
        for one in self._pages(self._client.v1.balance_transactions.list, query):
            currency = one["currency"].upper()
            yield Movement(
                one["id"],
                one["type"],
                one.get("source"),
                Money(int(one["amount"]), currency),
                Money(int(one["fee"]), currency),
                datetime.fromtimestamp(one["created"], UTC),
            )

    def list_events(self, since: datetime) -> Sequence[Event]:
        """Fetch the events since then: for those that no webhook has brought."""
        query = {"limit": PAGE, "created": {"gte": int(since.timestamp())}}
        return [_event(one) for one in self._pages(self._client.v1.events.list, query)]

    def verify(self, payload: bytes, signature: str) -> Event:
        """Return a signed event.

        :raises ForgedEvent: if none of our secrets signed it, or not within the last 5 minutes.
        """
        for secret in self._secrets:
            try:
                stripe.WebhookSignature.verify_header(
                    payload.decode(), signature, secret, AGE_MAX_SECONDS
                )
                _check_not_ahead(signature)
                return _event(json.loads(payload))
            except (stripe.SignatureVerificationError, ValueError, KeyError):
                continue
        raise ForgedEvent("The signature is not valid.")

    @staticmethod
    def _pages(fetch: Callable[..., Any], query: dict[str, Any]) -> Iterator[dict[str, Any]]:
        while True:
            page = dict(query)
            told = _read(lambda page=page: fetch(page))  # type: ignore[misc]
            yield from told["data"]
            if not told.get("has_more"):
                return
            query = {**query, "starting_after": told["data"][-1]["id"]}


def _outcome(call: Callable[[], Any]) -> Outcome:
    """Make a call and say what came of it, by the table of outcomes.

    Source: docs.stripe.com/api/idempotent_requests: a key's first answer is kept, 500s included;
    what was refused before it began is not.
    """
    try:
        told = call()
    except (stripe.AuthenticationError, stripe.RateLimitError) as error:
        is_key = isinstance(error, stripe.AuthenticationError)
        return Outcome.try_later("api_key_refused" if is_key else "rate_limit")
    except stripe.StripeError as error:
        if error.code in _TRY_LATER or error.http_status == 409:  # noqa: PLR2004 - Conflict
            return Outcome.try_later(error.code or "conflict")
        if error.http_status is None or error.http_status >= 500:  # noqa: PLR2004 - their side
            return Outcome.unknown()
        return Outcome.failed(error.code or f"http_{error.http_status}")
    return Outcome.succeeded(getattr(told, "id", None), url=getattr(told, "url", None))


def _read(fetch: Callable[[], Any]) -> dict[str, Any]:
    try:
        told: dict[str, Any] = fetch().to_dict()
    except stripe.StripeError as error:
        raise StripeUnavailable(f"Stripe says: {error.user_message or error}") from error
    return told


def _event(told: dict[str, Any]) -> Event:
    return Event(told["id"], told["type"], told.get("account"), told)


def _payout(told: dict[str, Any]) -> Payout:
    return Payout(
        told["id"],
        told["status"],
        told.get("failure_code"),
        _id(told, "line_id"),
        _id(told, "call_id"),
    )


def _id(told: dict[str, Any], name: str) -> UUID | None:
    """Return an id of ours from an object's metadata, which anybody may have written."""
    try:
        return UUID((told.get("metadata") or {})[name])
    except (KeyError, ValueError, TypeError):
        return None


def _check_not_ahead(signature: str) -> None:
    signed_at = next(
        int(value)
        for name, _, value in (p.partition("=") for p in signature.split(","))
        if name.strip() == "t"
    )
    if signed_at > datetime.now(UTC).timestamp() + AHEAD_MAX_SECONDS:
        raise ValueError("signed in the future")
