"""The states of queues and tickets, and who writes in a thread."""

import enum
from collections.abc import Mapping
from types import MappingProxyType


class QueueState(enum.StrEnum):
    """Whether a queue takes questions and offers them."""

    DRAFT = "draft"
    OPEN = "open"
    PAUSED = "paused"
    CLOSED = "closed"


class TicketState(enum.StrEnum):
    """Where a ticket is. The words are those of ``docs/glossary.md``."""

    OPEN = "open"
    CLAIMED = "claimed"
    WAITING_ON_CUSTOMER = "waiting_on_customer"
    """The claim goes on and its reservation stays, but it uses no capacity of the expert."""
    RESOLVED = "resolved"
    CLOSED = "closed"
    MERGED = "merged"


class Route(enum.StrEnum):
    """Who is to answer a ticket."""

    EXPERT = "expert"
    IN_HOUSE = "in_house"
    BOT = "bot"
    SAFETY = "safety"


class Author(enum.StrEnum):
    """Who wrote a message."""

    CUSTOMER = "customer"
    EXPERT = "expert"
    STAFF = "staff"
    BOT = "bot"
    SYSTEM = "system"


_Q = QueueState
QUEUE_NEXT: Mapping[QueueState, frozenset[QueueState]] = MappingProxyType(
    {
        _Q.DRAFT: frozenset({_Q.OPEN}),
        _Q.OPEN: frozenset({_Q.PAUSED}),
        _Q.PAUSED: frozenset({_Q.OPEN, _Q.CLOSED}),
        _Q.CLOSED: frozenset(),
    }
)

_S = TicketState
TICKET_NEXT: Mapping[TicketState, frozenset[TicketState]] = MappingProxyType(
    {
        _S.OPEN: frozenset({_S.CLAIMED, _S.MERGED}),
        _S.CLAIMED: frozenset({_S.WAITING_ON_CUSTOMER, _S.RESOLVED, _S.OPEN, _S.MERGED}),
        _S.WAITING_ON_CUSTOMER: frozenset({_S.CLAIMED, _S.RESOLVED, _S.OPEN, _S.MERGED}),
        _S.RESOLVED: frozenset({_S.CLOSED, _S.OPEN, _S.CLAIMED, _S.MERGED}),
        _S.CLOSED: frozenset({_S.OPEN, _S.CLAIMED, _S.MERGED}),
        _S.MERGED: frozenset(),
    }
)
"""The one source of the machine. The database enforces a copy; a test compares the two."""


def may_become(state: TicketState, wanted: TicketState) -> bool:
    """R-tickets-1: A ticket moves only along the arrows of ``TICKET_NEXT``; merged is final."""
    return wanted in TICKET_NEXT[state]


def queue_may_become(state: QueueState, wanted: QueueState) -> bool:
    """R-tickets-2: A queue opens from draft or pause and closes only from pause."""
    return wanted in QUEUE_NEXT[state]
