"""What is available and may leave now."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa

from gigcx.db import db
from gigcx.earnings.models import Earning
from gigcx.earnings.rules import EarningState
from gigcx.money import Money
from gigcx.payouts.models import PayoutAccount, PayoutLineEarning
from gigcx.payouts.rules import AccountState


@dataclass(frozen=True, slots=True)
class Payable:
    """An available earning whose expert can be paid."""

    brand_id: UUID
    earning_id: UUID
    expert_id: UUID
    amount: Money
    payout_account_id: UUID
    fingerprint: str


def list_payable(now: datetime) -> Sequence[Payable]:
    """R-payouts-5: A run takes every available earning that is on no live line and whose expert
    has an active account with a known bank account outside its cool-off.
    """
    rows = db.session.execute(
        _available()
        .join(PayoutAccount, _may_be_paid(now))
        .with_only_columns(
            Earning.brand_id,
            Earning.id,
            Earning.expert_id,
            Earning.amount_minor,
            Earning.currency,
            PayoutAccount.id.label("account_id"),
            PayoutAccount.fingerprint,
        )
        .order_by(Earning.expert_id, Earning.currency, Earning.created_at)
    )
    return [
        Payable(
            row.brand_id,
            row.id,
            row.expert_id,
            Money(row.amount_minor, row.currency),
            row.account_id,
            row.fingerprint,
        )
        for row in rows
    ]


def count_unpayable(now: datetime) -> int:
    """Return how many experts have something available and no account that can take it."""
    payable = sa.exists().where(_may_be_paid(now))
    return (
        db.session.scalar(
            _available()
            .where(~payable)
            .with_only_columns(sa.func.count(sa.distinct(Earning.expert_id)))
        )
        or 0
    )


def _available() -> sa.Select[Earning]:
    taken = sa.exists().where(
        PayoutLineEarning.brand_id == Earning.brand_id,
        PayoutLineEarning.earning_id == Earning.id,
        PayoutLineEarning.is_live,
    )
    return sa.select(Earning).where(Earning.state == EarningState.AVAILABLE, ~taken)


def _may_be_paid(now: datetime) -> sa.ColumnElement[bool]:
    """Say in SQL what rule R-payouts-2 says of one account."""
    return sa.and_(
        PayoutAccount.expert_id == Earning.expert_id,
        PayoutAccount.state == AccountState.ACTIVE,
        PayoutAccount.fingerprint.is_not(None),
        sa.func.coalesce(PayoutAccount.cooldown_until, now) <= now,
    )
