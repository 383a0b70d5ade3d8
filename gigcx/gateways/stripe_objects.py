"""What Stripe tells us, in our types: read from its JSON, which may hold more than we know."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Self
from uuid import UUID

from gigcx.money import Money

Told = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Event:
    """A signed event: a hint that something may have changed."""

    id: str
    type: str
    account: str | None
    created: datetime
    object_id: str | None
    """None for what has no id, as a balance."""
    object_type: str | None
    payload: Told

    @classmethod
    def read(cls, told: Told) -> Self:
        """Read an event.

        :raises KeyError: if it is none of those that carry their object.
        """
        subject = told["data"]["object"]
        return cls(
            id=told["id"],
            type=told["type"],
            account=told.get("account"),
            created=_time(told["created"]),
            object_id=subject.get("id"),
            object_type=subject.get("object"),
            payload=told,
        )


@dataclass(frozen=True, slots=True)
class Payment:
    """A payment of a brand."""

    id: str
    status: str
    received: Money
    funding_id: UUID | None

    @classmethod
    def read(cls, told: Told) -> Self:
        """Read a PaymentIntent."""
        received = int(told.get("amount_received") or 0)
        return cls(
            told["id"], told["status"], _money(received, told), metadata_id(told, "funding_id")
        )


@dataclass(frozen=True, slots=True)
class Checkout:
    """A page on which a brand pays, and the payment that came of it."""

    id: str
    status: str | None
    payment_intent: str | None
    funding_id: UUID | None
    call_id: UUID | None

    @classmethod
    def read(cls, told: Told) -> Self:
        """Read a Checkout Session."""
        return cls(
            told["id"],
            told.get("status"),
            told.get("payment_intent"),
            metadata_id(told, "funding_id"),
            metadata_id(told, "call_id"),
        )


@dataclass(frozen=True, slots=True)
class Transfer:
    """Money that went to an expert's account, and how much of it came back."""

    id: str
    account: str | None
    amount: Money
    reversed: Money
    line_id: UUID | None
    call_id: UUID | None

    @classmethod
    def read(cls, told: Told) -> Self:
        """Read a transfer."""
        return cls(
            told["id"],
            told.get("destination"),
            _money(told["amount"], told),
            _money(told["amount_reversed"], told),
            metadata_id(told, "line_id"),
            metadata_id(told, "call_id"),
        )


@dataclass(frozen=True, slots=True)
class Payout:
    """A payout to an expert's bank."""

    id: str
    status: str
    failure_code: str | None
    line_id: UUID | None
    call_id: UUID | None

    @classmethod
    def read(cls, told: Told) -> Self:
        """Read a payout."""
        return cls(
            told["id"],
            told["status"],
            told.get("failure_code"),
            metadata_id(told, "line_id"),
            metadata_id(told, "call_id"),
        )


@dataclass(frozen=True, slots=True)
class Movement:
    """One balance transaction of the platform."""

    id: str
    type: str
    source: str | None
    amount: Money
    fee: Money
    created: datetime

    @classmethod
    def read(cls, told: Told) -> Self:
        """Read a balance transaction."""
        return cls(
            told["id"],
            told["type"],
            told.get("source"),
            _money(told["amount"], told),
            _money(told["fee"], told),
            _time(told["created"]),
        )


def metadata_id(told: Told, name: str) -> UUID | None:
    """Return an id of ours from an object's metadata, which anybody may have written."""
    try:
        return UUID((told.get("metadata") or {})[name])
    except (KeyError, ValueError, TypeError, AttributeError):
        return None


def _money(minor: Any, told: Told) -> Money:
    return Money(int(minor), told["currency"].upper())


def _time(seconds: Any) -> datetime:
    return datetime.fromtimestamp(int(seconds), UTC)
