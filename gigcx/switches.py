"""What an administrator can stop at once, for everybody, until it is let on again."""

import enum
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from gigcx import audit
from gigcx.db import Base, db
from gigcx.errors import Conflict
from gigcx.principal import Principal


class Stoppable(enum.StrEnum):
    """The kinds of work that can be stopped."""

    CLAIMS = "claims"
    """Nobody is offered a ticket; who holds one goes on."""
    PAYOUTS = "payouts"
    """Nothing leaves for Stripe; what left is followed."""
    OUTGOING_MAIL = "outgoing_mail"
    """Mails wait and are sent later."""


class Switch(Base):
    """Whether one kind of work runs."""

    __tablename__ = "switches"

    name: Mapped[str] = mapped_column(primary_key=True)
    is_stopped: Mapped[bool]
    reason: Mapped[str]
    changed_by: Mapped[UUID | None]
    changed_at: Mapped[datetime | None]


class ReasonMissing(Conflict):
    """Nobody stops the others' work without saying why."""

    code = "switches/reason-missing"
    title = "Say why it is stopped"


def runs(work: Stoppable) -> sa.ColumnElement[bool]:
    """Return the condition that this work is not stopped."""
    return ~sa.exists().where(Switch.name == work, Switch.is_stopped)


def is_stopped(work: Stoppable) -> bool:
    """Say whether this work is stopped."""
    return bool(db.session.scalar(sa.select(~runs(work))))


def list_switches() -> Sequence[Switch]:
    """Return all switches by name."""
    return db.session.scalars(sa.select(Switch).order_by(Switch.name)).all()


def turn(
    now: datetime, *, who: Principal, work: Stoppable, is_stopped: bool, reason: str = ""
) -> Switch:
    """Stop a kind of work or let it go on.

    :raises ReasonMissing: if it is stopped without a reason.
    """
    if is_stopped and not reason.strip():
        raise ReasonMissing("Write a sentence for those who find it stopped.")
    switch = db.session.get_one(Switch, work, with_for_update=True)
    switch.is_stopped = is_stopped
    switch.reason = reason.strip()
    switch.changed_by, switch.changed_at = who.user_id, now
    db.session.flush()
    audit.note(
        now,
        "switches.turned",
        subject=f"switch:{work}",
        is_stopped=is_stopped,
        reason=switch.reason,
    )
    return switch
