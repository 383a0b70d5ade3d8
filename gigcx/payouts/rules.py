"""Payout accounts, runs and lines: their states, and when money may leave."""

import enum
from collections.abc import Mapping
from datetime import datetime, timedelta
from types import MappingProxyType

from gigcx.money import Money
from gigcx.outgoing.rules import CallState

MINIMUM_MINOR = 100
"""The least that is worth a transfer, in the currency's smallest unit. Policy: FIN-3."""
COOLDOWN = timedelta(hours=72)
"""No payout for this long after the bank account has changed. Policy: money.md 1.4."""
HOLD_DEFAULT = timedelta(days=7)
"""How long a reviewer's hold lasts if they do not say."""
CAPACITY_RESERVE_BPS = 0
"""Share of the platform's balance at Stripe that runs leave alone."""


class AccountState(enum.StrEnum):
    """Where an expert's account at Stripe is."""

    NONE = "none"
    CREATED = "created"
    ONBOARDING = "onboarding"
    ACTIVE = "active"
    RESTRICTED = "restricted"
    DISABLED = "disabled"
    REJECTED = "rejected"
    CLOSED = "closed"


class RunState(enum.StrEnum):
    """Where a payout run is."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    APPROVED = "approved"
    EXECUTING = "executing"
    COMPLETED = "completed"
    CANCELLED = "cancelled"


class LineState(enum.StrEnum):
    """Where one expert's money of a run is."""

    QUEUED = "queued"
    HELD = "held"
    SKIPPED = "skipped"
    TRANSFERRING = "transferring"
    TRANSFERRED = "transferred"
    PAYING_OUT = "paying_out"
    PAID = "paid"
    FAILED = "failed"
    UNKNOWN = "unknown"
    RETURNED = "returned"


_A = AccountState
_ENDS = frozenset({_A.DISABLED, _A.REJECTED, _A.CLOSED})
ACCOUNT_NEXT: Mapping[AccountState, frozenset[AccountState]] = MappingProxyType(
    {
        _A.NONE: frozenset({_A.CREATED}),
        _A.CREATED: frozenset({_A.ONBOARDING}),
        _A.ONBOARDING: frozenset({_A.ACTIVE, _A.RESTRICTED}) | _ENDS,
        _A.ACTIVE: frozenset({_A.RESTRICTED}) | _ENDS,
        _A.RESTRICTED: frozenset({_A.ACTIVE}) | _ENDS,
        _A.DISABLED: frozenset(),
        _A.REJECTED: frozenset(),
        _A.CLOSED: frozenset(),
    }
)

_U = RunState
RUN_NEXT: Mapping[RunState, frozenset[RunState]] = MappingProxyType(
    {
        _U.DRAFT: frozenset({_U.SUBMITTED, _U.CANCELLED}),
        _U.SUBMITTED: frozenset({_U.DRAFT, _U.APPROVED, _U.CANCELLED}),
        _U.APPROVED: frozenset({_U.EXECUTING, _U.CANCELLED}),
        _U.EXECUTING: frozenset({_U.COMPLETED}),
        _U.COMPLETED: frozenset(),
        _U.CANCELLED: frozenset(),
    }
)

_L = LineState
LINE_NEXT: Mapping[LineState, frozenset[LineState]] = MappingProxyType(
    {
        _L.QUEUED: frozenset({_L.HELD, _L.SKIPPED, _L.TRANSFERRING}),
        _L.HELD: frozenset({_L.QUEUED, _L.SKIPPED}),
        _L.SKIPPED: frozenset(),
        _L.TRANSFERRING: frozenset({_L.TRANSFERRED, _L.FAILED, _L.UNKNOWN}),
        _L.UNKNOWN: frozenset({_L.TRANSFERRED, _L.FAILED}),
        _L.TRANSFERRED: frozenset({_L.PAYING_OUT}),
        _L.PAYING_OUT: frozenset({_L.PAID, _L.RETURNED}),
        _L.PAID: frozenset({_L.RETURNED}),
        _L.FAILED: frozenset(),
        _L.RETURNED: frozenset(),
    }
)

LINE_ENDS = frozenset({_L.PAID, _L.HELD, _L.SKIPPED, _L.FAILED, _L.RETURNED})
"""States in which a line no longer keeps its run from being completed."""

AFTER_TRANSFER: Mapping[CallState, LineState] = MappingProxyType(
    {
        CallState.SUCCEEDED: _L.TRANSFERRED,
        CallState.FAILED: _L.FAILED,
        CallState.UNKNOWN: _L.UNKNOWN,
    }
)
"""What a line becomes by the outcome of its transfer."""


def is_worth_paying(amount: Money) -> bool:
    """R-payouts-1: A line pays at least the currency's minimum; less waits for the next run."""
    return amount.amount_minor >= MINIMUM_MINOR


def is_payable(
    state: AccountState, *, fingerprint: str | None, cooldown_until: datetime | None, now: datetime
) -> bool:
    """R-payouts-2: Money goes only to an active account with a known bank account that has not
    changed within the last 72 hours.
    """
    return (
        state is AccountState.ACTIVE
        and fingerprint is not None
        and (cooldown_until is None or cooldown_until <= now)
    )


def is_covered(needed: Money, *, available: Money) -> bool:
    """R-payouts-3: A transfer starts only if the platform's balance at Stripe covers it."""
    return needed <= available


def account_state_of(
    *, has_transfers: bool, is_paid_out: bool, due: int, disabled_reason: str | None
) -> AccountState:
    """R-payouts-4: An account is active if it may receive transfers and pay out and nothing is
    due; what Stripe has rejected or disabled stays so; everything else is restricted.

    :param due: how many requirements are due now.
    """
    if disabled_reason is not None and disabled_reason.startswith("rejected."):
        return AccountState.REJECTED
    if disabled_reason in {"listed", "under_review", "platform_paused"}:
        return AccountState.DISABLED
    if has_transfers and is_paid_out and due == 0:
        return AccountState.ACTIVE
    return AccountState.RESTRICTED
