"""The states of a certificate, and the topic of what nobody can place."""

import enum
from collections.abc import Mapping
from types import MappingProxyType

GENERAL = "General"
"""The topic of a question whose topic nobody knows. It teaches nothing."""


class CertificateState(enum.StrEnum):
    """Whether a certificate counts."""

    VALID = "valid"
    EXPIRED = "expired"
    REVOKED = "revoked"


_C = CertificateState
NEXT: Mapping[CertificateState, frozenset[CertificateState]] = MappingProxyType(
    {
        _C.VALID: frozenset({_C.EXPIRED, _C.REVOKED}),
        _C.EXPIRED: frozenset(),
        _C.REVOKED: frozenset(),
    }
)


def may_become(state: CertificateState, wanted: CertificateState) -> bool:
    """R-catalog-1: A certificate that has ended stays ended; passing again makes a new one."""
    return wanted in NEXT[state]
