"""Messages that leave with the business change, and their deliveries, one for each listener.

PostgreSQL is the truth. The relay alone numbers messages, in the order in which it sees them
committed; a queue only wakes workers, and what a worker never reported is pushed again.
"""

import enum
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any
from uuid import UUID

import sqlalchemy as sa
import structlog
from sqlalchemy.orm import Mapped, mapped_column

from gigcx import audit
from gigcx.db import Base, db
from gigcx.errors import Conflict
from gigcx.ids import new_id
from gigcx.paging import Page, Slice, read

LEASE = timedelta(minutes=2)
"""How long a pushed delivery is left to its worker before it is pushed again."""
BACKOFF_FIRST = timedelta(seconds=2)
BACKOFF_MAX = timedelta(hours=1)
TRACE = "request_id"
"""What names all that one request caused, in log lines and messages."""
_NUMBERING = 7230002
"""Key of the advisory lock that makes numbering one at a time."""
_dice = random.SystemRandom()


class DeliveryState(enum.StrEnum):
    """Where a message is on its way to one listener."""

    DUE = "due"
    DONE = "done"
    FAILED = "failed"
    DEAD = "dead"


_D = DeliveryState
NEXT: Mapping[DeliveryState, frozenset[DeliveryState]] = MappingProxyType(
    {
        _D.DUE: frozenset({_D.DONE, _D.FAILED}),
        _D.FAILED: frozenset({_D.DONE, _D.DEAD}),
        _D.DONE: frozenset(),
        _D.DEAD: frozenset({_D.DUE}),
    }
)


class OutboxMessage(Base):
    """An order or a fact, written with the change that caused it."""

    __tablename__ = "outbox_messages"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    brand_id: Mapped[UUID | None]
    kind: Mapped[str]
    payload: Mapped[dict[str, Any]]
    written_at: Mapped[datetime]
    seq: Mapped[int | None] = mapped_column(sa.BigInteger)
    """Its number in the order of commits, given by the relay."""


class OutboxDelivery(Base):
    """One message to one listener. A failing mail never repeats the ledger's job."""

    __tablename__ = "outbox_deliveries"

    message_id: Mapped[UUID] = mapped_column(
        sa.ForeignKey("outbox_messages.id", ondelete="CASCADE"), primary_key=True
    )
    listener: Mapped[str] = mapped_column(primary_key=True)
    state: Mapped[str]
    attempts: Mapped[int] = mapped_column(sa.SmallInteger)
    next_at: Mapped[datetime]
    """When it is pushed, or pushed again if nothing was heard of it."""
    last_error: Mapped[str | None]


class NotDead(Conflict):
    """Only what was given up is replayed."""

    code = "outbox/not-dead"
    title = "This delivery has not been given up"


Turn = tuple[UUID, int]
"""A message and how often its delivery was tried before."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """A delivery that a worker holds now."""

    message_id: UUID
    attempts: int
    arguments: dict[str, Any]


def put(now: datetime, kind: str, *, brand_id: UUID | None = None, **payload: object) -> None:
    """Write a message with the change of this transaction: a statement at once, not at the flush,
    or it would come after the posting and leave the brand's balance locked for longer.
    """
    if brand_id is not None:
        payload["brand_id"] = str(brand_id)
    traced = structlog.contextvars.get_contextvars().get(TRACE)
    if traced is not None:
        payload[TRACE] = traced
    db.session.flush()
    db.session.execute(
        sa.insert(OutboxMessage).values(
            id=new_id(), brand_id=brand_id, kind=kind, payload=payload, written_at=now
        )
    )


def number_messages(
    now: datetime, *, listeners: Mapping[str, Sequence[str]], limit: int = 500
) -> int:
    """Number committed messages and make their deliveries; return how many there were.

    :param listeners: kind → names of who hears it.
    """
    db.session.execute(sa.select(sa.func.pg_advisory_xact_lock(_NUMBERING)))
    fresh = db.session.execute(
        sa.select(OutboxMessage.id, OutboxMessage.kind)
        .where(OutboxMessage.seq.is_(None))
        .order_by(OutboxMessage.written_at, OutboxMessage.id)
        .limit(limit)
    ).all()
    if not fresh:
        return 0
    last = db.session.scalar(sa.select(sa.func.max(OutboxMessage.seq))) or 0
    numbers = sa.values(
        sa.column("id", sa.Uuid), sa.column("seq", sa.BigInteger), name="numbers"
    ).data([(row.id, last + n) for n, row in enumerate(fresh, start=1)])
    db.session.execute(
        sa.update(OutboxMessage)
        .where(OutboxMessage.id == numbers.c.id)
        .values(seq=numbers.c.seq)
        .execution_options(synchronize_session=False)
    )
    deliveries = [
        {"message_id": row.id, "listener": listener, "state": _D.DUE, "attempts": 0, "next_at": now}
        for row in fresh
        for listener in listeners.get(row.kind, ())
    ]
    if deliveries:
        db.session.execute(sa.insert(OutboxDelivery), deliveries)
    return len(fresh)


def take_due(now: datetime, *, limit: int = 500) -> Mapping[str, Sequence[Turn]]:
    """Return listener → what is to be pushed now, and look at it again after the lease."""
    due = (
        sa.select(OutboxDelivery.message_id, OutboxDelivery.listener)
        .where(OutboxDelivery.state.in_([_D.DUE, _D.FAILED]), OutboxDelivery.next_at <= now)
        .order_by(OutboxDelivery.next_at)
        .limit(limit)
        .with_for_update(skip_locked=True)
    ).cte("due")
    rows = db.session.execute(
        sa.update(OutboxDelivery)
        .where(
            OutboxDelivery.message_id == due.c.message_id,
            OutboxDelivery.listener == due.c.listener,
        )
        .values(next_at=now + LEASE)
        .returning(OutboxDelivery.listener, OutboxDelivery.message_id, OutboxDelivery.attempts)
        .execution_options(synchronize_session=False)
    )
    taken: dict[str, list[Turn]] = {}
    for listener, message_id, attempts in rows:
        taken.setdefault(listener, []).append((message_id, attempts))
    return taken


def claim_deliveries(
    now: datetime, *, listener: str, turns: Sequence[Turn], lease: timedelta = LEASE
) -> Sequence[Delivery]:
    """Return those that this worker alone runs now: not done, not given up, nobody at them.

    A turn is good once: whoever claims it makes the next one, so a job that was queued twice, or
    that comes late, finds nothing to do.

    :param lease: after which the relay believes that this worker is dead.
    """
    rows = db.session.execute(
        sa.select(OutboxDelivery, OutboxMessage.payload)
        .join(OutboxMessage, OutboxMessage.id == OutboxDelivery.message_id)
        .where(OutboxDelivery.listener == listener)
        .where(sa.tuple_(OutboxDelivery.message_id, OutboxDelivery.attempts).in_(turns))
        .where(OutboxDelivery.state.in_([_D.DUE, _D.FAILED]))
        .order_by(OutboxMessage.seq)
        .with_for_update(of=OutboxDelivery, skip_locked=True)
    ).all()
    held = []
    for delivery, payload in rows:
        delivery.attempts += 1
        delivery.next_at = now + lease
        held.append(Delivery(delivery.message_id, delivery.attempts, payload))
    db.session.flush()
    return held


def finish_deliveries(_now: datetime, *, listener: str, message_ids: Sequence[UUID]) -> None:
    """Write down that these have done their work."""
    db.session.execute(
        sa.update(OutboxDelivery)
        .where(OutboxDelivery.listener == listener)
        .where(OutboxDelivery.message_id.in_(message_ids))
        .where(OutboxDelivery.state.in_([_D.DUE, _D.FAILED]))
        .values(state=_D.DONE, last_error=None)
        .execution_options(synchronize_session=False)
    )


def fail_delivery(
    now: datetime, *, listener: str, message_id: UUID, error: str, retries: int
) -> DeliveryState:
    """Write down a failure; after ``retries`` of them the delivery waits for a person."""
    delivery = db.session.get_one(
        OutboxDelivery, (message_id, listener), with_for_update={"key_share": True}
    )
    if delivery.state == _D.DONE:
        return _D.DONE
    if delivery.state == _D.DUE:
        delivery.state = _D.FAILED
        db.session.flush()
    if delivery.attempts > retries:
        delivery.state = _D.DEAD
    pause = min(BACKOFF_FIRST * 2 ** (delivery.attempts - 1), BACKOFF_MAX)
    delivery.next_at = now + pause * _dice.uniform(0.5, 1)
    delivery.last_error = error[:2000]
    db.session.flush()
    return DeliveryState(delivery.state)


def replay_delivery(now: datetime, *, message_id: UUID, listener: str) -> OutboxDelivery:
    """Let a person try again what was given up.

    :raises NotDead: if it was not.
    """
    delivery = db.session.get(
        OutboxDelivery, (message_id, listener), with_for_update={"key_share": True}
    )
    if delivery is None or delivery.state != _D.DEAD:
        raise NotDead("Only a delivery that was given up can be replayed.")
    delivery.state = _D.DUE
    delivery.attempts = 0
    delivery.next_at = now
    db.session.flush()
    audit.note(now, "outbox.delivery_replayed", subject=f"delivery:{message_id}:{listener}")
    return delivery


def list_dead(page: Page) -> Slice[OutboxDelivery]:
    """Return the deliveries that were given up, the latest first."""
    return read(
        sa.select(OutboxDelivery).where(OutboxDelivery.state == _D.DEAD),
        page,
        by=(OutboxDelivery.next_at, OutboxDelivery.message_id),
        key=lambda delivery: (delivery.next_at, delivery.message_id),
    )


def counts() -> Mapping[str, int]:
    """Return state → number of deliveries that are not done."""
    rows = db.session.execute(
        sa.select(OutboxDelivery.state, sa.func.count())
        .where(OutboxDelivery.state != _D.DONE)
        .group_by(OutboxDelivery.state)
    )
    return dict(rows.all())


def oldest_seconds() -> float:
    """Return how long the oldest delivery that is neither done nor given up has waited."""
    age = db.session.scalar(
        sa.select(sa.func.extract("epoch", sa.func.now() - sa.func.min(OutboxMessage.written_at)))
        .join(OutboxDelivery, OutboxDelivery.message_id == OutboxMessage.id)
        .where(OutboxDelivery.state.in_([_D.DUE, _D.FAILED]))
    )
    return float(age or 0)
