"""Runs, lines and payout accounts as one may see them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

import sqlalchemy as sa

from gigcx.db import db
from gigcx.earnings.models import Earning
from gigcx.errors import NotFound
from gigcx.identity import queries as identity
from gigcx.money import Money
from gigcx.paging import Page, Slice, read
from gigcx.payouts.models import PayoutAccount, PayoutLine, PayoutLineEarning, PayoutRun
from gigcx.payouts.rules import AccountState, LineState, RunState
from gigcx.principal import Principal


class RunNotFound(NotFound):
    """There is no such run, or it is not this person's to see."""

    code = "payouts/run-not-found"
    title = "No such payout run"


class LineNotFound(NotFound):
    """There is no such line, or it is not this person's to see."""

    code = "payouts/line-not-found"
    title = "No such payout line"


@dataclass(frozen=True, slots=True)
class RunView:
    """A run with what its reviewers look at first."""

    run: PayoutRun
    totals: Sequence[Money]
    """What its lines sum to, by currency."""
    counts: Mapping[str, int]
    """Lines by state."""
    names: Mapping[UUID, str]
    """Who drafted, edited, submitted and approved it."""


@dataclass(frozen=True, slots=True)
class LineView:
    """A line with whose it is and what it pays."""

    line: PayoutLine
    expert_name: str
    earnings: int
    is_first: bool
    """Whether nothing was ever paid to this expert before."""


@dataclass(frozen=True, slots=True)
class Whereabouts:
    """Where an earning is between available and the bank."""

    line_state: LineState
    run_state: RunState
    reason: str
    drafted_on: date


def visible_to(who: Principal) -> sa.Select[PayoutRun]:
    """R-payouts-6: Finance sees all payout runs; an expert sees their own lines, and nobody else
    sees any.
    """
    runs = sa.select(PayoutRun)
    return runs if who.has("finance", "system") else runs.where(sa.false())


def lines_visible_to(who: Principal) -> sa.Select[PayoutLine]:
    """R-payouts-7: Experts see the lines that pay them, finance sees all."""
    lines = sa.select(PayoutLine)
    if who.has("finance", "system"):
        return lines
    if who.has("expert"):
        return lines.where(PayoutLine.expert_id == who.user_id)
    return lines.where(sa.false())


def list_runs(who: Principal, page: Page) -> Slice[PayoutRun]:
    """Return the runs that one may see, the latest first."""
    return read(
        visible_to(who),
        page,
        by=(PayoutRun.created_at, PayoutRun.id),
        key=lambda run: (run.created_at, run.id),
    )


def get_run(who: Principal, run_id: UUID) -> RunView:
    """Return a run with its sums.

    :raises RunNotFound: if it is not this person's to see.
    """
    run = db.session.scalars(visible_to(who).where(PayoutRun.id == run_id)).one_or_none()
    if run is None:
        raise RunNotFound("There is no such payout run.")
    rows = db.session.execute(
        sa.select(
            PayoutLine.state,
            PayoutLine.currency,
            sa.func.count().label("lines"),
            sa.func.sum(PayoutLine.amount_minor).label("minor"),
        )
        .where(PayoutLine.run_id == run_id)
        .group_by(PayoutLine.state, PayoutLine.currency)
    ).all()
    minor: dict[str, int] = {}
    counts: dict[str, int] = {}
    for row in rows:
        counts[row.state] = counts.get(row.state, 0) + row.lines
        if row.state != LineState.SKIPPED:
            minor[row.currency] = minor.get(row.currency, 0) + int(row.minor)
    people = {run.created_by, run.last_edited_by, run.submitted_by, run.approved_by, *run.editors}
    return RunView(
        run=run,
        totals=[Money(amount, currency) for currency, amount in sorted(minor.items())],
        counts=counts,
        names=identity.names_of({person for person in people if person is not None}),
    )


def list_lines(who: Principal, run_id: UUID, page: Page) -> Slice[LineView]:
    """Return a run's lines, the largest first.

    :raises RunNotFound: if the run is not this person's to see.
    """
    get_run(who, run_id)
    found = read(
        lines_visible_to(who).where(PayoutLine.run_id == run_id),
        page,
        by=(PayoutLine.amount_minor, PayoutLine.id),
        key=lambda line: (line.amount_minor, line.id),
    )
    ids = [line.id for line in found.items]
    counts = dict(
        db.session.execute(
            sa.select(PayoutLineEarning.line_id, sa.func.count())
            .where(PayoutLineEarning.line_id.in_(ids))
            .group_by(PayoutLineEarning.line_id)
        ).all()
    )
    experts = {line.expert_id for line in found.items}
    paid = set(
        db.session.scalars(
            sa.select(PayoutLine.expert_id)
            .where(PayoutLine.expert_id.in_(experts), PayoutLine.state == LineState.PAID)
            .where(PayoutLine.run_id != run_id)
        )
    )
    names = identity.names_of(experts)
    return Slice(
        [
            LineView(line, names[line.expert_id], counts[line.id], line.expert_id not in paid)
            for line in found.items
        ],
        found.next_after,
    )


def list_queued(run_id: UUID) -> Sequence[tuple[UUID, Money]]:
    """Return (line id, amount) of what waits to be sent, the smallest first."""
    lines = db.session.scalars(
        sa.select(PayoutLine)
        .where(PayoutLine.run_id == run_id, PayoutLine.state == LineState.QUEUED)
        .order_by(PayoutLine.amount_minor, PayoutLine.id)
    )
    return [(line.id, line.amount) for line in lines]


def list_executing() -> Sequence[UUID]:
    """Return the runs that are on their way, for the sweep."""
    return db.session.scalars(
        sa.select(PayoutRun.id).where(PayoutRun.state == RunState.EXECUTING)
    ).all()


def list_paying_out() -> Sequence[tuple[UUID, str]]:
    """Return (line id, account at Stripe) of payouts whose end has not been told, for the sweep."""
    rows = db.session.execute(
        sa.select(PayoutLine.id, PayoutAccount.stripe_account)
        .join(PayoutAccount, PayoutAccount.id == PayoutLine.payout_account_id)
        .where(PayoutLine.state == LineState.PAYING_OUT)
    )
    return [(line_id, account) for line_id, account in rows if account is not None]


def find_account(who: Principal) -> PayoutAccount | None:
    """Return the expert's living payout account, if they have one."""
    return db.session.scalars(
        sa.select(PayoutAccount)
        .where(PayoutAccount.expert_id == who.user_id)
        .where(
            PayoutAccount.state.not_in(
                [AccountState.DISABLED, AccountState.REJECTED, AccountState.CLOSED]
            )
        )
    ).one_or_none()


def whereabouts_of(earnings: Sequence[Earning]) -> Mapping[UUID, Whereabouts]:
    """Return earning id → where it is, for those that were put on a line; the latest line wins."""
    rows = db.session.execute(
        sa.select(
            PayoutLineEarning.earning_id,
            PayoutLine.state,
            PayoutLine.reason,
            PayoutRun.state.label("run_state"),
            PayoutRun.created_at,
        )
        .join(PayoutLine, PayoutLine.id == PayoutLineEarning.line_id)
        .join(PayoutRun, PayoutRun.id == PayoutLine.run_id)
        .where(PayoutLineEarning.earning_id.in_([earning.id for earning in earnings]))
        .order_by(PayoutRun.created_at)
    )
    return {
        row.earning_id: Whereabouts(
            LineState(row.state), RunState(row.run_state), row.reason, row.created_at.date()
        )
        for row in rows
    }
