"""Earnings: their states, when they are released, and how a reward is split."""

import enum
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from types import MappingProxyType

from gigcx.money import WHOLE_BPS, Money

PAY_WEEKDAY = 4
"""The day of the week on which payout runs are drafted: Friday (Monday is 0)."""


class EarningKind(enum.StrEnum):
    """What was done."""

    REWARD = "reward"
    BONUS = "bonus"
    TRAINING = "training"
    DIAGNOSIS = "diagnosis"
    REVIEW = "review"
    CAUSE = "cause"
    ADJUSTMENT = "adjustment"


class EarningState(enum.StrEnum):
    """An earning knows only its own facts; *in a run* and *paid* are read from run lines."""

    PENDING = "pending"
    AVAILABLE = "available"
    HELD = "held"
    DISPUTED = "disputed"
    REJECTED = "rejected"
    CLAWED_BACK = "clawed_back"


_E = EarningState
NEXT: Mapping[EarningState, frozenset[EarningState]] = MappingProxyType(
    {
        _E.PENDING: frozenset({_E.AVAILABLE, _E.HELD, _E.DISPUTED, _E.CLAWED_BACK}),
        _E.AVAILABLE: frozenset({_E.HELD, _E.CLAWED_BACK}),
        _E.HELD: frozenset({_E.PENDING, _E.AVAILABLE}),
        _E.DISPUTED: frozenset({_E.PENDING, _E.REJECTED}),
        _E.REJECTED: frozenset(),
        _E.CLAWED_BACK: frozenset(),
    }
)


def release_on(confirmed_at: datetime, *, hold_days: int) -> date:
    """R-earnings-1: A confirmed earning is released after the contract's hold days."""
    return (confirmed_at + timedelta(days=hold_days)).date()


def pay_on(release: date) -> date:
    """R-earnings-2: What is released by a Friday goes into that Friday's payout run."""
    return release + timedelta(days=(PAY_WEEKDAY - release.weekday()) % 7)


def split_reward(reward: Money, *, shares_bps: Sequence[int]) -> list[Money]:
    """R-earnings-3: Each solver gets their share, and what rounding leaves over goes one minor
    unit each to those who lost most by it; the first named wins a tie.

    :param shares_bps: basis points, not negative, of which the sum is at most 10,000.
    :raises ValueError: if the shares are negative or sum to more than the whole.
    """
    if min(shares_bps, default=0) < 0 or sum(shares_bps) > WHOLE_BPS:
        raise ValueError(f"{shares_bps=}")
    products = [reward.amount_minor * share for share in shares_bps]
    amounts = [product // WHOLE_BPS for product in products]
    left = sum(products) // WHOLE_BPS - sum(amounts)
    by_loss = sorted(range(len(products)), key=lambda i: -(products[i] % WHOLE_BPS))
    for i in by_loss[:left]:
        amounts[i] += 1
    return [Money(amount, reward.currency) for amount in amounts]
