"""Whether the ledger and Stripe agree, to the cent."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from gigcx.db import db
from gigcx.ledger import queries as ledger
from gigcx.ledger.rules import Account, JournalKind
from gigcx.money import Money
from gigcx.payouts.models import BalanceTransaction

GROUPS: Sequence[tuple[str, tuple[str, ...], tuple[JournalKind, ...]]] = (
    ("Payments of brands", ("charge", "payment"), (JournalKind.FUNDING_SUCCEEDED,)),
    ("Refunds", ("refund", "payment_refund"), (JournalKind.FUNDING_REFUNDED,)),
    ("Transfers to experts", ("transfer",), (JournalKind.TRANSFER_SUCCEEDED,)),
    (
        "Reversed transfers",
        ("transfer_refund", "transfer_cancel"),
        (JournalKind.TRANSFER_REVERSED,),
    ),
)
"""What we call it, Stripe's types, our kinds of entries."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """One kind of movement in one currency, as Stripe and as the ledger have it."""

    name: str
    stripe: Money
    ledger: Money

    @property
    def difference(self) -> Money:
        """What must be zero or explained."""
        return self.stripe - self.ledger


@dataclass(frozen=True, slots=True)
class Reconciliation:
    """All comparisons, and since when Stripe's side is known."""

    comparisons: Sequence[Comparison]
    newest_at: datetime | None
    unmatched: int
    """Movements at Stripe of a type that we have no name for."""

    @property
    def agrees(self) -> bool:
        """Whether there is no difference and nothing without a name."""
        return not self.unmatched and not any(c.difference for c in self.comparisons)


def reconciliation() -> Reconciliation:
    """Compare what Stripe has moved with what the ledger says was moved there.

    Our clearing account owes what Stripe holds for us, so its signs are turned.
    """
    rows = db.session.execute(
        sa.select(
            BalanceTransaction.type,
            BalanceTransaction.currency,
            sa.func.sum(BalanceTransaction.amount_minor).label("minor"),
            sa.func.sum(BalanceTransaction.fee_minor).label("fee"),
            sa.func.count().label("movements"),
        ).group_by(BalanceTransaction.type, BalanceTransaction.currency)
    ).all()
    compared: list[Comparison] = []
    for name, types, kinds in GROUPS:
        stripe: dict[str, int] = {}
        for row in rows:
            if row.type in types:
                stripe[row.currency] = stripe.get(row.currency, 0) + int(row.minor)
        ours: dict[str, int] = {}
        for kind in kinds:
            for currency, minor in ledger.sum_of(kind, Account.STRIPE_CLEARING).items():
                ours[currency] = ours.get(currency, 0) - minor
        compared += _compare(name, stripe, ours)
    fees: dict[str, int] = {}
    for row in rows:
        fees[row.currency] = fees.get(row.currency, 0) - int(row.fee)
    charged = ledger.sum_of(JournalKind.STRIPE_FEE_CHARGED, Account.STRIPE_CLEARING)
    compared += _compare(
        "Stripe's fees", fees, {currency: -minor for currency, minor in charged.items()}
    )
    named = {type_ for _, types, _ in GROUPS for type_ in types}
    return Reconciliation(
        compared,
        db.session.scalar(sa.select(sa.func.max(BalanceTransaction.created_at))),
        sum(row.movements for row in rows if row.type not in named),
    )


def newest_movement() -> datetime | None:
    """Return the time of the latest movement at Stripe that we know."""
    return db.session.scalar(sa.select(sa.func.max(BalanceTransaction.created_at)))


def _compare(name: str, stripe: dict[str, int], ours: dict[str, int]) -> list[Comparison]:
    return [
        Comparison(name, Money(stripe.get(c, 0), c), Money(ours.get(c, 0), c))
        for c in sorted(stripe.keys() | ours.keys())
        if stripe.get(c, 0) or ours.get(c, 0)
    ]
