"""How a queue's clocks run: business hours, public holidays, pauses. Pure functions."""

import enum
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import holidays

from gigcx.tickets.rules import Hours

DAYS_MAX = 3660
"""Days that are looked through; what takes longer is due after them."""


class Clock(enum.StrEnum):
    """What a ticket's customer waits for. Policy: CNV-4."""

    FIRST_REPLY = "first_reply"
    NEXT_REPLY = "next_reply"
    RESOLUTION = "resolution"


class ClockMove(enum.StrEnum):
    """What happens to a clock."""

    STARTED = "started"
    PAUSED = "paused"
    RESUMED = "resumed"
    MOVED = "moved"
    """Reckoned anew, because the ticket has another queue."""
    MET = "met"
    MISSED = "missed"
    STOPPED = "stopped"


RUNS = frozenset({ClockMove.STARTED, ClockMove.RESUMED, ClockMove.MOVED})
"""After these a clock runs; it ends by being met, missed or stopped."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a clock's log."""

    kind: ClockMove
    at: datetime
    spent_minutes: int


def due_at(start: datetime, *, minutes: int, hours: Hours) -> datetime:
    """R-desk-16: A clock runs in the queue's business hours only, in its own time zone, and on
    none of its public holidays.

    :param minutes: that are left, of business hours.
    """
    left = timedelta(minutes=minutes)
    for opens, closes in _spans(start, hours):
        if opens + left <= closes:
            return (opens + left).astimezone(start.tzinfo)
        left -= closes - opens
    return start + timedelta(days=DAYS_MAX)


def minutes_between(start: datetime, end: datetime, *, hours: Hours) -> int:
    """R-desk-17: What a clock has spent is counted in whole minutes of business hours."""
    spent = timedelta()
    for opens, closes in _spans(start, hours):
        if opens >= end:
            break
        spent += min(closes, end) - opens
    return int(spent / timedelta(minutes=1))


def spent_minutes(log: Sequence[Line], *, now: datetime, hours: Hours) -> int:
    """R-desk-18: A pause costs nothing: a clock has spent what its latest line says, and what has
    run since if it runs.
    """
    if not log:
        return 0
    latest = log[-1]
    running = minutes_between(latest.at, now, hours=hours) if latest.kind in RUNS else 0
    return latest.spent_minutes + running


def _spans(start: datetime, hours: Hours) -> Iterator[tuple[datetime, datetime]]:
    """Yield the spans of business hours from ``start`` on, as instants."""
    zone = ZoneInfo(hours.time_zone)
    first = start.astimezone(zone).date()
    for n in range(DAYS_MAX):
        day = first + timedelta(days=n)
        if day.weekday() not in hours.work_days or _is_holiday(hours.holidays_of, day):
            continue
        opens = _instant(day, hours.opens_minute, zone)
        closes = _instant(day, hours.closes_minute, zone)
        if closes > start:
            yield max(opens, start), closes


def _instant(day: date, minute: int, zone: ZoneInfo) -> datetime:
    whole, minute = divmod(minute, 1440)
    at = time(minute // 60, minute % 60)
    local = datetime.combine(day + timedelta(days=whole), at, tzinfo=zone)
    return local.astimezone(ZoneInfo("UTC"))  # Differences of local times forget the clock change.


def _is_holiday(country: str, day: date) -> bool:
    return bool(country) and day in _holidays(country)


@lru_cache(maxsize=64)
def _holidays(country: str) -> holidays.HolidayBase:
    return holidays.country_holidays(country)
