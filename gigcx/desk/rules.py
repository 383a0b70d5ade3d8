"""Claims, reservations and resolutions: their states, clocks and terms."""

import enum
from collections.abc import Mapping
from datetime import datetime, timedelta
from types import MappingProxyType

from gigcx.errors import Conflict
from gigcx.money import Money

FIRST_RIGHT = timedelta(hours=4)
"""How long a reopened ticket waits for its expert alone. Policy: CLM-3."""
CUSTOMER_WAITS = timedelta(hours=48)
"""Silence of the customer after which an answered ticket counts as resolved, where the queue's
contract says nothing else. Policy: CLM-3."""


class ClaimState(enum.StrEnum):
    """A claim is one lease of one ticket."""

    ACTIVE = "active"
    ENDED = "ended"


class ClaimEnd(enum.StrEnum):
    """Why a claim ended."""

    RESOLVED = "resolved"
    RELEASED = "released"
    EXPIRED = "expired"
    TRANSFERRED = "transferred"
    TAKEN_OVER = "taken_over"
    HANDED_BACK = "handed_back"


class Claimant(enum.StrEnum):
    """Who holds a claim. Only an expert's claim reserves money."""

    EXPERT = "expert"
    STAFF = "staff"
    BOT = "bot"


class ReservationState(enum.StrEnum):
    """A reservation is the most that one claim can cost."""

    ACTIVE = "active"
    SPENT = "spent"
    RETURNED = "returned"


class ResolutionState(enum.StrEnum):
    """A resolution says that the customer was helped, and then whether they agree."""

    SUBMITTED = "submitted"
    CONFIRMED = "confirmed"
    ASSUMED = "assumed"
    DISPUTED = "disputed"
    REJECTED = "rejected"
    REOPENED = "reopened"


class ImportState(enum.StrEnum):
    """An import reads one file, line by line, and can be stopped and resumed."""

    RECEIVED = "received"
    RUNNING = "running"
    FINISHED = "finished"
    STOPPED = "stopped"
    FAILED = "failed"


CLAIM_NEXT: Mapping[ClaimState, frozenset[ClaimState]] = MappingProxyType(
    {ClaimState.ACTIVE: frozenset({ClaimState.ENDED}), ClaimState.ENDED: frozenset()}
)

_V = ReservationState
RESERVATION_NEXT: Mapping[ReservationState, frozenset[ReservationState]] = MappingProxyType(
    {
        _V.ACTIVE: frozenset({_V.SPENT, _V.RETURNED}),
        _V.SPENT: frozenset(),
        _V.RETURNED: frozenset(),
    }
)

_R = ResolutionState
RESOLUTION_NEXT: Mapping[ResolutionState, frozenset[ResolutionState]] = MappingProxyType(
    {
        _R.SUBMITTED: frozenset({_R.CONFIRMED, _R.ASSUMED, _R.DISPUTED}),
        _R.CONFIRMED: frozenset({_R.REOPENED}),
        _R.ASSUMED: frozenset({_R.REOPENED}),
        _R.DISPUTED: frozenset({_R.CONFIRMED, _R.REJECTED}),
        _R.REJECTED: frozenset(),
        _R.REOPENED: frozenset(),
    }
)

_I = ImportState
IMPORT_NEXT: Mapping[ImportState, frozenset[ImportState]] = MappingProxyType(
    {
        _I.RECEIVED: frozenset({_I.RUNNING, _I.FAILED}),
        _I.RUNNING: frozenset({_I.FINISHED, _I.STOPPED, _I.FAILED}),
        _I.STOPPED: frozenset({_I.RUNNING}),
        _I.FINISHED: frozenset(),
        _I.FAILED: frozenset(),
    }
)


class RewardChanged(Conflict):
    """The reward is not the one that the expert was shown."""

    code = "desk/reward-changed"
    title = "The reward has changed"


def check_terms(*, seen: Money, reward: Money) -> None:
    """R-desk-1: Nobody works for another reward than the one they were shown.

    :raises RewardChanged: with the reward of now, if it differs from ``seen``.
    """
    if seen != reward:
        raise RewardChanged(
            f"The reward is {reward} now. Claim again if you want the ticket for that.",
            reward_minor=reward.amount_minor,
            currency=reward.currency,
        )


def cost_max(reward: Money, *, fee_bps: int) -> Money:
    """R-desk-2: A claim can cost the brand the reward and the platform's fee on it, never more.

    :param fee_bps: the brand's platform fee in basis points of the reward.
    """
    return reward + reward.share(fee_bps)


def lease_from_claim(now: datetime, *, first_reply_minutes: int) -> datetime:
    """R-desk-3: Who claims a ticket answers it within the queue's time for a first reply."""
    return now + timedelta(minutes=first_reply_minutes)


def lease_from_reply(now: datetime, *, silence_hours: int) -> datetime:
    """R-desk-4: While the customer is to answer, the claim stays; their silence resolves it."""
    return now + timedelta(hours=silence_hours)


def lease_from_follow_up(now: datetime, *, follow_up_hours: int) -> datetime:
    """R-desk-5: A customer's follow-up is answered within the queue's time for follow-ups."""
    return now + timedelta(hours=follow_up_hours)


def may_reopen(now: datetime, *, decided_at: datetime, reopen_days: int) -> bool:
    """R-desk-6: A customer may reopen a ticket within the contract's window after its close."""
    return now <= decided_at + timedelta(days=reopen_days)
