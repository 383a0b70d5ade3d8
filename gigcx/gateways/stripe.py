"""Stripe: the verbs that we use, and what it tells us. The only module that imports its library.

A call that changes something returns an ``Outcome`` and never raises for what the network does: not
knowing is a fact too, and has to be recorded.
"""

import json
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import stripe

from gigcx.errors import NotAllowed, NotFound, Unavailable
from gigcx.gateways.stripe_objects import Checkout, Event, Movement, Payment, Payout, Told, Transfer
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
_MISSING = frozenset({"resource_missing", "account_invalid"})
_DEFINITE = frozenset({400, 402, 403, 404})
"""With these Stripe says that there was no effect. All else but success leaves it open."""


class ForgedEvent(NotAllowed):
    """An event that Stripe has not signed, or not now."""

    code = "stripe/forged-event"
    title = "The event's signature is not valid"


class StripeUnavailable(Unavailable):
    """Stripe does not answer, or refuses our key."""

    code = "stripe/unavailable"
    title = "Stripe does not answer"


class StripeObjectMissing(NotFound):
    """Stripe knows no such object, or not on that account."""

    code = "stripe/object-missing"
    title = "Stripe does not know it"


class StripeGateway:
    """Our side of the line to Stripe."""

    def __init__(
        self,
        api_key: str,
        *,
        base_address: str | None = None,
        webhook_secrets: Sequence[str] = (),
        timeout_seconds: float = TIMEOUT_SECONDS,
    ) -> None:
        """Connect nothing yet.

        :param base_address: of the stand-in; None is Stripe itself.
        :param webhook_secrets: with which events may be signed: two during a rotation.
        :param timeout_seconds: of one try. With its retries a call must take less than
            ``CALL_TAKES_MAX``, or a second sender believes the first one dead.
        """
        self._secrets = tuple(filter(None, webhook_secrets))
        self._client = stripe.StripeClient(
            api_key,
            base_addresses={"api": base_address} if base_address else {},
            max_network_retries=RETRIES,
            http_client=stripe.RequestsClient(timeout=timeout_seconds),
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
        return Payment.read(_read(lambda: self._client.v1.payment_intents.retrieve(payment_intent)))

    def get_checkout(self, session: str) -> Checkout:
        """Fetch a checkout with the payment that came of it."""
        return Checkout.read(_read(lambda: self._client.v1.checkout.sessions.retrieve(session)))

    def get_transfer(self, transfer: str) -> Transfer:
        """Fetch a transfer with what has come back of it."""
        return Transfer.read(_read(lambda: self._client.v1.transfers.retrieve(transfer)))

    def list_transfers(self, transfer_group: str) -> Sequence[Transfer]:
        """Fetch all transfers of a group: what is not among them has not happened."""
        query = {"limit": PAGE, "transfer_group": transfer_group}
        return [Transfer.read(one) for one in self._pages(self._client.v1.transfers.list, query)]

    def get_payout(self, payout: str, account: str) -> Payout:
        """Fetch a payout on an expert's account."""
        options: stripe.RequestOptions = {"stripe_account": account}
        return Payout.read(_read(lambda: self._client.v1.payouts.retrieve(payout, options=options)))

    def list_payouts(self, account: str) -> Sequence[Payout]:
        """Fetch all payouts on an expert's account: what is not among them has not happened."""
        options: stripe.RequestOptions = {"stripe_account": account}
        pages = self._pages(
            lambda page: self._client.v1.payouts.list(page, options), {"limit": PAGE}
        )
        return [Payout.read(one) for one in pages]

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
            yield Movement.read(one)

    def list_events(self, since: datetime) -> Sequence[Event]:
        """Fetch the events since then: for those that no webhook has brought."""
        query = {"limit": PAGE, "created": {"gte": int(since.timestamp())}}
        return [Event.read(one) for one in self._pages(self._client.v1.events.list, query)]

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
                return Event.read(json.loads(payload))
            except (stripe.SignatureVerificationError, ValueError, LookupError, TypeError):
                continue
        raise ForgedEvent("The signature is not valid.")

    @staticmethod
    def _pages(fetch: Callable[..., Any], query: dict[str, Any]) -> Iterator[Told]:
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
    except stripe.StripeError as error:
        return _outcome_of(error)
    return Outcome.succeeded(getattr(told, "id", None), url=getattr(told, "url", None))


def _outcome_of(error: stripe.StripeError) -> Outcome:
    if isinstance(error, stripe.AuthenticationError):
        return Outcome.try_later("api_key_refused")
    code = _code(error)
    if isinstance(error, stripe.RateLimitError) or code in _TRY_LATER:
        return Outcome.try_later(code or "rate_limit")
    # The key has stood for another request. What became of that one is not said.
    if isinstance(error, stripe.IdempotencyError) or error.http_status not in _DEFINITE:
        return Outcome.unknown()
    return Outcome.failed(code or f"http_{error.http_status}")


def _code(error: stripe.StripeError) -> str | None:
    """Return Stripe's code, which the library gives to some kinds of errors only."""
    return error.code or (error.error.code if error.error else None)


def _read(fetch: Callable[[], Any]) -> Told:
    """Fetch an object.

    :raises StripeObjectMissing: if Stripe says that there is none.
    :raises StripeUnavailable: if it says nothing, or not this.
    """
    try:
        told: Told = fetch().to_dict()
    except stripe.StripeError as error:
        if _code(error) in _MISSING:
            raise StripeObjectMissing(f"Stripe says: {error.user_message}") from error
        raise StripeUnavailable(f"Stripe says: {error.user_message or error}") from error
    return told


def _check_not_ahead(signature: str) -> None:
    signed_at = next(
        int(value)
        for name, _, value in (p.partition("=") for p in signature.split(","))
        if name.strip() == "t"
    )
    if signed_at > datetime.now(UTC).timestamp() + AHEAD_MAX_SECONDS:
        raise ValueError("signed in the future")
