"""The states of a call, and when it may be made."""

import enum
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Self
from uuid import UUID

KEY_LIVES = timedelta(hours=23)
"""Stripe keeps a key for at least 24 h; after that the same key would pay again."""
CALL_TAKES_MAX = timedelta(minutes=2)
"""Longer than the gateway's time-out with its retries: then the caller is dead."""


class CallKind(enum.StrEnum):
    """What a call asks for."""

    ACCOUNT = "account"
    LINK = "link"
    TRANSFER = "transfer"
    PAYOUT = "payout"
    REVERSAL = "reversal"
    REFUND = "refund"
    CHECKOUT = "checkout"


class CallState(enum.StrEnum):
    """How far a call got."""

    INTENT = "intent"
    SENT = "sent"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    UNKNOWN = "unknown"
    EXPIRED_UNKNOWN = "expired_unknown"


_C = CallState
NEXT: Mapping[CallState, frozenset[CallState]] = MappingProxyType(
    {
        _C.INTENT: frozenset({_C.SENT}),
        _C.SENT: frozenset({_C.SUCCEEDED, _C.FAILED, _C.UNKNOWN}),
        _C.UNKNOWN: frozenset({_C.SUCCEEDED, _C.FAILED, _C.EXPIRED_UNKNOWN}),
        _C.SUCCEEDED: frozenset(),
        _C.FAILED: frozenset(),
        _C.EXPIRED_UNKNOWN: frozenset(),
    }
)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a call. Not knowing is a fact too, and is recorded."""

    state: CallState
    stripe_id: str | None = None
    failure_code: str | None = None
    url: str | None = None

    @classmethod
    def succeeded(cls, stripe_id: str | None, url: str | None = None) -> Self:
        """It had its effect."""
        return cls(CallState.SUCCEEDED, stripe_id, url=url)

    @classmethod
    def failed(cls, code: str) -> Self:
        """It was refused for good."""
        return cls(CallState.FAILED, failure_code=code)

    @classmethod
    def unknown(cls) -> Self:
        """It may have had its effect."""
        return cls(CallState.UNKNOWN)

    @classmethod
    def try_later(cls, code: str) -> Self:
        """It had no effect and may be sent again with the same key."""
        return cls(CallState.SENT, failure_code=code)


def may_become(state: CallState, wanted: CallState) -> bool:
    """R-outgoing-1: A call moves only along the arrows of ``NEXT``; what is unknown never becomes
    failed by time alone.
    """
    return wanted in NEXT[state]


def may_send(
    *,
    state: CallState,
    first_sent_at: datetime | None,
    sent_at: datetime | None,
    now: datetime,
) -> bool:
    """R-outgoing-2: A call is made by one sender at a time, and again only while its key still
    protects us from a second effect.

    True for an intent, and for a call whose sender must be dead by now. Once the key may be
    forgotten, only Stripe's own list tells what became of the call.
    """
    if state is CallState.INTENT:
        return True
    if state not in {CallState.SENT, CallState.UNKNOWN} or not (first_sent_at and sent_at):
        return False
    return now - sent_at >= CALL_TAKES_MAX and now - first_sent_at < KEY_LIVES


def call_key(kind: CallKind, subject_id: UUID, n: int) -> str:
    """R-outgoing-3: A call's key names what it is for and which try it is, and never changes."""
    return f"{kind}:{subject_id}:{n}"
