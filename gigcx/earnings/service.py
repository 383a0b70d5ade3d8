"""Earnings come with a resolution, are confirmed with it and released by date, or undone."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa

from gigcx import outbox
from gigcx.db import db
from gigcx.earnings import rules
from gigcx.earnings.models import Earning
from gigcx.earnings.rules import EarningKind, EarningState
from gigcx.ids import new_id
from gigcx.ledger import service as ledger
from gigcx.ledger.rules import Account, JournalKind, move
from gigcx.money import WHOLE_BPS, Money


def earn_reward(
    now: datetime,
    *,
    brand_id: UUID,
    expert_id: UUID,
    ticket_id: UUID,
    resolution_id: UUID,
    reservation_id: UUID,
    contract_version: int,
    reward: Money,
    fee: Money,
) -> Earning:
    """Write down what the expert will be owed if the resolution is confirmed. No money moves."""
    earning = Earning(
        brand_id=brand_id,
        id=new_id(),
        kind=EarningKind.REWARD,
        subject=resolution_id,
        expert_id=expert_id,
        ticket_id=ticket_id,
        reservation_id=reservation_id,
        resolution_id=resolution_id,
        contract_version=contract_version,
        share_bps=WHOLE_BPS,
        amount_minor=reward.amount_minor,
        fee_minor=fee.amount_minor,
        currency=reward.currency,
        state=EarningState.PENDING,
        created_at=now,
    )
    db.session.add(earning)
    db.session.flush()
    return earning


def confirm_earnings(
    now: datetime, *, brand_id: UUID, resolution_id: UUID, hold_days: int
) -> list[Earning]:
    """Date the resolution's pending earnings and return them; the caller posts their money."""
    earnings = db.session.scalars(
        sa.update(Earning)
        .where(Earning.brand_id == brand_id, Earning.resolution_id == resolution_id)
        .where(Earning.state == EarningState.PENDING)
        .values(confirmed_at=now, release_on=rules.release_on(now, hold_days=hold_days))
        .returning(Earning)
    )
    return list(earnings)


def reject_earnings(now: datetime, *, brand_id: UUID, resolution_id: UUID) -> None:
    """End what a resolution that was not confirmed would have earned. No money has moved yet."""
    ours = (Earning.brand_id == brand_id, Earning.resolution_id == resolution_id)
    for was, becomes in (
        (EarningState.PENDING, EarningState.DISPUTED),
        (EarningState.DISPUTED, EarningState.REJECTED),
    ):
        db.session.execute(
            sa.update(Earning).where(*ours, Earning.state == was).values(state=becomes)
        )
    outbox.put(
        now, "earnings.earning_rejected", brand_id=brand_id, resolution_id=str(resolution_id)
    )


def release_earning(now: datetime, *, brand_id: UUID, earning_id: UUID) -> bool:
    """Make a confirmed earning available once its date has come, and say whether it was made."""
    released = db.session.scalars(
        sa.update(Earning)
        .where(Earning.brand_id == brand_id, Earning.id == earning_id)
        .where(Earning.state == EarningState.PENDING, Earning.release_on <= now.date())
        .values(state=EarningState.AVAILABLE)
        .returning(Earning)
    ).one_or_none()
    if released is None:
        return False
    outbox.put(
        now,
        "earnings.earning_available",
        brand_id=brand_id,
        earning_id=str(earning_id),
        expert_id=str(released.expert_id),
    )
    ledger.post(
        now,
        kind=JournalKind.EARNING_RELEASED,
        reference=f"earning:{earning_id}",
        legs=move(
            released.amount,
            out_of=(Account.EXPERT_PENDING, released.expert_id),
            into=(Account.EXPERT_PAYABLE, released.expert_id),
        ),
    )
    return True


def claw_back(now: datetime, *, brand_id: UUID, earning_id: UUID) -> bool:
    """Take a confirmed reward back to the brand while it is pending, and say whether it was.

    What is available may be on its way to the bank: that is left to a person.
    """
    earning = db.session.scalars(
        sa.update(Earning)
        .where(Earning.brand_id == brand_id, Earning.id == earning_id)
        .where(Earning.state == EarningState.PENDING, Earning.confirmed_at.is_not(None))
        .values(state=EarningState.CLAWED_BACK)
        .returning(Earning)
    ).one_or_none()
    if earning is None:
        return False
    ledger.post(
        now,
        kind=JournalKind.CLAWED_BACK,
        reference=f"earning:{earning_id}",
        legs=move(
            earning.amount,
            out_of=(Account.EXPERT_PENDING, earning.expert_id),
            into=(Account.BRAND_AVAILABLE, earning.brand_id),
        ),
    )
    return True
