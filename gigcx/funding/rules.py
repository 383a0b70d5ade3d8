"""The states of a brand's payment."""

import enum
from collections.abc import Mapping
from types import MappingProxyType


class FundingState(enum.StrEnum):
    """Where a brand's payment is."""

    CREATED = "created"
    PENDING = "pending"
    PROCESSING = "processing"
    SUCCEEDED = "succeeded"
    PARTIALLY_REFUNDED = "partially_refunded"
    REFUNDED = "refunded"
    DISPUTED = "disputed"
    WON = "won"
    LOST = "lost"
    EXPIRED = "expired"
    FAILED = "failed"
    CANCELLED = "cancelled"


_F = FundingState
NEXT: Mapping[FundingState, frozenset[FundingState]] = MappingProxyType(
    {
        _F.CREATED: frozenset({_F.PENDING, _F.EXPIRED, _F.FAILED, _F.CANCELLED}),
        _F.PENDING: frozenset({_F.PROCESSING, _F.SUCCEEDED, _F.EXPIRED, _F.FAILED, _F.CANCELLED}),
        _F.PROCESSING: frozenset({_F.SUCCEEDED, _F.FAILED}),
        _F.SUCCEEDED: frozenset({_F.PARTIALLY_REFUNDED, _F.REFUNDED, _F.DISPUTED}),
        _F.PARTIALLY_REFUNDED: frozenset({_F.REFUNDED, _F.DISPUTED}),
        _F.REFUNDED: frozenset(),
        _F.DISPUTED: frozenset({_F.WON, _F.LOST}),
        _F.WON: frozenset(),
        _F.LOST: frozenset(),
        _F.EXPIRED: frozenset(),
        _F.FAILED: frozenset(),
        _F.CANCELLED: frozenset(),
    }
)


def may_become(state: FundingState, wanted: FundingState) -> bool:
    """R-funding-1: A payment moves only along the arrows of ``NEXT``."""
    return wanted in NEXT[state]
