"""Events of third parties: stored once, answered at once, processed by a job."""

import enum
from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, mapped_column

from gigcx import audit, outbox
from gigcx.db import Base, db
from gigcx.errors import NotFound
from gigcx.paging import Page, Slice, read

RETRIES = 8
"""Failures after which an event waits for a person."""


class EventState(enum.StrEnum):
    """Where an event is."""

    RECEIVED = "received"
    PROCESSING = "processing"
    PROCESSED = "processed"
    IGNORED = "ignored"
    FAILED = "failed"
    DEAD = "dead"


_E = EventState
NEXT: Mapping[EventState, frozenset[EventState]] = MappingProxyType(
    {
        _E.RECEIVED: frozenset({_E.PROCESSING}),
        _E.PROCESSING: frozenset({_E.PROCESSED, _E.IGNORED, _E.FAILED}),
        _E.FAILED: frozenset({_E.PROCESSING, _E.DEAD}),
        _E.PROCESSED: frozenset(),
        _E.IGNORED: frozenset(),
        _E.DEAD: frozenset({_E.RECEIVED}),
    }
)


class InboundEvent(Base):
    """One event as it was signed."""

    __tablename__ = "inbound_events"

    source: Mapped[str] = mapped_column(primary_key=True)
    account: Mapped[str] = mapped_column(primary_key=True)
    event_id: Mapped[str] = mapped_column(primary_key=True)
    type: Mapped[str]
    payload: Mapped[dict[str, Any]]
    state: Mapped[str]
    attempts: Mapped[int] = mapped_column(sa.SmallInteger)
    received_at: Mapped[datetime]
    last_error: Mapped[str | None]


class EventNotFound(NotFound):
    """No such event has come in."""

    code = "inbox/event-not-found"
    title = "No such event"


class EventName(NamedTuple):
    """What tells one event from all others."""

    source: str
    account: str
    """The connected account that it happened on; empty for our own."""
    event_id: str


def receive(now: datetime, *, name: EventName, kind: str, payload: dict[str, Any]) -> bool:
    """Store an event and say whether it is new; the second delivery of the same one vanishes."""
    stored = db.session.execute(
        insert(InboundEvent)
        .values(
            **name._asdict(),
            type=kind,
            payload=payload,
            state=_E.RECEIVED,
            attempts=0,
            received_at=now,
        )
        .on_conflict_do_nothing()
        .returning(InboundEvent.event_id)
    ).scalar_one_or_none()
    if stored is None:
        return False
    outbox.put(now, "inbox.process_event", **name._asdict())
    return True


def take_event(_now: datetime, *, name: EventName) -> InboundEvent | None:
    """Return the event for this worker to process, or None if that is done."""
    event = _lock(name)
    if event.state in {_E.PROCESSED, _E.IGNORED, _E.DEAD}:
        return None
    event.state = _E.PROCESSING
    event.attempts += 1
    db.session.flush()
    return event


def finish_event(_now: datetime, *, name: EventName, is_ignored: bool = False) -> None:
    """Write down that the event has done its work, or had none for us."""
    event = _lock(name)
    if event.state == _E.PROCESSING:
        event.state = _E.IGNORED if is_ignored else _E.PROCESSED
        event.last_error = None


def fail_event(_now: datetime, *, name: EventName, error: str) -> None:
    """Write down a failure; after ``RETRIES`` of them the event waits for a person."""
    event = _lock(name)
    if event.state != _E.PROCESSING:
        return
    event.state = _E.FAILED
    event.last_error = error[:2000]
    db.session.flush()
    if event.attempts > RETRIES:
        event.state = _E.DEAD


def replay_event(now: datetime, *, name: EventName) -> InboundEvent:
    """Let a person try again what was given up.

    :raises outbox.NotDead: if it was not.
    """
    event = _lock(name)
    if event.state != _E.DEAD:
        raise outbox.NotDead("Only an event that was given up can be replayed.")
    event.state = _E.RECEIVED
    event.attempts = 0
    db.session.flush()
    audit.note(now, "inbox.event_replayed", subject=f"event:{name.event_id}")
    outbox.put(now, "inbox.process_event", **name._asdict())
    return event


def list_dead(page: Page) -> Slice[InboundEvent]:
    """Return the events that were given up, the latest first."""
    return read(
        sa.select(InboundEvent).where(InboundEvent.state == _E.DEAD),
        page,
        by=(InboundEvent.received_at, InboundEvent.event_id),
        key=lambda event: (event.received_at, event.event_id),
    )


def _lock(name: EventName) -> InboundEvent:
    event = db.session.get(
        InboundEvent, tuple(name), with_for_update={"key_share": True}, populate_existing=True
    )
    if event is None:
        raise EventNotFound("There is no such event.")
    return event
