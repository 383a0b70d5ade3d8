"""What an expert has earned, and when it is paid."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

import sqlalchemy as sa

from gigcx.db import db
from gigcx.earnings import rules
from gigcx.earnings.models import Earning
from gigcx.earnings.rules import EarningState
from gigcx.money import Money
from gigcx.paging import Page, Slice, read
from gigcx.principal import Principal


@dataclass(frozen=True, slots=True)
class Statement:
    """An expert's money at a glance; every sum is by currency."""

    pending: Sequence[Money]
    available: Sequence[Money]
    next_pay_on: date
    """The day on which what is available now goes into a payout run."""


def visible_to(who: Principal) -> sa.Select[Earning]:
    """R-earnings-4: Experts see their own earnings, a brand's owner, lead and analyst those that
    the brand pays, finance all of them.
    """
    earnings = sa.select(Earning)
    if who.has("finance", "system"):
        return earnings
    if who.has("expert"):
        return earnings.where(Earning.brand_id.in_(who.brand_ids), Earning.expert_id == who.user_id)
    if who.has("owner", "lead", "analyst"):
        return earnings.where(Earning.brand_id.in_(who.brand_ids))
    return earnings.where(sa.false())


def list_earnings(
    who: Principal, page: Page, *, state: EarningState | None = None
) -> Slice[Earning]:
    """Return the earnings that one may see, the latest first."""
    earnings = visible_to(who)
    if state is not None:
        earnings = earnings.where(Earning.state == state)
    return read(
        earnings,
        page,
        by=(Earning.created_at, Earning.id),
        key=lambda earning: (earning.created_at, earning.id),
    )


def statement(who: Principal, now: datetime) -> Statement:
    """Sum what an expert has earned and say when it is paid next."""
    seen = visible_to(who).subquery()
    rows = db.session.execute(
        sa.select(seen.c.state, seen.c.currency, sa.func.sum(seen.c.amount_minor).label("minor"))
        .group_by(seen.c.state, seen.c.currency)
        .order_by(seen.c.currency)
    ).all()

    def of(state: EarningState) -> Sequence[Money]:
        return [Money(int(row.minor), row.currency) for row in rows if row.state == state]

    return Statement(
        pending=of(EarningState.PENDING),
        available=of(EarningState.AVAILABLE),
        next_pay_on=rules.pay_on(now.date()),
    )


def pay_dates(earnings: Sequence[Earning]) -> Mapping[UUID, date]:
    """Return earning id → the day of its payout run, for those that have a release date."""
    return {
        earning.id: rules.pay_on(earning.release_on)
        for earning in earnings
        if earning.release_on is not None
    }


def find_earning_of(*, brand_id: UUID, resolution_id: UUID) -> Earning | None:
    """Return the reward that a resolution earned, if it did."""
    return db.session.scalars(
        sa.select(Earning).where(
            Earning.brand_id == brand_id,
            Earning.kind == rules.EarningKind.REWARD,
            Earning.subject == resolution_id,
        )
    ).one_or_none()


def list_releasable(today: date, *, limit: int) -> Sequence[tuple[UUID, UUID]]:
    """Return (brand id, earning id) of what may be released today, the oldest first."""
    rows = db.session.execute(
        sa.select(Earning.brand_id, Earning.id)
        .where(Earning.state == EarningState.PENDING, Earning.release_on <= today)
        .order_by(Earning.release_on)
        .limit(limit)
    )
    return [(row.brand_id, row.id) for row in rows]
