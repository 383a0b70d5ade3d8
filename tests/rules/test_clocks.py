"""Clocks run in business hours, whatever the calendar."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gigcx.desk.rules.clocks import (
    ClockMove,
    Line,
    due_at,
    minutes_between,
    spent_minutes,
)
from gigcx.tickets.rules import AROUND_THE_CLOCK, Hours

OFFICE = Hours("Europe/Berlin", (0, 1, 2, 3, 4), 540, 1020, "DE")
starts = st.integers(28_000_000, 31_500_000).map(
    lambda minute: datetime.fromtimestamp(minute * 60, UTC)
)
any_hours = st.builds(
    Hours,
    time_zone=st.sampled_from(["UTC", "Europe/Berlin", "America/New_York", "Asia/Kathmandu"]),
    work_days=st.sets(st.integers(0, 6), min_size=1).map(tuple),
    opens_minute=st.integers(0, 700),
    closes_minute=st.integers(701, 1440),
    holidays_of=st.sampled_from(["", "DE", "US"]),
)


class TestDueAt:
    @given(starts, st.integers(0, 20_000), any_hours)
    def test_leaves_exactly_the_minutes_that_were_given(self, start, minutes, hours):
        due = due_at(start, minutes=minutes, hours=hours)

        assert minutes_between(start, due, hours=hours) == minutes

    @pytest.mark.parametrize(
        ("start", "due"),
        [
            (datetime(2026, 11, 24, 10, tzinfo=UTC), datetime(2026, 11, 24, 12, tzinfo=UTC)),
            (datetime(2026, 11, 27, 15, 30, tzinfo=UTC), datetime(2026, 11, 30, 9, 30, tzinfo=UTC)),
            (datetime(2026, 12, 24, 15, tzinfo=UTC), datetime(2026, 12, 28, 9, tzinfo=UTC)),
            (datetime(2026, 3, 27, 15, tzinfo=UTC), datetime(2026, 3, 30, 8, tzinfo=UTC)),
        ],
        ids=["in hours", "over a weekend", "over Christmas", "over the change of the clock"],
    )
    def test_knows_weekends_holidays_and_the_change_of_the_clock(self, start, due):
        assert due_at(start, minutes=120, hours=OFFICE) == due

    def test_runs_around_the_clock_if_nothing_else_is_said(self):
        start = datetime(2026, 12, 25, 23, tzinfo=UTC)

        assert due_at(start, minutes=120, hours=AROUND_THE_CLOCK) == start + timedelta(hours=2)


class TestSpentMinutes:
    @given(starts, st.integers(0, 500), st.integers(0, 500), st.integers(0, 500))
    def test_does_not_count_a_pause(self, start, before, pause, after):
        paused = start + timedelta(minutes=before)
        resumed = paused + timedelta(minutes=pause)
        log = [
            Line(ClockMove.STARTED, start, 0),
            Line(ClockMove.PAUSED, paused, before),
            Line(ClockMove.RESUMED, resumed, before),
        ]

        spent = spent_minutes(log, now=resumed + timedelta(minutes=after), hours=AROUND_THE_CLOCK)

        assert spent == before + after
        assert spent_minutes(log[:2], now=resumed, hours=AROUND_THE_CLOCK) == before

    def test_of_no_log_is_nothing(self):
        assert spent_minutes([], now=datetime(2026, 1, 1, tzinfo=UTC), hours=OFFICE) == 0
