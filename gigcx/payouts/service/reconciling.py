"""What Stripe says it has moved, kept beside what the ledger says."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.dialects.postgresql import insert

from gigcx.db import db
from gigcx.ledger import service as ledger
from gigcx.ledger.rules import Account, JournalKind, move
from gigcx.money import Money
from gigcx.payouts.models import BalanceTransaction


@dataclass(frozen=True, slots=True)
class Movement:
    """One balance transaction of Stripe's."""

    id: str
    type: str
    source: str | None
    amount: Money
    fee: Money
    created_at: datetime


def import_movements(now: datetime, *, movements: Sequence[Movement]) -> int:
    """Store movements that are new, post Stripe's fees on them, and return how many were new."""
    new = 0
    fees: list[Movement] = []
    for movement in movements:
        stored = db.session.execute(
            insert(BalanceTransaction)
            .values(
                id=movement.id,
                type=movement.type,
                source=movement.source,
                amount_minor=movement.amount.amount_minor,
                fee_minor=movement.fee.amount_minor,
                currency=movement.amount.currency,
                created_at=movement.created_at,
                imported_at=now,
            )
            .on_conflict_do_nothing()
            .returning(BalanceTransaction.id)
        ).scalar_one_or_none()
        if stored is not None:
            new += 1
            if movement.fee:
                fees.append(movement)
    for movement in fees:
        ledger.post(
            now,
            kind=JournalKind.STRIPE_FEE_CHARGED,
            reference=f"balance:{movement.id}",
            legs=move(
                movement.fee,
                out_of=(Account.STRIPE_FEES, None),
                into=(Account.STRIPE_CLEARING, None),
            ),
        )
    return new
