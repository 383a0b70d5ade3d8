"""What runs by the clock: when it ran last, how that ended, and when it runs next."""

from collections.abc import Mapping, Sequence
from datetime import datetime

import sqlalchemy as sa
from croniter import croniter
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, mapped_column

from gigcx import outbox
from gigcx.db import Base, db


class Schedule(Base):
    """One message that is ordered by the clock."""

    __tablename__ = "schedules"

    name: Mapped[str] = mapped_column(primary_key=True)
    """The kind of the message."""
    cron: Mapped[str]
    """When, in UTC."""
    next_at: Mapped[datetime]
    last_started_at: Mapped[datetime | None]
    last_finished_at: Mapped[datetime | None]
    last_error: Mapped[str | None]


def order_due(now: datetime, *, crons: Mapping[str, str]) -> int:
    """Write the messages whose time has come and set their next one; return how many.

    What was missed while nobody ran is ordered once, not once for each time.

    :param crons: name → cron line.
    """
    known = db.session.execute(sa.select(Schedule.name, Schedule.cron)).all()
    if dict(known) != dict(crons):
        _save(now, crons)
    due = db.session.scalars(
        sa.select(Schedule)
        .where(Schedule.next_at <= now, Schedule.name.in_(crons))
        .with_for_update(skip_locked=True)
    ).all()
    for schedule in due:
        schedule.next_at = _next(schedule.cron, now)
        schedule.last_started_at = now
        outbox.put(now, schedule.name)
    return len(due)


def note_end(now: datetime, *, name: str, error: str | None) -> None:
    """Write down how the latest run of a schedule ended."""
    db.session.execute(
        sa.update(Schedule)
        .where(Schedule.name == name)
        .values(last_finished_at=now, last_error=error)
        .execution_options(synchronize_session=False)
    )


def list_schedules() -> Sequence[Schedule]:
    """Return all schedules, the next one first."""
    return db.session.scalars(sa.select(Schedule).order_by(Schedule.next_at)).all()


def _save(now: datetime, crons: Mapping[str, str]) -> None:
    for name, cron in crons.items():
        next_at = _next(cron, now)
        db.session.execute(
            insert(Schedule)
            .values(name=name, cron=cron, next_at=next_at)
            .on_conflict_do_update(
                index_elements=["name"],
                set_={"cron": cron, "next_at": next_at},
                where=Schedule.cron != cron,
            )
        )


def _next(cron: str, now: datetime) -> datetime:
    return croniter(cron, now).get_next(datetime)


def late_seconds() -> Mapping[str, float]:
    """Return name → by how many seconds its next run is late; 0 for one that is in time."""
    late = sa.func.extract("epoch", sa.func.now() - Schedule.next_at)
    rows = db.session.execute(sa.select(Schedule.name, sa.func.greatest(late, 0)))
    return {name: float(seconds) for name, seconds in rows}
