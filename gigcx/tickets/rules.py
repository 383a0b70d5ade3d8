"""The states of queues and tickets, and who writes in a thread."""

import enum
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from zoneinfo import available_timezones

import holidays

from gigcx.errors import Conflict

MINUTES_OF_DAY = 1440
COUNTRIES = frozenset(holidays.list_supported_countries())
"""ISO 3166-1 codes of those whose public holidays are known."""


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


class HoursRefused(Conflict):
    """Business hours name a zone, days or a country that there are none of."""

    code = "tickets/hours-refused"
    title = "These business hours cannot be"


@dataclass(frozen=True, slots=True)
class Hours:
    """When a queue's clocks run."""

    time_zone: str = "UTC"
    """IANA name of the zone in which the hours are meant."""
    work_days: tuple[int, ...] = (0, 1, 2, 3, 4, 5, 6)
    """Monday is 0."""
    opens_minute: int = 0
    closes_minute: int = MINUTES_OF_DAY
    """Minutes of the day."""
    holidays_of: str = ""
    """ISO 3166-1 code of the country whose public holidays stop clocks; empty for none."""


AROUND_THE_CLOCK = Hours()


def check_hours(hours: Hours) -> None:
    """R-tickets-5: Clocks run on some day of the week, from an earlier to a later minute, in a
    zone and with the holidays of a country that there are.

    :raises HoursRefused: naming what to change.
    """
    if hours.time_zone not in available_timezones():
        raise HoursRefused(f"There is no time zone {hours.time_zone!r}. Use one as Europe/Berlin.")
    if not hours.work_days or not set(hours.work_days) <= set(range(7)):
        raise HoursRefused("Choose at least one day of the week.")
    if not 0 <= hours.opens_minute < hours.closes_minute <= MINUTES_OF_DAY:
        raise HoursRefused("The hours must end later than they begin, on the same day.")
    if hours.holidays_of and hours.holidays_of not in COUNTRIES:
        raise HoursRefused(f"The holidays of {hours.holidays_of!r} are not known.")


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
