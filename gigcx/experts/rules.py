"""Standing, and the way from application to work."""

import enum
from collections.abc import Mapping
from types import MappingProxyType


class Standing(enum.StrEnum):
    """How an expert's work is seen. A person decides it, never a number alone."""

    NEW = "new"
    GOOD = "good"
    WARNED = "warned"
    SUSPENDED = "suspended"


class ApplicationState(enum.StrEnum):
    """Where an expert is with one brand."""

    APPLIED = "applied"
    VERIFIED = "verified"
    TESTING = "testing"
    ACTIVE = "active"
    WAITLISTED = "waitlisted"
    DECLINED = "declined"
    PAUSED = "paused"
    LEFT = "left"


_A = ApplicationState
_ASIDE = frozenset({_A.WAITLISTED, _A.DECLINED})
NEXT: Mapping[ApplicationState, frozenset[ApplicationState]] = MappingProxyType(
    {
        _A.APPLIED: frozenset({_A.VERIFIED}) | _ASIDE,
        _A.VERIFIED: frozenset({_A.TESTING}) | _ASIDE,
        _A.TESTING: frozenset({_A.ACTIVE}) | _ASIDE,
        _A.WAITLISTED: frozenset({_A.VERIFIED, _A.TESTING, _A.DECLINED}),
        _A.ACTIVE: frozenset({_A.PAUSED, _A.LEFT}),
        _A.PAUSED: frozenset({_A.ACTIVE, _A.LEFT}),
        _A.DECLINED: frozenset(),
        _A.LEFT: frozenset(),
    }
)

INVITED = (_A.VERIFIED, _A.TESTING, _A.ACTIVE)
"""The way of an expert whom the brand knows as an owner and has tested itself."""


def may_become(state: ApplicationState, wanted: ApplicationState) -> bool:
    """R-experts-1: An application moves only along the arrows of ``NEXT``."""
    return wanted in NEXT[state]
